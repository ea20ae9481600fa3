import Core

/// One file of rows being read: takes records, makes each detail record a message of one segment, and holds what is to be said until it has
/// been said.
///
/// While `news` is not empty no record is taken: the table may still have to be lent.
struct CSVDrop {
  let settings: DecodeSettings
  let layout: RowLayout
  /// Nil where the character set is not one that is read.
  let charset: Charset?
  var record = SourceRecord()
  /// What is to be said now, in order.
  var news: [DecodeEvent] = []
  var summary = DropSummary()
  /// Whether its offsets count UTF-16, of which the records are a transcript; see `UTF16Stream`.
  var isUTF16 = false
  var fields = CSVFields()
  var totals: CSVTotals
  var stage = Stage.header
  /// Why no row of the file can be read.
  var fault: FindingCode?
  /// The line of names names no column of the layout.
  var isRefused = false
  /// Which field of the file each column is, by index; -1 for none.
  var order: [Int]
  /// The fields of the file that are no column.
  var extras: [Int] = []
  /// Fields of each row.
  var fieldCount: Int
  var carried: [[UInt8]]
  /// What stands before each row in its digest: the line of names, the header record where rows take something from it.
  var prefix = MessageDigest()
  var names: [UInt8] = []
  /// The row that was read last, where the end of the file decides of it.
  var row: Row?
  var digest = MessageDigest()
  var hasContent = false
  /// The last thing said of records that are no rows belongs to the run that goes on.
  var isStray = false
  /// Where the columns stand, in layouts of fixed width.
  let characters: [ClosedRange<Int>]

  enum Stage { case header, names, rows, ended }

  enum Kind { case header, detail, trailer, unknown }

  /// A message whose end has not been said.
  struct Row {
    var head: MessageHead
    var tail = MessageTail()
  }

  init(_ settings: DecodeSettings, _ layout: RowLayout) {
    self.settings = settings
    self.layout = layout
    let name = settings.charset ?? layout.charset
    charset = name.map { Charset(name: $0.utf8).flatMap { $0.keepsASCII ? $0 : nil } } ?? .utf8
    totals = CSVTotals(layout)
    order = Array(layout.columns.indices)
    fieldCount = layout.columns.count
    carried = layout.carried.map { _ in [] }
    characters = layout.columns.compactMap(\.characters)
    if !layout.hasHeader { stage = layout.hasNames ? .names : .rows }
    prefix.begin()
  }

  /// How many bytes of the drop these bytes of a record are.
  func width(_ bytes: Span<UInt8>) -> Int { isUTF16 ? UTF16Stream.width(bytes) : bytes.count }

  /// Takes a record without its line end. False when the row before it has to be said first: then the record is to be brought again.
  mutating func take(_ record: Span<UInt8>, at offset: Int, _ end: CSVRecords.End) -> Bool {
    if Self.isBlank(record) { return true }
    if row != nil {
      close(isTruncated: false)
      return false
    }
    hasContent = true
    if isRefused { return true }
    summary.segments += 1
    let outcome = read(record, at: offset)
    let kind = outcome == nil ? kind() : .detail
    switch stage {
    case .header: takeHeader(record, kind, outcome, at: offset, end)
    case .names where kind == .detail || kind == .unknown: takeNames(record, outcome, at: offset)
    case .names, .rows: takeInside(record, kind, outcome, at: offset, end)
    case .ended: takeOutside(record, kind, at: offset)
    }
    return true
  }

  private static func isBlank(_ record: Span<UInt8>) -> Bool {
    for at in record.indices where record[at] != 0x20 { return false }
    return true
  }

  private func kind() -> Kind {
    guard let kinds = layout.kinds else { return .detail }
    let value = fields.value(at: kinds.place)
    if !kinds.header.isEmpty, fields.stands(kinds.header, in: value) { return .header }
    if !kinds.trailer.isEmpty, fields.stands(kinds.trailer, in: value) { return .trailer }
    return kinds.details.isEmpty || kinds.details.contains { fields.stands($0, in: value) } ? .detail : .unknown
  }

  // MARK: Header and names

