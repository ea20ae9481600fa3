import Core
import Demo
import Support
import Testing

/// What a site does with files, keys and configuration that are not as they should be: a code, a position, a hint, and the night goes on where it can.
@Suite struct BadInputTests {
  private static let patient = "PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F"
  private static func message(_ id: String, _ more: [String] = []) -> [String] {
    ["MSH|^~\\&|EHR|NORTH|||20260309081500||ADT^A01^ADT_A01|\(id)|P|2.5.1", "EVN|A01|20260309081500", patient] + more
  }
  private static func bytes(_ segments: [String]) -> [UInt8] { Array((segments.joined(separator: "\r") + "\r").utf8) }

  /// Runs a night over one HL7 file beside a good one and gives the statement's feed.
  private func night(_ name: String, _ bytes: [UInt8], feed: String = "north-hl7") throws -> (JSONValue, JSONValue) {
    let site = try TestSite()
    try site.drop(Self.bytes(Self.message("GOOD1")), at: "north-hl7/good.hl7")
    try site.drop(bytes, at: "\(feed)/\(name)")
    try site.expectExit(3, of: try site.job("nightly"))
    return (try site.feed(feed), try site.statement())
  }

  @Test func aFileThatIsNotHL7IsRejectedAndItsNeighbourLoads() throws {
    let (feed, statement) = try night("other.hl7", Array("no segments here\n".utf8))
    #expect(feed["intake"]?["rejected"] == 1)
    #expect(feed["intake"]?["loaded"] == 1)
    #expect(statement["exceptions"]?["NOT-HL7"] == 1)
  }

  @Test func anEmptyFileIsOneReceivedAndRejectedAndABreak() throws {
    let (feed, statement) = try night("empty.hl7", [])
    #expect(feed["intake"]?["rejected"] == 1)
    #expect((statement["breaks"]?.array ?? []).contains { $0["code"]?.string == "DROP-EMPTY" })
  }

  @Test func aTruncatedBatchHoldsItsLastMessage() throws {
    let (feed, statement) = try night("cut.hl7", Array(Self.bytes(["BHS|^~\\&|EHR|NORTH"] + Self.message("CUT1") + Self.message("CUT2")).dropLast(7)))
    #expect(feed["intake"]?["held"] == 1)
    #expect((statement["exceptions"]?["DROP-TRUNCATED"]?.integer ?? 0) >= 1)
  }

  @Test func aBadDelimiterSetIsRejected() throws {
    let (feed, statement) = try night("delimiters.hl7", Self.bytes(["MSH|^^^^|EHR|NORTH|||20260309||ADT^A01|X1|P|2.5.1", Self.patient]))
    #expect(feed["intake"]?["rejected"] == 1)
    #expect(statement["exceptions"]?["DELIMITERS-INVALID"] == 1)
  }

  @Test(arguments: [("XML-MALFORMED", "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id>"), ("DOCTYPE-REFUSED", "<!DOCTYPE a SYSTEM \"http://example.invalid/a\"><ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>"), ("NOT-CDA", "<other/>")])
  func brokenXMLIsRejectedWithItsCode(_ code: String, _ text: String) throws {
    let (feed, statement) = try night("broken.xml", Array(text.utf8), feed: "clinic-ccda")
    #expect(feed["intake"]?["rejected"] == 1)
    #expect(statement["exceptions"]?[code] == 1)
  }

  @Test func aDropWhoseWorkerDiesTwiceIsHeldAndTriedAgainInTheNextRun() throws {
    let site = try TestSite()
    let bad = Self.bytes(Self.message("BAD1"))
    try site.drop(bad, at: "north-hl7/bad.hl7")
    try site.drop(Self.bytes(Self.message("GOOD1", ["PV1|1|I|||||||||||||||||V1^^^NORTH^VN"])), at: "north-hl7/good.hl7")
    try site.expectExit(3, of: try site.job("nightly", environment: ["COMPLINE_TRAP_ON": Hex.text(SHA256.digest(bad))]))
    #expect(try site.statement()["exceptions"]?["DECODER-CRASHED"] == 1)
    #expect(try site.feed("north-hl7")["intake"]?["held"] == 1)
    #expect(try site.feed("north-hl7")["intake"]?["loaded"] == 1)
    _ = try site.job("nightly")
    #expect(try site.feed("north-hl7")["intake"]?["held"] == 0)
    #expect(try site.statement()["exceptions"]?["DECODER-CRASHED"] == nil)
  }

