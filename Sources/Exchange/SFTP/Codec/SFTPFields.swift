/// The fields of one packet, read in order and never past its end.
struct SFTPFields {
  private let bytes: [UInt8]
  private var at: Int
  private let end: Int

  init(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil) {
    (self.bytes, at, self.end) = (bytes, start, end ?? bytes.count)
  }

  var left: Int { end - at }

  mutating func byte() throws(SFTPFault) -> UInt8 {
    guard left >= 1 else { throw .lyingLength }
    at += 1
    return bytes[at - 1]
  }

  mutating func number() throws(SFTPFault) -> UInt32 {
    guard left >= 4 else { throw .lyingLength }
    at += 4
    return bytes[(at - 4)..<at].reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func longNumber() throws(SFTPFault) -> UInt64 {
    let high = try number()
    return UInt64(high) << 32 | UInt64(try number())
  }

  mutating func string() throws(SFTPFault) -> [UInt8] {
    let count = Int(try number())
    guard count <= left else { throw .lyingLength }
    at += count
    return Array(bytes[(at - count)..<at])
  }

  mutating func skipString() throws(SFTPFault) {
    let count = Int(try number())
    guard count <= left else { throw .lyingLength }
    at += count
  }

  /// Passes over a counted list of pairs of strings; eight bytes each at least, so the count is bounded by the packet.
  mutating func skipPairs() throws(SFTPFault) {
    let count = Int(try number())
    guard count <= left / 8 else { throw .lyingLength }
    for _ in 0..<(2 * count) { try skipString() }
  }

  /// All that is left.
  mutating func rest() -> [UInt8] {
    defer { at = end }
    return Array(bytes[at..<end])
  }

  func finish() throws(SFTPFault) { if left != 0 { throw .trailingBytes } }
}

/// Numbers and strings as the protocol writes them.
enum SFTPBytes {
  static func put(_ value: UInt32, into out: inout [UInt8]) {
    for shift in [24, 16, 8, 0] as [UInt32] { out.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  static func put(_ value: UInt64, into out: inout [UInt8]) {
    put(UInt32(truncatingIfNeeded: value >> 32), into: &out)
    put(UInt32(truncatingIfNeeded: value), into: &out)
  }

  static func put(_ value: some Collection<UInt8>, into out: inout [UInt8]) {
    put(UInt32(value.count), into: &out)
    out += value
  }
}
