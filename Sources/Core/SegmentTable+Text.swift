extension SegmentTable {
  /// Appends a range with its escapes resolved (HL7 v2.5.1, 2.7): `\F\ \S\ \T\ \R\ \E\ \P\ \Xhh..\`, `\.br\` as a line feed.
  /// Any other sequence is kept as it came. Gives the number of sequences it did not know.
  @discardableResult
  public func appendText(_ range: Range<Int>, to out: inout [UInt8]) -> Int {
    let escape = delimiters.escape
    guard escape != 0, bytes[range].contains(escape) else {
      out += bytes[range]
      return 0
    }
    var unknown = 0
    var at = range.lowerBound
    while at < range.upperBound {
      guard bytes[at] == escape else {
        out.append(bytes[at])
        at += 1
        continue
      }
      guard let close = bytes[(at + 1)..<range.upperBound].firstIndex(of: escape) else {
        unknown += 1
        out += bytes[at..<range.upperBound]
        break
      }
      if !appendEscape(at + 1..<close, to: &out) {
        unknown += 1
        out += bytes[at...close]
      }
      at = close + 1
    }
    return unknown
  }

  /// The text of a range, unescaped.
  public func text(_ range: Range<Int>) -> [UInt8] {
    var out: [UInt8] = []
    appendText(range, to: &out)
    return out
  }

  private func appendEscape(_ body: Range<Int>, to out: inout [UInt8]) -> Bool {
    guard let first = body.first.map({ bytes[$0] }) else { return false }
    if body.count == 1, let byte = delimiter(escapedBy: first) {
      out.append(byte)
      return true
    }
    if first == UInt8(ascii: "X"), body.count > 1, let data = Hex.bytes(String(decoding: bytes[body.dropFirst()], as: UTF8.self)), String(validating: data, as: UTF8.self) != nil {
      out += data
      return true
    }
    if bytes[body].elementsEqual(".br".utf8) {
      out.append(0x0A)
      return true
    }
    return false
  }

  private func delimiter(escapedBy letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "F"): delimiters.field
    case UInt8(ascii: "S"): delimiters.component
    case UInt8(ascii: "T"): delimiters.subcomponent
    case UInt8(ascii: "R"): delimiters.repetition
    case UInt8(ascii: "E"): delimiters.escape
    case UInt8(ascii: "P") where delimiters.truncation != 0: delimiters.truncation
    default: nil
    }
  }
}
