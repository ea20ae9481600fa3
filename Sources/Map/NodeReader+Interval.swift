import Core

/// Amounts, ratios and intervals of them (HL7 v3 data types PQ, RTO, IVL_PQ and their kin).
extension NodeReader {
  /// Appends `@value`, else `numerator` and `denominator` as `1:128`, else `low` and `high` as `5-10`, `>=5` or `<5`; false where none of them was sent.
  ///
  /// The parts of a ratio and ends of different units keep theirs, `10 mL:1 h` and `500 mg-1 g`: one unit beside the text would be that of one part alone.
  mutating func takeInterval(_ element: Int32, withUnit: Bool) -> Bool {
    var source = element
    if let amount = arena.attribute(numbers.value, of: element) {
      appendTrimmed(amount)
    } else if let upper = bound(numbers.numerator, of: element), let lower = bound(numbers.denominator, of: element) {
      append(amountOf: upper, behind: "", withUnit: true)
      append(amountOf: lower, behind: ":", withUnit: true)
      return true
    } else {
      let low = bound(numbers.low, of: element), high = bound(numbers.high, of: element)
      guard let first = low ?? high else { return false }
      source = [low, high].compactMap(\.self).first { unit(of: $0) != nil } ?? first
      let differs = if let low, let high { !hasSameUnit(low, high) } else { false }
      if let low, let high, isInclusive(low), isInclusive(high) {
        append(amountOf: low, behind: "", withUnit: differs)
        append(amountOf: high, behind: "-", withUnit: differs)
      } else {
        if let low { append(amountOf: low, behind: isInclusive(low) ? ">=" : ">", withUnit: differs) }
        if let high { append(amountOf: high, behind: (low == nil ? "" : " ") + (isInclusive(high) ? "<=" : "<"), withUnit: differs) }
      }
      if differs { return true }
    }
    if withUnit, let unit = arena.attribute(numbers.unit, of: element) ?? arena.attribute(numbers.unit, of: source) {
      value.append(0x20)
      appendTrimmed(unit)
    }
    return true
  }

  /// The child that bounds an interval or is a part of a ratio, where it has a value.
  private func bound(_ name: Int32, of element: Int32) -> Int32? {
    var child = arena.nodes[Int(element)].firstChild
    while child >= 0, arena.nodes[Int(child)].name != name { child = arena.nodes[Int(child)].next }
    return child >= 0 && arena.attribute(numbers.value, of: child) != nil ? child : nil
  }

  private mutating func append(amountOf bound: Int32, behind text: String, withUnit: Bool) {
    value += text.utf8
    if let amount = arena.attribute(numbers.value, of: bound) { appendTrimmed(amount) }
    guard withUnit, let unit = unit(of: bound) else { return }
    value.append(0x20)
    appendTrimmed(unit)
  }

  /// The attribute with a unit other than the number one (UCUM), which says that there is none.
  private func unit(of bound: Int32) -> Int32? {
    guard let unit = arena.attribute(numbers.unit, of: bound), !arena.value(unit).isEmpty, !arena.value(unit).elementsEqual("1".utf8) else { return nil }
    return unit
  }

  /// An end without a unit has that of the other one.
  private func hasSameUnit(_ low: Int32, _ high: Int32) -> Bool {
    guard let one = unit(of: low), let other = unit(of: high) else { return true }
    return arena.value(one).elementsEqual(arena.value(other))
  }

  /// A bound belongs to its interval unless it says otherwise.
  private func isInclusive(_ bound: Int32) -> Bool {
    guard let attribute = arena.attribute(numbers.inclusive, of: bound) else { return true }
    return !arena.value(attribute).elementsEqual("false".utf8)
  }
}
