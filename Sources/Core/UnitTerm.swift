/// Says whether a text is a term of the Unified Code for Units of Measure (UCUM), in its case-sensitive form.
///
/// - Grammar (UCUM, chapter 2): `/`, then components between `.` and `/`; a component is a unit or a whole number with an annotation
///   after it, an annotation alone, or a term in parentheses; a unit is an atom, before it a prefix where the atom is metric, after it an exponent.
/// - Cost: one pass; no allocation.
public enum UnitTerm {
  /// Parentheses inside each other.
  private static let maximumDepth = 16

  /// True where the bytes of a range are one term.
  public static func isTerm(_ source: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var at = range.lowerBound
    if at < range.upperBound, source[at] == UInt8(ascii: "/") { at += 1 }
    return term(source, &at, range.upperBound, 0) && at == range.upperBound
  }

  private static func term(_ source: Span<UInt8>, _ at: inout Int, _ end: Int, _ depth: Int) -> Bool {
    guard component(source, &at, end, depth) else { return false }
    while at < end, source[at] == UInt8(ascii: ".") || source[at] == UInt8(ascii: "/") {
      at += 1
      guard component(source, &at, end, depth) else { return false }
    }
    return true
  }

  private static func component(_ source: Span<UInt8>, _ at: inout Int, _ end: Int, _ depth: Int) -> Bool {
    guard at < end else { return false }
    if source[at] == UInt8(ascii: "{") { return annotation(source, &at, end) }
    if source[at] == UInt8(ascii: "(") {
      at += 1
      guard depth < maximumDepth, term(source, &at, end, depth + 1), at < end, source[at] == UInt8(ascii: ")") else { return false }
      at += 1
      return true
    }
    guard let run = symbols(source, &at, end), isUnit(source, run) else { return false }
    return at >= end || source[at] != UInt8(ascii: "{") || annotation(source, &at, end)
  }

  /// `{…}` of printable ASCII without braces.
  private static func annotation(_ source: Span<UInt8>, _ at: inout Int, _ end: Int) -> Bool {
    at += 1
    while at < end, source[at] > 0x20, source[at] < 0x7F, source[at] != UInt8(ascii: "{") {
      at += 1
      if source[at - 1] == UInt8(ascii: "}") { return true }
    }
    return false
  }

  /// The signs up to the next delimiter; what stands in square brackets is one piece. Nil where there is none, or a bracket stays open.
  private static func symbols(_ source: Span<UInt8>, _ at: inout Int, _ end: Int) -> Range<Int>? {
    let start = at
    var isOpen = false
    while at < end, source[at] > 0x20, source[at] < 0x7F {
      switch source[at] {
      case UInt8(ascii: "["):
        if isOpen { return nil }
        isOpen = true
      case UInt8(ascii: "]"): isOpen = false
      case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "}"):
        if !isOpen { return at > start ? start..<at : nil }
      default: break
      }
      at += 1
    }
    return isOpen || at == start ? nil : start..<at
  }

  /// A whole number, or an atom with its prefix and exponent.
  private static func isUnit(_ source: Span<UInt8>, _ run: Range<Int>) -> Bool {
    var upper = run.upperBound
    while upper > run.lowerBound, isDigit(source[upper - 1]) { upper -= 1 }
    if upper == run.lowerBound { return true }
    let hasDigits = upper < run.upperBound
    if hasDigits, source[upper - 1] == UInt8(ascii: "-") || source[upper - 1] == UInt8(ascii: "+") { upper -= 1 }
    return upper > run.lowerBound && isAtom(source, run.lowerBound..<upper)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func isAtom(_ source: Span<UInt8>, _ range: Range<Int>) -> Bool {
    if UnitAtoms.metric.holds(source, range) || UnitAtoms.others.holds(source, range) { return true }
    for length in 1...2 where range.count > length {
      let cut = range.lowerBound + length
      if UnitAtoms.prefixes.holds(source, range.lowerBound..<cut), UnitAtoms.metric.holds(source, cut..<range.upperBound) {
        return true
      }
    }
    return false
  }
}
