import Core
import Map
import Trust

/// `people.yaml`: who may do what, until when.
enum PeopleFile {
  static func read(_ bytes: [UInt8]) throws(ConfigurationError) -> People {
    let root = try OutlineReader.read(bytes, file: "people.yaml")
    try root.allow(["people"], code: "CFG-301")
    var principals: [Principal] = []
    for item in root["people"]?.items ?? [] {
      try item.allow(["account", "grants", "from", "until"], code: "CFG-301")
      principals.append(
        Principal(
          account: try item.required("account", code: "CFG-302"), roles: [],
          grants: [Grant(try verbs(item), from: try date(item, "from"), until: try date(item, "until"))]))
    }
    return People(principals)
  }

  private static func verbs(_ item: OutlineNode) throws(ConfigurationError) -> Set<Verb> {
    var verbs: Set<Verb> = []
    for text in try item.texts("grants", code: "CFG-302") {
      if text == "all" { return Set(Verb.allCases) }
      guard let verb = Verb(rawValue: text) else {
        throw ConfigurationError("CFG-303", "'\(text)' is not a grant", hint: "Legal: all, \(Verb.allCases.map(\.rawValue).joined(separator: ", ")).", at: item["grants"] ?? item)
      }
      verbs.insert(verb)
    }
    return verbs
  }

  private static func date(_ item: OutlineNode, _ key: String) throws(ConfigurationError) -> BusinessDate {
    guard let date = BusinessDate(try item.required(key, code: "CFG-302")) else {
      throw ConfigurationError("CFG-304", "'\(key)' must be a day like 2026-03-01", at: item[key] ?? item)
    }
    return date
  }

  /// The file that `init` writes: the calling account with all grants for 90 days.
  static func enrolling(_ account: String, from today: BusinessDate) -> [UInt8] {
    Array(
      """
      # Who may do what, until when. Grants: all, or a list of \(Verb.allCases.map(\.rawValue).joined(separator: ", ")).
      people:
        - account: \(account)
          grants: [all]
          from: \(today)
          until: \(today.advanced(by: 90))

      """.utf8)
  }
}
