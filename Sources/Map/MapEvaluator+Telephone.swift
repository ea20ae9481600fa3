import Core

/// Telephone numbers (XTN): one text, or parts.
extension MapEvaluator {
  /// The number of a repetition as one text: XTN-1 as it was sent, else the unformatted XTN-12; else the parts in the form of XTN-1,
  /// `(999)999-9999X999` (v2.5.1, 2.A.89.1). A mail address (XTN-2 `NET`, XTN-3 `Internet` or `X.400`) is none.
  ///
  /// - A repetition without a number says nothing of it: what is known stays.
  mutating func telephone(_ rest: Piece, _ number: Int, _ table: SegmentTable) -> Reading {
    if Self.isAddress(rest, table) { return .absent }
    for component in [Int32(1), 12] {
      let whole = trimmed(value(table.part(rest, component, 1), table, number), table)
      if case .absent = whole { continue }
      return whole
    }
    return appendTelephone(rest, number, table) ? .value : .absent
  }

  private static func isAddress(_ rest: Piece, _ table: SegmentTable) -> Bool {
    let kind = table.part(rest, 3, 1)
    return table.equals(table.part(rest, 2, 1), "NET".utf8) || table.equals(kind, "Internet".utf8) || table.equals(kind, "X.400".utf8)
  }

  /// From country (5), area (6), local number (7) and extension (8); false without a local number.
  private mutating func appendTelephone(_ rest: Piece, _ number: Int, _ table: SegmentTable) -> Bool {
    let country = telephonePart(rest, 5, number, table), area = telephonePart(rest, 6, number, table)
    let local = telephonePart(rest, 7, number, table), more = telephonePart(rest, 8, number, table)
    guard !local.isEmpty else { return false }
    // The form of XTN-1 is that of the North American plan, whose country code it leaves out.
    let isHome = area.count == 3 && local.count(where: Self.isDigit) == 7 && (country.elementsEqual("1".utf8) || country.elementsEqual("+1".utf8))
    if !country.isEmpty, !isHome { message.rows.bytes += (country.first == UInt8(ascii: "+") ? [] : [UInt8(ascii: "+")]) + country + [0x20] }
    if !area.isEmpty { message.rows.bytes += area.allSatisfy(Self.isDigit) ? Array("(".utf8) + area + Array(")".utf8) : area + [0x20] }
    message.rows.bytes += local.count == 7 && local.allSatisfy(Self.isDigit) ? local[..<3] + [UInt8(ascii: "-")] + local[3...] : local[...]
    if !more.isEmpty { message.rows.bytes += [UInt8(ascii: "X")] + more }
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// A component without blanks at its ends; empty where it was not sent.
  private mutating func telephonePart(_ rest: Piece, _ component: Int32, _ number: Int, _ table: SegmentTable) -> [UInt8] {
    let part = table.part(rest, component, 1)
    if part.isEmpty || table.isNull(part) { return [] }
    let start = message.rows.bytes.count
    appendText(part, table, number)
    defer { message.rows.truncate(to: start) }
    let kept = message.rows.bytes.span.trimmed(start..<message.rows.bytes.count)
    return Array(message.rows.bytes[kept])
  }
}
