import Core
import Support
import Testing

/// Pairs of patients who may be one person, as people see them: refs and names of fields, never a value.
@Suite struct IdentityTests {
  private static let people = [
    "T900001^^^NORTH^MR~999881111^^^USSSA^SS||TEST^ALPHA^Q||19700102|F|||1 TEST ST^^TESTTOWN^TX^75001",
    "T900002^^^SOUTH^MR~999881111^^^USSSA^SS||TSET^ALPHA||19700102|F|||1 TEST ST^^TESTTOWN^TX^75001",
    "T900003^^^NORTH^MR||TEST^BRAVO||19550607|M|||9 OTHER RD^^TESTTOWN^TX^75001",
    "T900004^^^NORTH^MR~999882222^^^USSSA^SS||TEST^ALPHA||19700102|M",
  ]

  private func loaded() throws -> TestSite {
    let site = try TestSite()
    for (number, person) in Self.people.enumerated() {
      let lines = ["MSH|^~\\&|EHR|NORTH|||20260309081500||ADT^A08^ADT_A01|M\(number)|P|2.5.1", "EVN|A08|20260309081500", "PID|1||\(person)", "PV1|1|N"]
      try site.drop(Array((lines.joined(separator: "\r") + "\r").utf8), at: "north-hl7/\(number).hl7")
    }
    let arguments = ["--site", site.path, "--night", "2026-03-10", "--feed", "north-hl7"]
    try site.expectExit(3, of: try Tools.run(TestSite.binary("compline-nightly"), arguments, environment: TestSite.environment()))
    return site
  }

  private func candidates(_ site: TestSite) throws -> [JSONValue] {
    let result = try site.compline("identity", "candidates", "--site", site.path, "--json")
    try site.expectExit(0, of: result)
    return try result.outputText.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  @Test func twoRecordsOfOnePersonAreAPairWithFieldsAndNoValues() throws {
    let site = try loaded()
    let found = try candidates(site)
    let pair = try #require(found.first)
    #expect(pair["by_rule"] == true)
    #expect(pair["agree"]?.array?.compactMap(\.string) == ["ssn", "given", "birth_date", "sex", "street", "zip"])
    #expect(pair["near"]?.array?.compactMap(\.string) == ["family"])
    let printed = try site.compline("identity", "candidates", "--site", site.path).outputText
    #expect(!["TEST", "ALPHA", "1970", "T9000", "99988"].contains { printed.contains($0) })
    #expect(found.allSatisfy { $0["agree"]?.array?.isEmpty == false })
  }

  @Test func aDecisionTakesThePairOffTheListJoinsItAndALaterOneTakesItApart() throws {
    let site = try loaded(), digest = try site.compline("digest", "--site", site.path).outputText
    let pair = try #require(try candidates(site).first), one = try #require(pair["one"]?.string), other = try #require(pair["other"]?.string)
    func decide(_ verdict: String) throws -> String {
      let decided = try site.compline("identity", "decide", other, one, verdict, "--site", site.path, "--person", "ann", "--reason", "IFC-212")
      #expect(decided.exit == 0, "\(decided.errorText)")
      return try site.compline("digest", "--site", site.path).outputText
    }
    #expect(try decide("--same") != digest)
    #expect(try candidates(site).allSatisfy { $0["one"]?.string != one || $0["other"]?.string != other })
    #expect(try decide("--different") == digest)
    #expect(try site.compline("audit", "verify", "--site", site.path).exit == 0)
  }

  @Test func aRecordThatWasMergedIsNoCandidateAnyMore() throws {
    let site = try loaded()
    let pair = try #require(try candidates(site).first), refs = [pair["one"]?.string, pair["other"]?.string]
    let merge = ["MSH|^~\\&|EHR|NORTH|||20260310081500||ADT^A40^ADT_A39|M9|P|2.5.1", "EVN|A40|20260310081500", "PID|1||T900001^^^NORTH^MR||TEST^ALPHA^Q||19700102|F", "MRG|T900002^^^SOUTH^MR"]
    try site.drop(Array((merge.joined(separator: "\r") + "\r").utf8), at: "north-hl7/merge.hl7")
    _ = try Tools.run(TestSite.binary("compline-nightly"), ["--site", site.path, "--night", "2026-03-10", "--feed", "north-hl7"], environment: TestSite.environment())
    let left = try candidates(site).flatMap { [$0["one"]?.string, $0["other"]?.string] }
    #expect(!refs.allSatisfy { left.contains($0) })
  }

  @Test func anIdentifierOnTheCommandLineIsRefused() throws {
    let site = try loaded()
    let result = try site.compline("identity", "decide", "T900001", "T900002", "--same", "--site", site.path, "--person", "ann", "--reason", "IFC-212")
    #expect(result.exit == 64)
    #expect(!result.errorText.contains("T900001"))
  }
}
