/// Base64 with padding (RFC 4648, 4), one line.
public enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let pad = UInt8(ascii: "=")

  /// The text of the bytes.
  public static func text(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).map { start + $0 < bytes.count ? bytes[start + $0] : 0 }
      let left = bytes.count - start
      out.append(alphabet[Int(group[0] >> 2)])
      out.append(alphabet[Int((group[0] & 3) << 4 | group[1] >> 4)])
      out.append(left > 1 ? alphabet[Int((group[1] & 15) << 2 | group[2] >> 6)] : pad)
      out.append(left > 2 ? alphabet[Int(group[2] & 63)] : pad)
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The bytes of the text; nil unless it is exactly what `text` writes, so that each value has one spelling.
  public static func bytes(_ text: String) -> [UInt8]? {
    let source = Array(text.utf8)
    guard source.count % 4 == 0 else { return nil }
    var out: [UInt8] = []
    for start in stride(from: 0, to: source.count, by: 4) {
      var bits: UInt32 = 0
      for index in start..<(start + 4) {
        let value = source[index] == pad ? 0 : alphabet.firstIndex(of: source[index])
        guard let value else { return nil }
        bits = bits << 6 | UInt32(value)
      }
      out += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
    }
    if source.last == pad { out.removeLast(source.suffix(2).first == pad ? 2 : 1) }
    return Self.text(out) == text ? out : nil
  }
}
