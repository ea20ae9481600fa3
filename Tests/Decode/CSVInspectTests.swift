import Core
import Decode
import Testing

@Suite struct CSVInspectTests {
  private func report(_ text: String, in pieces: Int = 1) -> InspectionReport {
    let inspector = Inspector(), bytes = Array(text.utf8), size = max(bytes.count / pieces, 1)
    for start in stride(from: 0, to: bytes.count, by: size) { inspector.push(Array(bytes[start..<min(start + size, bytes.count)])) }
    return inspector.finish()
  }

  @Test(arguments: [",", ";", "|", "\t"]) func aTableIsCountedByItsRows(_ delimiter: String) {
    let text = ["mrn,last,ward", "T1,TEST,W4", "T2,\"TE\nST\",W4", "T3,TEST", ""].joined(separator: "\n")
    let report = report(text.replacing(",", with: delimiter))
    #expect(report.format == .csv && report.messages == 3 && report.columns == 3)
    #expect(report.findings.map(\.code) == [.fieldCount])
  }

  @Test func whereThePiecesEndNeverShows() {
    let text = "mrn,last\nT1,TEST\nT2,\"A\nB\"\nT3\n"
    #expect((1...text.utf8.count).filter { report(text, in: $0) != report(text) } == [])
  }

  @Test(arguments: ["", "Dear colleague, the list is late.\nBest regards\nTEST\n", "PID|1||T1\rPV1|1|I|||\rNTE|1\r", "one line, with a comma"])
  func otherTextIsNoTable(_ text: String) { #expect(report(text).format == .unknown) }

  @Test func aMessageBehindALineOfTextIsAMessage() {
    #expect(report("a,b\nMSH|^~\\&|A|B|||2026||ADT^A01|1|T|2.5\n").format == .hl7v2)
  }
}