  @Test func aBatchWhoseTrailerLiesIsHeldWhereTheFeedSaysSo() throws {
    let site = try TestSite()
    let path = "site/feeds/north-hl7.yaml"
    let text = String(decoding: try site.root.read(path), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("failure:") }.joined(separator: "\n")
    try site.root.write(text + "\nfailure: {mismatch: hold}\n", to: path)
    try site.drop(Self.bytes(["BHS|^~\\&|EHR|NORTH"] + Self.message("LIE1") + ["BTS|2"]), at: "north-hl7/lie.hl7")
    try site.expectExit(3, of: try site.job("nightly"))
    #expect(try site.feed("north-hl7")["intake"]?["held"] == 1)
    #expect(try site.feed("north-hl7")["intake"]?["loaded"] == 0)
  }

  @Test func aKeyFileThatOthersCanReadRefusesWith77AndNamesTheFile() throws {
    let site = try TestSite()
    _ = try Tools.run("chmod", ["644", site.path + ".keys/index.key"])
    let result = try site.job("nightly")
    #expect(result.exit == 77)
    #expect(result.errorText.contains("index.key"))
    #expect(try site.compline("check", "--site", site.path).exit == 77)
  }

  @Test(arguments: [("feeds/north-hl7.yaml", "formt: hl7v2"), ("site.yaml", "zoen: UTC"), ("consumers/billing.yaml", "consummer: x")])
  func anUnknownKeyRefusesWith78AndSaysWhere(_ file: String, _ line: String) throws {
    let site = try TestSite()
    try site.root.write(try site.root.read("site/" + file) + Array((line + "\n").utf8), to: "site/" + file)
    let result = try site.compline("check", "--site", site.path)
    #expect(result.exit == 78)
    #expect(result.errorText.contains(file.split(separator: "/").last.map(String.init) ?? file))
    #expect(result.errorText.contains("Did you mean"))
    #expect(result.errorText.split(separator: "\n").count == 1)
  }

  @Test func aMappingEditedAfterItsReleaseRefusesWith78AndNamesTheFile() throws {
    let site = try TestSite()
    _ = try Tools.run("cp", ["-a", TestSite.checkout + "/Mappings", site.root.path("Mappings")])
    let file = try #require(try TestFile.list(under: site.root.path("Mappings/hl7v2")).first)
    try site.root.write(try site.root.read("Mappings/hl7v2/" + file) + [0x0A], to: "Mappings/hl7v2/" + file)
    let lines = String(decoding: try site.root.read("site/site.yaml"), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("mappings:") }
    try site.root.write(lines.joined(separator: "\n") + "\nmappings: ../Mappings\n", to: "site/site.yaml")
    let result = try site.job("nightly")
    #expect(result.exit == 78)
    #expect(result.errorText.contains(file))
  }

  @Test func anAccountWithoutAGrantGets77() throws {
    let site = try TestSite()
    try site.root.write("people: []\n", to: "site/people.yaml")
    #expect(try site.job("nightly").exit == 77)
  }

  @Test func aNightInTheFutureGets64() throws {
    let site = try TestSite()
    #expect(try Tools.run(TestSite.binary("compline-nightly"), ["--site", site.path, "--night", "2999-01-01"], environment: TestSite.environment()).exit == 64)
  }

  @Test func aConsumerWhoseAgreementHasEndedGetsNoBytes() throws {
    let site = try TestSite()
    let file = try #require(try TestFile.list(under: site.path + "/agreements").first)
    let text = String(decoding: try site.root.read("site/agreements/" + file), as: UTF8.self).replacing("2099-12-31", with: "2026-03-10")
    try site.root.write(text, to: "site/agreements/" + file)
    try site.lay(.first)
    try site.expectExit(3, of: try site.job("nightly"))
    #expect((try site.statement()["breaks"]?.array ?? []).contains { $0["code"]?.string == "AGREEMENT-EXPIRED" })
    #expect(try TestFile.list(under: site.path + "/delivery").isEmpty)
  }
}
