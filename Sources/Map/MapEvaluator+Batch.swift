import Core

/// Cells whose values are pieces of the message or keys of other rows, gathered until they are copied in one go.
struct CellBatch {
  struct Entry {
    var field: Int32 = 0
    var lower: Int32 = 0
    var upper: Int32 = 0
    /// A piece of the anchors' keys, not of the message.
    var isKey = false
  }

  static let limit = 24

  private(set) var entries = InlineArray<24, Entry>(repeating: Entry())
  private(set) var count = 0
  private(set) var byteCount = 0

  mutating func add(_ field: Int32, _ lower: Int, _ upper: Int, isKey: Bool) {
    entries[count] = Entry(field: field, lower: Int32(truncatingIfNeeded: lower), upper: Int32(truncatingIfNeeded: upper), isKey: isKey)
    count += 1
    byteCount += upper - lower
  }

  mutating func removeAll() { (count, byteCount) = (0, 0) }
}

/// The way of most cells: one path, one repetition. What is null, escaped, required and missing, or anything else out of the
/// ordinary is left to `read` and `fill`, which know all of the rules.
extension MapEvaluator {
  /// Takes the cell of a simple rule into the batch or finds that it is absent: nothing is left to do. A piece is one that the rule's steps
  /// still want; nil says that the rule must be run in full.
  mutating func gather(_ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace, _ batch: inout CellBatch) -> Reading? {
    if batch.count == CellBatch.limit { return nil }
    if rule.source == .nearest {
      guard let key = nearestKey(rule.entity, place.segment) else { return rule.mayStayAbsent ? .absent : nil }
      batch.add(rule.field, key.lowerBound, key.upperBound, isKey: true)
      return .absent
    }
    let path = program.paths[Int(rule.paths.first)]
    let segment = segment(of: path, place)
    if segment < 0 { return rule.mayStayAbsent ? .absent : nil }
    let entry = table.segments[segment]
    guard path.field < entry.pieceCount else { return rule.mayStayAbsent ? .absent : nil }
    let first = Int(entry.firstPiece) + Int(path.field)
    let start = Int(table.pieceStarts[first]), end = Int(table.pieceStarts[first + 1]) - 1
    if start >= end { return rule.mayStayAbsent ? .absent : nil }
    let piece = Self.cut(table.bytes.span, Piece(start, end), path, table.delimiters)
    guard piece.upper > piece.lower, isOrdinary(piece, rule, table) else { return nil }
    if !rule.steps.isEmpty { return .piece(piece) }
    batch.add(rule.field, Int(piece.lower), Int(piece.upper), isKey: false)
    return .absent
  }

  /// The component of the first repetition, up to its first subcomponent where the rule reads that.
  @inline(__always)
  private static func cut(_ bytes: Span<UInt8>, _ field: Piece, _ path: PathCode, _ delimiters: SegmentTable.Delimiters) -> Piece {
    let end = Int(field.upper), component = delimiters.component, repetition = delimiters.repetition
    var at = Int(field.lower), left = path.component
    while left > 1 {
      while at < end, bytes[at] != component, bytes[at] != repetition { at += 1 }
      if at >= end || bytes[at] != component { return Piece(at, at) }
      at += 1
      left -= 1
    }
    let start = at
    if path.component == 0, !path.endsAtSubcomponent {
      while at < end, bytes[at] != repetition { at += 1 }
      return Piece(start, at)
    }
    let subcomponent = path.endsAtSubcomponent ? delimiters.subcomponent : component
    while at < end, bytes[at] != component, bytes[at] != repetition, bytes[at] != subcomponent { at += 1 }
    return Piece(start, at)
  }

  /// False for what is null, needs unescaping or, where the rule cuts blanks, begins or ends with one.
  @inline(__always)
  private mutating func isOrdinary(_ piece: Piece, _ rule: RuleCode, _ table: SegmentTable) -> Bool {
    let bytes = table.bytes.span
    let first = bytes[Int(piece.lower)]
    if first == 0x22, piece.upper - piece.lower == 2 { return false }
    if rule.reading == .scalar, Self.isBlank(first) || Self.isBlank(bytes[Int(piece.upper) - 1]) { return false }
    return !hasEscapes || !table.holdsEscape(piece)
  }

  /// Copies the values of the batch into the row buffer and empties it.
  mutating func flush(_ batch: inout CellBatch, _ source: Span<UInt8>) {
    if batch.count == 0 { return }
    var start = Int32(message.rows.bytes.count)
    let keys = anchorKeys
    message.rows.bytes.append(addingCapacity: batch.byteCount) { out in
      for number in 0..<batch.count {
        let entry = batch.entries[number]
        if entry.isKey {
          for at in Int(entry.lower)..<Int(entry.upper) { out.append(keys[at]) }
        } else {
          for at in Int(entry.lower)..<Int(entry.upper) { out.append(source[at]) }
        }
      }
    }
    message.rows.cells.append(addingCapacity: batch.count) { out in
      for number in 0..<batch.count {
        let entry = batch.entries[number]
        out.append(RowBuffer.Cell(field: entry.field, state: .value, start: start, count: entry.upper - entry.lower))
        start += entry.upper - entry.lower
      }
    }
    batch.removeAll()
  }
}
