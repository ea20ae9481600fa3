import Core
import Support
import Testing

/// A sender changes the layout of its file: the rows are held, and a version that reads the new layout loads them.
@Suite struct OtherLayoutTests {
  /// What the sender writes instead, and the line of version 2 that reads it.
  struct Case: Sendable, CustomTestStringConvertible {
    var code: String
    var file: String
    var old: String
    var new: String
    /// How version 1 ends each message: `messages`, `stays`.
    var before: String
    var testDescription: String { code }
  }

  static let renamed = Case(
    code: "COLUMN-MISSING", file: "MRN,Name,As Of\nT1,TEST,2026-03-01\nT2,TEST,2026-03-01\n", old: "mrn: Patient", new: "mrn: MRN", before: "held COLUMN-MISSING")
  static let delimited = Case(
    code: "NOT-CSV", file: "Patient;Name;As Of\nT1;TEST;2026-03-01\nT2;TEST;2026-03-01\n", old: "layout: {", new: "layout: {delimiter: \";\", ", before: "no message")
  static let widened = Case(
    code: "FIELD-COUNT", file: "Patient,Name,As Of\nT1,\"TEST,2026-03-01\nT2,TEST,2026-03-01\n", old: "layout: {", new: "layout: {quote: none, ", before: "held DROP-TRUNCATED")

  private static let mapping = """
    mapping: ward
    version: 1
    reads:      {csv: rows}
    zone:       feed
    event_time: as_of
    owner:      interface-team
    why:        Who lies where
    layout: {columns: {mrn: Patient, last: Name, as_of: As Of}, constant: {assigner: NORTH}}
    patient:
      each: row
      key:  [identifier]
      set:
        identifier: mrn | id else assigner | required
        family:     last
    examples:
      - name: a patient
        given: |
          Patient,Name,As Of
          T9,TEST,2026-03-01
        expect: {patient: [{identifier: T9@NORTH}]}

    """

  private static let feed = """
    feed: ward
    owner: interfaces@example.invalid
    from: {drop: drops/ward}
    format: csv
    mappings: [ward]
    zone: America/Chicago
    arrival: {by: "02:00", complete: rename}
    failure: {late: warn, empty: break, mismatch: break, partial: break, refused: break}

    """

  /// A night under version 1, then version 2 released.
  private func site(_ other: Case) throws -> TestSite {
    let site = try TestSite()
    _ = try Tools.run("sh", ["-c", "rm \(site.path)/feeds/*.yaml \(site.path)/consumers/*.yaml"])
    try site.root.write(Self.mapping, to: "site/mappings/csv/ward/1.yaml")
    try site.root.write(Self.feed, to: "site/feeds/ward.yaml")
    try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path))
    try site.drop(Array(other.file.utf8), at: "ward/census.csv")
    _ = try site.job("nightly")
    var second = Self.mapping.replacing("version: 1", with: "version: 2").replacing(other.old, with: other.new)
    if other.code == "COLUMN-MISSING" { second = second.replacing("      Patient,Name,As Of", with: "      MRN,Name,As Of") }
    if other.code == "NOT-CSV" { second = second.replacing("Patient,Name,As Of", with: "Patient;Name;As Of").replacing("T9,TEST,", with: "T9;TEST;") }
    try site.root.write(second, to: "site/mappings/csv/ward/2.yaml")
    try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path))
    return site
  }

  @Test func theRowsOfOneDropThatAreHeldForOneReasonAreOneException() throws {
    let list = try site(Self.renamed).statement()["exception_list"]?.array ?? []
    let rows = list.filter { $0["code"]?.string == "COLUMN-MISSING" && $0["message"] != .null }
    #expect(rows.map { $0["position"]?.string } == ["row, occurrences 1-2, 2 times"])
    #expect(rows.map { $0["count"]?.integer } == [2])
  }

  @Test(arguments: [renamed, delimited]) func aDiffSaysWhichHeldRowsTheNewLayoutReads(_ other: Case) throws {
    let site = try site(other)
    let result = try site.compline("mapping", "diff", "ward@1", "ward@2", "--site", site.path, "--on", "ward", "--json")
    try site.expectExit(0, of: result)
    let report = try JSONValue(parsing: result.standardOutput)
    #expect(report["entities"]?.array?.first?["rows"]?["added"] == 2)
    #expect(report["verdicts"]?.array?.contains { $0["old"]?.string == other.before && $0["new"]?.string == "rows" && $0["messages"]?.integer == 2 } == true)
    let promoted = try site.compline("mapping", "promote", "ward", "ward@2", "--site", site.path, "--from", "2026-03-11", "--person", "alex", "--reason", "IFC-1")
    try site.expectExit(0, of: promoted)
  }

  @Test(arguments: [renamed, delimited, widened]) func aReplayUnderTheNewLayoutLoadsThemAndSaysSo(_ other: Case) throws {
    let site = try site(other), before = try site.statement()["feeds"]
    let arguments = ["replay", "--site", site.path, "--night", TestSite.night.description, "--feed", "ward", "--mappings", "ward@2", "--person", "alex", "--reason", "IFC-1"]
    var said = ""
    for flag in ["--dry-run", "--apply"] {
      let result = try Tools.run(TestSite.binary("compline"), arguments + [flag], environment: TestSite.environment())
      try site.expectExit(0, of: result)
      said = result.outputText
    }
    #expect(said.contains("\(other.before), now rows"), "\(said)")
    #expect(said.contains("patient: kept 0, inserted 2"), "\(said)")
    _ = try site.job("reconcile")
    #expect(try site.statement()["feeds"] == before)
  }
}
