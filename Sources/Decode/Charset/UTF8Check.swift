/// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
enum UTF8Check {
  static func firstMisfit(in bytes: [UInt8]) -> Int? {
    var at = ascii(bytes.span, from: 0)
    while at < bytes.count {
      let length = sequenceLength(bytes, at)
      if length == 0 { return at }
      at = ascii(bytes.span, from: at + length)
    }
    return nil
  }

  /// Where the ASCII that begins at an index ends; most text is nothing else, and eight bytes of it are one step.
  private static func ascii(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let words = unsafe bytes.bytes, high: UInt64 = 0x8080_8080_8080_8080
    var at = start
    while at &+ 8 <= bytes.count {
      let marks = unsafe UInt64(littleEndian: words.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)) & high
      if marks != 0 { return at &+ marks.trailingZeroBitCount >> 3 }
      at &+= 8
    }
    while at < bytes.count, bytes[at] < 0x80 { at &+= 1 }
    return at
  }

  /// The length of the well-formed sequence that starts here with a byte of 0x80 or more, or 0.
  static func sequenceLength(_ bytes: [UInt8], _ at: Int) -> Int {
    let first = bytes[at]
    let (length, second): (Int, ClosedRange<UInt8>) =
      switch first {
      case 0xC2...0xDF: (2, 0x80...0xBF)
      case 0xE0: (3, 0xA0...0xBF)
      case 0xED: (3, 0x80...0x9F)
      case 0xE1...0xEF: (3, 0x80...0xBF)
      case 0xF0: (4, 0x90...0xBF)
      case 0xF1...0xF3: (4, 0x80...0xBF)
      case 0xF4: (4, 0x80...0x8F)
      default: (0, 0x80...0xBF)
      }
    guard length > 0, at + length <= bytes.count, second.contains(bytes[at + 1]) else { return 0 }
    for index in at + 2..<at + max(length, 2) where bytes[index] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
