import Core

/// Filling the tables of a message. Until it is split, a segment's `firstPiece` holds where it starts in `bytes`.
extension SegmentTable {
  /// The room for pieces grows by so many, so that what a hostile segment can make the table hold stays near the limits.
  private static let step = 8_192

  /// Takes a line in as a segment, with its CR.
  mutating func appendSegment(_ line: Span<UInt8>, name: UInt32, byteOffset: Int) {
    beginSegment(name: name, at: bytes.count, byteOffset: byteOffset)
    append(line)
    bytes.append(0x0D)
  }

  /// Begins a segment whose bytes and CR come later, at an index of `bytes`.
  @inline(__always)
  mutating func beginSegment(name: UInt32, at start: Int, byteOffset: Int) {
    segments.append(Segment(name: name, firstPiece: Int32(truncatingIfNeeded: start), pieceCount: 0, byteOffset: byteOffset))
  }

  /// Takes bytes in as they are.
  mutating func append(_ text: Span<UInt8>) {
    unsafe text.withUnsafeBufferPointer { pointer in unsafe bytes.append(contentsOf: pointer) }
  }

  /// Data of the last segment has left it.
  mutating func detachLast() {
    let last = Int32(truncatingIfNeeded: segments.count - 1)
    if detached.last != last { detached.append(last) }
  }

  /// Takes a line in as what a line end cut off the last field: the CR before it becomes a line feed.
  mutating func appendText(line: Span<UInt8>) {
    bytes[bytes.count - 1] = 0x0A
    append(line)
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
      Self.grow(&pieces, to: cut.next + Self.step)
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
    /// Where the 64 bytes that were looked at last begin, and the separators in them. Segments share them.
    private var block = -64
    private var places: UInt64 = 0

    init(separator: UInt8, end: Int) {
      self.separator = separator
      self.end = end
    }

    /// Reads on as long as the separators of 64 bytes find room in `pieces`, or until a limit is passed; gives the segment it came to, or the one
    /// behind the segment that is over the limit.
    mutating func run(
      _ range: Range<Int>, of segments: consuming MutableSpan<Segment>, _ bytes: RawSpan, _ pieces: consuming MutableSpan<Int32>, _ limits: DecodeLimits
    ) -> Int {
      for index in range {
        if at < 0 { begin(&segments[index], &pieces) }
        let first = Int(segments[index].firstPiece), last = index &+ 1 < segments.count ? Int(segments[index &+ 1].firstPiece) &- 1 : end &- 1
        while at < last {
          guard pieces.count &- next > 64, !isOver else { return index }
          take(bytes, upTo: last, &pieces)
          isOver = next > limits.fieldsPerMessage || next &- first > limits.fieldsPerSegment
          if isOver { break }
        }
        guard pieces.count &- next > 2 else { return index }
        finish(&segments[index], &pieces)
        if isOver { return index + 1 }
      }
      return range.upperBound
    }

    private mutating func begin(_ segment: inout Segment, _ pieces: inout MutableSpan<Int32>) {
      at = Int(segment.firstPiece)
      segment.firstPiece = Int32(truncatingIfNeeded: next)
      pieces[next] = Int32(truncatingIfNeeded: at)
      next &+= 1
    }

    /// The places behind the separators that are left in a block and stand before an index.
    @inline(__always)
    private mutating func take(_ bytes: RawSpan, upTo last: Int, _ pieces: inout MutableSpan<Int32>) {
      if at &- block >= 64 { (block, places) = (at, bytes.places(of: separator, from: at)) }
      let stop = min(last, block &+ 64), left = stop &- block
      var hits = left < 64 ? places & (1 &<< UInt64(truncatingIfNeeded: left) &- 1) : places
      places ^= hits
      while hits != 0 {
        pieces[next] = Int32(truncatingIfNeeded: block &+ hits.trailingZeroBitCount &+ 1)
        next &+= 1
        hits &= hits &- 1
      }
      at = stop
    }

    private mutating func finish(_ segment: inout Segment, _ pieces: inout MutableSpan<Int32>) {
      segment.pieceCount = Int32(truncatingIfNeeded: next) &- segment.firstPiece
      pieces[next] = Int32(truncatingIfNeeded: at &+ 1)
      next &+= 1
      at = -1
    }
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
