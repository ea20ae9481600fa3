import Core

/// An HL7 v2 message as a tree: segments, fields, repetitions, components, subcomponents, with the standard's names.
struct HL7Tree {
  let table: SegmentTable
  let view: ValueView
  private let dictionary = HL7Dictionary.standard

  init(_ table: SegmentTable, _ view: ValueView) {
    self.table = table
    self.view = view
  }

  /// The segments in their order, one at a time.
  func forEachPart(_ body: (TreePart) throws -> Void) rethrows {
    var seen: [UInt32: Int] = [:]
    for (index, segment) in table.segments.enumerated() {
      seen[segment.name, default: 0] += 1
      let code = Self.code(segment.name)
      var lines: [TreeLine] = []
      for number in 1...max(table.fieldCount(index), 1) { append(field: number, of: index, code, to: &lines) }
      let name = dictionary.segment(code)?.name ?? "segment of the sender's own"
      try body(TreePart(code: code, name: name, occurrence: seen[segment.name] ?? 1, byteOffset: segment.byteOffset, lines: lines))
    }
  }

  /// A name is a capital and two capitals or digits: the decoder takes no other.
  private static func code(_ name: UInt32) -> String {
    String(decoding: [16, 8, 0].map { UInt8(truncatingIfNeeded: name >> $0) }, as: UTF8.self)
  }

  private func append(field number: Int, of segment: Int, _ code: String, to lines: inout [TreeLine]) {
    let range = table.field(segment, number)
    guard !range.isEmpty else { return }
    let element = dictionary.field(number, of: code)
    var line = TreeLine(depth: 0, path: "\(code)-\(number)", name: element?.name ?? "field \(number)", type: element?.type ?? "")
    if SegmentTable.isHeader(table.segments[segment].name), number <= 2 {
      line.value = ValueView.visible(String(decoding: table.bytes[range], as: UTF8.self))
      return lines.append(line)
    }
    if line.type == "varies" { line.type = valueType(of: segment, code) }
    let count = table.partCount(range, by: table.delimiters.repetition)
    for repetition in 1...count {
      var own = line
      if count > 1 { own.path += "[\(repetition)]" }
      append(own, table.part(range, repetition, by: table.delimiters.repetition), by: [table.delimiters.component, table.delimiters.subcomponent], to: &lines)
    }
  }

  /// OBX-5 is of the type that OBX-2 names.
  private func valueType(of segment: Int, _ code: String) -> String {
    let named = String(decoding: table.bytes[table.field(segment, 2)], as: UTF8.self)
    return code == "OBX" && (HL7Dictionary.isTime(named) || !dictionary.components(of: named).isEmpty) ? named : ""
  }

  /// A line for a part and, where a delimiter stands in it, one for each part of its own.
  private func append(_ line: TreeLine, _ range: Range<Int>, by delimiters: [UInt8], to lines: inout [TreeLine]) {
    guard !range.isEmpty else { return }
    guard let at = delimiters.firstIndex(where: { delimiter in delimiter != 0 && table.bytes[range].contains(delimiter) }) else {
      return lines.append(leaf(line, range))
    }
    lines.append(line)
    let elements = dictionary.components(of: line.type)
    for number in 1...table.partCount(range, by: delimiters[at]) {
      let element = number <= elements.count ? elements[number - 1] : nil
      let word = delimiters.count > 1 && at == 0 ? "component" : "subcomponent"
      let below = TreeLine(depth: line.depth + 1, path: "\(line.path).\(number)", name: element?.name ?? "\(word) \(number)", type: element?.type ?? "")
      append(below, table.part(range, number, by: delimiters[at]), by: Array(delimiters[(at + 1)...]), to: &lines)
    }
  }

  private func leaf(_ line: TreeLine, _ range: Range<Int>) -> TreeLine {
    var line = line
    if table.value(range) == .null {
      line.value = "\"\""
      return line
    }
    let isTime = HL7Dictionary.isTime(line.type) || dictionary.components(of: line.type).first.map { HL7Dictionary.isTime($0.type) } ?? false
    line.value = view.text(table.text(range), isTime: isTime)
    return line
  }
}
