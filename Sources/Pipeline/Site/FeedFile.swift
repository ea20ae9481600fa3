import Core
import Exchange
import Map
import Reconcile

/// `feeds/*.yaml`: one agreed stream from a sending system.
struct FeedFile: Sendable {
  var name: String
  var owner: String
  var folder: String
  var format: SourceFormat
  var charset: String?
  var mappings: [String]
  var zoneName: String
  var zone: ZoneRules
  var dueBy: ClockTime
  var completeness: Completeness
  var afterRead: AfterRead
  var controlPattern: String?
  var sourceRank: Int
  var expectation: FeedExpectation

  static let keyNames = ["feed", "owner", "from", "format", "charset", "mappings", "zone", "arrival", "failure", "source_rank", "tolerances"]

  static func read(_ bytes: [UInt8], file: String, site: SiteFolder) throws(ConfigurationError) -> FeedFile {
    let root = try OutlineReader.read(bytes, file: file)
    try root.allow(keyNames, code: "CFG-201")
    let name = try Name.required(root, "feed")
    let owner = try root.required("owner", code: "CFG-202")
    let zoneName = try root.required("zone", code: "CFG-202")
    let (folder, after, control) = try origin(root, site: site)
    let (due, completeness) = try arrival(root)
    var expectation = FeedExpectation(feed: name, owner: owner, dueBy: due.text, failure: try FailurePolicy(reading: root["failure"]))
    expectation.tolerances = try Tolerance.list(reading: root["tolerances"])
    expectation.controlExpected = control != nil
    let mappings = try root.texts("mappings", code: "CFG-202")
    guard !mappings.isEmpty else { throw ConfigurationError("CFG-203", "'mappings' names no mapping or set", at: root["mappings"] ?? root) }
    return FeedFile(
      name: name, owner: owner, folder: folder, format: try format(root), charset: try root.optional("charset", code: "CFG-202"), mappings: mappings,
      zoneName: zoneName, zone: try ZoneFile.rules(zoneName, at: root["zone"] ?? root), dueBy: due, completeness: completeness, afterRead: after,
      controlPattern: control, sourceRank: try rank(root), expectation: expectation)
  }

  private static func format(_ root: OutlineNode) throws(ConfigurationError) -> SourceFormat {
    let text = try root.required("format", code: "CFG-202")
    guard let format = SourceFormat(rawValue: text) else {
      throw ConfigurationError("CFG-204", "'\(text)' is not a format of this version", hint: "Legal: \(SourceFormat.allCases.map(\.rawValue).joined(separator: ", ")).", at: root["format"] ?? root)
    }
    return format
  }

  private static func rank(_ root: OutlineNode) throws(ConfigurationError) -> Int {
    guard let text = try root.optional("source_rank", code: "CFG-202") else { return 0 }
    guard let rank = Int(text), (0...1_000).contains(rank) else { throw ConfigurationError("CFG-205", "'source_rank' must be a number from 0 to 1000", at: root["source_rank"] ?? root) }
    return rank
  }

  private static func origin(_ root: OutlineNode, site: SiteFolder) throws(ConfigurationError) -> (String, AfterRead, String?) {
    guard let from = root["from"] else { throw ConfigurationError("CFG-206", "the key 'from' is missing", hint: "from: {drop: FOLDER}", at: root) }
    try from.allow(["drop", "after", "control"], code: "CFG-201")
    let folder = site.resolve(try from.required("drop", code: "CFG-202"))
    let control = try from.optional("control", code: "CFG-202")
    guard let after = from["after"] else { return (folder, .leave, control) }
    switch after.text {
    case "leave": return (folder, .leave, control)
    case "delete": return (folder, .delete, control)
    default:
      guard after["move"] != nil else { throw ConfigurationError("CFG-207", "'after' must be leave, delete or {move: FOLDER}", at: after) }
      try after.allow(["move"], code: "CFG-201")
      return (folder, .move(to: site.resolve(try after.required("move", code: "CFG-202"))), control)
    }
  }

  private static func arrival(_ root: OutlineNode) throws(ConfigurationError) -> (ClockTime, Completeness) {
    guard let arrival = root["arrival"] else {
      throw ConfigurationError("CFG-208", "the key 'arrival' is missing", hint: #"arrival: {by: "02:00", complete: settle}"#, at: root)
    }
    try arrival.allow(["by", "complete", "settle"], code: "CFG-201")
    guard let due = ClockTime(try arrival.required("by", code: "CFG-202")) else {
      throw ConfigurationError("CFG-209", "'by' must be a time of day like 02:00", at: arrival["by"] ?? arrival)
    }
    switch try arrival.required("complete", code: "CFG-202") {
    case "rename": return (due, .rename)
    case "settle":
      let text = try arrival.optional("settle", code: "CFG-202") ?? "60s"
      guard text.hasSuffix("s"), let seconds = Int(text.dropLast()), (1...3_600).contains(seconds) else {
        throw ConfigurationError("CFG-210", "'settle' must be seconds like 60s", at: arrival["settle"] ?? arrival)
      }
      return (due, .settle(windowSeconds: seconds))
    default: throw ConfigurationError("CFG-211", "'complete' names no mode of this version", hint: "Legal: rename, settle.", at: arrival["complete"] ?? arrival)
    }
  }
}

/// A time of day in a site's zone, `HH:MM`.
struct ClockTime: Sendable, Equatable {
  let minutes: Int

  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hours = CalendarDay.number(Array(parts[0].utf8)), let rest = CalendarDay.number(Array(parts[1].utf8)),
      hours < 24, rest < 60
    else { return nil }
    minutes = hours * 60 + rest
  }

  var text: String { CalendarDay.padded(minutes / 60, 2) + ":" + CalendarDay.padded(minutes % 60, 2) }
}
