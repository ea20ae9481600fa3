import Core

/// The control totals of one file of rows: what is counted, what its header record and trailer declare.
struct CSVTotals {
  private let layout: RowLayout
  /// The columns that are summed, each with the number of its total.
  let summed: [(total: Int, column: Int)]
  private(set) var rows = 0
  /// Header record and trailer.
  private var frame = 0
  private var hasHeader: Bool
  private var hasTrailer = false
  private var hasNames = false
  /// By total of the layout: the sum in hundredths and what was declared, as sent.
  private var sums: [Int]
  private var declared: [[UInt8]?]
  private var offsets: [Int]
  /// Rows in a file whose count is declared.
  private(set) var rowsDeclared = 0
  /// The file says that it has no rows, and it has none.
  private(set) var isEmptyAsDeclared = false

  /// Greater numbers are none.
  private static let greatest = 1 << 50

  init(_ layout: RowLayout) {
    self.layout = layout
    hasHeader = !layout.hasHeader
    summed = layout.totals.enumerated().compactMap { index, total in
      if case .sum(let column) = total.subject { (index, column) } else { nil }
    }
    sums = layout.totals.map { _ in 0 }
    declared = layout.totals.map { _ in nil }
    offsets = layout.totals.map { _ in 0 }
  }

  mutating func addNames() { hasNames = true }

  /// One detail record.
  mutating func addRow() { rows += 1 }

  /// The value of one of its columns that are summed; what is no number adds nothing.
  mutating func add(_ value: Range<Int>, of fields: CSVFields, to index: Int) {
    let text = fields.text.span
    guard let cents = DecimalForm(text, value)?.hundredths(text) else { return }
    let sum = sums[index].addingReportingOverflow(cents)
    sums[index] = sum.overflow ? Self.greatest + 1 : min(max(sum.partialValue, -Self.greatest - 1), Self.greatest + 1)
  }

  mutating func takeHeader(_ fields: CSVFields, at offset: Int) {
    hasHeader = true
    take(fields, isHeader: true, at: offset)
  }

  mutating func takeTrailer(_ fields: CSVFields, at offset: Int) {
    hasTrailer = true
    take(fields, isHeader: false, at: offset)
  }

  private mutating func take(_ fields: CSVFields, isHeader: Bool, at offset: Int) {
    frame += 1
    for index in layout.totals.indices where layout.totals[index].isInHeader == isHeader {
      declared[index] = Array(fields.text[fields.value(at: layout.totals[index].place)])
      offsets[index] = offset
    }
  }

  // MARK: Comparing

  /// What is said of the totals when the file is over.
  mutating func events() -> [DecodeEvent] {
    guard layout.isCounted else { return [] }
    var events: [DecodeEvent] = []
    for index in layout.totals.indices { events += compare(index, ordinal: index) }
    let isCounted = layout.totals.contains { $0.isCount }
    if !isCounted { events.append(.batch(total(.rows, ordinal: layout.totals.count, nil, counted: rows, isThere: hasTrailer))) }
    return events
  }

  private mutating func compare(_ index: Int, ordinal: Int) -> [DecodeEvent] {
    let wanted = layout.totals[index], isThere = wanted.isInHeader ? layout.hasHeader && hasHeader : hasTrailer
    let text = declared[index] ?? []
    let number = isThere ? number(text, wanted) : nil
    let unit: BatchTotal.Unit = wanted.isCount ? .rows : .sum
    let made = total(unit, ordinal: ordinal, number, counted: wanted.isCount ? rows : sums[index], isThere: isThere)
    if wanted.isCount, number != nil, made.agrees != nil { (rowsDeclared, isEmptyAsDeclared) = (rows, rows == 0 && number == 0) }
    var codes: [FindingCode] = isThere && !hasHeader ? [.trailerOrphan] : []
    if isThere, !text.isEmpty, number == nil { codes.append(.trailerNotNumeric) }
    if made.agrees == false { codes.append(.trailerMismatch) }
    let position = SourcePosition(path: wanted.text, byteOffset: offsets[index])
    return [.batch(made)] + codes.map { .finding(Finding($0, at: position)) }
  }

  private func total(_ unit: BatchTotal.Unit, ordinal: Int, _ number: Int?, counted: Int, isThere: Bool) -> BatchTotal {
    let counted = min(max(counted, -Self.greatest), Self.greatest)
    return BatchTotal(
      unit: unit, ordinal: ordinal, declared: number, counted: counted, agrees: hasHeader ? number.map { $0 == counted } : nil, hasTrailer: isThere,
      hasHeader: hasHeader)
  }

  /// What is declared, less the records that are no rows; nil where it is no number.
  private func number(_ text: [UInt8], _ total: RowLayout.Total) -> Int? {
    let overhead: Int
    switch total.subject {
    case .sum:
      guard let cents = DecimalForm(text.span, 0..<text.count)?.hundredths(text.span), abs(cents) <= Self.greatest else { return nil }
      return cents
    case .rows: overhead = 0
    case .records: overhead = frame
    case .lines: overhead = frame + (hasNames ? 1 : 0)
    }
    guard let number = CalendarDay.number(text), number <= Self.greatest, number >= overhead else { return nil }
    return number - overhead
  }
}

extension RowLayout.Total {
  /// True for a number of records, false for a sum.
  var isCount: Bool {
    if case .sum = subject { return false }
    return true
  }
}
