import Core

/// The way of most cells: one path, one repetition, no step or one that reads a time. What is null, escaped, required and missing, or
/// anything else out of the ordinary is left to `read` and `fill`, which know all of the rules.
extension MapEvaluator {
  /// Takes the cell of a quick rule into the batch or finds that it is absent: nothing is left to do. A piece is one that the rule's steps
  /// still want; nil says that the rule must be run in full.
  @inline(__always)
  mutating func gather(_ rule: QuickRule, _ table: SegmentTable, _ place: SegmentPlace, _ batch: inout CellBatch) -> Reading? {
    if batch.count == CellBatch.limit { return nil }
    if rule.kind == .nearest {
      guard let key = nearestKey(rule.piece, place.segment) else { return rule.mayStayAbsent ? .absent : nil }
      batch.add(rule.field, key.lowerBound, key.upperBound, isAside: true)
      return .absent
    }
    let segment = segment(at: rule.place, rule.context, place)
    if segment < 0 { return rule.mayStayAbsent ? .absent : nil }
    let entry = table.segments[segment]
    guard rule.piece < entry.pieceCount else { return rule.mayStayAbsent ? .absent : nil }
    let first = Int(entry.firstPiece) + Int(rule.piece)
    let start = Int(table.pieceStarts[first]), end = Int(table.pieceStarts[first + 1]) - 1
    if start >= end { return rule.mayStayAbsent ? .absent : nil }
    let piece = batch.cut(table.bytes.span, first, Piece(start, end), rule)
    guard piece.upper > piece.lower, isOrdinary(piece, rule, table) else { return nil }
    switch rule.kind {
    case .piece: batch.add(rule.field, Int(piece.lower), Int(piece.upper), isAside: false)
    case .date, .time:
      guard let text = timeText(piece, rule.kind, table) else { return .piece(piece) }
      batch.add(rule.field, text.lowerBound, text.upperBound, isAside: true)
    case .steps, .full, .nearest: return .piece(piece)
    }
    return .absent
  }

  /// False for what is null, needs unescaping, begins with a blank or, where the rule cuts blanks, ends with one.
  @inline(__always)
  private mutating func isOrdinary(_ piece: Piece, _ rule: QuickRule, _ table: SegmentTable) -> Bool {
    let bytes = table.bytes.span
    let first = bytes[Int(piece.lower)]
    if first == 0x22, piece.upper - piece.lower == 2 { return false }
    if Self.isBlank(first) || rule.isScalar && Self.isBlank(bytes[Int(piece.upper) - 1]) { return false }
    return !holdsEscape(piece, table)
  }

  /// Where the canonical text of a time stands aside; nil where it is none or something is to be said of it.
  ///
  /// The times of a message are the same ones as a rule: the one read last is remembered.
  private mutating func timeText(_ piece: Piece, _ kind: QuickRule.Kind, _ table: SegmentTable) -> Range<Int>? {
    let bytes = table.bytes.span
    if timeMemo.kind == kind, bytes.isEqual(timeMemo.piece, piece) { return timeMemo.text.indices }
    guard var time = ClinicalTime(bytes, piece.range) else { return nil }
    let start = aside.count
    if kind == .date {
      time.appendDate(to: &aside)
    } else {
      settleZone(&time)
      if time.doubt != nil || time.isOffsetShort { return nil }
      time.append(to: &aside)
    }
    timeMemo = TimeMemo(kind: kind, piece: piece, text: MapProgram.Run(first: Int32(start), count: Int32(aside.count - start)))
    return start..<aside.count
  }

  /// A time of the message at hand and the place of its canonical text in `aside`.
  struct TimeMemo: Sendable {
    var kind = QuickRule.Kind.full
    var piece = Piece.none
    var text = MapProgram.Run()
  }
}

extension Span<UInt8> {
  /// True where two pieces hold the same bytes.
  func isEqual(_ left: Piece, _ right: Piece) -> Bool {
    guard left.count == right.count else { return false }
    if left == right { return true }
    let one = extracting(left.range), other = extracting(right.range)
    for at in one.indices where one[at] != other[at] { return false }
    return true
  }
}
