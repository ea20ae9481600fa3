import Core

/// Numbers as accountants print them.
enum Figures {
  /// Groups of three, `12,345`; a true minus sign.
  static func text(_ value: Int) -> String {
    (value < 0 ? "\u{2212}" : "") + grouped(String(value.magnitude))
  }

  /// Two decimals, `12,345.60`.
  static func money(_ cents: Int) -> String {
    let magnitude = cents.magnitude
    return (cents < 0 ? "\u{2212}" : "") + grouped(String(magnitude / 100)) + "." + CalendarDay.padded(Int(magnitude % 100), 2)
  }

  /// A count with its noun, `1 night`, `3 nights`.
  static func count(_ value: Int, _ singular: String, _ plural: String) -> String { "\(text(value)) \(value == 1 ? singular : plural)" }

  private static func grouped(_ digits: String) -> String {
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return out
  }
}
