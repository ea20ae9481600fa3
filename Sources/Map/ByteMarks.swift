import Core

/// Up to three bytes to look for, eight at a time.
struct ByteMarks: Sendable {
  let words: (UInt64, UInt64, UInt64)

  init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
    words = (UInt64(first) &* Self.ones, UInt64(second) &* Self.ones, UInt64(third) &* Self.ones)
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The high bit of each byte of a word that is a mark. Above the lowest one there may be more than there are marks.
  @inline(__always)
  func found(in word: UInt64) -> UInt64 { Self.zeros(word ^ words.0) | Self.zeros(word ^ words.1) | Self.zeros(word ^ words.2) }

  @inline(__always)
  private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & 0x8080_8080_8080_8080 }
}

extension Span<UInt8> {
  /// Where the first mark from `start` on stands; `end` where there is none before it.
  func first(_ marks: ByteMarks, _ start: Int, _ end: Int) -> Int {
    var at = start
    let raw = bytes, limit = count - 8
    while at < end, at <= limit {
      let found = marks.found(in: UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)))
      if found != 0 { return Swift.min(end, at + found.trailingZeroBitCount >> 3) }
      at += 8
    }
    while at < end, marks.found(in: UInt64(self[at]) &* 0x0101_0101_0101_0101) == 0 { at += 1 }
    return Swift.min(at, end)
  }
}
