import Core
import Demo
import Support
import Testing

/// A site whose feed `north-hl7` is read by mappings of its own, in two versions that differ in one line.
struct OwnMappings {
  /// One line of version 1 and what stands in its place in version 2.
  struct Change: Sendable, CustomTestStringConvertible {
    var name: String
    var old: String
    var new: String
    var testDescription: String { name }
  }

  static let phone = Change(name: "another component", old: "phone:      PID-13.1", new: "phone:      PID-13.4")
  static let sex = Change(name: "another step", old: "sex:        PID-8 | upper", new: "sex:        PID-8 | lower")
  static let key = Change(name: "another key", old: "identifier: PID-3 | id else MSH-4.1", new: "identifier: PID-18 | id else MSH-4.1")
  static let type = Change(name: "another type", old: "ADT^A08, ORU^R01", new: "ADT^A08, ADT^A31, ORU^R01")
  static let none = Change(name: "nothing", old: "why:        The patient", new: "why:        The same patient")

  let site: TestSite

  /// - Parameter first: which version the feed is pinned to at its first night.
  init(_ change: Change, first: Int = 1) throws {
    site = try TestSite()
    for version in 1...2 {
      let text = version == 1 ? Self.mapping : Self.mapping.replacing("version: 1", with: "version: 2").replacing(change.old, with: change.new)
      try site.root.write(text, to: "site/mappings/hl7v2/own-patient/\(version).yaml")
      try site.root.write(Self.set(version), to: "site/mappings/sets/own-set/\(version).yaml")
    }
    try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path))
    let feed = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    try site.root.write(feed.replacing("[hl7v2-standard]", with: "[own-set]"), to: "site/feeds/north-hl7.yaml")
    try site.root.write("north-hl7:\n  own-set: \"own-set@\(first)\"\n", to: "site/var/pins.yaml")
  }

  /// A further version of the set, over the patients of version 2.
  func addVersion(_ version: Int, release: Bool = true) throws {
    try site.root.write(Self.set(version).replacing("own-patient@\(version)", with: "own-patient@2"), to: "site/mappings/sets/own-set/\(version).yaml")
    if release { try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path)) }
  }

  private static func set(_ version: Int) -> String {
    "set: own-set\nversion: \(version)\nowner: interface-team\nwhy: Patients alone\nmappings: [own-patient@\(version)]\nno_rows: [ACK^*]\n"
  }

  private static let mapping = """
    mapping: own-patient
    version: 1
    reads:      {hl7v2: [ADT^A01, ADT^A04, ADT^A08, ORU^R01, DFT^P03]}
    zone:       feed
    event_time: EVN-2 or MSH-7
    owner:      interface-team
    why:        The patient alone

    patient:
      subject: true
      each: PID
      key:  [identifier]
      set:
        identifier: PID-3 | id else MSH-4.1 | required
        family:     PID-5.1.1
        given:      PID-5.2
        birth_date: PID-7 | date | or absent
        sex:        PID-8 | upper | code sex@1 | unmapped pass
        phone:      PID-13.1

    examples:
      - name: a family name
        given: |
          MSH|^~\\&|ZZHIS|NORTH|||20260301081500||ADT^A01^ADT_A01|M1|T|2.5.1
          EVN|A01|20260301081500
          PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F|||||5550100^PRN^PH^alpha@example.invalid|||||T900001^^^NORTH^AN
        expect:
          patient: [{identifier: T900001@NORTH, family: TEST}]

    """

  /// Lays down the files of a night of the demo's north feed, or of several days up to it, pulls and ingests them.
  func load(_ night: BusinessDate, days: Int = 1) throws {
    for day in 0..<days {
      for file in DemoNight(night.advanced(by: -day)).files(.first) where file.feed == "north-hl7" && !file.path.hasSuffix(".part") {
        try site.drop(file.bytes, at: file.path)
      }
    }
    try ingest(night)
  }

  /// Pulls and ingests what lies in the feed's folder.
  func ingest(_ night: BusinessDate) throws {
    for job in ["pull", "ingest"] {
      let result = try Tools.run(
        TestSite.binary("compline-" + job), ["--site", site.path, "--night", night.description, "--feed", "north-hl7"], environment: TestSite.environment())
      guard [0, 3].contains(result.exit) else { throw TestFailure("\(job) ended \(result.exit): \(result.errorText)") }
    }
  }

  func digest() throws -> String { try site.compline("digest", "--site", site.path).outputText }

  /// The report of `mapping diff own-set@1 own-set@2`, and the rows that it listed.
  func diff(on range: String = "north-hl7") throws -> (report: JSONValue, rows: [JSONValue]) {
    let result = try site.compline("mapping", "diff", "own-set@1", "own-set@2", "--site", site.path, "--on", range, "--rows", "--json")
    try site.expectExit(0, of: result)
    let lines = try result.outputText.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    guard let report = lines.last else { throw TestFailure("the diff said nothing") }
    return (report, Array(lines.dropLast()))
  }

  /// Of the patients in a report.
  static func patients(_ report: JSONValue) -> JSONValue? { report["entities"]?.array?.first { $0["entity"]?.string == "patient" } }
}
