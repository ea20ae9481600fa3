import Core

/// What becomes of a detail record: its table filled, its text in UTF-8, or why not.
extension CSVDrop {
  mutating func takeRow(_ record: Span<UInt8>, _ kind: Kind, _ unread: MessageTail.Outcome?, at offset: Int, _ end: CSVRecords.End) {
    isStray = false
    begin(record, at: offset)
    totals.addRow()
    if unread == nil {
      for (total, column) in totals.summed { totals.add(value(of: column), of: fields, to: total) }
    }
    let outcome = unread ?? outcome(record, kind, at: offset, end)
    // A row that is held for the names of its columns alone is filled too: whoever looks on sees what the sender has changed.
    self.record.segments.removeAll()
    if outcome == .decoded || isHeldForNames(outcome) { fill(at: offset) }
    if case .held(let finding) = outcome, finding.code == .dropTruncated { summary.truncated = true }
    settle(outcome)
  }

  private func isHeldForNames(_ outcome: MessageTail.Outcome) -> Bool {
    guard case .held(let finding) = outcome else { return false }
    return hasRightCount && (finding.code == .columnMissing || finding.code == .columnRepeated)
  }

  /// Where a row stands, for people: its number in the file.
  func rowPosition(_ offset: Int) -> SourcePosition { SourcePosition(path: "row", occurrence: summary.messages, byteOffset: offset) }

  /// Begins a message; what was said before it has been said.
  mutating func begin(_ record: Span<UInt8>, at offset: Int) {
    beginMessage(at: offset)
    digest.update(record)
    row?.tail.byteCount = record.count
  }

  private mutating func beginMessage(at offset: Int) {
    row = Row(head: MessageHead(ordinal: summary.messages, byteOffset: offset, batch: layout.isCounted && stage != .ended ? 0 : -1))
    summary.messages += 1
    digest = prefix
  }

  /// The outcome of the row stands; it is said now, or when the file goes on behind it.
  mutating func settle(_ outcome: MessageTail.Outcome) {
    row?.tail.digest = digest.finish()
    row?.tail.outcome = outcome
    if !layout.hasTrailer || stage == .ended { close(isTruncated: false) }
  }

  private func outcome(_ record: Span<UInt8>, _ kind: Kind, at offset: Int, _ end: CSVRecords.End) -> MessageTail.Outcome {
    let start = rowPosition(offset)
    if kind == .unknown { return .rejected(Finding(.recordUnknown, at: start)) }
    if let fault { return .held(Finding(fault, at: start)) }
    if let layoutNames = names.isEmpty ? nil : names, equals(record, layoutNames) { return .held(Finding(.recordMisplaced, at: start)) }
    if end == .insideQuotes { return .held(Finding(.dropTruncated, at: start)) }
    if hasRightCount { return .decoded }
    return .held(Finding(end == .lineEnd ? .fieldCount : .dropTruncated, at: start))
  }

  private func equals(_ record: Span<UInt8>, _ other: [UInt8]) -> Bool {
    guard record.count == other.count else { return false }
    for at in record.indices where record[at] != other[at] { return false }
    return true
  }

  private var hasRightCount: Bool {
    if layout.delimiter != nil { return fields.count == fieldCount }
    let last = characters.reduce(0) { max($0, $1.upperBound) }
    return (fields.count >= last || layout.isPadded) && fields.isBlank(after: last)
  }

  /// Fills the fields; why the record cannot be read, or nil.
  mutating func read(_ record: Span<UInt8>, at offset: Int) -> MessageTail.Outcome? {
    fields.removeAll()
    func position(_ index: Int) -> SourcePosition { SourcePosition(byteOffset: offset + width(record.extracting(0..<index))) }
    guard let charset else { return .rejected(Finding(.charsetUnsupported, at: SourcePosition(byteOffset: offset))) }
    let extremes = SegmentTable.extremes(of: record)
    if extremes.least == 0, let index = record.indices.first(where: { record[$0] == 0 }) { return .rejected(Finding(.nulByte, at: position(index))) }
    fields.split(record, layout, limit: settings.limits.fieldsPerSegment)
    let fault = fields.firstFault
    if extremes.union >= 0x80, let misfit = convert(record, charset) { return .rejected(Finding(.charsetUndecodable, at: position(misfit))) }
    if fault >= 0 { return .rejected(Finding(.quoteInvalid, at: position(fault))) }
    return fields.isOver ? .held(Finding(.messageLimit, at: SourcePosition(byteOffset: offset))) : nil
  }

  /// Reads the record again as UTF-8; gives the index of the first byte that does not fit its character set.
  private mutating func convert(_ record: Span<UInt8>, _ charset: Charset) -> Int? {
    let bytes = record.indices.map { record[$0] }
    guard !isUTF16, charset != .utf8 else { return UTF8Check.firstMisfit(in: bytes) }
    if let misfit = charset.firstMisfit(in: bytes) { return misfit }
    let text = charset.utf8(of: bytes)
    fields.split(text.span, layout, limit: settings.limits.fieldsPerSegment)
    return nil
  }

