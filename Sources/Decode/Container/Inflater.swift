internal import CZlib

/// One deflate stream (RFC 1951), raw or as gzip wraps it.
@safe final class Inflater {
  enum Wrapping: Int32 {
    case raw = -15
    /// Header, CRC and length are checked by the library (RFC 1952).
    case gzip = 31
  }

  private static let roomBytes = 1 << 16
  private let stream: UnsafeMutablePointer<z_stream>
  private var room = [UInt8](repeating: 0, count: roomBytes)

  init(_ wrapping: Wrapping) throws(ContainerFault) {
    unsafe stream = UnsafeMutablePointer.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    guard unsafe compline_inflate_begin(stream, wrapping.rawValue) == Z_OK else {
      unsafe stream.deallocate()
      throw .broken
    }
  }

  deinit {
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Begins another stream.
  func restart() throws(ContainerFault) {
    guard unsafe inflateReset(stream) == Z_OK else { throw .broken }
  }

  /// Inflates from `start`, giving each piece to `take` with the packed bytes that it cost.
  ///
  /// - Returns: how many bytes were used, and whether the stream has ended.
  func run(_ bytes: [UInt8], from start: Int, to end: Int, _ take: (_ plain: [UInt8], _ packed: Int) throws -> Void) throws -> (used: Int, isEnd: Bool) {
    var used = 0
    while true {
      let (step, plain, status) = step(bytes, from: start + used, to: end)
      used += step
      if step > 0 || !plain.isEmpty { try take(plain, step) }
      switch status {
      case Z_STREAM_END: return (used, true)
      case Z_OK where plain.count == Self.roomBytes: continue
      case Z_OK, Z_BUF_ERROR:
        guard start + used == end else { throw ContainerFault.broken }
        return (used, false)
      default: throw ContainerFault.broken
      }
    }
  }

  private func step(_ bytes: [UInt8], from start: Int, to end: Int) -> (used: Int, plain: [UInt8], status: Int32) {
    var input = Array(bytes[start..<end])
    let count = input.count
    var status: Int32 = Z_OK
    var left = 0, free = Self.roomBytes
    unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe room.withUnsafeMutableBufferPointer { room in
        unsafe stream.pointee.next_in = input.baseAddress
        unsafe stream.pointee.avail_in = UInt32(count)
        unsafe stream.pointee.next_out = room.baseAddress
        unsafe stream.pointee.avail_out = UInt32(Self.roomBytes)
        unsafe status = inflate(stream, Z_NO_FLUSH)
        unsafe left = Int(stream.pointee.avail_in)
        unsafe free = Int(stream.pointee.avail_out)
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
      }
    }
    return (count - left, Array(room[..<(Self.roomBytes - free)]), status)
  }
}

/// CRC-32 as gzip and zip have it.
struct Checksum32 {
  private(set) var value: UInt32 = 0

  mutating func update(_ bytes: [UInt8]) {
    value = unsafe bytes.withUnsafeBufferPointer { unsafe UInt32(truncatingIfNeeded: crc32(UInt(value), $0.baseAddress, UInt32($0.count))) }
  }
}

/// gzip (RFC 1952): one file, whose parts follow each other without a byte between or behind them.
final class GzipLayer: ContainerLayer {
  private let limits: ContainerLimits
  private var inflater: Inflater?
  private var ratio: RatioGuard
  private var isInPart = false
  /// Its file begins with its first plain byte: bytes that are no gzip hold no file.
  private var hasBegun = false

  init(_ limits: ContainerLimits) {
    self.limits = limits
    ratio = RatioGuard(limits)
  }

  func push(_ chunk: [UInt8], _ emit: (LayerEvent) throws -> Void) throws {
    var at = 0
    while at < chunk.count {
      let inflater = try begin()
      let (used, isEnd) = try inflater.run(chunk, from: at, to: chunk.count) { plain, packed in
        ratio.take(packed: packed)
        try ratio.give(plain: plain.count)
        if plain.isEmpty { return }
        if !hasBegun { try emit(.begins) }
        hasBegun = true
        try emit(.bytes(plain))
      }
      at += used
      if isEnd { isInPart = false }
    }
  }

  private func begin() throws -> Inflater {
    if let inflater {
      if !isInPart { try inflater.restart() }
      isInPart = true
      return inflater
    }
    let new = try Inflater(.gzip)
    (inflater, isInPart) = (new, true)
    return new
  }

  func finish(_ emit: (LayerEvent) throws -> Void) throws {
    guard inflater != nil, !isInPart else { throw ContainerFault.broken }
    if !hasBegun { try emit(.begins) }
    try emit(.ends)
  }
}
