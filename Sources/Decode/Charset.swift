/// The character sets that HL7 v2 messages may come in; records are always UTF-8.
public enum Charset: String, Sendable, CaseIterable {
  case utf8 = "UTF-8"
  case ascii = "ASCII"
  case latin1 = "ISO-8859-1"
  case windows1252 = "windows-1252"

  /// By the names that feeds and HL7 table 0211 use, case ignored; nil for any other.
  public init?(name: some Collection<UInt8>) {
    let folded = name.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 0x20 : $0 }
    switch String(decoding: folded, as: UTF8.self) {
    case "UTF-8", "UTF8", "UNICODE UTF-8", "UNICODE": self = .utf8
    case "ASCII", "US-ASCII": self = .ascii
    case "8859/1", "ISO-8859-1", "ISO8859-1", "LATIN1", "LATIN-1": self = .latin1
    case "WINDOWS-1252", "CP1252": self = .windows1252
    default: return nil
    }
  }

  /// The index of the first byte that does not fit this set, or nil.
  func firstMisfit(in bytes: [UInt8]) -> Int? {
    switch self {
    case .utf8: UTF8Check.firstMisfit(in: bytes)
    case .ascii: bytes.firstIndex { $0 >= 0x80 }
    case .latin1: nil
    case .windows1252: bytes.firstIndex { $0 >= 0x80 && $0 < 0xA0 && Self.highTable[Int($0) - 0x80] == 0 }
    }
  }

  /// The bytes as UTF-8; they must fit (`firstMisfit` is nil).
  func utf8(of bytes: [UInt8]) -> [UInt8] {
    guard self == .latin1 || self == .windows1252 else { return bytes }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes { append(byte, to: &out) }
    return out
  }

  private func append(_ byte: UInt8, to out: inout [UInt8]) {
    if byte < 0x80 { return out.append(byte) }
    let scalar = self == .windows1252 && byte < 0xA0 ? Self.highTable[Int(byte) - 0x80] : UInt16(byte)
    if scalar < 0x800 {
      out += [0xC0 | UInt8(scalar >> 6), 0x80 | UInt8(scalar & 0x3F)]
    } else {
      out += [0xE0 | UInt8(scalar >> 12), 0x80 | UInt8(scalar >> 6 & 0x3F), 0x80 | UInt8(scalar & 0x3F)]
    }
  }

  /// What windows-1252 means by 0x80 to 0x9F (WHATWG index without the five bytes it leaves open); 0 is undefined.
  private static let highTable: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
  ]
}

/// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFD's plane.
enum UTF8Check {
  static func firstMisfit(in bytes: [UInt8]) -> Int? {
    var at = 0
    while at < bytes.count {
      if bytes[at] < 0x80 {
        at += 1
        continue
      }
      let length = sequenceLength(bytes, at)
      if length == 0 { return at }
      at += length
    }
    return nil
  }

  /// The length of the well-formed sequence that starts here with a byte of 0x80 or more, or 0.
  private static func sequenceLength(_ bytes: [UInt8], _ at: Int) -> Int {
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
