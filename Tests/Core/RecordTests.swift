import Core
import Support
import Testing

@Suite struct SegmentTableTests {
  /// One message, split the way Decode fills the table: piece starts per segment, then one past the end plus one.
  static func table(_ text: String) -> SegmentTable {
    var table = SegmentTable()
    for line in text.split(separator: "\r") {
      let start = table.bytes.count, bytes = Array(line.utf8)
      let starts = [start] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "|") }.map { start + $0 + 1 }
      table.segments.append(
        .init(name: SegmentTable.name(bytes.prefix(3)), firstPiece: Int32(table.pieceStarts.count), pieceCount: Int32(starts.count), byteOffset: start))
      table.bytes += bytes + [0x0D]
      table.pieceStarts += (starts + [table.bytes.count]).map { Int32($0) }
    }
    return table
  }

  private let table = Self.table("MSH|^~\\&|ZZHIS|NGEN\rPID|1||ZZ1^^^N^MR~ZZ2^^^S&1.2&ISO^PI||TEST^ALPHA\rNTE|1|\"\"|a^\"\"")
  private func text(_ range: Range<Int>) -> String { String(decoding: table.bytes[range], as: UTF8.self) }

  @Test("Fields count as the standard does, MSH-1 being the separator") func fields() {
    #expect((1...5).map { text(table.field(0, $0)) } == ["|", "^~\\&", "ZZHIS", "NGEN", ""])
    #expect((1...6).map { text(table.field(1, $0)) } == ["1", "", "ZZ1^^^N^MR~ZZ2^^^S&1.2&ISO^PI", "", "TEST^ALPHA", ""])
    #expect(table.fieldCount(0) == 4 && table.fieldCount(1) == 5)
    #expect(table.field(1, 0).isEmpty && table.field(1, -1).isEmpty)
  }

  @Test("Repetitions, components and subcomponents are cut one by one") func parts() {
    let second = table.part(table.field(1, 3), 2, by: UInt8(ascii: "~"))
    let assigner = table.part(second, 4, by: UInt8(ascii: "^"))
    #expect(text(second) == "ZZ2^^^S&1.2&ISO^PI")
    #expect(text(table.part(assigner, 2, by: UInt8(ascii: "&"))) == "1.2")
    #expect(table.part(second, 9, by: UInt8(ascii: "^")).isEmpty)
    #expect(table.partCount(table.field(1, 3), by: UInt8(ascii: "~")) == 2)
    #expect(table.partCount(table.field(1, 2), by: UInt8(ascii: "~")) == 0)
  }

  @Test("Absent, null and value are three states") func states() {
    #expect(table.value(table.field(1, 2)) == .absent)
    #expect(table.value(table.field(2, 2)) == .null)
    #expect(table.value(table.part(table.field(2, 3), 2, by: UInt8(ascii: "^"))) == .null)
    #expect(table.value(table.field(1, 1)) == .value(table.field(1, 1)))
  }

  @Test("Without an escape character nothing is an escape") func noEscape() {
    var table = SegmentTable()
    table.bytes = Array(#"a\F\b"#.utf8)
    table.delimiters.escape = 0
    #expect(table.text(0..<5) == Array(#"a\F\b"#.utf8))
  }
}

@Suite struct NodeArenaTests {
  private func shape(_ arena: NodeArena, _ node: Int32 = 0) -> String {
    let entry = arena.nodes[Int(node)]
    if entry.kind == .text { return "'" + String(decoding: arena.value(node), as: UTF8.self) + "'" }
    var attributes: [String] = [], children: [String] = []
    var next = entry.firstAttribute
    while next >= 0 {
      attributes.append("@" + String(decoding: arena.value(next), as: UTF8.self))
      next = arena.nodes[Int(next)].next
    }
    next = entry.firstChild
    while next >= 0 {
      children.append(shape(arena, next))
      next = arena.nodes[Int(next)].next
    }
    return arena.names[Int(entry.name)] + "(" + (attributes.sorted() + children).joined(separator: " ") + ")"
  }

  private func section() -> NodeArena {
    var arena = NodeArena(names: ["h:section", "h:code", "h:entry", "@code"])
    let root = arena.addElement(0, parent: -1), code = arena.addElement(1, parent: root)
    arena.addAttribute(3, value: "11450-4".utf8, to: code)
    arena.addText("one".utf8, to: root)
    return arena
  }

  @Test("Elements, attributes and text keep their order") func order() {
    #expect(shape(section()) == "h:section(h:code(@11450-4) 'one')")
  }

  @Test("Going back to a mark leaves the tree as it was, again and again") func marks() {
    var arena = section()
    let mark = arena.mark, before = shape(arena)
    for round in 0..<3 {
      let entry = arena.addElement(2, parent: 0)
      arena.addAttribute(3, value: "round \(round)".utf8, to: entry)
      arena.addText("text".utf8, to: entry)
      #expect(shape(arena) == "h:section(h:code(@11450-4) 'one' h:entry(@round \(round) 'text'))")
      arena.reset(to: mark)
      #expect(shape(arena) == before)
    }
    #expect(arena.nodes.count == 4 && arena.bytes.count == "11450-4one".utf8.count)
  }

  @Test("Text that follows text is one node; the text of an element is all below it, in order") func text() {
    var arena = section()
    arena.addText(" two".utf8, to: 0)
    #expect(shape(arena) == "h:section(h:code(@11450-4) 'one two')")
    let inner = arena.addElement(2, parent: 0)
    arena.addText(" three".utf8, to: inner)
    arena.addText(" four".utf8, to: 0)
    #expect(arena.text(of: 0) == Array("one two three four".utf8))
  }

  @Test("An attribute is found by its name, and only on its element") func attributes() throws {
    let arena = section()
    let code = try #require(arena.attribute(3, of: 1))
    #expect(arena.value(code).elementsEqual("11450-4".utf8))
    #expect(arena.attribute(3, of: 0) == nil)
    #expect(arena.attribute(1, of: 1) == nil)
  }

  @Test("A name is interned once") func names() {
    var arena = NodeArena(names: ["a", "b"])
    #expect(arena.intern("b") == 1 && arena.intern("c") == 2 && arena.intern("c") == 2)
  }
}