  // MARK: The table

  /// Where the value of a column stands in the text of the fields.
  func value(of column: Int) -> Range<Int> {
    characters.isEmpty ? fields.field(order[column]) : fields.value(at: .characters(characters[column]))
  }

  private mutating func fill(at offset: Int) {
    record.segments.delimiters = Self.delimiters
    record.segments.bytes += "ROW".utf8
    record.segments.pieceStarts.append(0)
    for column in layout.columns.indices { append(fields.text[value(of: column)]) }
    for value in carried { append(value[...]) }
    for constant in layout.constants { append(constant.value[...]) }
    for extra in extras { append(fields.text[fields.field(extra)]) }
    record.segments.bytes.append(0x0D)
    let count = record.segments.pieceStarts.count
    record.segments.pieceStarts.append(Int32(truncatingIfNeeded: record.segments.bytes.count))
    record.segments.segments.append(
      SegmentTable.Segment(name: RowLayout.segment, firstPiece: 0, pieceCount: Int32(truncatingIfNeeded: count), byteOffset: offset))
  }

  private mutating func append(_ value: ArraySlice<UInt8>) {
    record.segments.bytes.append(Self.delimiters.field)
    record.segments.pieceStarts.append(Int32(truncatingIfNeeded: record.segments.bytes.count))
    record.segments.bytes += value
  }

  /// Nothing inside of a field is cut or escaped.
  private static let delimiters: SegmentTable.Delimiters = {
    var delimiters = SegmentTable.Delimiters()
    (delimiters.component, delimiters.repetition, delimiters.escape, delimiters.subcomponent) = (0, 0, 0, 0)
    return delimiters
  }()

  // MARK: Records over the limit

  /// A record is longer than a record may be; the bytes that were kept of it.
  mutating func beginOver(_ bytes: Span<UInt8>, at offset: Int) {
    if row != nil { close(isTruncated: false) }
    hasContent = true
    if isRefused { return }
    summary.segments += 1
    if stage == .header || stage == .names { return overLine(at: offset) }
    isStray = false
    beginMessage(at: offset)
    if stage == .rows { totals.addRow() }
    addOver(bytes)
  }

  /// The header record or the line of names is over the limit: no row can be read.
  private mutating func overLine(at offset: Int) {
    say(.messageLimit, SourcePosition(byteOffset: offset))
    fault = fault ?? (stage == .header ? .recordMisplaced : .columnMissing)
    stage = stage == .header && layout.hasNames ? .names : .rows
  }

  mutating func addOver(_ bytes: Span<UInt8>) {
    guard row != nil else { return }
    digest.update(bytes)
    row?.tail.byteCount += bytes.count
  }

  mutating func endOver(_ end: CSVRecords.End) {
    if end == .insideQuotes { summary.truncated = true }
    guard let row else { return }
    settle(.held(Finding(.messageLimit, at: SourcePosition(path: "row", occurrence: row.head.ordinal + 1, byteOffset: row.head.byteOffset))))
  }

  // MARK: Ends

  /// Says the row that was read last, if it has not been said.
  mutating func close(isTruncated: Bool) {
    guard var row = row.take() else { return }
    if isTruncated, row.tail.outcome == .decoded {
      row.tail.outcome = .held(Finding(.dropTruncated, at: SourcePosition(path: "row", occurrence: row.head.ordinal + 1, byteOffset: row.head.byteOffset)))
    }
    news.append(.begin(row.head))
    if row.tail.outcome == .decoded { news.append(.record) }
    news.append(.end(row.tail))
  }

  /// The end of the bytes.
  mutating func finish(digest: () -> [UInt8]) {
    let isUnclosed = hasContent && layout.hasTrailer && stage != .ended && !isRefused
    summary.truncated = summary.truncated || isUnclosed
    close(isTruncated: isUnclosed)
    if hasContent, stage != .ended, !isRefused { news += totals.events() }
    if isUnclosed { say(.envelopeUnclosed, SourcePosition(path: "trailer", byteOffset: summary.byteCount)) }
    if summary.messages == 0, !totals.isEmptyAsDeclared { rejectAll(digest()) }
    summary.messagesDeclared = totals.rowsDeclared
  }

  /// A file that yields no message counts as one, rejected, unless it says itself that it has no rows.
  private mutating func rejectAll(_ digest: [UInt8]) {
    var tail = MessageTail()
    tail.digest = digest
    tail.byteCount = summary.byteCount
    tail.outcome = .rejected(Finding(isRefused ? .notCSV : .dropEmpty, at: SourcePosition(byteOffset: 0)))
    summary.messages = 1
    news.append(.begin(MessageHead(ordinal: 0, byteOffset: 0, batch: -1)))
    news.append(.end(tail))
  }
}

extension Charset {
  /// True where a byte below 0x80 is the ASCII character, wherever it stands: delimiters and quotes can be found before characters are read.
  var keepsASCII: Bool {
    switch self {
    case .jisX0208, .jisX0212, .gb18030, .big5: false
    default: true
    }
  }
}
