import Core

/// Cells of a message whose values are pieces of it, or stand aside already, gathered until they are copied in one go.
struct CellBatch: Sendable {
  struct Entry: Sendable {
    var field: Int32 = 0
    var lower: Int32 = 0
    var upper: Int32 = 0
    /// A piece of what stands aside, not of the message.
    var isAside = false
  }

  static let limit = 24
  /// Values are copied by as many bytes at once.
  private static let stride = 16

  private var delimiters = SegmentTable.Delimiters()
  private var repetitionMark = ByteMarks(0, 0, 0)
  private var componentMarks = ByteMarks(0, 0, 0)
  private var subcomponentMarks = ByteMarks(0, 0, 0)
  private var entries: [Entry] = []
  private(set) var count = 0
  private var byteCount = 0
  /// The field that was cut last, as an index into `pieceStarts`, and where a component of it begins: the next rule as a rule reads that one
  /// or a later one.
  private var cutField = -1
  private var cutComponent: Int32 = 0
  private var cutStart = 0

  /// Begins a message.
  mutating func begin(_ delimiters: SegmentTable.Delimiters) {
    if entries.isEmpty { entries = [Entry](repeating: Entry(), count: Self.limit) }
    self.delimiters = delimiters
    cutField = -1
    repetitionMark = ByteMarks(delimiters.repetition, delimiters.repetition, delimiters.repetition)
    componentMarks = ByteMarks(delimiters.component, delimiters.repetition, delimiters.repetition)
    subcomponentMarks = ByteMarks(delimiters.component, delimiters.repetition, delimiters.subcomponent)
  }

  @inline(__always)
  mutating func add(_ field: Int32, _ lower: Int, _ upper: Int, isAside: Bool) {
    entries[count] = Entry(field: field, lower: Int32(truncatingIfNeeded: lower), upper: Int32(truncatingIfNeeded: upper), isAside: isAside)
    count += 1
    byteCount += upper - lower
  }

  /// The component of the first repetition of a field, up to its first subcomponent where the rule reads that.
  @inline(__always)
  mutating func cut(_ bytes: Span<UInt8>, _ index: Int, _ field: Piece, _ rule: QuickRule) -> Piece {
    let end = Int(field.upper)
    if rule.component == 0, !rule.endsAtSubcomponent {
      return Piece(Int(field.lower), bytes.first(repetitionMark, Int(field.lower), end))
    }
    let component = max(rule.component, 1)
    var at = Int(field.lower), left = component
    if cutField == index, cutComponent <= component { (at, left) = (cutStart, component - cutComponent + 1) }
    while left > 1 {
      at = bytes.first(componentMarks, at, end)
      if at >= end || bytes[at] != delimiters.component { return Piece(at, at) }
      at += 1
      left -= 1
    }
    let start = at
    at = bytes.first(rule.endsAtSubcomponent ? subcomponentMarks : componentMarks, at, end)
    let isEnd = at < end && bytes[at] == delimiters.component
    (cutField, cutComponent, cutStart) = isEnd ? (index, component + 1, at + 1) : (index, component, start)
    return Piece(start, at)
  }

  /// Begins a row: what was gathered is dropped.
  @inline(__always)
  mutating func removeAll() { (count, byteCount) = (0, 0) }

  /// Copies the values to the end of a row buffer as the next cells of its last row, and empties the batch.
  mutating func flush(_ source: Span<UInt8>, _ aside: borrowing [UInt8], into rows: inout RowBuffer) {
    if count == 0 { return }
    append(source, aside.span, to: &rows)
    removeAll()
  }

  @inline(__always)
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
      copy(entry.isAside ? aside : source, entry, to: &out, at)
      at += Int(entry.upper - entry.lower)
    }
  }

  /// Copies one value by whole strides, over its end: what comes after is written later. Near the end of the source it goes byte by byte.
  @inline(__always)
  private static func copy(_ source: Span<UInt8>, _ entry: Entry, to out: inout MutableRawSpan, _ start: Int) {
    var from = Int(entry.lower), at = start
    let end = Int(entry.upper), bytes = source.bytes, limit = source.count - stride
    while from < end, from <= limit {
      out.storeBytes(of: bytes.unsafeLoadUnaligned(fromByteOffset: from, as: SIMD16<UInt8>.self), toByteOffset: at, as: SIMD16<UInt8>.self)
      from += stride
      at += stride
    }
    while from < end {
      out.storeBytes(of: source[from], toByteOffset: at, as: UInt8.self)
      from += 1
      at += 1
    }
  }
}
