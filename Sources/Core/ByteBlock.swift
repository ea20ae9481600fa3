/// Sixty-four bytes, in which one mark or several are looked for at once.
///
/// - Shape: what is found is a number; its bit n is set where byte n is a mark.
/// - Cost: about 50 instructions for one mark and 90 for four, whatever is found.
@frozen
public struct ByteBlock {
  @usableFromInline typealias Part = SIMD16<UInt8>
  @usableFromInline typealias Mask = SIMDMask<SIMD16<Int8>>

  @usableFromInline let parts: (Part, Part, Part, Part)

  /// The block that begins at an index; all of it must lie in the bytes.
  @inlinable @inline(__always)
  public init(_ bytes: RawSpan, _ at: Int) {
    parts = bytes.unsafeLoadUnaligned(fromByteOffset: at, as: (Part, Part, Part, Part).self)
  }

  @inlinable @inline(__always)
  public func places(of mark: UInt8) -> UInt64 {
    let mark = Part(repeating: mark)
    return Self.places(parts.0 .== mark, parts.1 .== mark, parts.2 .== mark, parts.3 .== mark)
  }

  @inlinable @inline(__always)
  public func places(ofAny marks: SIMD4<UInt8>) -> UInt64 {
    Self.places(Self.any(marks, in: parts.0), Self.any(marks, in: parts.1), Self.any(marks, in: parts.2), Self.any(marks, in: parts.3))
  }

  @inlinable @inline(__always)
  static func any(_ marks: SIMD4<UInt8>, in part: Part) -> Mask {
    (part .== Part(repeating: marks[0])) .| (part .== Part(repeating: marks[1])) .| (part .== Part(repeating: marks[2])) .| (part .== Part(repeating: marks[3]))
  }

  /// From a byte of ones or zeros for each byte to a bit for each: eight bytes become a row of eight bits, each row another bit of the same eight
  /// bytes, and the square of eight rows is turned over.
  @inlinable @inline(__always)
  static func places(_ first: Mask, _ second: Mask, _ third: Mask, _ fourth: Mask) -> UInt64 {
    let rows = weighed(first, 1) | weighed(second, 4) | weighed(third, 16) | weighed(fourth, 64)
    let halves = unsafeBitCast(rows, to: SIMD2<UInt64>.self)
    return transposed(halves[0] | halves[1] &<< 1)
  }

  @inlinable @inline(__always)
  static func weighed(_ mask: Mask, _ weight: UInt8) -> Part { Part().replacing(with: Part(repeating: weight), where: mask) }

  /// Bit 8n + m becomes bit 8m + n.
  @inlinable @inline(__always)
  static func transposed(_ square: UInt64) -> UInt64 {
    var square = square
    var change = (square ^ square &>> 7) & 0x00AA_00AA_00AA_00AA
    square ^= change ^ change &<< 7
    change = (square ^ square &>> 14) & 0x0000_CCCC_0000_CCCC
    square ^= change ^ change &<< 14
    change = (square ^ square &>> 28) & 0x0000_0000_F0F0_F0F0
    return square ^ change ^ change &<< 28
  }
}

extension RawSpan {
  /// The places of a mark in the 64 bytes from an index on, which must be one of the bytes; behind the end there are none.
  @inlinable @inline(__always)
  public func places(of mark: UInt8, from at: Int) -> UInt64 {
    if at &+ 64 <= byteCount { return ByteBlock(self, at).places(of: mark) }
    return lastPlaces(ofAny: SIMD4(repeating: mark), from: at)
  }

  /// The same for four marks.
  @inlinable @inline(__always)
  public func places(ofAny marks: SIMD4<UInt8>, from at: Int) -> UInt64 {
    if at &+ 64 <= byteCount { return ByteBlock(self, at).places(ofAny: marks) }
    return lastPlaces(ofAny: marks, from: at)
  }

  /// Where fewer than 64 bytes are left: the block that ends with them is looked at, if there are so many at all.
  @usableFromInline @inline(never)
  func lastPlaces(ofAny marks: SIMD4<UInt8>, from at: Int) -> UInt64 {
    let start = byteCount - 64
    if start >= 0 { return ByteBlock(self, start).places(ofAny: marks) &>> UInt64(at - start) }
    var places: UInt64 = 0
    for index in at..<byteCount {
      let byte = unsafeLoad(fromByteOffset: index, as: UInt8.self)
      if byte == marks[0] || byte == marks[1] || byte == marks[2] || byte == marks[3] { places |= 1 << UInt64(index - at) }
    }
    return places
  }
}
