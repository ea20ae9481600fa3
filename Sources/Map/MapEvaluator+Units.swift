import Core

/// Units of measure: terms of UCUM, and what HL7 v2 wrote before it.
extension MapEvaluator {
  /// A term of UCUM as it came, blanks around it cut; anything else is held, marked or replaced.
  ///
  /// - With a code set of units in one case (ISO 2955 as HL7 v2 extends it, ISO+): a value in capitals is looked up there unless it came from the chain's
  ///   first path, where the sender names UCUM, and so is one in small letters that is no term. Capitals that the set does not hold are not taken for
  ///   UCUM: `MU` of one case is a thousandth, of UCUM a million.
  mutating func unit(_ step: StepCode, _ rule: RuleCode, _ source: Span<UInt8>, _ range: Range<Int>, _ occurrence: Int) -> Reading {
    let sent = source.trimmed(range)
    let value = step.number < 0 ? sent : source.powerOfTen(sent)
    if value.count > sent.count { cutUnit = rule.field }
    if value.isEmpty { return .absent }
    let letters = step.number >= 0 && choices[Int(rule.field)] > 0 ? OneCase(source, value) : nil
    if letters != .capitals, UnitTerm.isTerm(source, value) { return .piece(Piece(value)) }
    if letters != nil, let reading = unitInOneCase(step, source, value) { return reading }
    if step.unmapped == .hold { return .failed(.unitInvalid) }
    note(.unitInvalid, path(of: rule), occurrence)
    guard step.unmapped == .fallback else { return .piece(Piece(value)) }
    message.rows.truncate(to: tail)
    message.rows.bytes += program.constants[step.text.indices]
    return .value
  }

  /// Apart, because units in capitals are rare.
  @inline(never)
  private mutating func unitInOneCase(_ step: StepCode, _ source: Span<UInt8>, _ range: Range<Int>) -> Reading? {
    var capitals: [UInt8] = []
    for at in range { capitals.append((0x61...0x7A).contains(source[at]) ? source[at] - 0x20 : source[at]) }
    let table = tables[Int(step.number)]
    guard let entry = table.entry(of: capitals.span, 0..<capitals.count) else { return nil }
    message.rows.truncate(to: tail)
    table.appendTarget(entry, to: &message.rows.bytes)
    return .value
  }
}

extension Span<UInt8> {
  /// A power of ten whose sign its sender did not escape, as `10^9/L`, is cut in two where that sign parts components: the unit with its second half.
  /// Any other range is given back as it is.
  fileprivate func powerOfTen(_ range: Range<Int>) -> Range<Int> {
    guard range.count >= 2, range.upperBound + 1 < count, self[range.upperBound] == UInt8(ascii: "^"), isDigit(range.upperBound + 1) else { return range }
    guard self[range.upperBound - 2] == UInt8(ascii: "1"), self[range.upperBound - 1] == UInt8(ascii: "0") else { return range }
    if range.count > 3 || range.count == 3 && !"xX*".utf8.contains(self[range.lowerBound]) { return range }
    var end = range.upperBound + 1
    while end < count, isOfUnit(self[end]) { end += 1 }
    return range.lowerBound..<end
  }

  private func isDigit(_ at: Int) -> Bool { (0x30...0x39).contains(self[at]) }

  /// Letters, digits and what else a unit is written with; never a sign that may part fields.
  private func isOfUnit(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "/*.%()[]".utf8.contains(byte)
  }
}

/// The letters of a unit that are all of one case; nil where both stand in it, or none, or the brackets of UCUM, which ISO+ does not have.
private enum OneCase {
  case capitals, small

  init?(_ source: Span<UInt8>, _ range: Range<Int>) {
    var hasCapitals = false, hasSmall = false
    for at in range {
      let byte = source[at]
      if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { return nil }
      if (0x41...0x5A).contains(byte) { hasCapitals = true }
      if (0x61...0x7A).contains(byte) { hasSmall = true }
    }
    guard hasCapitals != hasSmall else { return nil }
    self = hasCapitals ? .capitals : .small
  }
}
