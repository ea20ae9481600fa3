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
  /// How each drop is wrapped, the outer container first; empty where it is a file of the format itself.
  var envelope: [ContainerKind]
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
  /// Nil where the feed names no cadence.
  var calendar: ArrivalCalendar?
  var afterRead: AfterRead
  var limits: FeedLimits
  var controlPattern: String?
  /// Patterns of the names that it takes; empty where it takes all.
  var namePatterns: [String]
  var sourceRank: Int
  var expectation: FeedExpectation
  /// Fields by entity whose values come from this feed alone.
  var owns: [OwnedField] = []
  /// The first night that it counts in; nil where it counts in every night.
  var since: BusinessDate?
  /// A person has stopped it.
  var isSuspended: Bool {
    get { expectation.isSuspended }
    set { expectation.isSuspended = newValue }
  }

  static let keyNames = ["feed", "owner", "from", "format", "envelope", "charset", "server", "mappings", "zone", "arrival", "failure", "source_rank", "owns", "tolerances", "limits", "since"]

  static func read(_ bytes: [UInt8], file: String, ground: SiteGround) throws(ConfigurationError) -> FeedFile {
    let root = try OutlineReader.read(bytes, file: file)
    try root.allow(keyNames, code: "CFG-201")
    let name = try Name.required(root, "feed")
    let owner = try root.required("owner", code: "CFG-202")
    let zoneName = try root.required("zone", code: "CFG-202")
    let (folder, remote, after, control) = try origin(root, ground)
    let arrival = try ArrivalReading(root, ground)
    var expectation = FeedExpectation(feed: name, owner: owner, dueBy: arrival.due.text, failure: try FailurePolicy(reading: root["failure"]))
    expectation.tolerances = try Tolerance.list(reading: root["tolerances"])
    expectation.controlExpected = control != nil
    let mappings = try FeedMappings(reading: root)
    let named = root["mappings"] ?? root
    if case .manifest = arrival.completeness, control != nil {
      throw ConfigurationError("CFG-225", "a manifest declares what came; 'control' beside it would declare it twice", hint: "Leave one of them out.", at: root["from"] ?? root)
    }
    let names = try FeedNames.read(root["from"] ?? root, arrival.completeness)
    try FeedNames.refuseOwnMarks(names, control: control, arrival.completeness, at: root["from"] ?? root)
    try refuseHeldFolder(root, control: control, expectation.failure)
    let owns = try OwnedField.list(root), since = try firstNight(root)
    return FeedFile(
      place: (file, named.line, named.column), name: name, owner: owner, folder: folder, remote: remote, format: try format(root), envelope: try envelope(root), charset: try charset(root), server: try server(root),
      mappings: mappings.names, versions: mappings.versions, zoneName: zoneName, zone: try ZoneFile.rules(zoneName, at: root["zone"] ?? root), dueBy: arrival.due, completeness: arrival.completeness, calendar: arrival.calendar, afterRead: after,
      limits: try FeedLimits(reading: root["limits"]),
      controlPattern: control, namePatterns: names, sourceRank: try rank(root), expectation: expectation, owns: owns, since: since)
  }

  /// What is expected of it on a business date.
  func expectation(on night: BusinessDate) -> FeedExpectation {
    var expectation = expectation
    expectation.isAwaited = counts(on: night)
    if expectation.isAwaited { expectation.arrival = calendar?.expected(on: night, due: dueBy, in: zone) }
    return expectation
  }

  /// False on nights before its first one: they do not look at it, and do not miss it.
  func counts(on night: BusinessDate) -> Bool { since.map { $0 <= night } ?? true }

  private static func firstNight(_ root: OutlineNode) throws(ConfigurationError) -> BusinessDate? {
    guard let text = try root.optional("since", code: "CFG-202") else { return nil }
    guard let night = BusinessDate(text) else {
      throw ConfigurationError("CFG-234", "'since' must be the first night that the feed counts in", hint: "since: 2026-03-20", at: root["since"] ?? root)
    }
    return night
  }

  private static func format(_ root: OutlineNode) throws(ConfigurationError) -> SourceFormat {
    let text = try root.required("format", code: "CFG-202")
    guard let format = SourceFormat(rawValue: text) else {
      throw ConfigurationError("CFG-204", "'\(text)' is not a format of this version", hint: "Legal: \(SourceFormat.allCases.map(\.rawValue).joined(separator: ", ")).", at: root["format"] ?? root)
    }
    return format
  }

  private static func envelope(_ root: OutlineNode) throws(ConfigurationError) -> [ContainerKind] {
    guard let node = root["envelope"] else { return [] }
    let names = node.items?.map(\.text) ?? [node.text], kinds = names.compactMap { $0.flatMap(ContainerKind.init(rawValue:)) }
    guard !kinds.isEmpty, kinds.count == names.count, kinds.count <= ContainerReader.maximumDepth else {
      throw ConfigurationError("CFG-226", "'envelope' names one container, or one in another", hint: "envelope: [gzip], [zip] or [zip, gzip]", at: node)
    }
    return kinds
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
    try from.allow(["drop", "files", "after", "control"], code: "CFG-201")
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
