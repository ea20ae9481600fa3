import Core
import Map
import Store

/// `site.yaml`: what holds for the whole site.
struct SiteConfiguration: Sendable {
  var site: String
  var zoneName: String
  var zone: ZoneRules
  var store: StorePlace
  var keys: String
  /// The shipped mappings.
  var mappings: String
  /// `policy: {promote: two-people}`: another account has to agree before a version is put in force.
  var promotionTakesTwo: Bool
  /// `assigners: {NORTH: {check_digit: m10}}`: how the numbers of an assigner end.
  var checkDigits: [[UInt8]: CheckDigit] = [:]

  static let keyNames = ["site", "zone", "store", "postgresql", "keys", "mappings", "retention", "policy", "assigners"]

  static func read(_ bytes: [UInt8], folder: SiteFolder) throws(ConfigurationError) -> SiteConfiguration {
    let root = try OutlineReader.read(bytes, file: "site.yaml")
    try root.allow(keyNames, code: "CFG-101")
    let site = try Name.required(root, "site"), zoneName = try root.required("zone", code: "CFG-102")
    return SiteConfiguration(
      site: site, zoneName: zoneName, zone: try ZoneFile.rules(zoneName, at: root["zone"] ?? root), store: try StoreSettings.read(root, site: site, folder),
      keys: try keyFolder(root, folder), mappings: folder.resolve(try root.required("mappings", code: "CFG-102")), promotionTakesTwo: try promotionTakesTwo(root),
      checkDigits: try checkDigits(root))
  }

  private static func checkDigits(_ root: OutlineNode) throws(ConfigurationError) -> [[UInt8]: CheckDigit] {
    var schemes: [[UInt8]: CheckDigit] = [:]
    for entry in root["assigners"]?.entries ?? [] {
      try entry.value.allow(["check_digit"], code: "CFG-101")
      guard let scheme = CheckDigit(rawValue: try entry.value.required("check_digit", code: "CFG-102")) else {
        throw ConfigurationError(
          "CFG-111", "'check_digit' names no scheme of this version", hint: "Legal: \(CheckDigit.allCases.map(\.rawValue).joined(separator: ", ")).",
          at: entry.value["check_digit"] ?? entry.value)
      }
      schemes[Array(entry.key.utf8)] = scheme
    }
    return schemes
  }

  private static func promotionTakesTwo(_ root: OutlineNode) throws(ConfigurationError) -> Bool {
    guard let policy = root["policy"] else { return false }
    try policy.allow(["promote"], code: "CFG-101")
    switch try policy.optional("promote", code: "CFG-102") ?? "one-person" {
    case "one-person": return false
    case "two-people": return true
    default: throw ConfigurationError("CFG-106", "'promote' names no rule of this version", hint: "Legal: one-person, two-people.", at: policy["promote"] ?? policy)
    }
  }

  /// `keys: {provider: file, dir: FOLDER}`; by default the folder beside the site.
  private static func keyFolder(_ root: OutlineNode, _ folder: SiteFolder) throws(ConfigurationError) -> String {
    guard let keys = root["keys"] else { return folder.path + ".keys" }
    try keys.allow(["provider", "dir"], code: "CFG-101")
    let provider = try keys.optional("provider", code: "CFG-102") ?? "file"
    guard provider == "file" else {
      throw ConfigurationError("CFG-105", "'\(provider)' is not a key provider of this version", hint: "Legal: file.", at: keys["provider"] ?? keys)
    }
    return try keys.optional("dir", code: "CFG-102").map(folder.resolve) ?? folder.path + ".keys"
  }
}

/// Names that people give to sites, feeds and consumers: they become file names and log fields, so their form is closed.
enum Name {
  static func isLegal(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64 && text.utf8.first != 0x2D
      && text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
  }

  static func required(_ root: OutlineNode, _ key: String) throws(ConfigurationError) -> String {
    let text = try root.required(key, code: "CFG-102")
    guard isLegal(text) else {
      throw ConfigurationError("CFG-104", "'\(key)' must be lower-case letters, digits and dashes, at most 64", at: root[key] ?? root)
    }
    return text
  }
}
