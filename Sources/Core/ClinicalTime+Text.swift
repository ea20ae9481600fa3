extension ClinicalTime {
  /// The digits after the point as written, at most 9, or empty.
  public var fraction: String { fractionDigits == 0 ? "" : CalendarDay.padded(fractionValue, fractionDigits) }

  /// ISO 8601 at its own precision: `2026-03-01T08:10-06:00`, `1970-01-02`, `1970`.
  public var canonical: String {
    var out: [UInt8] = []
    append(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// The date alone, at day precision or coarser.
  public var canonicalDate: String {
    var out: [UInt8] = []
    appendDate(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends the canonical text.
  public func append(to out: inout [UInt8]) {
    out.append(addingCapacity: 36) { out in
      date(&out)
      guard precision >= .hour else { return }
      clock(&out)
      if let offsetMinutes { Self.offset(offsetMinutes, &out) }
    }
  }

  /// Appends the date alone.
  public func appendDate(to out: inout [UInt8]) {
    out.append(addingCapacity: 10) { date(&$0) }
  }

  private func date(_ out: inout OutputSpan<UInt8>) {
    out.append(two: year / 100)
    out.append(two: year % 100)
    guard precision >= .month else { return }
    out.append(UInt8(ascii: "-"))
    out.append(two: month)
    guard precision >= .day else { return }
    out.append(UInt8(ascii: "-"))
    out.append(two: day)
  }

  private func clock(_ out: inout OutputSpan<UInt8>) {
    out.append(UInt8(ascii: "T"))
    out.append(two: hour)
    guard precision >= .minute else { return }
    out.append(UInt8(ascii: ":"))
    out.append(two: minute)
    guard precision >= .second else { return }
    out.append(UInt8(ascii: ":"))
    out.append(two: second)
    guard precision == .fraction else { return }
    out.append(UInt8(ascii: "."))
    out.append(digits: fractionValue, fractionDigits)
  }

  private static func offset(_ minutes: Int, _ out: inout OutputSpan<UInt8>) {
    if minutes == 0 { return out.append(UInt8(ascii: "Z")) }
    out.append(minutes < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    out.append(two: abs(minutes) / 60)
    out.append(UInt8(ascii: ":"))
    out.append(two: abs(minutes) % 60)
  }

  /// A UTC instant in microseconds as ISO 8601 text with all six digits: `2026-03-01T14:10:00.000000Z`.
  public static func text(instant: Int) -> String {
    let day = Int((Double(instant) / 86_400_000_000).rounded(.down))
    let rest = instant - day * 86_400_000_000
    let seconds = rest / 1_000_000
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { CalendarDay.padded($0, 2) }.joined(separator: ":")
    return CalendarDay.text(days: day) + "T" + clock + "." + CalendarDay.padded(rest % 1_000_000, 6) + "Z"
  }
}

extension OutputSpan<UInt8> {
  fileprivate mutating func append(two value: Int) {
    append(UInt8(truncatingIfNeeded: 0x30 + value / 10))
    append(UInt8(truncatingIfNeeded: 0x30 + value % 10))
  }

  /// Appends a number of at most `width` digits with leading zeros.
  fileprivate mutating func append(digits value: Int, _ width: Int) {
    var place = 1
    for _ in 1..<max(width, 1) { place *= 10 }
    while place > 0 {
      append(UInt8(truncatingIfNeeded: 0x30 + value / place % 10))
      place /= 10
    }
  }
}
