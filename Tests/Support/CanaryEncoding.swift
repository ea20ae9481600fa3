import Core

/// The disguises in which a planted value is looked for.
public enum CanaryEncoding: String, Sendable, CaseIterable {
  case raw, base64, base64URL, hexLower, hexUpper, url, json, xml, utf16LittleEndian, utf16BigEndian, reversed
  case sha256Hex, sha256HexUpper, sha256Raw, sha256Base64
  /// The last four characters alone; looked for in text outputs only.
  case lastFour

  /// The byte strings that betray a value in this encoding. Base64 has three: the value may begin at any of three alignments.
  func patterns(of value: [UInt8]) -> [[UInt8]] {
    switch self {
    case .raw: [value]
    case .base64: Base64.fragments(value, Base64.standard)
    case .base64URL: Base64.fragments(value, Base64.urlSafe)
    case .hexLower: [Array(Hex.text(value).utf8)]
    case .hexUpper: [Array(Hex.text(value).uppercased().utf8)]
    case .url: [Self.percent(value, upper: true, plus: false), Self.percent(value, upper: false, plus: false), Self.percent(value, upper: true, plus: true)]
    case .json: Self.json(value)
    case .xml: [Self.xml(value, all: false), Self.xml(value, all: true)]
    case .utf16LittleEndian: [Self.utf16(value).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }]
    case .utf16BigEndian: [Self.utf16(value).flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }]
    case .reversed: [Array(value.reversed())]
    case .sha256Hex: [Array(Hex.text(SHA256.digest(value)).utf8)]
    case .sha256HexUpper: [Array(Hex.text(SHA256.digest(value)).uppercased().utf8)]
    case .sha256Raw: [SHA256.digest(value)]
    case .sha256Base64: [Base64.fragments(SHA256.digest(value), Base64.standard)[0]]
    case .lastFour: [Array(value.suffix(4))]
    }
  }

  private static func percent(_ value: [UInt8], upper: Bool, plus: Bool) -> [UInt8] {
    value.flatMap { byte -> [UInt8] in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: return [byte]
      case 0x20 where plus: return [0x2B]
      default:
        let hex = Hex.text(CollectionOfOne(byte))
        return [0x25] + Array((upper ? hex.uppercased() : hex).utf8)
      }
    }
  }

  /// As most writers escape, with the slash escaped too, and all above ASCII as `\u`.
  private static func json(_ value: [UInt8]) -> [[UInt8]] {
    var quoted: [UInt8] = []
    JSONValue.quote(String(decoding: value, as: UTF8.self), into: &quoted)
    let plain = Array(quoted.dropFirst().dropLast())
    let slashed = plain.flatMap { $0 == UInt8(ascii: "/") ? [0x5C, $0] : [$0] }
    let ascii = utf16(plain).flatMap { unit -> [UInt8] in
      unit < 0x80 ? [UInt8(unit)] : Array(("\\u" + Hex.text([UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit)])).utf8)
    }
    return [plain, slashed, ascii]
  }

  private static func xml(_ value: [UInt8], all: Bool) -> [UInt8] {
    value.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "&"): Array("&amp;".utf8)
      case UInt8(ascii: "<"): Array("&lt;".utf8)
      case UInt8(ascii: ">"): Array("&gt;".utf8)
      case UInt8(ascii: "\"") where all: Array("&quot;".utf8)
      case UInt8(ascii: "'") where all: Array("&#39;".utf8)
      default: [byte]
      }
    }
  }

  private static func utf16(_ value: [UInt8]) -> [UInt16] { Array(String(decoding: value, as: UTF8.self).utf16) }
}

/// Base64 (RFC 4648), as much of it as looking for a value inside an encoded text needs.
enum Base64 {
  static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// For each of the three alignments the characters that the value alone determines.
  static func fragments(_ value: [UInt8], _ alphabet: [UInt8]) -> [[UInt8]] {
    (0..<3).map { lead in
      let bits = [UInt8](repeating: 0, count: lead) + value
      let first = (lead * 8 + 5) / 6, end = bits.count * 8 / 6
      return (first..<max(first, end)).map { alphabet[sextet(bits, $0)] }
    }
  }

  private static func sextet(_ bytes: [UInt8], _ index: Int) -> Int {
    let bit = index * 6, byte = bit / 8
    let pair = Int(bytes[byte]) << 8 | (byte + 1 < bytes.count ? Int(bytes[byte + 1]) : 0)
    return pair >> (10 - bit % 8) & 63
  }
}
