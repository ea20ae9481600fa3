import Core

/// Cuts the part of a field that a quick rule reads, by the delimiters of its message.
///
/// Delimiters inside of fields and escape characters are found once a message, as a bit for each of its bytes: most fields have none, which is seen
/// without a look at them.
struct FieldCutter: Sendable {
  private var component: UInt8 = 0
  private var repetition: UInt8 = 0
  private var escape: UInt8 = 0
  private var marks: [UInt64] = []

  /// Begins a message.
  mutating func begin(_ table: SegmentTable) {
    let delimiters = table.delimiters, bytes = table.bytes.span.bytes, count = (bytes.byteCount + 63) / 64
    (component, repetition, escape) = (delimiters.component, delimiters.repetition, delimiters.escape)
    if marks.count < count || marks.count > 1 << 14 { marks = [UInt64](repeating: 0, count: count) }
    let wanted = SIMD4(delimiters.component, delimiters.repetition, delimiters.escape, delimiters.subcomponent)
    var words = marks.mutableSpan
    for word in 0..<count { words[word] = bytes.places(ofAny: wanted, from: word &* 64) }
  }

  /// The component of the first repetition of a field, up to its first subcomponent where the rule reads that; empty where it is not there or holds
  /// an escape character.
  @inline(__always)
  mutating func cut(_ bytes: Span<UInt8>, _ field: Piece, _ rule: QuickRule) -> Piece {
    let end = Int(field.upper), mark = nextMark(Int(field.lower), end)
    return mark == end && rule.component <= 1 ? field : cut(bytes, field, from: mark, rule.component, rule.endsAtSubcomponent)
  }

  /// The same for a field in which the first mark is known.
  @inline(never)
  private mutating func cut(_ bytes: Span<UInt8>, _ field: Piece, from mark: Int, _ number: Int32, _ endsAtSubcomponent: Bool) -> Piece {
    let end = Int(field.upper), isWhole = number == 0 && !endsAtSubcomponent
    var start = Int(field.lower), left = max(number, 1), at = mark
    while at < end {
      let byte = bytes[at]
      if byte == repetition { break }
      if byte == component, !isWhole {
        left &-= 1
        if left == 0 { return Piece(start, at) }
        start = at &+ 1
      } else if byte == escape {
        if left == 1 { return .none }
      } else if left == 1, endsAtSubcomponent {
        return Piece(start, at)
      }
      at = nextMark(at &+ 1, end)
    }
    return left == 1 ? Piece(start, at) : .none
  }

  /// Where the first mark from an index on stands; the end where there is none before it.
  @inline(__always)
  private mutating func nextMark(_ at: Int, _ end: Int) -> Int {
    if at >= end { return end }
    var word = at &>> 6, places = marks[word] &>> UInt64(truncatingIfNeeded: at & 63), from = at
    while places == 0 {
      word &+= 1
      from = word &<< 6
      if from >= end { return end }
      places = marks[word]
    }
    return min(end, from &+ places.trailingZeroBitCount)
  }
}
