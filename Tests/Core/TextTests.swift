import Core
import Support
import Testing

@Suite struct TextTests {
  private func table(_ text: some Sequence<UInt8>, _ change: (inout SegmentTable.Delimiters) -> Void = { _ in }) -> SegmentTable {
    var table = SegmentTable()
    table.bytes = Array(text)
    change(&table.delimiters)
    return table
  }

  private func read(_ sent: String, _ change: (inout SegmentTable.Delimiters) -> Void = { _ in }) -> (text: String, unknown: Int) {
    let table = table(sent.utf8, change)
    var out: [UInt8] = []
    let unknown = table.appendText(0..<table.bytes.count, to: &out)
    return (String(decoding: out, as: UTF8.self), unknown)
  }

  @Test("Escapes of delimiters and data become what they stand for", arguments: [
    (#"a\F\b\S\c\T\d\R\e\E\f"#, "a|b^c&d~e\\f"), (#"\X0D0A\"#, "\r\n"), (#"\X41\\X42\"#, "AB"), (#"\XC3\\XA9\"#, "é"), (#"\xc3\"#, #"\xc3\"#), (#"\Xc3a9\"#, "é"), ("plain", "plain"), ("", ""),
    (#"\H\bold\N\"#, "bold"), (#"\E\F\E\"#, #"\F\"#),
  ])
  func escapes(sent: String, wanted: String) { #expect(read(sent).text == wanted) }

  @Test("Formatting becomes line feeds and blanks", arguments: [
    (#"a\.br\b"#, "a\nb"), (#"a\.sp\b"#, "a\nb"), (#"a\.sp3\b"#, "a\n\n\nb"), (#"a\.sp+2\b"#, "a\n\nb"), (#"\.in4\a"#, "    a"), (#"\.ti2\a"#, "  a"), (#"\.in-4\a"#, "a"), (#"\.in\a"#, "a"),
    (#"a\.sk3\b"#, "a   b"), (#"a\.ce\b"#, "a\nb"), (#"\.fi\a\.nf\b"#, "ab"),
  ])
  func formatting(sent: String, wanted: String) {
    #expect(read(sent).text == wanted)
    #expect(read(sent).unknown == 0)
  }

  @Test("What is unknown stays as it came and is counted", arguments: [
    (#"50\% of"#, 1), (#"end\"#, 1), (#"\"#, 1), (#"\\"#, 2), (#"\XFF\"#, 1), (#"\X0\"#, 1), (#"\X\"#, 1), (#"\XGG\"#, 1), (#"\X00\"#, 1), (#"\XC3\\X28\"#, 2), (#"\P\"#, 1), (#"\ZA1 b\"#, 1),
    (#"\C2842\"#, 1), (#"\M2442\"#, 1), (#"\.br2\"#, 1), (#"\.sp999\"#, 1), (#"\.sp21\"#, 1), (#"\.sp-1\"#, 1), (#"\.xx\"#, 1), (#"\.\"#, 1), (#"\f\"#, 1), (#"C:\dir\file"#, 1),
  ])
  func unknown(sent: String, count: Int) {
    #expect(read(sent).text == sent)
    #expect(read(sent).unknown == count)
  }

  @Test("A lone escape character does not swallow the sequence after it") func loneEscape() {
    #expect(read(#"50\% of \F\ 20"#).text == #"50\% of | 20"#)
  }

  @Test("The truncation character is escaped where the message declares one") func truncation() {
    #expect(read(#"\P\"#) { $0.truncation = UInt8(ascii: "#") }.text == "#")
  }

  @Test("Delimiters are those of the message") func otherDelimiters() {
    let text = read("!F!!S!\\F\\") { ($0.escape, $0.field, $0.component) = (UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "%")) }.text
    #expect(text == "$%\\F\\")
  }

  @Test("A delimiter that the message does not declare has no escape") func undeclared() {
    #expect(read(#"\T\"#) { $0.subcomponent = 0 }.unknown == 1)
  }

  @Test("A long value is read like a short one", arguments: [0, 31, 32, 33, 200]) func lengths(count: Int) {
    let plain = String(repeating: "x", count: count)
    #expect(read(plain).text == plain)
    #expect(read(plain + #"\F\y"#).text == plain + "|y")
    #expect(read(plain + #"\F\y"#) { $0.escape = 0 }.text == plain + #"\F\y"#)
  }

  @Test("Nothing beyond the range is read") func range() {
    let table = table(#"ab\F\cd"#.utf8)
    #expect(table.text(0..<2) == Array("ab".utf8))
    #expect(table.text(0..<4) == Array(#"ab\F"#.utf8))
  }

  @Test("A text that is printed and read again is the text", arguments: SeededGenerator.seeds(20)) func printing(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    for _ in 0..<500 {
      let alphabet = Array(#"|^~\&#XFSE.Z0A"br\#r\#n é"#.utf8), count = Int.random(in: 0...12, using: &generator)
      let text = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
      var delimiters = SegmentTable.Delimiters()
      if seed & 1 == 1 { delimiters.truncation = UInt8(ascii: "#") }
      let printed = try #require(delimiters.escaped(text))
      let table = table(printed) { $0 = delimiters }
      #expect(table.text(0..<printed.count) == text)
      #expect(!printed.contains { [0x0D, 0x0A, delimiters.field, delimiters.component, delimiters.repetition, delimiters.subcomponent].contains($0) })
    }
  }

  @Test("Two quotation marks are printed so that they are no null") func quotation() throws {
    let printed = try #require(SegmentTable.Delimiters().escaped(Array(#""""#.utf8)))
    #expect(table(printed).value(0..<printed.count) == .value(0..<printed.count))
  }

  @Test("Without an escape character only a text that needs none can be printed") func noEscapeCharacter() {
    var delimiters = SegmentTable.Delimiters()
    delimiters.escape = 0
    #expect(delimiters.escaped("TEST".utf8) == Array("TEST".utf8))
    #expect(delimiters.escaped("TE^ST".utf8) == nil)
  }

  @Test("A message is printed as it was split") func message() {
    let text = "MSH|^~\\&|ZZHIS|NGEN\rPID|1||ZZ1^^^N^MR~ZZ2||TEST^ALPHA\rNTE|1|\"\"|a\\F\\b\r"
    #expect(SegmentTableTests.table(text).printed() == Array(text.utf8))
  }
}
