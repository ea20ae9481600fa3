import Core
import Testing

@Suite struct UndisclosedTests {
  @Test func rowsShowNothingInTextDumpOrReflection() {
    var rows = RowBuffer()
    rows.beginRow(entity: 0, mapping: 0, path: 0, occurrence: 1, eventInstant: 0, fallback: false)
    rows.set(field: 0, to: Array("TESTALPHA".utf8))
    var message = MappedMessage()
    message.rows = rows
    var text = "\(rows) \(message) " + String(reflecting: message)
    dump(message, to: &text)
    #expect(text.contains("⟂"))
    #expect(!text.contains("TESTALPHA") && !text.contains("84"))
  }
}
