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
      ("20260301", "202611010130-0600", []), ("soon", "20260301081500", []), ("soon", "20260301", ["TIME-INVALID MSH-7"]), ("20260301", "", []), ("20260301", "\"\"", []),
      ("20260301", "20260301081500-06", ["TIME-OFFSET-SHORT EVN-2"]),
    ])
  func doubts(msh7: String, evn2: String, want: [String]) throws { #expect(try findings(msh7, evn2) == want) }

  @Test(
    "An event time coarser than a second is the moment of it that the next of the chain says, or its nearer end",
    arguments: [
      ("20260301081530", "202603010815", "2026-03-01T14:15:30.000000Z"), ("20260301081630", "202603010815", "2026-03-01T14:15:59.999999Z"),
      ("20260301081430", "202603010815", "2026-03-01T14:15:00.000000Z"), ("20260301081530", "20260301", "2026-03-01T14:15:30.000000Z"),
      ("20260302", "20260301", "2026-03-02T05:59:59.999999Z"), ("20260309", "20260308", "2026-03-09T04:59:59.999999Z"),
      ("20270101", "2026", "2027-01-01T05:59:59.999999Z"), ("20260301", "202602", "2026-03-01T05:59:59.999999Z"), ("", "20260301", "2026-03-01T06:00:00.000000Z"),
      ("20260301081545", "20260301081530", "2026-03-01T14:15:30.000000Z"), ("2026030108", "2026030108", "2026-03-01T14:00:00.000000Z"),
    ])
  func refined(msh7: String, evn2: String, want: String) throws {
    let message = try Mapped("MSH|^~\\&|A|NORTH|||\(msh7)||ADT^A04|1\rEVN|A04|\(evn2)\rPID|1||P1\r").message
    #expect(ClinicalTime.text(instant: message.rows.rows[0].eventInstant) == want)
  }

  @Test("The next of the chain still counts")
  func next() throws {
    let message = try Mapped("MSH|^~\\&|A|NORTH|||202603010810||ADT^A04|1\rEVN|A04|noon\rPID|1||P1\r").message
    #expect(message.rows.rows.allSatisfy { !$0.eventTimeIsFallback })
    #expect(ClinicalTime.text(instant: message.rows.rows[0].eventInstant) == "2026-03-01T14:10:00.000000Z")
  }

  /// The days of the results in mappings of the tests' own that have these event times.
  private func days(_ eventTimes: String...) throws -> [String] {
    let own = OwnMapping.results("").text
    let files = eventTimes.enumerated().map { number, path in
      ("hl7v2/own-\(number)/1.yaml", own.replacing("mapping: own", with: "mapping: own-\(number)").replacing("event_time: MSH-7", with: "event_time: \(path)"))
    }
    let text = "MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rPID|1||P1\rOBR|1||F1^LAB||||20260302|||||||||||||||||LAB\rSPM|1||||||||||||||||20260303\rOBX|1|ST|X||a\r"
    let names = eventTimes.indices.map { "own-\($0)@1" }
    let message = try Mapped(text, names, .hl7v2, Fixture.library(Dictionary(uniqueKeysWithValues: files))).message
    return message.rows.rows.indices.filter { message.rows.value(row: $0, field: 1).elementsEqual("X".utf8) }
      .map { String(ClinicalTime.text(instant: message.rows.rows[$0].eventInstant).prefix(10)) }
  }

  @Test("An event time of a segment that follows, or that holds a text, is read", arguments: [
    ("OBR its SPM-17 or MSH-7", "2026-03-03"), ("OBR[24=LAB]-7 or MSH-7", "2026-03-02"), ("OBR[24=RAD]-7 or OBR-7 or MSH-7", "2026-03-02"), ("OBR[24=RAD]-7 or MSH-7", "2026-03-01"),
  ])
  func pathsOfNeighbours(path: String, want: String) throws { #expect(try days(path) == [want]) }

  @Test("What a test refuses in one mapping another one reads, in either order")
  func memo() throws {
    #expect(try days("OBR[24=RAD]-7 or MSH-7", "OBR-7 or MSH-7") == ["2026-03-01", "2026-03-02"])
    #expect(try days("OBR-7 or MSH-7", "OBR[24=RAD]-7 or MSH-7") == ["2026-03-02", "2026-03-01"])
  }

  /// A message of a feed of Central time, with a result at a time without an offset.
  private func observed(msh7: String, _ time: String = "20260301081000") throws -> Mapped {
    try Mapped("MSH|^~\\&|A|NORTH|||\(msh7)||ORU^R01|1\rPID|1||P1\rOBR|1||F1^LAB\rOBX|1|DTM|GLU||\(time)||||||F|||\(time)\r")
  }

  @Test(
    "The offset of MSH-7 is that of the whole message",
    arguments: [
      ("20260301090000-0700", "-07:00"), ("20260301090000+0530", "+05:30"), ("20260301090000+00", "Z"), ("20260301-0700", "-06:00"), ("20260301090000", "-06:00"),
      ("noon-0700", "-06:00"), ("20260301090000-0700^S", "-07:00"),
    ])
  func offsetOfTheMessage(msh7: String, offset: String) throws {
    let mapped = try observed(msh7: msh7)
    #expect(mapped.cell("observation", "observed") == "2026-03-01T08:10:00" + offset)
    #expect(mapped.cell("observation", "value") == "2026-03-01T08:10:00" + offset)
  }

  @Test(
    "Where the feed's zone has the offset of MSH-7 at that moment, its summer time counts",
    arguments: [
      ("20260301090000-0600", "20260701081000", "2026-07-01T08:10:00-05:00"), ("20260301090000-0500", "20260701081000", "2026-07-01T08:10:00-05:00"),
      ("20260701090000-0500", "20260301081000", "2026-03-01T08:10:00-06:00"), ("20261101013000-0600", "20260701081000", "2026-07-01T08:10:00-05:00"),
      ("20260701090000-0600", "20260701081000", "2026-07-01T08:10:00-06:00"), ("20260701090000-0600", "20260701081000-0400", "2026-07-01T08:10:00-04:00"),
    ])
  func summerTime(msh7: String, sent: String, want: String) throws { #expect(try observed(msh7: msh7, sent).cell("observation", "observed") == want) }

  @Test("A message does not hand its offset to the next one, and an event time takes it too")
  func offsetOfOneMessage() throws {
    let plan = try Fixture.plan(["pid-patient"])
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    let text = ["20260301090000-0700", "20260301090000"].map { "MSH|^~\\&|A|NORTH|||\($0)||ADT^A04|1\rEVN|A04|20260301081000\rPID|1||P1\r" }.joined()
    let times = Fixture.decode(Array(text.utf8), plan, &evaluator, format: .hl7v2).map { ClinicalTime.text(instant: $0.rows.rows[0].eventInstant) }
    #expect(times == ["2026-03-01T15:10:00.000000Z", "2026-03-01T14:10:00.000000Z"])
  }

  @Test("A document's time that is none is a finding")
  func document() throws {
    let text =
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"9.9\"/><effectiveTime value=\"noon\"/><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget></ClinicalDocument>"
    let findings = try Mapped(text, ["ccda-standard"], .cda).message.findings.filter { $0.position.path.hasPrefix("/h:ClinicalDocument") }
    #expect(findings.map(\.code) == [.timeInvalid, .eventTimeMissing])
  }
}
