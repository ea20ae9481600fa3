import Core

/// Cells of a row whose values are pieces of the message, or stand aside already, gathered until they are copied in one go.
///
/// It runs the rules of most cells itself: one path, one repetition, nothing null, escaped, required and missing, or otherwise out of the ordinary.
struct CellBatch: Sendable {
  struct Entry: Sendable {
    var field: Int32 = 0
    var lower: Int32 = 0
    var upper: Int32 = 0
    /// A piece of what stands aside, not of the message.
    var isAside = false
  }

  /// Where the batch could not go on.
  struct Stop {
    /// The rule that has to be run in another way; the end of the rules where there is none.
    var rule: Int
    /// What the steps of the rule still want; empty where it must be run in full.
    var piece = Piece.none
  }

  static let limit = 24
  /// Values are copied by as many bytes at once.
  private static let stride = 32

  private var cutter = FieldCutter()
  private var entries: [Entry] = []
  private(set) var count = 0
  private var byteCount = 0

  var isFull: Bool { count == Self.limit }

  /// Begins a message.
  mutating func begin(_ table: SegmentTable) {
    if entries.isEmpty { entries = [Entry](repeating: Entry(), count: Self.limit) }
    cutter.begin(table)
  }

  mutating func add(_ field: Int32, _ range: Range<Int>) {
    entries[count] = Entry(field: field, lower: Int32(truncatingIfNeeded: range.lowerBound), upper: Int32(truncatingIfNeeded: range.upperBound), isAside: true)
    count += 1
    byteCount += range.count
  }

  /// Takes the cells of one rule after the other, as far as nothing is out of the ordinary.
  ///
  /// - Parameter rules: all of the plan; the range is a block's, or what is left of it.
  mutating func gather(_ range: Range<Int>, of rules: Span<QuickRule>, _ table: SegmentTable, _ place: SegmentPlace, _ contexts: Span<Int32>) -> Stop {
    let bytes = table.bytes.span, starts = table.pieceStarts.span, segment = table.segments[place.segment]
    var number = range.lowerBound, entry = count, size = byteCount
    var lent: [Entry] = []
    swap(&lent, &entries)
    defer {
      swap(&lent, &entries)
      (count, byteCount) = (entry, size)
    }
    var cells = lent.mutableSpan
    while number < range.upperBound, entry < Self.limit {
      let rule = rules[number]
      guard rule.isCut else { break }
      let field = rule.place == .current ? Self.field(rule.piece, segment, starts) : Self.distantField(rule, table, place, contexts)
      if field.isEmpty {
        guard rule.mayStayAbsent else { break }
        number &+= 1
        continue
      }
      let piece = cutter.cut(bytes, field, rule)
      guard Self.isOrdinary(piece, rule, bytes) else { break }
      guard rule.kind == .piece else { return Stop(rule: number, piece: piece) }
      cells[entry] = Entry(field: rule.field, lower: piece.lower, upper: piece.upper, isAside: false)
      entry &+= 1
      size &+= Int(piece.upper &- piece.lower)
      number &+= 1
    }
    return Stop(rule: number)
  }

  /// A field of a segment, by the number of its piece.
  @inline(__always)
  private static func field(_ piece: Int32, _ segment: SegmentTable.Segment, _ starts: Span<Int32>) -> Piece {
    guard piece < segment.pieceCount else { return .none }
    let index = Int(segment.firstPiece &+ piece)
    return Piece(lower: starts[index], upper: starts[index &+ 1] &- 1)
  }

  /// The same of a segment that stands elsewhere.
  @inline(never)
  private static func distantField(_ rule: QuickRule, _ table: SegmentTable, _ place: SegmentPlace, _ contexts: Span<Int32>) -> Piece {
    let segment = place.segment(at: rule.place, rule.context, contexts)
    return segment < 0 ? .none : field(rule.piece, table.segments[segment], table.pieceStarts.span)
  }

