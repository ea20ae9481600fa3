import Core

/// A row of a file as a tree of one level: its columns by their names, and what the file has besides.
struct RowTree {
  let table: SegmentTable
  let layout: RowLayout
  let view: ValueView

  init(_ table: SegmentTable, _ layout: RowLayout, _ view: ValueView) {
    self.table = table
    self.layout = layout
    self.view = view
  }

  var part: TreePart {
    let names = layout.fieldNames
    var lines: [TreeLine] = []
    for number in 1...max(table.fieldCount(0), 1) {
      let range = table.field(0, number)
      guard !range.isEmpty else { continue }
      let isNamed = number <= names.count
      var line = TreeLine(depth: 0, path: isNamed ? names[number - 1] : "field \(number)", name: isNamed ? "column" : "not named by the layout", type: "")
      line.value = view.text(table.text(range), isTime: false)
      lines.append(line)
    }
    return TreePart(code: "ROW", name: "row", occurrence: 1, byteOffset: table.segments.first?.byteOffset ?? 0, lines: lines)
  }
}
