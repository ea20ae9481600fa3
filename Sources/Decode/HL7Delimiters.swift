import Core

/// The delimiters that one MSH, FHS or BHS line declares for itself (HL7 v2.5.1, 2.15.9.1 and 2.15.9.2; v2.8.2 for the truncation character).
///
/// Some senders escape the escape character (`^~\\&`): a third and a fourth encoding character that are equal stand for one, where others follow.
struct HL7Delimiters {
  enum Verdict { case recommended, unusual, invalid }

  /// As far as they could be read; where `verdict` is invalid they serve for counting only.
  private(set) var values = SegmentTable.Delimiters()
  private(set) var verdict = Verdict.invalid

  /// What one reads where no header has said anything yet.
  init() {}

  /// From a line that begins with the name of a header segment.
  init(_ line: Span<UInt8>) {
    guard line.count > 3, Self.isUsable(line[3]) else { return }
    let separator = line[3]
    var end = 4
    while end < line.count, end < 12, line[end] != separator { end += 1 }
    let isDoubled = end > 8 && line[6] == line[7]
    assign(separator, line, end, skipping: isDoubled ? 1 : 0)
    guard end > 4, end < 12, Self.areUsable(line.extracting(3..<end), doubled: isDoubled) else { return }
    verdict = !isDoubled && isRecommended(end - 4) ? .recommended : .unusual
  }

  private mutating func assign(_ separator: UInt8, _ line: Span<UInt8>, _ end: Int, skipping doubled: Int) {
    func at(_ index: Int) -> UInt8 { index < end ? line[index] : 0 }
    values.field = separator
    values.component = at(4)
    values.repetition = at(5)
    values.escape = at(6)
    values.subcomponent = at(7 + doubled)
    values.truncation = at(8 + doubled)
  }

  private func isRecommended(_ count: Int) -> Bool {
    let usual = SegmentTable.Delimiters()
    return values.field == usual.field && values.component == usual.component && values.repetition == usual.repetition && values.escape == usual.escape
      && values.subcomponent == usual.subcomponent && (count == 4 || count == 5 && values.truncation == UInt8(ascii: "#"))
  }

  /// All usable and no two equal, but for an escape character (the third behind the separator) that is doubled.
  private static func areUsable(_ characters: Span<UInt8>, doubled: Bool) -> Bool {
    for index in characters.indices {
      guard isUsable(characters[index]) else { return false }
      for other in 0..<index where characters[other] == characters[index] && !(doubled && index == 4 && other == 3) { return false }
    }
    return true
  }

  /// Printable ASCII that is neither letter nor digit nor blank.
  static func isUsable(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && !isAlphanumeric(byte) }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }
}
