import Core
import Decode
import Exchange
import Map
import Reconcile

/// `feeds/*.yaml`: one agreed stream from a sending system.
struct FeedFile: Sendable {
  /// The file and the line of its mappings, as errors name them.
  var place: (file: String, line: Int, column: Int)
  var name: String
  var owner: String
  /// Empty where the files lie at a partner's.
  var folder: String
  /// Where they lie at a partner's.
  var remote: RemoteFolder?
  var format: SourceFormat
  var charset: String?
  /// The base URL of the FHIR server whose ids the feed's resources carry; empty where it names none.
  var server: String
  var mappings: [String]
  /// The versions of the mappings that the file itself dates; others are pinned.
  var versions: [String: DatedVersions]
  var zoneName: String
  var zone: ZoneRules
  var dueBy: ClockTime
  var completeness: Completeness
  var afterRead: AfterRead
  var controlPattern: String?
  var sourceRank: Int
  var expectation: FeedExpectation
  /// Fields by entity whose values come from this feed alone.
  var owns: [OwnedField] = []
  /// A person has stopped it.
  var isSuspended: Bool {
    get { expectation.isSuspended }
    set { expectation.isSuspended = newValue }
  }

  static let keyNames = ["feed", "owner", "from", "format", "charset", "server", "mappings", "zone", "arrival", "failure", "source_rank", "owns", "tolerances"]

  static func read(_ bytes: [UInt8], file: String, ground: SiteGround) throws(ConfigurationError) -> FeedFile {
    let root = try OutlineReader.read(bytes, file: file)
    try root.allow(keyNames, code: "CFG-201")
    let name = try Name.required(root, "feed")
    let owner = try root.required("owner", code: "CFG-202")
    let zoneName = try root.required("zone", code: "CFG-202")
    let (folder, remote, after, control) = try origin(root, ground)
    let (due, completeness) = try arrival(root)
    var expectation = FeedExpectation(feed: name, owner: owner, dueBy: due.text, failure: try FailurePolicy(reading: root["failure"]))
    expectation.tolerances = try Tolerance.list(reading: root["tolerances"])
    expectation.controlExpected = control != nil
    let mappings = try FeedMappings(reading: root)
    let named = root["mappings"] ?? root
    try refuseHeldFolder(root, control: control, expectation.failure)
    let owns = try OwnedField.list(root)
    return FeedFile(
      place: (file, named.line, named.column), name: name, owner: owner, folder: folder, remote: remote, format: try format(root), charset: try charset(root), server: try server(root),
      mappings: mappings.names, versions: mappings.versions, zoneName: zoneName, zone: try ZoneFile.rules(zoneName, at: root["zone"] ?? root), dueBy: due, completeness: completeness, afterRead: after,
      controlPattern: control, sourceRank: try rank(root), expectation: expectation, owns: owns)
  }

  private static func format(_ root: OutlineNode) throws(ConfigurationError) -> SourceFormat {
    let text = try root.required("format", code: "CFG-202")
    guard let format = SourceFormat(rawValue: text) else {
      throw ConfigurationError("CFG-204", "'\(text)' is not a format of this version", hint: "Legal: \(SourceFormat.allCases.map(\.rawValue).joined(separator: ", ")).", at: root["format"] ?? root)
    }
    return format
  }

  private static func charset(_ root: OutlineNode) throws(ConfigurationError) -> String? {
    guard let name = try root.optional("charset", code: "CFG-202") else { return nil }
    guard Charset(name: name.utf8) != nil else {
      throw ConfigurationError("CFG-215", "'charset' names no character set of this version", hint: "Legal: \(Charset.allCases.map(\.rawValue).joined(separator: ", ")).", at: root["charset"] ?? root)
    }
    return name
  }

  private static func server(_ root: OutlineNode) throws(ConfigurationError) -> String {
    guard let text = try root.optional("server", code: "CFG-202") else { return "" }
    guard root["format"]?.text == "fhir", text.hasPrefix("https://") || text.hasPrefix("http://"), !text.hasSuffix("/") else {
      throw ConfigurationError(
        "CFG-216", "'server' is the base URL of a FHIR server, without a slash at its end", hint: "server: https://ehr.example/fhir, with format: fhir", at: root["server"] ?? root)
    }
    return text
  }

  private static func rank(_ root: OutlineNode) throws(ConfigurationError) -> Int {
    guard let text = try root.optional("source_rank", code: "CFG-202") else { return 0 }
    guard let rank = Int(text), (0...1_000).contains(rank) else { throw ConfigurationError("CFG-205", "'source_rank' must be a number from 0 to 1000", at: root["source_rank"] ?? root) }
    return rank
  }

  /// The documents of a folder are loaded one by one, before anybody knows how many there are.
  private static func refuseHeldFolder(_ root: OutlineNode, control: String?, _ failure: FailurePolicy) throws(ConfigurationError) {
    guard control != nil, failure.mismatch == .hold else { return }
    throw ConfigurationError(
      "CFG-212", "'mismatch: hold' cannot be kept together with 'control' in this version: documents are loaded before the folder is counted",
      hint: "Write mismatch: break.", at: root["failure"]?["mismatch"] ?? root)
  }

  private static func origin(_ root: OutlineNode, _ ground: SiteGround) throws(ConfigurationError) -> (String, RemoteFolder?, AfterRead, String?) {
    guard let from = root["from"] else { throw ConfigurationError("CFG-206", "the key 'from' is missing", hint: "from: {drop: FOLDER} or {sftp: PARTNER, path: FOLDER}", at: root) }
    if from["sftp"] != nil {
      let (remote, after, control) = try RemoteFolder.read(from)
      return ("", remote, after, control)
    }
    try from.allow(["drop", "after", "control"], code: "CFG-201")
    let folder = try ground.dropFolder(of: from)
    let control = try from.optional("control", code: "CFG-202")
    guard let after = from["after"] else { return (folder, nil, .leave, control) }
    switch after.text {
    case "leave": return (folder, nil, .leave, control)
    case "delete": return (folder, nil, .delete, control)
    default:
      guard after["move"] != nil else { throw ConfigurationError("CFG-207", "'after' must be leave, delete or {move: FOLDER}", at: after) }
      try after.allow(["move"], code: "CFG-201")
      let target = try ground.place("move", of: after)
      guard !PathPlace.isInside(target, folder) else {
        throw ConfigurationError("CFG-214", "'move' lies inside the drop folder, so that each file would be read again", hint: "Name a folder beside it.", at: after["move"] ?? after)
      }
      return (folder, nil, .move(to: target), control)
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
