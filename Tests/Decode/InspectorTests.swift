import Core
import Decode
import Testing

@Suite struct InspectorTests {
  private func inspect(_ text: String) -> JSONValue {
    let inspector = Inspector()
    inspector.push(Array(text.utf8))
    return inspector.finish().json(file: "a.hl7", sha256: "00")
  }

  @Test func batchIsCounted() {
    let report = inspect(Sample.batch)
    #expect(report["messages"] == 3)
    #expect(report["message_types"] == ["ADT^A01": 3])
    #expect(report["segments"] == ["FHS": 1, "BHS": 2, "MSH": 3, "PID": 3, "BTS": 2, "FTS": 1])
    #expect(report["distinct_patient_ids"] == 1)
    #expect(report["trailers"]?.array?.last == ["segment": "FTS", "declared": 2, "counted": 2, "agrees": true])
    #expect(report["findings"]?.array?.first?["code"] == "TRAILER-MISMATCH")
  }

  @Test func patientIdsAreDistinctByIdentifierAssignerAndType() {
    let ids = "MSH|^~\\&|A||||||ADT^A01\rPID|||1^^^N^MR~1^^^N^MR~1^^^S^MR~1^^^N^PI~~\"\"^^^N^MR\rPID|||^^^N^MR\r"
    #expect(inspect(ids)["distinct_patient_ids"] == 3)
  }

  @Test func rejectedMessagesAreCountedToo() {
    let report = inspect("MSH|^~\\\\|A||||||ADT^A01\rPID|||1^^^N^MR\r")
    #expect(report["messages"] == 1)
    #expect(report["distinct_patient_ids"] == 1)
    #expect(report["findings"] == [["code": "DELIMITERS-INVALID", "at": "MSH-2", "byte": 0]])
  }

  @Test func typeThatIsNotPlainIsNotShown() {
    #expect(inspect("MSH|^~\\&|A||||||TEST ALPHA 1970\r")["message_types"] == ["other": 1])
  }

  @Test func typeWithTheMarksOfAnotherConventionIsShown() {
    #expect(inspect("MSH|^~\\&|A||||||ORU-R01\r")["message_types"] == ["ORU-R01": 1])
  }

  @Test(.timeLimit(.minutes(1))) func repetitionsOfAnIdAreCountedInOnePass() {
    let ids = (0..<200_000).map { "\($0 % 7)~" }.joined()
    #expect(inspect("MSH|^~\\&|A||||||ADT^A01\rPID|||\(ids)\r")["distinct_patient_ids"] == 7)
  }

  @Test func trailersWithoutEndAreCountedAndNotKept() {
    let report = inspect(Sample.message() + String(repeating: "BTS|1\r", count: 10_003))
    #expect(report["trailers"]?.array?.count == 10_000)
    #expect(report["trailers_left_out"] == 3)
  }

  @Test func typesWithoutEndAreCountedTogether() {
    let report = inspect((0..<1_010).map { "MSH|^~\\&|A||||||T\($0)\r" }.joined())
    #expect(report["message_types"]?["other"] == 10)
  }

  @Test func documentIsCounted() {
    let report = inspect("\n" + Sample.problems.replacing("\n ", with: ""))
    #expect(report["format"] == "cda")
    #expect(report["code"] == "34133-9")
    #expect(report["sections"] == ["11450-4": 1, "48765-2": 1])
    #expect(report["entries"] == ["problem_observation": 3])
    #expect(report["negated"] == ["problem_observation": 1])
    #expect(report["findings"] == [])
  }

  @Test func emptyFileHasAFinding() {
    #expect(inspect("") == ["file": "a.hl7", "sha256": "00", "format": "unknown", "findings": [["code": "DROP-EMPTY", "at": "byte 0", "byte": 0]], "hint": .string(FindingCode.dropEmpty.hint)])
  }

  @Test(arguments: ["some words", "T900001   TEST      19700102\nT900002   TEST      19700103\n", "ward\nW4\nW5\n"])
  func otherTextIsOfNoKnownFormatAndThePageOnLayoutsIsNamed(_ text: String) {
    let report = inspect(text)
    #expect(report["format"] == "unknown")
    #expect(report["findings"] == [["code": "FORMAT-UNKNOWN", "at": "byte 0", "byte": 0]])
    #expect(report["hint"]?.string?.contains("docs/formats/csv.md") == true)
  }

  @Test func aSegmentWithoutAHeaderIsNotHL7() {
    #expect(inspect("PID|1||T900001\r")["findings"]?.array?.last?["code"] == "NOT-HL7")
  }

  @Test func aTableInAnotherCharacterSetSaysSo() {
    let inspector = Inspector()
    inspector.push(Array("mrn;last\n".utf8) + (0..<5).flatMap { Array("T\($0);TEST".utf8) + [0xFC, 0x0A] })
    let report = inspector.finish().json(file: "a.csv", sha256: "00")
    #expect(report["format"] == "unknown")
    #expect(report["findings"] == [["code": "CHARSET-UNDECODABLE", "at": "byte 16", "byte": 16]])
    #expect(report["hint"]?.string?.contains("charset") == true)
  }
}
