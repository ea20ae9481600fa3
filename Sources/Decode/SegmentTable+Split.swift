import Core

/// Filling the tables of a message. Until it is split, a segment's `firstPiece` holds where it starts in `bytes`.
extension SegmentTable {
  /// Bytes looked at between two checks of the limits, so that what a hostile segment can make the table hold stays near them.
  private static let block = 4_096

  /// Takes a line in as a segment, with its CR.
  mutating func appendSegment(_ line: Span<UInt8>, name: UInt32, byteOffset: Int) {
    segments.append(Segment(name: name, firstPiece: Int32(truncatingIfNeeded: bytes.count), pieceCount: 0, byteOffset: byteOffset))
    unsafe line.withUnsafeBufferPointer { pointer in unsafe bytes.append(contentsOf: pointer) }
    bytes.append(0x0D)
  }

  /// Takes a line in as what a line end cut off the last field: the CR before it becomes a line feed.
  mutating func appendText(line: Span<UInt8>) {
    bytes[bytes.count - 1] = 0x0A
    unsafe line.withUnsafeBufferPointer { pointer in unsafe bytes.append(contentsOf: pointer) }
    bytes.append(0x0D)
  }

  /// Where a segment that is split starts in `bytes`.
  func start(of segment: Int) -> Int { Int(pieceStarts[Int(segments[segment].firstPiece)]) }

  /// Fills `pieceStarts` for the first `count` segments. False when a segment has more fields than the limit, or the message more than
  /// its own: then the segments behind are taken out.
  ///
  /// - Cost: one pass over the bytes. `pieceStarts` is as long as the longest message needed it; what no segment names means nothing.
  mutating func split(_ count: Int, limits: DecodeLimits) -> Bool {
    var pieces: [Int32] = []
    swap(&pieces, &pieceStarts)
    defer { swap(&pieces, &pieceStarts) }
    var next = 0
    for index in 0..<count {
      let start = Int(segments[index].firstPiece), first = next
      let end = (index + 1 < segments.count ? Int(segments[index + 1].firstPiece) : bytes.count) - 1
      segments[index].firstPiece = Int32(truncatingIfNeeded: first)
      next = split(start..<end, into: &pieces, at: first, most: first + limits.fieldsPerSegment)
      segments[index].pieceCount = Int32(truncatingIfNeeded: next - first - 1)
      guard next - first - 1 <= limits.fieldsPerSegment, next <= limits.fieldsPerMessage else {
        segments.removeSubrange((index + 1)...)
        return false
      }
    }
    return true
  }

  /// Writes the starts of the pieces of a segment and one past its end plus one; gives the index behind them. Stops past `most` pieces.
  private func split(_ range: Range<Int>, into pieces: inout [Int32], at first: Int, most: Int) -> Int {
    var next = first, from = range.lowerBound
    Self.grow(&pieces, first + 1)
    pieces[first] = Int32(truncatingIfNeeded: from)
    next += 1
    while from < range.upperBound, next <= most {
      let to = min(range.upperBound, from + Self.block)
      Self.grow(&pieces, next + to - from + 8)
      next = unsafe Self.separators(delimiters.field, in: bytes.span.bytes, from..<to, pieces.mutableSpan, next, Places.all.span)
      from = to
    }
    Self.grow(&pieces, next + 1)
    pieces[next] = Int32(truncatingIfNeeded: from + 1)
    return next + 1
  }

  /// One past each separator, eight bytes at a time and without a branch that could be guessed wrong: the bytes that are separators become the
  /// bits of a number, and a table says where its bits are.
  private static func separators(
    _ separator: UInt8, in bytes: RawSpan, _ range: Range<Int>, _ pieces: consuming MutableSpan<Int32>, _ first: Int, _ places: borrowing Span<Places>
  ) -> Int {
    let pattern = UInt64(separator) &* 0x0101_0101_0101_0101
    var out = unsafe pieces.mutableBytes
    var next = first, at = range.lowerBound
    while at < range.upperBound {
      let left = range.upperBound &- at
      var hits = Self.zeros(word(bytes, at) ^ pattern)
      if left < 8 { hits &= 1 << UInt64(truncatingIfNeeded: left) &- 1 }
      let places = places[Int(truncatingIfNeeded: hits)]
      out.storeBytes(of: places.offsets &+ Int32(truncatingIfNeeded: at), toByteOffset: next &* 4, as: SIMD8<Int32>.self)
      next &+= places.count
      at &+= 8
    }
    return next
  }

  /// The eight bytes from `at` on, the first one lowest; zeros behind the end.
  private static func word(_ bytes: RawSpan, _ at: Int) -> UInt64 {
    if at &+ 8 <= bytes.byteCount { return unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)) }
    var word: UInt64 = 0
    for index in at..<bytes.byteCount { unsafe word |= UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) << UInt64((index - at) * 8) }
    return word
  }

  /// Bit n is set where byte n is zero.
  private static func zeros(_ word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let marks = ~(((word & low) &+ low) | word | low)
    return ((marks >> 7) &* 0x0102_0408_1020_4080) >> 56
  }

  /// Where the bits of a byte are, each plus one.
  struct Places {
    var offsets = SIMD8<Int32>()
    var count = 0

    static let all: [Places] = (0..<256).map { bits in
      var places = Places()
      for bit in 0..<8 where bits >> bit & 1 == 1 {
        places.offsets[places.count] = Int32(bit + 1)
        places.count += 1
      }
      return places
    }
  }

  private static func grow(_ pieces: inout [Int32], _ count: Int) {
    guard pieces.count < count else { return }
    pieces.append(contentsOf: repeatElement(0, count: max(count - pieces.count, 1_024)))
  }

  /// The least and the union of all bytes: a NUL shows in the one, what is not ASCII in the other.
  static func extremes(of bytes: Span<UInt8>) -> (least: UInt8, union: UInt8) {
    var least: UInt8 = 0xFF, union: UInt8 = 0
    for at in bytes.indices {
      least = min(least, bytes[at])
      union |= bytes[at]
    }
    return (least, union)
  }
}
