extension Span<UInt8> {
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
