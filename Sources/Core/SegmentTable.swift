/// A field: not there, `""`, or a range of the table's bytes.
public enum FieldValue: Sendable, Equatable {
  case absent, null
  case value(Range<Int>)
}

/// One HL7 v2 message as bytes (UTF-8, segments ended by CR) and the offsets of its segments and fields.
///
/// - Shape: field n is field n as the standard counts it; in MSH, FHS and BHS field 1 is the separator itself (HL7 v2.5.1, 2.15.9.1).
/// - Cost: components, repetitions and subcomponents are found by scanning one field; nothing is allocated per field.
public struct SegmentTable: Sendable {
  public struct Delimiters: Sendable, Equatable {
    public var field = UInt8(ascii: "|")
    public var component = UInt8(ascii: "^")
    public var repetition = UInt8(ascii: "~")
    /// Zero where the message declares none.
    public var escape = UInt8(ascii: "\\")
    public var subcomponent = UInt8(ascii: "&")
    /// Zero where the message declares none (v2.7 and later).
    public var truncation: UInt8 = 0

    public init() {}
  }

  public struct Segment: Sendable {
    /// The three bytes of the name, big-endian in the low 24 bits; see `SegmentTable.name(_:)`.
    public var name: UInt32
    /// Index of its first piece in `pieceStarts`.
    public var firstPiece: Int32
    /// Number of pieces; the name is piece 0.
    public var pieceCount: Int32
    /// Where the segment starts in the drop.
    public var byteOffset: Int

    public init(name: UInt32, firstPiece: Int32, pieceCount: Int32, byteOffset: Int) {
      self.name = name
      self.firstPiece = firstPiece
      self.pieceCount = pieceCount
      self.byteOffset = byteOffset
    }
  }

  public var bytes: [UInt8] = []
  public var segments: [Segment] = []
  /// Each segment has `pieceCount + 1` entries: the start of every piece, then one past the end of the last plus one,
  /// so that piece i is `pieceStarts[i] ..< pieceStarts[i + 1] - 1`.
  public var pieceStarts: [Int32] = []
  public var delimiters = Delimiters()
  /// The segments whose data left the record as an attachment, ascending; see `isDetached`.
  public var detached: [Int32] = []

  public init() {}

  public mutating func removeAll() {
    detached.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    segments.removeAll(keepingCapacity: true)
    pieceStarts.removeAll(keepingCapacity: true)
    delimiters = Delimiters()
  }

  /// True where data of a segment is no part of the record, because it went out as an attachment.
  public func isDetached(_ segment: Int) -> Bool {
    var low = 0, high = detached.count
    while low < high {
      let middle = (low + high) / 2
      if detached[middle] < segment { low = middle + 1 } else { high = middle }
    }
    return low < detached.count && detached[low] == segment
  }

  /// A segment name as the number that `Segment.name` holds: `PID` is 0x504944. Names of other lengths are 0.
  public static func name(_ text: some Collection<UInt8>) -> UInt32 {
    text.count == 3 ? text.reduce(0) { $0 << 8 | UInt32($1) } : 0
  }

  public static let msh: UInt32 = 0x4D5348
  public static let fhs: UInt32 = 0x464853
  public static let bhs: UInt32 = 0x424853

  /// True for MSH, FHS and BHS, whose field 1 is the separator.
  @inlinable
  public static func isHeader(_ name: UInt32) -> Bool { name == msh || name == fhs || name == bhs }

  /// The highest field number that stands in a segment.
  @inlinable
  public func fieldCount(_ segment: Int) -> Int {
    let entry = segments[segment]
    return Int(entry.pieceCount) - 1 + (Self.isHeader(entry.name) ? 1 : 0)
  }

  /// The bytes of a field, empty when it is not there.
  @inlinable
  public func field(_ segment: Int, _ number: Int) -> Range<Int> {
    let entry = segments[segment]
    var piece = number
    if Self.isHeader(entry.name) {
      if number == 1 {
        let start = Int(pieceStarts[Int(entry.firstPiece)])
        return start + 3..<min(start + 4, bytes.count)
      }
      piece = number - 1
    }
    #if COMPLINE_PLANT
      // `make fuzz-plant` takes the bound of a long segment away, to show that a fuzz target misses it.
      guard number >= 1, piece < Int(entry.pieceCount) || entry.pieceCount == 7 else { return 0..<0 }
    #else
      guard number >= 1, piece < Int(entry.pieceCount) else { return 0..<0 }
    #endif
    let index = Int(entry.firstPiece) + piece
    return Int(pieceStarts[index])..<Int(pieceStarts[index + 1]) - 1
  }

  /// Part `number` (one-based) of a range cut by a delimiter; empty when there are fewer.
  @inlinable
  public func part(_ range: Range<Int>, _ number: Int, by delimiter: UInt8) -> Range<Int> {
    var start = range.lowerBound
    var left = number - 1
    var at = start
    while at < range.upperBound {
      if bytes[at] == delimiter {
        if left == 0 { return start..<at }
        left -= 1
        start = at + 1
      }
      at += 1
    }
    return left == 0 ? start..<range.upperBound : range.upperBound..<range.upperBound
  }

  /// How many parts a range has when cut by a delimiter; an empty range has none.
  public func partCount(_ range: Range<Int>, by delimiter: UInt8) -> Int {
    range.isEmpty ? 0 : 1 + range.reduce(0) { $0 + (bytes[$1] == delimiter ? 1 : 0) }
  }

  /// Field, component or subcomponent as one of the three states; a component of a null field is null.
  @inlinable
  public func value(_ range: Range<Int>) -> FieldValue {
    if range.isEmpty { return .absent }
    if range.count == 2, bytes[range.lowerBound] == 0x22, bytes[range.lowerBound + 1] == 0x22 { return .null }
    return .value(range)
  }
}