  private mutating func takeHeader(_ record: Span<UInt8>, _ kind: Kind, _ outcome: MessageTail.Outcome?, at offset: Int, _ end: CSVRecords.End) {
    stage = layout.hasNames ? .names : .rows
    guard kind == .header else {
      // A first record of no kind of the layout is of another format, and no row could be read without its header: the file is refused once.
      if kind == .unknown { return isRefused = true }
      fault = .recordMisplaced
      say(.recordMisplaced, SourcePosition(path: "header", byteOffset: offset))
      summary.segments -= 1
      _ = take(record, at: offset, end)
      return
    }
    totals.takeHeader(fields, at: offset)
    for index in layout.carried.indices { carried[index] = Array(fields.text[fields.value(at: layout.carried[index].place)]) }
    if !layout.carried.isEmpty { addToPrefix(record) }
  }

  private mutating func takeNames(_ record: Span<UInt8>, _ outcome: MessageTail.Outcome?, at offset: Int) {
    stage = .rows
    totals.addNames()
    if let outcome { return takeUnreadableNames(record, outcome) }
    let headings = (0..<fields.count).map { Self.folded(fields.text[fields.value(at: .field($0 + 1))]) }
    let places = layout.columns.map { column in headings.indices.filter { headings[$0] == Self.folded(column.heading.utf8) } }
    guard places.contains(where: { !$0.isEmpty }) else { return isRefused = true }
    for (column, found) in zip(layout.columns, places) where found.count != 1 && !(found.isEmpty && column.isOptional) {
      let code: FindingCode = found.isEmpty ? .columnMissing : .columnRepeated
      fault = fault ?? code
      say(code, SourcePosition(path: column.name, byteOffset: offset))
    }
    order = places.map { $0.first ?? -1 }
    extras = headings.indices.filter { !order.contains($0) }
    self.record.extraColumns = extras.map { SourceRecord.ExtraColumn(number: $0 + 1, heading: headings[$0]) }
    for extra in extras.prefix(Self.saidColumns) { say(.columnUnknown, SourcePosition(path: "column \(extra + 1)", byteOffset: offset)) }
    fieldCount = fields.count
    names = record.indices.map { record[$0] }
    addToPrefix(record)
  }

  /// Of a file of many unknown columns, the first are named.
  private static let saidColumns = 32

  /// A line without any of the names, as the first one of a document or a Bundle, is of another format: the file is refused once, not by its lines.
  private mutating func takeUnreadableNames(_ record: Span<UInt8>, _ outcome: MessageTail.Outcome) {
    let line = Self.folded(record.indices.map { record[$0] })
    guard layout.columns.contains(where: { line.firstRange(of: Self.folded($0.heading.utf8)) != nil }) else { return isRefused = true }
    fault = fault ?? .columnMissing
    switch outcome {
    case .decoded: break
    case .held(let finding), .rejected(let finding): news.append(.finding(finding))
    }
  }

  /// ASCII letters in lower case.
  private static func folded(_ text: some Collection<UInt8>) -> [UInt8] { text.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 } }

  private mutating func addToPrefix(_ record: Span<UInt8>) {
    let end: [UInt8] = [0x0A]
    prefix.update(record)
    prefix.update(end.span)
  }

  // MARK: Rows and the trailer

  private mutating func takeInside(_ record: Span<UInt8>, _ kind: Kind, _ outcome: MessageTail.Outcome?, at offset: Int, _ end: CSVRecords.End) {
    switch kind {
    case .header: stray(at: offset, "header")
    case .trailer:
      stage = .ended
      isStray = false
      totals.takeTrailer(fields, at: offset)
      news += totals.events()
    case .detail, .unknown: takeRow(record, kind, outcome, at: offset, end)
    }
  }

  private mutating func takeOutside(_ record: Span<UInt8>, _ kind: Kind, at offset: Int) {
    switch kind {
    case .header: stray(at: offset, "header")
    case .trailer: stray(at: offset, "trailer")
    case .detail, .unknown:
      begin(record, at: offset)
      settle(.held(Finding(.recordMisplaced, at: rowPosition(offset))))
    }
  }

  /// Records that are no rows and stand where they must not; the first of a run is reported.
  private mutating func stray(at offset: Int, _ path: String) {
    guard !isStray else { return }
    isStray = true
    say(.recordMisplaced, SourcePosition(path: path, byteOffset: offset))
  }

  mutating func say(_ code: FindingCode, _ position: SourcePosition) { news.append(.finding(Finding(code, at: position))) }
}
