import Core

/// `change:` in the example of a mapping of rows: sets a column of the first row.
struct CSVExample {
  private let layout: RowLayout
  private var lines: [String]

  init(_ text: String, _ layout: RowLayout) {
    self.layout = layout
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  static func change(_ text: String, _ entry: OutlineNode.Entry, _ layout: RowLayout) throws(ConfigurationError) -> String {
    var example = CSVExample(text, layout)
    guard let value = entry.value.text, layout.columns.contains(where: { $0.name == entry.key }) else {
      throw LayoutCompiler.unknownColumn(entry.key, layout, entry.value)
    }
    if let heading = example.missingHeading(of: entry.key) {
      throw ConfigurationError(
        "MAP-144", "the line of names of the example has no column '\(heading)', as 'columns' names it", hint: "Mend the heading in 'given' or in 'columns'; a file like this is held: COLUMN-MISSING.",
        at: entry.value)
    }
    guard example.set(entry.key, to: value) else {
      throw ConfigurationError("MAP-144", "the example has no plain row whose column could be changed", hint: "Use 'replace' where a field is quoted.", at: entry.value)
    }
    return example.lines.joined(separator: "\n")
  }

  /// The heading of a column that the example's line of names lacks; nil where it has it, or there is no such line.
  private func missingHeading(of name: String) -> String? {
    guard let names, let delimiter, let number = layout.columns.firstIndex(where: { $0.name == name }), !isQuoted(lines[names]) else { return nil }
    return place(of: layout.columns[number], number: number, delimiter) == nil ? layout.columns[number].heading : nil
  }

  private mutating func set(_ name: String, to value: String) -> Bool {
    guard let row = firstRow, let column = layout.columns.firstIndex(where: { $0.name == name }) else { return false }
    if let characters = layout.columns[column].characters { return setCharacters(characters, of: row, to: value) }
    guard let delimiter, let index = place(of: layout.columns[column], number: column, delimiter) else { return false }
    var fields = lines[row].split(separator: delimiter, omittingEmptySubsequences: false).map(String.init)
    guard fields.indices.contains(index), !value.contains(delimiter), !isQuoted(lines[row]) else { return false }
    fields[index] = value
    lines[row] = fields.joined(separator: String(delimiter))
    return true
  }

  private var delimiter: Character? { layout.delimiter.map { Character(Unicode.Scalar($0)) } }

  private func isQuoted(_ line: String) -> Bool { layout.quote.map { line.utf8.contains($0) } ?? false }

  /// The line of names, as an index of the lines.
  private var names: Int? { layout.hasNames ? lines.firstIndex { !isHeader($0) } : nil }

  private var firstRow: Int? {
    lines.indices.first { index in index > names ?? -1 && !lines[index].isEmpty && !isHeader(lines[index]) && !isOf(layout.kinds?.trailer ?? [], lines[index]) }
  }

  private func isHeader(_ line: String) -> Bool { isOf(layout.kinds?.header ?? [], line) }

  private func isOf(_ kind: [UInt8], _ line: String) -> Bool {
    guard !kind.isEmpty, let kinds = layout.kinds else { return false }
    switch kinds.place {
    case .field(let number):
      guard let delimiter else { return false }
      let fields = line.split(separator: delimiter, omittingEmptySubsequences: false)
      return fields.count >= number && fields[number - 1].utf8.elementsEqual(kind)
    case .characters(let range): return line.dropFirst(range.lowerBound - 1).prefix(range.count).utf8.filter { $0 != 0x20 }.elementsEqual(kind)
    }
  }

  private func place(of column: RowLayout.Column, number: Int, _ delimiter: Character) -> Int? {
    guard let names else { return number }
    let headings = lines[names].split(separator: delimiter, omittingEmptySubsequences: false).map { $0.lowercased() }
    return headings.firstIndex(of: column.heading.lowercased())
  }

  private mutating func setCharacters(_ range: ClosedRange<Int>, of row: Int, to value: String) -> Bool {
    guard value.count <= range.count else { return false }
    var characters = Array(lines[row])
    while characters.count < range.upperBound { characters.append(" ") }
    let padded = Array(value) + [Character](repeating: " ", count: range.count - value.count)
    characters.replaceSubrange((range.lowerBound - 1)..<range.upperBound, with: padded)
    lines[row] = String(characters)
    return true
  }
}