  /// False for what is empty or null, begins with a blank or, where the rule cuts blanks, ends with one.
  @inline(__always)
  private static func isOrdinary(_ piece: Piece, _ rule: QuickRule, _ bytes: Span<UInt8>) -> Bool {
    let lower = Int(piece.lower), upper = Int(piece.upper)
    // A blank, a quote and an exclamation mark are the first of all that are printed.
    guard upper > lower, bytes[lower] > 0x22 || bytes[lower] == 0x21 else { return false }
    return !rule.isScalar || bytes[upper &- 1] > 0x20
  }

  /// Begins a row: what was gathered is dropped.
  mutating func removeAll() { (count, byteCount) = (0, 0) }

  /// Copies the values to the end of a row buffer as the next cells of its last row, and empties the batch.
  mutating func flush(_ source: Span<UInt8>, _ aside: borrowing [UInt8], into rows: inout RowBuffer) {
    if count == 0 { return }
    append(source, aside.span, to: &rows)
    removeAll()
  }

  private func append(_ source: Span<UInt8>, _ aside: Span<UInt8>, to rows: inout RowBuffer) {
    // The closures take no more of the batch than this: they would take a copy of all of it.
    let entries = entries.span, cells = count, room = byteCount + Self.stride, first = Int32(truncatingIfNeeded: rows.bytes.count)
    rows.bytes.append(addingCapacity: room) { out in
      out.append(repeating: 0, count: room)
      var values = out.mutableSpan
      Self.copy(entries.extracting(first: cells), source, aside, to: &values)
      out.removeLast(Self.stride)
    }
    rows.cells.append(addingCapacity: cells) { out in
      var start = first
      for number in 0..<cells {
        let entry = entries[number]
        out.append(RowBuffer.Cell(field: entry.field, state: .value, start: start, count: entry.upper - entry.lower))
        start += entry.upper - entry.lower
      }
    }
  }

  @inline(__always)
  private static func copy(_ entries: Span<Entry>, _ source: Span<UInt8>, _ aside: Span<UInt8>, to values: inout MutableSpan<UInt8>) {
    var out = values.mutableBytes, at = 0
    for number in entries.indices {
      let entry = entries[number]
      if entry.isAside { copy(aside, entry, to: &out, at) } else { copy(source, entry, to: &out, at) }
      at += Int(entry.upper - entry.lower)
    }
  }

  /// Copies one value by a whole stride, over its end: what comes after is written later. Most values are shorter.
  @inline(__always)
  private static func copy(_ source: Span<UInt8>, _ entry: Entry, to out: inout MutableRawSpan, _ start: Int) {
    let from = Int(entry.lower), count = Int(entry.upper &- entry.lower)
    if count > stride || from &+ stride > source.count { return copyExactly(source, from, count, to: &out, start) }
    out.storeBytes(of: source.bytes.unsafeLoadUnaligned(fromByteOffset: from, as: SIMD32<UInt8>.self), toByteOffset: start, as: SIMD32<UInt8>.self)
  }

  /// Copies a value that is longer or stands near the end of the source: its last bytes are copied once more, together with what stands before them.
  @inline(never)
  private static func copyExactly(_ source: Span<UInt8>, _ from: Int, _ count: Int, to out: inout MutableRawSpan, _ start: Int) {
    let bytes = source.bytes
    var at = 0
    if count >= 16 {
      while at &+ 16 < count {
        out.storeBytes(of: bytes.unsafeLoadUnaligned(fromByteOffset: from &+ at, as: SIMD16<UInt8>.self), toByteOffset: start &+ at, as: SIMD16<UInt8>.self)
        at &+= 16
      }
      at = count &- 16
      return out.storeBytes(of: bytes.unsafeLoadUnaligned(fromByteOffset: from &+ at, as: SIMD16<UInt8>.self), toByteOffset: start &+ at, as: SIMD16<UInt8>.self)
    }
    while at < count {
      out.storeBytes(of: source[from &+ at], toByteOffset: start &+ at, as: UInt8.self)
      at &+= 1
    }
  }
}
