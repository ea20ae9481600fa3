import Core

/// Filling the tables of a message. Until it is split, a segment's `firstPiece` holds where it starts in `bytes`.
extension SegmentTable {
  /// Bytes looked at between two checks of the limits, so that what a hostile segment can make the table hold stays near them.
  private static let block = 4_096

  /// Takes a line in as a segment, with its CR.
  mutating func appendSegment(_ line: Span<UInt8>, name: UInt32, byteOffset: Int) {
    beginSegment(name: name, byteOffset: byteOffset)
    unsafe line.withUnsafeBufferPointer { pointer in unsafe bytes.append(contentsOf: pointer) }
    bytes.append(0x0D)
  }

  /// Begins a segment whose bytes and CR come later.
  mutating func beginSegment(name: UInt32, byteOffset: Int) {
    segments.append(Segment(name: name, firstPiece: Int32(truncatingIfNeeded: bytes.count), pieceCount: 0, byteOffset: byteOffset))
  }

  /// Data of the last segment has left it.
  mutating func detachLast() {
    let last = Int32(truncatingIfNeeded: segments.count - 1)
    if detached.last != last { detached.append(last) }
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
    var cut = Cut(separator: delimiters.field, end: bytes.count)
    var found: [Segment] = [], pieces: [Int32] = []
    swap(&found, &segments)
    swap(&pieces, &pieceStarts)
    defer {
      swap(&found, &segments)
      swap(&pieces, &pieceStarts)
    }
    var index = 0
    while index < count {
      Self.grow(&pieces, to: cut.next + 2 * Self.block)
      index = unsafe cut.run(index..<count, of: found.mutableSpan, bytes.span.bytes, pieces.mutableSpan, limits)
      guard !cut.isOver else {
        found.removeSubrange(index...)
        return false
      }
    }
    return true
  }

  private static func grow(_ pieces: inout [Int32], to count: Int) {
    guard pieces.count < count else { return }
    pieces.append(contentsOf: repeatElement(0, count: count))
  }

  /// Finds the separators of segment after segment.
  private struct Cut {
    let separator: UInt8
    /// Where the bytes end.
    let end: Int
    /// The next free place in the table of pieces.
    var next = 0
    var isOver = false
    /// How far the segment at hand has been read, or -1 at its beginning.
    private var at = -1

    init(separator: UInt8, end: Int) {
      self.separator = separator
      self.end = end
    }

    /// Reads on as long as a block of bytes finds room in `pieces`, or until a limit is passed; gives the segment it came to, or the one behind
    /// the segment that is over the limit.
    mutating func run(
      _ range: Range<Int>, of segments: consuming MutableSpan<Segment>, _ bytes: RawSpan, _ pieces: consuming MutableSpan<Int32>, _ limits: DecodeLimits
    ) -> Int {
      for index in range {
        if at < 0 { begin(&segments[index], &pieces) }
        let last = index + 1 < segments.count ? Int(segments[index + 1].firstPiece) - 1 : end - 1
        while at < last {
          guard pieces.count - next > SegmentTable.block + 8, !isOver else { return index }
          let to = min(last, at + SegmentTable.block)
          next = SegmentTable.separators(separator, in: bytes, at..<to, &pieces, next)
          at = to
          isOver = next > limits.fieldsPerMessage || next - Int(segments[index].firstPiece) > limits.fieldsPerSegment
          if isOver { break }
        }
        guard pieces.count - next > 2 else { return index }
        finish(&segments[index], &pieces)
        if isOver { return index + 1 }
      }
      return range.upperBound
    }

    private mutating func begin(_ segment: inout Segment, _ pieces: inout MutableSpan<Int32>) {
      at = Int(segment.firstPiece)
      segment.firstPiece = Int32(truncatingIfNeeded: next)
      pieces[next] = Int32(truncatingIfNeeded: at)
      next += 1
    }

    private mutating func finish(_ segment: inout Segment, _ pieces: inout MutableSpan<Int32>) {
      segment.pieceCount = Int32(truncatingIfNeeded: next) - segment.firstPiece
      pieces[next] = Int32(truncatingIfNeeded: at + 1)
      next += 1
      at = -1
    }
  }

  /// One past each separator: 64 bytes at a time become the bits of a number, and each bit a place.
  private static func separators(
    _ separator: UInt8, in bytes: RawSpan, _ range: Range<Int>, _ pieces: inout MutableSpan<Int32>, _ first: Int
  ) -> Int {
    var out = unsafe pieces.mutableBytes
    var next = first, at = range.lowerBound
    while at < range.upperBound {
      var hits = hits(of: separator, in: bytes, at)
      let left = range.upperBound &- at
      if left < 64 { hits &= 1 << UInt64(truncatingIfNeeded: left) &- 1 }
      while hits != 0 {
        out.storeBytes(of: Int32(truncatingIfNeeded: at &+ hits.trailingZeroBitCount &+ 1), toByteOffset: next &* 4, as: Int32.self)
        next &+= 1
        hits &= hits &- 1
      }
      at &+= 64
    }
    return next
  }

  /// Bit n is set where byte n from `at` on is the separator; what is behind the end is none.
  @inline(__always)
  private static func hits(of separator: UInt8, in bytes: RawSpan, _ at: Int) -> UInt64 {
    var hits: UInt64 = 0
    guard at &+ 64 <= bytes.byteCount else { return lastHits(of: separator, in: bytes, at) }
    let pattern = SIMD16(repeating: separator)
    for part in 0..<4 {
      let block = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at &+ part &* 16, as: SIMD16<UInt8>.self)
      let bits = unsafe unsafeBitCast(SIMD16<UInt8>().replacing(with: places, where: block .== pattern), to: SIMD2<UInt64>.self)
      let low = (bits[0] &* ones) >> 56, high = (bits[1] &* ones) >> 56
      hits |= (low | high << 8) << UInt64(truncatingIfNeeded: part &* 16)
    }
    return hits
  }

  /// The same where fewer than 64 bytes are left.
  private static func lastHits(of separator: UInt8, in bytes: RawSpan, _ at: Int) -> UInt64 {
    let pattern = UInt64(separator) &* ones
    var hits: UInt64 = 0, part = 0
    while part < 64, at &+ part < bytes.byteCount {
      hits |= zeros(word(bytes, at &+ part) ^ pattern) << UInt64(truncatingIfNeeded: part)
      part &+= 8
    }
    let left = bytes.byteCount &- at
    return left < 64 ? hits & (1 << UInt64(truncatingIfNeeded: left) &- 1) : hits
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  /// A bit for each byte of a word.
  private static let places = SIMD16<UInt8>(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128)

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
