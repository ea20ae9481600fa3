import Core

/// The delimiters that one MSH, FHS or BHS line declares for itself (HL7 v2.5.1, 2.15.9.1 and 2.15.9.2).
struct HL7Delimiters {
  enum Verdict { case recommended, unusual, invalid }

  /// As far as they could be read; where `verdict` is invalid they serve for counting only.
  private(set) var values = SegmentTable.Delimiters()
  private(set) var verdict = Verdict.invalid

  /// From a line that begins with the name of a header segment.
  init(line: ArraySlice<UInt8>) {
    guard line.count > 3 else { return }
    let separator = line[line.startIndex + 3]
    guard Self.isUsable(separator) else { return }
    let encoding = line.dropFirst(4).prefix { $0 != separator }
    assign(separator, Array(encoding.prefix(8)))
    let all = [separator] + encoding.prefix(8)
    let distinct = Set(all).count == all.count
    guard !encoding.isEmpty, distinct, encoding.count < 8, encoding.allSatisfy(Self.isUsable) else { return }
    verdict = separator == UInt8(ascii: "|") && Self.isRecommended(encoding) ? .recommended : .unusual
  }

  private mutating func assign(_ separator: UInt8, _ encoding: [UInt8]) {
    func at(_ index: Int) -> UInt8 { index < encoding.count ? encoding[index] : 0 }
    values.field = separator
    values.component = at(0)
    values.repetition = at(1)
    values.escape = at(2)
    values.subcomponent = at(3)
    values.truncation = at(4)
  }

  private static func isRecommended(_ encoding: ArraySlice<UInt8>) -> Bool {
    encoding.elementsEqual(#"^~\&"#.utf8) || encoding.elementsEqual(#"^~\&#"#.utf8)
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
