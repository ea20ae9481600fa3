import Core
import Support
import Testing

/// `compline explain`: which line of which file gave a value, what it stands over, and which path of the line was taken.
@Suite struct ExplainTests {
  private static let overlay = """
    mapping: north-patient
    version: 1
    overlays: pid-patient@1
    owner: interface-team
    why: North never sends PID-2
    patient:
      set:
        identifier: PID-3[5=MR] or PID-3[record] | id else sender | required

    """
  private static let set = "set: own-set\nversion: 1\nowner: interface-team\nwhy: Patients of North\nmappings: [north-patient@1]\n"
  private static let message = [
    "MSH|^~\\&|EHR|NORTH|||20260309081500||ADT^A04^ADT_A01|M1|P|2.5.1", "EVN|A04|20260309081500",
    "PID|1||T900001^^^^XX~T700001^^^NORTH^AN||TEST^ALPHA||19700102|F",
  ]

  /// A site that has loaded the message.
  private func site() throws -> TestSite {
    let site = try TestSite()
    try site.root.write(Self.overlay, to: "site/mappings/hl7v2/north-patient/1.yaml")
    try site.root.write(Self.set, to: "site/mappings/sets/own-set/1.yaml")
    try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path))
    let feed = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    try site.root.write(feed.replacing("[hl7v2-standard]", with: "[own-set]"), to: "site/feeds/north-hl7.yaml")
    try site.drop(Array((Self.message.joined(separator: "\r") + "\r").utf8), at: "north-hl7/one.hl7")
    for job in ["pull", "ingest"] { try site.expectExit(0, of: try site.job(job)) }
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", site.root.path("out")))
    return site
  }

  private func refs(_ site: TestSite, _ entity: String) throws -> [String] {
    try site.root.read("out/\(entity).ndjson").split(separator: 0x0A).compactMap { try JSONValue(parsing: Array($0))["ref"]?.string }
  }

  /// The lines of the answer by their heads.
  private func explained(_ site: TestSite, _ ref: String, _ field: String, _ more: [String] = []) throws -> [String: String] {
    let result = try Tools.run(TestSite.binary("compline"), ["explain", ref, field, "--site", site.path] + more, environment: TestSite.environment())
    try site.expectExit(0, of: result)
    let lines = result.outputText.split(separator: "\n").map { (String($0.prefix { $0 != " " }), String($0.drop { $0 != " " }.drop { $0 == " " })) }
    return Dictionary(lines) { first, _ in first }
  }

  @Test func theTakenPathOfAChainAndOfItsAssignerAreNamed() throws {
    let site = try site()
    let lines = try explained(site, try #require(try refs(site, "patient").first), "identifier")
    #expect(lines["path"] == "PID-3[record], path 2 of 2; assigner from MSH-4.1, path 1 of 4")
    #expect(lines["source"]?.hasPrefix("PID, occurrence 1, of message 1 (ADT^A04)") == true)
  }

  @Test func aLineOfAnOverlayIsNamedWithTheLineThatItStandsOver() throws {
    let site = try site()
    let lines = try explained(site, try #require(try refs(site, "patient").first), "identifier")
    #expect(lines["mapping"] == "north-patient@1, SITE/mappings/hl7v2/north-patient/1.yaml:8")
    #expect(lines["line"] == "identifier: PID-3[5=MR] or PID-3[record] | id else sender | required")
    #expect(lines["over"]?.hasPrefix("Mappings/hl7v2/pid-patient/1.yaml:25  identifier: PID-3[5=MR] or") == true)
  }

  @Test func aLineThatTheOverlayInheritsIsNamedWhereItIsWritten() throws {
    let site = try site()
    let lines = try explained(site, try #require(try refs(site, "patient").first), "family")
    #expect(lines["mapping"] == "north-patient@1, Mappings/hl7v2/pid-patient/1.yaml:26")
    #expect(lines["over"] == nil && lines["path"] == "PID-5.1.1, path 1 of 2")
  }

  @Test func ofTheRowsOfOneSegmentEachIsExplainedByItsOwnRepetition() throws {
    let site = try site()
    let types = try refs(site, "identifier").map { try explained(site, $0, "type", ["--reveal", "--purpose", "operations"])["field"] ?? "" }
    #expect(Set(types) == ["identifier.type: XX", "identifier.type: AN"])
  }

  @Test func noValueIsShownUnlessItIsAskedFor() throws {
    let site = try site()
    for field in ["identifier", "family"] {
      let lines = try explained(site, try #require(try refs(site, "patient").first), field)
      #expect(!lines.values.contains { $0.contains("T900001") || $0.contains("TEST") })
    }
  }
}
