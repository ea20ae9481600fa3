/// Sixteen bytes as two numbers: names of rows, blind indexes and codes of contents are looked up by the thousand, and cost no array each.
public struct Bytes16: Hashable, Comparable, Sendable {
  private let high: UInt64
  private let low: UInt64

  /// Nil for another number of bytes.
  @inlinable
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var high: UInt64 = 0, low: UInt64 = 0
    for (place, byte) in bytes.enumerated() { if place < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) } }
    self.init(high: high, low: low)
  }

  @usableFromInline
  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16)
    append(to: &bytes)
    return bytes
  }

  /// Appends the sixteen bytes.
  public func append(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
  }

  /// In the order of the bytes.
  public static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }

  /// All of these come from a keyed hash or from a random source, so that half of one spreads well enough.
  public func hash(into hasher: inout Hasher) { hasher.combine(high) }
}
