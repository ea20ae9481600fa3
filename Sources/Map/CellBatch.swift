import Core

/// Cells of a message whose values are pieces of it, or stand aside already, gathered until they are copied in one go.
struct CellBatch {
  struct Entry {
    var field: Int32 = 0
    var lower: Int32 = 0
    var upper: Int32 = 0
    /// A piece of what stands aside, not of the message.
    var isAside = false
  }

  static let limit = 24
  /// Values are copied by as many bytes at once.
  private static let stride = 16

  private(set) var entries = InlineArray<24, Entry>(repeating: Entry())
  private(set) var count = 0
  private(set) var byteCount = 0
  /// The field that was cut last, as an index into `pieceStarts`, and where its component begins: the next rule as a rule reads a later one.
  private var cutField = -1
  private var cutComponent: Int32 = 0
  private var cutStart = 0

  @inline(__always)
  mutating func add(_ field: Int32, _ lower: Int, _ upper: Int, isAside: Bool) {
    entries[count] = Entry(field: field, lower: Int32(truncatingIfNeeded: lower), upper: Int32(truncatingIfNeeded: upper), isAside: isAside)
    count += 1
    byteCount += upper - lower
  }

  /// The component of the first repetition of a field, up to its first subcomponent where the rule reads that.
  @inline(__always)
  mutating func cut(_ bytes: Span<UInt8>, _ index: Int, _ field: Piece, _ rule: QuickRule, _ delimiters: SegmentTable.Delimiters) -> Piece {
    let end = Int(field.upper), component = delimiters.component, repetition = delimiters.repetition
    var at = Int(field.lower)
    if rule.component > 1 {
      var left = rule.component
      if cutField == index, cutComponent <= rule.component { (at, left) = (cutStart, rule.component - cutComponent + 1) }
      while left > 1 {
        while at < end, bytes[at] != component, bytes[at] != repetition { at += 1 }
        if at >= end || bytes[at] != component { return Piece(at, at) }
        at += 1
        left -= 1
      }
      (cutField, cutComponent, cutStart) = (index, rule.component, at)
    }
    let start = at
    if rule.component == 0, !rule.endsAtSubcomponent {
      while at < end, bytes[at] != repetition { at += 1 }
      return Piece(start, at)
    }
    let subcomponent = rule.endsAtSubcomponent ? delimiters.subcomponent : component
    while at < end, bytes[at] != component, bytes[at] != repetition, bytes[at] != subcomponent { at += 1 }
    return Piece(start, at)
  }

  /// Begins a row: what was gathered is dropped.
  @inline(__always)
  mutating func removeAll() { (count, byteCount) = (0, 0) }

  /// Copies the values to the end of a row buffer as the next cells of its last row, and empties the batch.
  mutating func flush(_ source: Span<UInt8>, _ aside: borrowing [UInt8], into rows: inout RowBuffer) {
    if count == 0 { return }
    let first = rows.bytes.count
    rows.bytes.append(addingCapacity: byteCount + Self.stride) { out in
      out.append(repeating: 0, count: byteCount + Self.stride)
      var values = out.mutableSpan
      copy(source, aside.span, to: &values)
      out.removeLast(Self.stride)
    }
    rows.cells.append(addingCapacity: count) { out in
      var start = Int32(truncatingIfNeeded: first)
      for number in 0..<count {
        let entry = entries[number]
        out.append(RowBuffer.Cell(field: entry.field, state: .value, start: start, count: entry.upper - entry.lower))
        start += entry.upper - entry.lower
      }
    }
    removeAll()
  }

  private func copy(_ source: Span<UInt8>, _ aside: Span<UInt8>, to values: inout MutableSpan<UInt8>) {
    var out = values.mutableBytes, at = 0
    for number in 0..<count {
      let entry = entries[number]
      if entry.isAside {
        Self.copy(aside, entry, to: &out, at)
      } else {
        Self.copy(source, entry, to: &out, at)
      }
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
