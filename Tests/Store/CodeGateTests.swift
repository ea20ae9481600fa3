import Core
import Testing

@testable import Store

@Suite("Code gate") struct CodeGateTests {
  private func tally(_ value: String, messages: Int, patients: [UInt64]) -> FeedTally {
    var tally = FeedTally(), sight = FeedTally.Sight()
    (sight.messages, sight.patients) = (messages, patients)
    tally.sights[.init(.unmapped, scope: "sex@1", path: "PID-8", value: value)] = sight
    return tally
  }

  private func shown(_ value: String, _ messages: Int, _ patients: [UInt64]) -> String? {
    var gate = CodeGate()
    return Self.settle(tally(value, messages: messages, patients: patients), &gate).list(.unmapped).first?.sight.shown
  }

  private static func settle(_ tally: FeedTally, _ gate: inout CodeGate) -> FeedTally {
    gate.settle(tally, value: { "#" + $0.value }, patient: { $0 &+ 1_000 })
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
    for patient in 1...2 { _ = Self.settle(tally("X", messages: 1, patients: [UInt64(patient)]), &gate) }
    #expect(Self.settle(tally("X", messages: 1, patients: [3]), &gate).list(.unmapped).first?.sight.shown == "X")
  }

  @Test("values and patients stay behind their tags") func tags() {
    var gate = CodeGate()
    let settled = Self.settle(tally("MÜLLER", messages: 3, patients: [1, 2, 3]), &gate).list(.unmapped)
    #expect(settled.map(\.item.value) == ["#MÜLLER"] && settled.map(\.sight.patients) == [[1_001, 1_002]] && settled.map(\.sight.shown) == [""])
  }

  @Test("a gate that begins with what lies in the ledger decides as one that has seen all drops itself") func cutShort() throws {
    var whole = CodeGate(), first = CodeGate(), second = CodeGate()
    let drops = (1...4).map { tally("X", messages: 1, patients: [UInt64($0 % 2)]) }
    let shown = drops.map { Self.settle($0, &whole) }
    for drop in drops.prefix(2) { second.add(Self.settle(drop, &first)) }
    #expect(drops.dropFirst(2).map { Self.settle($0, &second) } == Array(shown.dropFirst(2)) && shown.map { $0.list(.unmapped)[0].sight.shown } == ["", "", "X", "X"])
  }
}
