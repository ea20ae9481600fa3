import Core

/// `suffix "^" OBR-26.2`: what tells a value apart from equal ones, put behind it.
extension MapEvaluator {
  /// What was read with a text and the value of each path behind it that has one; where nothing was read, these alone.
  @inline(never)
  mutating func suffixed(_ reading: Reading, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    if case .failed = reading { return reading }
    let whole = tail
    defer { tail = whole }
    if case .piece(let piece) = reading { append(table.bytes.span, piece) }
    var isLonger = false
    for suffix in rule.suffixes.indices {
      let start = message.rows.bytes.count, code = program.suffixes[suffix]
      message.rows.bytes += program.constants[code.text.indices]
      tail = message.rows.bytes.count
      switch readScalar(Int(code.path), table, place) {
      case .piece(let piece): append(table.bytes.span, piece)
      case .value: break
      case .absent, .null, .nullFlavor, .failed:
        message.rows.truncate(to: start)
        continue
      }
      isLonger = true
    }
    if isLonger || reading.isValue { return .value }
    return reading
  }
}

extension Span<UInt8> {
  /// True where a range holds a number below zero, as HL7 writes it: a minus and not only zeros.
  func isNegative(_ range: Range<Int>) -> Bool {
    guard let first = range.first, self[first] == UInt8(ascii: "-") else { return false }
    return range.contains { (0x31...0x39).contains(self[$0]) }
  }
}
