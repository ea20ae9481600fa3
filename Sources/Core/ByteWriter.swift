/// Appends fixed little-endian integers and length-prefixed bytes: the flat form in which work crosses a process border.
///
/// - Cost: one bulk append a call; the buffer is kept by `removeAll`.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public var count: Int { bytes.count }

  public mutating func write(_ value: UInt8) { bytes.append(value) }

  public mutating func write(_ value: Int) { append(Int64(value).littleEndian) }

  public mutating func write(_ value: Int32) { append(value.littleEndian) }

  public mutating func write(_ value: [UInt8]) {
    write(Int32(value.count))
    bytes += value
  }

  /// The same for sixteen bytes.
  public mutating func write(_ value: Bytes16) {
    write(Int32(16))
    value.append(to: &bytes)
  }

  /// The same for bytes that are borrowed.
  public mutating func write(_ value: Span<UInt8>) {
    write(Int32(value.count))
    append(value)
  }

  public mutating func write(_ value: String) {
    let start = bytes.count
    write(Int32(0))
    bytes.append(contentsOf: value.utf8)
    patch(Int32(bytes.count - start - 4), at: start)
  }

  /// Bytes without their length.
  public mutating func append(_ value: Span<UInt8>) {
    value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
  }

  /// Appends what a closure puts into the span, at most `count` bytes.
  mutating func append(addingCapacity count: Int, _ fill: (inout OutputSpan<UInt8>) -> Void) {
    bytes.append(addingCapacity: count, initializingWith: fill)
  }

  /// Writes over an integer that was written at `index`: a length that is known only afterwards.
  public mutating func patch(_ value: Int32, at index: Int) {
    withUnsafeBytes(of: value.littleEndian) { source in
      for offset in 0..<4 { bytes[index + offset] = source[offset] }
    }
  }

  /// Forgets what was written; storage of up to `capacity` bytes is kept.
  public mutating func removeAll(keepingUpTo capacity: Int = .max) { bytes.removeAll(keepingCapacity: bytes.capacity <= capacity) }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }
}

/// A frame that ends early or names something unknown.
public struct FrameError: Error, Sendable, Equatable {
  public init() {}
}

/// Reads what `ByteWriter` wrote; every read is checked against the end.
///
/// - Bytes: it shares the array it is given, so whoever wants to change that in place lets the reader go first.
public struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var at: Int
  private let end: Int

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    at = 0
    end = bytes.count
  }

  /// Reads a part of the array in place; the range must lie in it.
  public init(_ bytes: [UInt8], _ range: Range<Int>) {
    precondition(range.upperBound <= bytes.count && range.lowerBound >= 0)
    self.bytes = bytes
    at = range.lowerBound
    end = range.upperBound
  }

  public var isAtEnd: Bool { at == end }

  public mutating func byte() throws(FrameError) -> UInt8 {
    guard at < end else { throw FrameError() }
    at += 1
    return bytes[at - 1]
  }

  public mutating func integer() throws(FrameError) -> Int { Int(Int64(littleEndian: try load(Int64.self))) }

  public mutating func small() throws(FrameError) -> Int32 { Int32(littleEndian: try load(Int32.self)) }

  /// A count that cannot be negative.
  public mutating func count() throws(FrameError) -> Int {
    let value = try small()
    guard value >= 0 else { throw FrameError() }
    return Int(value)
  }

  public mutating func list() throws(FrameError) -> [UInt8] { Array(bytes[try range()]) }

  public mutating func text() throws(FrameError) -> String {
    let range = try range()
    // Codes and paths are ASCII: they need no look at their sequences, which costs more than the rest of a frame.
    if range.allSatisfy({ bytes[$0] < 0x80 }) { return String(decoding: bytes[range], as: UTF8.self) }
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw FrameError() }
    return text
  }

  /// Steps over a length and as many bytes; gives where they lie.
  private mutating func range() throws(FrameError) -> Range<Int> {
    let count = try count()
    guard count <= end - at else { throw FrameError() }
    at += count
    return (at - count)..<at
  }

  private mutating func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) throws(FrameError) -> Value {
    let size = MemoryLayout<Value>.size
    guard size <= end - at else { throw FrameError() }
    at += size
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at - size, as: Value.self) }
  }
}
