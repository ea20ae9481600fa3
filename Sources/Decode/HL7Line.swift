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

  /// - Parameters: `separators` are the field separators in force, `isInside` says whether a message is open: a word that begins
  ///   with MSH is a header with a broken separator only outside of one.
  init(_ line: ArraySlice<UInt8>, separators: (UInt8, UInt8), isInside: Bool) {
    guard let name = Self.name(of: line) else {
      self = line.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? .blank : .text
      return
    }
    let next = line.count > 3 ? line[line.startIndex + 3] : nil
    let ends = next.map { $0 == separators.0 || $0 == separators.1 } ?? true
    if SegmentTable.isHeader(name) {
      let broken = name == SegmentTable.msh && !isInside && next.map(HL7Delimiters.isAlphanumeric) ?? false
      self = next.map(HL7Delimiters.isUsable) ?? true || broken ? .header(name) : .text
    } else if name == Self.bts || name == Self.fts {
      self = ends || next == UInt8(ascii: "|") ? .trailer(name) : .text
    } else {
      self = ends ? .segment(name) : .text
    }
  }

  /// A capital letter and two capitals or digits, as a number.
  private static func name(of line: ArraySlice<UInt8>) -> UInt32? {
    guard line.count >= 3 else { return nil }
    let first = line[line.startIndex], second = line[line.startIndex + 1], third = line[line.startIndex + 2]
    guard isCapital(first), isCapital(second) || isDigit(second), isCapital(third) || isDigit(third) else { return nil }
    return UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
  }

  static func isCapital(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// The name of a segment as text.
  static func text(_ name: UInt32) -> String {
    String(decoding: [UInt8(truncatingIfNeeded: name >> 16), UInt8(truncatingIfNeeded: name >> 8), UInt8(truncatingIfNeeded: name)], as: UTF8.self)
  }
}
