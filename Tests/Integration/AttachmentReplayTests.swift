import Core
import Support
import Testing

/// The files of messages that a replay loads are sealed as the night seals them; those that are sealed stay.
@Suite struct AttachmentReplayTests {
  private let first = BusinessDate("2026-03-01")!
  private static let data = "JVBERi0xLjQgc3ludGhldGljIHNjYW4gb2Ygbm9ib2R5IGF0IGFsbA=="

  /// A message with a file; ADT^A31 is read by version 2 alone.
  private static func message(_ type: String) -> [UInt8] {
    let lines = [
      "MSH|^~\\&|ZZHIS|NORTH|||20260301081500||\(type)|M1|P|2.5.1", "EVN||20260301081500", "PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F",
      "OBX|1|ED|SCAN^Scan||^application^pdf^Base64^\(data)||||||F",
    ]
    return Array((lines.joined(separator: "\r") + "\r").utf8)
  }

  private func loaded(_ type: String) throws -> OwnMappings {
    let own = try OwnMappings(OwnMappings.type)
    try own.site.drop(Self.message(type), at: "north-hl7/scan.hl7")
    // A second ingest takes away what the ledger does not name.
    for night in [first, first.advanced(by: 1)] { try own.ingest(night) }
    return own
  }

  private func replay(_ own: OwnMappings, _ flags: [String]) throws {
    for flag in flags {
      let arguments = ["replay", "--site", own.site.path, "--night", first.description, "--feed", "north-hl7", "--mappings", "own-set@2", "--person", "alex", "--reason", "IFC-212"]
      try own.site.expectExit(0, of: try Tools.run(TestSite.binary("compline"), arguments + [flag], environment: TestSite.environment()))
    }
  }

  private func sealed(_ own: OwnMappings) throws -> [String: [UInt8]] {
    let folder = own.site.path + "/var/documents"
    return Dictionary(uniqueKeysWithValues: try TestFile.list(under: folder).filter { $0.hasSuffix(".sealed") }.map { ($0, try TestFile.read(folder + "/" + $0)) })
  }

  private func trace(_ own: OwnMappings) throws -> String {
    try own.site.expectExit(0, of: try own.site.compline("export", "--site", own.site.path, "--to", own.site.root.path("out")))
    let row = try JSONValue(parsing: try own.site.root.read("out/patient.ndjson").split(separator: 0x0A).map { Array($0) }[0])
    return try own.site.compline("trace", "--site", own.site.path, try #require(row["ref"]?.string)).outputText
  }

  @Test func theFileOfAMessageThatWasHeldIsSealedAndNamed() throws {
    let own = try loaded("ADT^A31")
    #expect(try sealed(own).isEmpty)
    try replay(own, ["--dry-run", "--apply"])
    let id = try #require(try sealed(own).keys.first?.split(separator: "/").last?.dropLast(7))
    #expect(try trace(own).contains("document \(id), application/pdf, 40 bytes, from OBX-5"))
    try own.ingest(first.advanced(by: 2))
    #expect(try sealed(own).count == 1)
  }

  @Test func aDryReplaySealsNothing() throws {
    let own = try loaded("ADT^A31")
    try replay(own, ["--dry-run"])
    #expect(try sealed(own).isEmpty)
  }

  @Test func theFileOfAMessageThatWasLoadedStaysAsItIs() throws {
    let own = try loaded("ADT^A08")
    let before = try sealed(own)
    #expect(before.count == 1)
    try replay(own, ["--dry-run", "--apply"])
    #expect(try sealed(own) == before)
    #expect(try trace(own).contains("application/pdf, 40 bytes"))
  }
}
