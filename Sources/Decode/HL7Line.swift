import Core

/// What one line of an HL7 v2 drop is, told by its first four bytes.
enum HL7Line: Equatable {
  case blank
  /// MSH, FHS or BHS.
  case header(UInt32)
  /// BTS or FTS.
  case trailer(UInt32)
  case segment(UInt32)
  /// No segment: text that a line end cut, or a comment.
  case text

  static let bts: UInt32 = 0x425453
  static let fts: UInt32 = 0x465453

  /// The field separators in force: each header declares its own.
  struct Separators {
    /// Of the open message, or of the last header.
    var segment = UInt8(ascii: "|")
    var last = UInt8(ascii: "|")
    var batch = UInt8(ascii: "|")
    var file = UInt8(ascii: "|")

    func endsTrailer(_ byte: UInt8) -> Bool { byte == segment || byte == last || byte == batch || byte == file || byte == UInt8(ascii: "|") }
  }

  /// - Parameter isInside: whether a message is open: a word that begins with MSH is a header with a broken separator only outside of one.
  init(_ line: Span<UInt8>, _ separators: Separators, isInside: Bool) {
    guard let name = Self.name(of: line) else {
      self = Self.isBlank(line) ? .blank : .text
      return
    }
    let next = line.count > 3 ? line[3] : nil
    if SegmentTable.isHeader(name) {
      let broken = name == SegmentTable.msh && !isInside && next.map(HL7Delimiters.isAlphanumeric) ?? false
      let isHeader = next.map(HL7Delimiters.isUsable) ?? true || broken
      self = isHeader && !(isInside && Self.isProse(line, separators)) ? .header(name) : .text
    } else if name == Self.bts || name == Self.fts {
      self = next.map(separators.endsTrailer) ?? true ? .trailer(name) : .text
    } else {
      self = next.map { $0 == separators.segment || $0 == separators.last } ?? true ? .segment(name) : .text
    }
  }

  /// A line of text that begins like a header: `FHS: 140` is a heart beat. No separator in force stands behind the name, and no encoding
  /// character behind that.
  private static func isProse(_ line: Span<UInt8>, _ separators: Separators) -> Bool {
    guard line.count > 3, !separators.endsTrailer(line[3]) else { return false }
    return line.count == 4 || !HL7Delimiters.isUsable(line[4])
  }

  /// A capital letter and two capitals or digits, as a number.
  private static func name(of line: Span<UInt8>) -> UInt32? {
    line.count >= 3 ? name(line[0], line[1], line[2]) : nil
  }

  @inline(__always)
  static func name(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt32? {
    guard isCapital(first), isCapital(second) || isDigit(second), isCapital(third) || isDigit(third) else { return nil }
    return UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
  }

  /// True for headers and trailers.
  @inline(__always)
  static func isOfEnvelope(_ name: UInt32) -> Bool { SegmentTable.isHeader(name) || name == bts || name == fts }

  private static func isBlank(_ line: Span<UInt8>) -> Bool {
    for at in line.indices where line[at] != 0x20 && line[at] != 0x09 { return false }
    return true
  }

  static func isCapital(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// The bytes are the beginning of a segment's name.
  static func isTornName(_ line: Span<UInt8>) -> Bool {
    for at in line.indices where !isCapital(line[at]) && !isDigit(line[at]) { return false }
    return line.count < 3
  }

  /// The name of a segment as text.
  static func text(_ name: UInt32) -> String {
    String(decoding: [UInt8(truncatingIfNeeded: name >> 16), UInt8(truncatingIfNeeded: name >> 8), UInt8(truncatingIfNeeded: name)], as: UTF8.self)
  }
}
