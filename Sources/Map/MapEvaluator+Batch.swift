import Core

/// What the batch leaves to the evaluator and is still no matter for `read` and `fill`: keys of rows nearby and times.
extension MapEvaluator {
  /// Takes the cell of such a rule into the batch, or finds that it is absent; false where the rule must be run in full, or its steps over the piece.
  mutating func takeAside(_ rule: QuickRule, _ piece: Piece, _ table: SegmentTable, _ position: Int, _ batch: inout CellBatch) -> Bool {
    if batch.isFull { return false }
    switch rule.kind {
    case .nearest:
      guard let key = nearestKey(rule.piece, position) else { return rule.mayStayAbsent }
      batch.add(rule.field, key)
    case .date, .time:
      guard !piece.isEmpty, let text = timeText(piece, rule.kind, table) else { return false }
      batch.add(rule.field, text)
    case .piece, .steps, .full: return false
    }
    return true
  }

  /// Where the canonical text of a time stands aside; nil where it is none or something is to be said of it.
  ///
  /// The times of a message are the same ones as a rule: the day and the time read last are remembered.
  private mutating func timeText(_ piece: Piece, _ kind: QuickRule.Kind, _ table: SegmentTable) -> Range<Int>? {
    let bytes = table.bytes.span
    let memo = kind == .date ? dateMemo : timeMemo
    if bytes.isEqual(memo.piece, piece) { return memo.text.indices }
    guard var time = ClinicalTime(bytes, piece.range) else { return nil }
    let start = aside.count
    if kind == .date {
      time.appendDate(to: &aside)
    } else {
      settleZone(&time)
      if time.doubt != nil || time.isOffsetShort { return nil }
      time.append(to: &aside)
    }
    let text = TimeMemo(piece: piece, text: MapProgram.Run(first: Int32(start), count: Int32(aside.count - start)))
    if kind == .date { dateMemo = text } else { timeMemo = text }
    return start..<aside.count
  }

  /// A time of the message at hand and the place of its canonical text in `aside`.
  struct TimeMemo: Sendable {
    var piece = Piece.none
    var text = MapProgram.Run()
  }
}

extension Span<UInt8> {
  /// True where two pieces hold the same bytes.
  func isEqual(_ left: Piece, _ right: Piece) -> Bool {
    guard left.count == right.count else { return false }
    if left == right { return true }
    var one = Int(left.lower), other = Int(right.lower), rest = left.count
    while rest >= 8 {
      if word(one) != word(other) { return false }
      (one, other, rest) = (one &+ 8, other &+ 8, rest &- 8)
    }
    return rest == 0 || (word(one) ^ word(other)) << UInt64(truncatingIfNeeded: 64 &- 8 &* rest) == 0
  }
}
