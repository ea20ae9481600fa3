import Core
import Testing

@testable import Pipeline

@Suite("Code gate") struct CodeGateTests {
  private func tally(_ value: String, messages: Int, patients: [UInt64]) -> FeedTally {
    var tally = FeedTally(), sight = FeedTally.Sight()
    (sight.messages, sight.patients) = (messages, patients)
    tally.sights[.init(.unmapped, scope: "sex@1", path: "PID-8", value: value)] = sight
    return tally
  }

  private func shown(_ value: String, _ messages: Int, _ patients: [UInt64]) -> String? {
    var gate = CodeGate()
    return gate.settle(tally(value, messages: messages, patients: patients)).list(.unmapped).first?.sight.shown
  }

  @Test("a code of three messages and two patients is shown") func free() { #expect(shown("X", 3, [1, 2]) == "X") }
  @Test("a code of two messages is not") func rare() { #expect(shown("X", 2, [1, 2]) == "") }
  @Test("a code of one patient is not") func lonely() { #expect(shown("X", 9, [1]) == "") }
  @Test("what looks like an identifier, a name or a date never is", arguments: ["T900001", "1234", "12345", "0412", "TESTMAN", "JONES-A", "DOE.JOHN", "TEST", "LEE", "01/02", "TEST2"])
  func identifier(value: String) { #expect(shown(value, 99, [1, 2, 3]) == "") }

  @Test("codes and units that are no such thing are", arguments: ["Q", "LN", "V01", "A1C", "mg/dL", "10*3/uL", "%", "2345-7", "2.16.840.1.113883.6.1"])
  func plain(value: String) { #expect(shown(value, 99, [1, 2, 3]) == value) }

  @Test("drops of one message each add up") func drops() {
    var gate = CodeGate()
    for patient in 1...2 { _ = gate.settle(tally("X", messages: 1, patients: [UInt64(patient)])) }
    #expect(gate.settle(tally("X", messages: 1, patients: [3])).list(.unmapped).first?.sight.shown == "X")
  }

  @Test("patients stay behind") func patients() {
    var gate = CodeGate()
    #expect(gate.settle(tally("X", messages: 3, patients: [1, 2])).list(.unmapped).first?.sight.patients == [])
  }
}
