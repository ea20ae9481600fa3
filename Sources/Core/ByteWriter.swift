/// Appends fixed little-endian integers and length-prefixed bytes: the flat form in which work crosses a process border.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func write(_ value: UInt8) { bytes.append(value) }

  public mutating func write(_ value: Int) {
    var rest = UInt64(bitPattern: Int64(value))
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  public mutating func write(_ value: Int32) {
    var rest = UInt32(bitPattern: value)
    for _ in 0..<4 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  public mutating func write(_ value: [UInt8]) {
    write(Int32(value.count))
    bytes += value
  }

  public mutating func write(_ value: String) { write(Array(value.utf8)) }

  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

/// A frame that ends early or names something unknown.
public struct FrameError: Error, Sendable, Equatable {
  public init() {}
}

/// Reads what `ByteWriter` wrote; every read is checked against the end.
public struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var at: Int

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    at = 0
  }

  public var isAtEnd: Bool { at == bytes.count }

  public mutating func byte() throws(FrameError) -> UInt8 {
    guard at < bytes.count else { throw FrameError() }
    at += 1
    return bytes[at - 1]
  }

  public mutating func integer() throws(FrameError) -> Int {
    guard at + 8 <= bytes.count else { throw FrameError() }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[at + index]) << (8 * UInt64(index)) }
    at += 8
    return Int(Int64(bitPattern: value))
  }

  public mutating func small() throws(FrameError) -> Int32 {
    guard at + 4 <= bytes.count else { throw FrameError() }
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(bytes[at + index]) << (8 * UInt32(index)) }
    at += 4
    return Int32(bitPattern: value)
  }

  /// A count that cannot be negative.
  public mutating func count() throws(FrameError) -> Int {
    let value = try small()
    guard value >= 0 else { throw FrameError() }
    return Int(value)
  }

  public mutating func list() throws(FrameError) -> [UInt8] {
    let count = try count()
    guard at + count <= bytes.count else { throw FrameError() }
    defer { at += count }
    return Array(bytes[at..<(at + count)])
  }

  public mutating func text() throws(FrameError) -> String {
    guard let text = String(validating: try list(), as: UTF8.self) else { throw FrameError() }
    return text
  }
}
