/// Data that a sender wrote as base64 (RFC 4648, 4) or hexadecimal digits, back to bytes, in pieces of any length.
///
/// - White space is passed over. A last group without its padding is taken for what its digits say.
/// - Errors: at the first byte that does not fit, the rest is kept as it came, from the digits of the open group on.
/// - Cost: one table look-up a byte.
public struct AttachmentDecoder: Sendable {
  public enum Encoding: Sendable { case text, base64, hex }

  private let encoding: Encoding
  private var bits: UInt32 = 0
  /// The digits of the open group, as they came, padding included.
  private var open: [UInt8] = []
  private var digits = 0
  /// The padding has ended the data.
  private var isOver = false
  /// A byte did not fit, and what follows is not decoded.
  public private(set) var isRaw: Bool

  public init(_ encoding: Encoding) {
    self.encoding = encoding
    isRaw = encoding == .text
  }

  /// Decodes the next bytes and appends what they say.
  ///
  /// - Returns: the index of the byte that does not fit, once; else nil.
  public mutating func decode(_ input: Span<UInt8>, into output: inout [UInt8]) -> Int? {
    guard !isRaw else {
      Self.append(input, to: &output)
      return nil
    }
    let table = encoding == .hex ? Self.hexTable : Self.base64Table
    var index = 0
    while index < input.count {
      if open.isEmpty, !isOver, encoding == .base64 { index = takeGroups(input, from: index, table, &output) }
      guard index < input.count else { break }
      let digit = table[Int(input[index])]
      if digit < 64, !isOver, digits == open.count {
        take(digit, input[index], &output)
      } else if digit != Self.blank, digit != Self.padding || !pad(&output) {
        isRaw = true
        output += open
        open.removeAll()
        Self.append(input.extracting(index...), to: &output)
        return index
      }
      index += 1
    }
    return nil
  }

  /// Whole groups of base64 that stand together; gives where they end.
  private func takeGroups(_ input: Span<UInt8>, from start: Int, _ table: [UInt8], _ output: inout [UInt8]) -> Int {
    var index = start
    while index + 4 <= input.count {
      let a = table[Int(input[index])], b = table[Int(input[index + 1])], c = table[Int(input[index + 2])], d = table[Int(input[index + 3])]
      guard a | b | c | d < 64 else { break }
      let bits = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
      output.append(UInt8(truncatingIfNeeded: bits >> 16))
      output.append(UInt8(truncatingIfNeeded: bits >> 8))
      output.append(UInt8(truncatingIfNeeded: bits))
      index += 4
    }
    return index
  }

  /// Ends the data; false where its last group says nothing whole, and is kept as it came.
  public mutating func finish(into output: inout [UInt8]) -> Bool {
    guard !isRaw, !open.isEmpty else { return true }
    defer { open.removeAll() }
    if encoding == .base64, digits > 1 {
      close(&output)
      return true
    }
    output += open
    return false
  }

  private mutating func take(_ digit: UInt8, _ byte: UInt8, _ output: inout [UInt8]) {
    open.append(byte)
    digits += 1
    bits = bits << (encoding == .hex ? 4 : 6) | UInt32(digit)
    if encoding == .hex, digits == 2 {
      output.append(UInt8(truncatingIfNeeded: bits))
      restart()
    } else if digits == 4 {
      output.append(UInt8(truncatingIfNeeded: bits >> 16))
      output.append(UInt8(truncatingIfNeeded: bits >> 8))
      output.append(UInt8(truncatingIfNeeded: bits))
      restart()
    }
  }

  /// False where no padding may stand.
  private mutating func pad(_ output: inout [UInt8]) -> Bool {
    guard encoding == .base64, digits > 1, !isOver else { return false }
    open.append(UInt8(ascii: "="))
    if open.count == 4 {
      close(&output)
      restart()
      isOver = true
    }
    return true
  }

  /// The bytes of a group of two or three digits.
  private func close(_ output: inout [UInt8]) {
    let whole = bits << UInt32(6 * (4 - digits))
    output.append(UInt8(truncatingIfNeeded: whole >> 16))
    if digits == 3 { output.append(UInt8(truncatingIfNeeded: whole >> 8)) }
  }

  private mutating func restart() {
    bits = 0
    digits = 0
    open.removeAll(keepingCapacity: true)
  }

  private static func append(_ input: Span<UInt8>, to output: inout [UInt8]) {
    unsafe input.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
  }

  private static let blank: UInt8 = 0xFE
  private static let padding: UInt8 = 0xFD
  private static let base64Table = table("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", fold: false)
  private static let hexTable = table("0123456789abcdef", fold: true)

  /// What each byte is worth; 0xFF for none.
  private static func table(_ digits: String, fold: Bool) -> [UInt8] {
    var table = [UInt8](repeating: 0xFF, count: 256)
    for (value, byte) in digits.utf8.enumerated() {
      table[Int(byte)] = UInt8(value)
      if fold, byte >= 0x61 { table[Int(byte) - 0x20] = UInt8(value) }
    }
    for byte in [0x20, 0x09, 0x0A, 0x0D] { table[byte] = blank }
    table[Int(UInt8(ascii: "="))] = padding
    return table
  }
}
