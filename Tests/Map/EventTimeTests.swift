import Core
import Map
import Testing

@Suite("Event times")
struct EventTimeTests {
  private func findings(_ msh7: String, _ evn2: String) throws -> [String] {
    let message = try Mapped("MSH|^~\\&|A|NORTH|||\(msh7)||ADT^A04|1\rEVN|A04|\(evn2)\rPID|1||P1\r").message
    return message.findings.map { $0.code.rawValue + " " + $0.position.path }
  }

  @Test(
    "An event time that is none or in doubt is a finding, once a message",
    arguments: [
      ("20260301", "noon", ["TIME-INVALID EVN-2"]), ("soon", "noon", ["TIME-INVALID EVN-2", "TIME-INVALID MSH-7", "EVENT-TIME-MISSING EVN-2"]),
      ("20260301", "202603080230", ["TIME-IN-GAP EVN-2"]), ("20260301", "202611010130", ["TIME-AMBIGUOUS EVN-2"]),
      ("20260301", "202611010130-0600", []), ("soon", "20260301", []), ("20260301", "", []), ("20260301", "\"\"", []),
      ("20260301", "20260301081500-06", ["TIME-OFFSET-SHORT EVN-2"]),
    ])
  func doubts(msh7: String, evn2: String, want: [String]) throws { #expect(try findings(msh7, evn2) == want) }

  @Test("The next of the chain still counts")
  func next() throws {
    let message = try Mapped("MSH|^~\\&|A|NORTH|||202603010810||ADT^A04|1\rEVN|A04|noon\rPID|1||P1\r").message
    #expect(message.rows.rows.allSatisfy { !$0.eventTimeIsFallback })
    #expect(ClinicalTime.text(instant: message.rows.rows[0].eventInstant) == "2026-03-01T14:10:00.000000Z")
  }

  @Test("A document's time that is none is a finding")
  func document() throws {
    let text =
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"9.9\"/><effectiveTime value=\"noon\"/><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget></ClinicalDocument>"
    let findings = try Mapped(text, ["ccda-standard"], .cda).message.findings.filter { $0.position.path.hasPrefix("/h:ClinicalDocument") }
    #expect(findings.map(\.code) == [.timeInvalid, .eventTimeMissing])
  }
}
