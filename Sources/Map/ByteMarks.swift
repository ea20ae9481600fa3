import Core

/// Bytes to look for, eight at a time.
protocol MarkSet {
  /// The high bit of each byte of a word that is a mark. Above the lowest one there may be more than there are marks.
  func found(in word: UInt64) -> UInt64
}

/// One byte to look for.
struct ByteMark: MarkSet, Sendable {
  private let pattern: UInt64

  init(_ byte: UInt8) { pattern = UInt64(byte) &* Self.ones }

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  @inline(__always)
  func found(in word: UInt64) -> UInt64 {
    let rest = word ^ pattern
    return (rest &- Self.ones) & ~rest & 0x8080_8080_8080_8080
  }
}

/// Up to three bytes to look for.
struct ByteMarks: MarkSet, Sendable {
  private let first: ByteMark, second: ByteMark, third: ByteMark

  init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
    (self.first, self.second, self.third) = (ByteMark(first), ByteMark(second), ByteMark(third))
  }

  @inline(__always)
  func found(in word: UInt64) -> UInt64 { first.found(in: word) | second.found(in: word) | third.found(in: word) }
}

extension Span<UInt8> {
  /// Where the first mark from `start` on stands; `end` where there is none before it.
  @inline(__always)
  func first(_ marks: some MarkSet, _ start: Int, _ end: Int) -> Int {
    var at = start
    while at < end {
      let found = marks.found(in: word(at))
      if found != 0 { return Swift.min(end, at &+ found.trailingZeroBitCount &>> 3) }
      at &+= 8
    }
    return end
  }

  /// The eight bytes from `at` on, the first one lowest; zeros behind the end.
  @inline(__always)
  func word(_ at: Int) -> UInt64 {
    at &+ 8 <= count ? UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)) : lastWord(at)
  }

  @inline(never)
  private func lastWord(_ at: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in at..<Swift.max(count, at) { word |= UInt64(self[index]) << UInt64((index - at) * 8) }
    return word
  }
}
