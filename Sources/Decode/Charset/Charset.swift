/// The character sets that HL7 v2 messages may come in; records are always UTF-8.
///
/// The raw value is what `feeds/*.yaml` and the pages call it. UTF-16, UTF-32 and CNS 11643-1992 are not read: see `docs/decisions/013`.
public enum Charset: String, Sendable, CaseIterable {
  case utf8 = "UTF-8"
  case ascii = "ASCII"
  case latin1 = "ISO-8859-1"
  case latin2 = "ISO-8859-2"
  case latin3 = "ISO-8859-3"
  case latin4 = "ISO-8859-4"
  case cyrillic = "ISO-8859-5"
  case arabic = "ISO-8859-6"
  case greek = "ISO-8859-7"
  case hebrew = "ISO-8859-8"
  case latin5 = "ISO-8859-9"
  case latin9 = "ISO-8859-15"
  case windows1252 = "windows-1252"
  /// JIS X 0201: ASCII and half-width katakana. 0x5C and 0x7E stay the ASCII bytes that HL7 takes its delimiters from.
  case jisX0201 = "ISO IR14"
  /// JIS X 0208, reached by the escape sequences of ISO 2022; a line begins in ASCII.
  case jisX0208 = "ISO IR87"
  /// JIS X 0212, reached in the same way.
  case jisX0212 = "ISO IR159"
  case gb18030 = "GB 18030-2000"
  case ksX1001 = "KS X 1001"
  case big5 = "BIG-5"

  /// By the names that feeds, HL7 table 0211 (v2.8.2) and senders use; case, blanks and punctuation are ignored. Nil for any other.
  public init?(name: some Collection<UInt8>) {
    let folded = name.compactMap { byte -> UInt8? in
      switch byte {
      case 0x30...0x39, 0x41...0x5A: byte
      case 0x61...0x7A: byte - 0x20
      default: nil
      }
    }
    guard let known = Self.names[String(decoding: folded, as: UTF8.self)] else { return nil }
    self = known
  }

  private static let names: [String: Charset] = {
    var names: [String: Charset] = [
      "UTF8": .utf8, "UNICODEUTF8": .utf8, "UNICODE": .utf8, "ASCII": .ascii, "USASCII": .ascii, "ISOIR6": .ascii, "LATIN1": .latin1, "LATIN2": .latin2,
      "WINDOWS1252": .windows1252, "CP1252": .windows1252, "WIN1252": .windows1252, "ISOIR14": .jisX0201, "ISOIR87": .jisX0208, "ISO2022JP": .jisX0208,
      "ISOIR159": .jisX0212, "GB180302000": .gb18030, "GB18030": .gb18030, "GBK": .gb18030, "GB2312": .gb18030, "KSX1001": .ksX1001, "KSC5601": .ksX1001, "EUCKR": .ksX1001, "BIG5": .big5,
    ]
    for charset in allCases where charset.rawValue.hasPrefix("ISO-8859-") {
      let part = charset.rawValue.dropFirst(9)
      names["8859\(part)"] = charset
      names["ISO8859\(part)"] = charset
    }
    return names
  }()

  /// The index of the first byte that does not fit this set, or nil; of a character of several bytes, the first of them.
  func firstMisfit(in bytes: [UInt8]) -> Int? {
    switch self {
    case .utf8: UTF8Check.firstMisfit(in: bytes)
    case .ascii: bytes.firstIndex { $0 >= 0x80 }
    case .gb18030, .big5, .ksX1001: DoubleByteReader(self).read(bytes, into: nil)
    case .jisX0208, .jisX0212: misfit(of: ISO2022Reader(first: self, others: []).read(bytes))
    default: singleByteMisfit(in: bytes)
    }
  }

  /// The bytes as UTF-8; they must fit (`firstMisfit` is nil).
  func utf8(of bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .utf8, .ascii: return bytes
    case .gb18030, .big5, .ksX1001:
      var out: [UInt8] = []
      out.reserveCapacity(bytes.count + bytes.count / 2)
      _ = DoubleByteReader(self).read(bytes) { out.appendUTF8($0) }
      return out
    case .jisX0208, .jisX0212:
      guard case .success(let text) = ISO2022Reader(first: self, others: []).read(bytes) else { return bytes }
      return text
    default: return singleByteUTF8(of: bytes)
    }
  }

  private func misfit(of result: Result<[UInt8], Misfit>) -> Int? {
    guard case .failure(let misfit) = result else { return nil }
    return misfit.index
  }

  private func singleByteMisfit(in bytes: [UInt8]) -> Int? {
    guard self != .latin1, let upper = upperHalf else { return nil }
    return bytes.firstIndex { $0 >= 0x80 && upper[Int($0) - 0x80] == 0 }
  }

  private func singleByteUTF8(of bytes: [UInt8]) -> [UInt8] {
    guard let upper = upperHalf else { return bytes }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
      if byte < 0x80 { out.append(byte) } else { out.appendUTF8(UInt32(upper[Int(byte) - 0x80])) }
    }
    return out
  }
}

/// Where bytes do not fit their character set.
struct Misfit: Error, Equatable {
  /// Index of the first byte of what cannot be read.
  var index: Int
}

extension [UInt8] {
  /// Appends a scalar value as UTF-8.
  mutating func appendUTF8(_ scalar: UInt32) {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
    switch scalar {
    case 0..<0x80: append(UInt8(scalar))
    case 0x80..<0x800:
      append(0xC0 | UInt8(scalar >> 6))
      append(tail(0))
    case 0x800..<0x1_0000:
      append(0xE0 | UInt8(scalar >> 12))
      append(tail(6))
      append(tail(0))
    default:
      append(0xF0 | UInt8(scalar >> 18 & 7))
      append(tail(12))
      append(tail(6))
      append(tail(0))
    }
  }
}
