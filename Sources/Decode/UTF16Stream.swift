/// UTF-16 to UTF-8 in pieces, wherever they are cut.
///
/// - A surrogate without its other half goes through as the three bytes that strict UTF-8 refuses, so the message that holds it is rejected
///   as undecodable at its place, and its neighbours are not touched.
/// - Offsets: `width` counts what a piece of the UTF-8 took in the file, so positions in findings are those of the file.
struct UTF16Stream {
  enum Order { case big, little }

  private let order: Order
  /// The first byte of a unit whose second has not come, or -1.
  private var half = -1
  /// A high surrogate that waits for its low one, or 0.
  private var lead: UInt32 = 0

  init(_ order: Order) { self.order = order }

  /// How many bytes of a drop decide; a shorter drop has fewer.
  static let decidingBytes = 6

  /// By a byte-order mark, or by three ASCII characters whose other byte is NUL (the name of a header segment); nil for anything else.
  static func order(of beginning: [UInt8]) -> Order? {
    if beginning.starts(with: [0xFE, 0xFF]) { return .big }
    if beginning.starts(with: [0xFF, 0xFE]) { return .little }
    guard beginning.count >= decidingBytes else { return nil }
    let nuls = (0..<decidingBytes).map { beginning[$0] == 0 }
    if nuls == [true, false, true, false, true, false] { return .big }
    return nuls == [false, true, false, true, false, true] ? .little : nil
  }

  /// True where the bytes end inside a character.
  var isTorn: Bool { half >= 0 }

  mutating func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
    for at in bytes.indices {
      let byte = bytes[at]
      if half < 0 {
        half = Int(byte)
      } else {
        let first = UInt32(truncatingIfNeeded: half), second = UInt32(byte)
        half = -1
        append(unit: order == .big ? first << 8 | second : second << 8 | first, to: &out)
      }
    }
  }

  /// The end of the bytes: a high surrogate that still waits is alone.
  mutating func finish(into out: inout [UInt8]) {
    if lead != 0 { Self.append(scalar: lead, to: &out) }
    lead = 0
  }

  private mutating func append(unit: UInt32, to out: inout [UInt8]) {
    let high = lead
    lead = 0
    switch unit {
    case 0xDC00...0xDFFF where high != 0: return Self.append(scalar: 0x1_0000 + (high - 0xD800) << 10 + (unit - 0xDC00), to: &out)
    case 0xD800...0xDBFF: lead = unit
    default: break
    }
    if high != 0 { Self.append(scalar: high, to: &out) }
    if lead == 0 { Self.append(scalar: unit, to: &out) }
  }

  private static func append(scalar: UInt32, to out: inout [UInt8]) {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F }
    switch scalar {
    case ..<0x80: out.append(UInt8(truncatingIfNeeded: scalar))
    case ..<0x800:
      out.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
      out.append(tail(0))
    case ..<0x1_0000:
      out.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
      out.append(tail(6))
      out.append(tail(0))
    default:
      out.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
      out.append(tail(12))
      out.append(tail(6))
      out.append(tail(0))
    }
  }

  /// How many bytes of UTF-16 these bytes of UTF-8 were: two a character, four beyond the basic plane.
  static func width(_ bytes: Span<UInt8>) -> Int {
    var units = 0
    for at in bytes.indices { units += bytes[at] & 0xC0 == 0x80 ? 0 : bytes[at] >= 0xF0 ? 2 : 1 }
    return units * 2
  }
}
