import Core
import Support
import Testing

/// A run is taken back with the real executables: dry, applied, looked at, and loaded again.
@Suite struct UndoRunTests {
  private static func bytes(_ id: String, _ family: String, at time: String) -> [UInt8] {
    let lines = [
      "MSH|^~\\&|EHR|NORTH|||\(time)||ADT^A08^ADT_A01|\(id)|P|2.5.1", "EVN|A08|\(time)", "PID|1||T900001^^^NORTH^MR||TEST^\(family)||19700102|F", "PV1|1|N",
    ]
    return Array((lines.joined(separator: "\r") + "\r").utf8)
  }

  private func nightly(_ site: TestSite, _ night: String) throws {
    let arguments = ["--site", site.path, "--night", night, "--feed", "north-hl7"]
    try site.expectExit(3, of: try Tools.run(TestSite.binary("compline-nightly"), arguments, environment: TestSite.environment()))
  }

  private func statement(_ site: TestSite, _ night: String) throws -> JSONValue {
    try JSONValue(parsing: try site.root.read("site/var/statements/\(night)/statement.json"))
  }

  private func undo(_ site: TestSite, _ run: String, _ more: String...) throws -> ToolResult {
    let arguments = ["undo", run, "--site", site.path, "--person", "ann", "--reason", "IFC-212"] + more
    return try Tools.run(TestSite.binary("compline"), arguments, environment: TestSite.environment())
  }

  private func digest(_ site: TestSite, _ more: String...) throws -> String {
    let result = try Tools.run(TestSite.binary("compline"), ["digest", "--site", site.path] + more, environment: TestSite.environment())
    try site.expectExit(0, of: result)
    return result.outputText
  }

  /// Two nights: the second one brings what should not have come.
  private func twoNights() throws -> (site: TestSite, run: String, digests: [String]) {
    let site = try TestSite()
    try site.drop(Self.bytes("M1", "ALPHA", at: "20260309081500"), at: "north-hl7/a.hl7")
    try nightly(site, "2026-03-10")
    let first = try digest(site)
    try site.drop(Self.bytes("M2", "WRONG", at: "20260310081500"), at: "north-hl7/b.hl7")
    try nightly(site, "2026-03-11")
    let run = try #require(try statement(site, "2026-03-11")["runs"]?.array?.first { $0["stage"]?.string == "ingest" }?["run"]?.string)
    return (site, run, [first, try digest(site)])
  }

  @Test func aRunIsTakenBackAsTheDryRunShowedAndWhatWasKnownStaysTold() throws {
    let (site, run, digests) = try twoNights()
    #expect(try undo(site, run, "--apply").errorText.contains("PIP-851"))
    let dry = try undo(site, run)
    #expect(dry.exit == 0 && dry.outputText.contains("patient: statements withdrawn 1, "))
    #expect(try digest(site) == digests[1])
    let applied = try undo(site, run, "--apply")
    #expect(applied.exit == 0, "\(applied.errorText)")
    #expect(try digest(site) == digests[0])
    #expect(try [digest(site, "--as-known-on", "2026-03-10"), digest(site, "--as-known-on", "2026-03-11")] == digests)
    #expect(try undo(site, run, "--apply").outputText.contains("undone before"))
    #expect(try site.compline("audit", "verify", "--site", site.path).exit == 0)
  }

  @Test func theNightIsOpenAndSaysSoUntilTheDropsAreAskedForAgain() throws {
    let (site, run, digests) = try twoNights()
    try site.expectExit(0, of: try undo(site, run))
    try site.expectExit(0, of: try undo(site, run, "--apply"))
    try nightly(site, "2026-03-11")
    let night = try statement(site, "2026-03-11")
    #expect(night["state"]?.string == "open")
    #expect(night["breaks"]?.array?.contains { $0["code"]?.string == "RUN-UNDONE" && $0["actual"]?.integer == 1 } == true)
    #expect(try digest(site) == digests[0])
    try site.expectExit(0, of: try undo(site, run, "--again"))
    try nightly(site, "2026-03-11")
    #expect(try digest(site) == digests[1])
  }

  @Test func anEditedRecordOfADryRunCountsForNothing() throws {
    let (site, run, digests) = try twoNights()
    try site.expectExit(0, of: try undo(site, run))
    let path = "site/var/undos/\(run).json"
    try site.root.write(Array(String(decoding: try site.root.read(path), as: UTF8.self).replacing("\"ann\"", with: "\"eve\"").utf8), to: path)
    #expect(try undo(site, run, "--apply").errorText.contains("PIP-852"))
    #expect(try digest(site) == digests[1])
  }

  @Test func anExportAndATraceAsKnownOnANightShowWhatWasBelievedThen() throws {
    let (site, run, digests) = try twoNights()
    try site.expectExit(0, of: try undo(site, run))
    try site.expectExit(0, of: try undo(site, run, "--apply"))
    let folder = site.root.path("export")
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", folder, "--as-known-on", "2026-03-11"))
    let line = try JSONValue(parsing: Array(try site.root.read("export/patient.ndjson").dropLast()))
    #expect(line["given"]?.string == "WRONG")
    let manifest = try JSONValue(parsing: try site.root.read("export/manifest.json"))
    #expect(manifest["as_known_on"]?.string == "2026-03-11" && digests[1].hasPrefix(manifest["digest"]?.string ?? "-"))
    let ref = try #require(line["ref"]?.string)
    #expect(try site.compline("trace", ref, "--site", site.path, "--as-known-on", "2026-03-11").outputText.contains(run))
    #expect(try !site.compline("trace", ref, "--site", site.path).outputText.contains(run))
    let explained = try site.compline("explain", ref, "given", "--site", site.path, "--as-known-on", "2026-03-11")
    #expect(explained.exit == 0 && explained.outputText.contains("night 2026-03-11"))
  }
}
