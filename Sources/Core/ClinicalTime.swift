/// A time as a sender wrote it: precision and zone kept, never filled in.
///
/// Sources: HL7 v2.5.1 2.A.22 (DTM), CDA R2 TS; canonical text follows ISO 8601.
public struct ClinicalTime: Sendable, Equatable {
  public enum Precision: Int, Sendable, Comparable {
    case year, month, day, hour, minute, second, fraction
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  public enum ZoneSource: Sendable, Equatable {
    /// The sender wrote an offset.
    case value
    /// The feed's declared zone gave it.
    case feed
    /// A date without a time needs none.
    case none
  }

  public enum ZoneDoubt: Sendable, Equatable { case gap, ambiguous }

  public var year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int
  /// Digits after the point as written, at most 9, or empty.
  public var fraction: String
  public var precision: Precision
  /// Minutes east of UTC; nil for dates.
  public var offsetMinutes: Int?
  public var zoneSource: ZoneSource
  public var doubt: ZoneDoubt?

  /// Reads `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZ[ZZ]]`; also with ISO separators. Nil when it is not of that form or the day does not exist.
  ///
  /// A time of day without an offset takes the one of `zone`; without a zone it has none.
  public init?(_ text: some Collection<UInt8>, zone: ZoneRules?) {
    var digits: [UInt8] = []
    var fraction: [UInt8] = []
    var offset: Int?
    let bytes = Self.compact(Array(text))
    var at = 0
    scan: while at < bytes.count {
      switch bytes[at] {
      case 0x30...0x39: digits.append(bytes[at])
      case UInt8(ascii: "T"): guard digits.count == 8, Self.isDigit(bytes, at - 1), Self.isDigit(bytes, at + 1) else { return nil }
      case UInt8(ascii: ":"):
        guard digits.count == 10 || digits.count == 12, fraction.isEmpty, Self.isDigit(bytes, at - 1), Self.isDigit(bytes, at + 1) else { return nil }
      case UInt8(ascii: "."):
        guard digits.count == 14, fraction.isEmpty, Self.isDigit(bytes, at + 1) else { return nil }
        fraction = Array(bytes[(at + 1)...].prefix { (0x30...0x39).contains($0) })
        at += fraction.count
      case UInt8(ascii: "Z") where at == bytes.count - 1: offset = 0
      case UInt8(ascii: "+"), UInt8(ascii: "-"):
        guard let minutes = Self.offset(bytes[at...]) else { return nil }
        offset = minutes
        break scan
      default: return nil
      }
      at += 1
    }
    guard let parts = Self.parts(digits), fraction.count <= 9 else { return nil }
    (year, month, day, hour, minute, second) = (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
    self.fraction = String(decoding: fraction, as: UTF8.self)
    switch digits.count {
    case 4: precision = .year
    case 6: precision = .month
    case 8: precision = .day
    case 10: precision = .hour
    case 12: precision = .minute
    default: precision = fraction.isEmpty ? .second : .fraction
    }
    offsetMinutes = offset
    zoneSource = offset == nil ? .none : .value
    doubt = nil
    if precision < .hour {
      offsetMinutes = nil
      zoneSource = .none
    } else if offset == nil, let zone {
      let local = zone.offset(atLocal: localSeconds)
      offsetMinutes = local.minutes
      zoneSource = .feed
      doubt = local.doubt
    }
  }

  private static func isDigit(_ bytes: [UInt8], _ index: Int) -> Bool { bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index]) }

  /// ISO dates lose their dashes: `2026-03-01…` and `2026-03`. HL7's `2026-0600` (a year with an offset) keeps its own.
  private static func compact(_ bytes: [UInt8]) -> [UInt8] {
    let dash = UInt8(ascii: "-")
    guard bytes.count >= 7, bytes[4] == dash, bytes.count == 7 || bytes[7] == dash else { return bytes }
    return Array(bytes[0..<4]) + bytes[5..<7] + bytes.dropFirst(8)
  }

  private static func parts(_ digits: [UInt8]) -> [Int]? {
    guard [4, 6, 8, 10, 12, 14].contains(digits.count) else { return nil }
    var parts = [CalendarDay.number(digits[0..<4]) ?? 0, 1, 1, 0, 0, 0]
    for (index, start) in stride(from: 4, to: digits.count, by: 2).enumerated() {
      parts[index + 1] = CalendarDay.number(digits[start..<(start + 2)]) ?? 0
    }
    guard parts[0] > 0, CalendarDay.days(year: parts[0], month: parts[1], day: parts[2]) != nil, parts[3] < 24, parts[4] < 60, parts[5] < 60 else { return nil }
    return parts
  }

  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let sign = bytes.first else { return nil }
    let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
    guard digits.count == 2 || digits.count == 4, let hours = CalendarDay.number(digits.prefix(2)), let minutes = digits.count == 4 ? CalendarDay.number(digits.suffix(2)) : 0,
      hours <= 15, minutes < 60
    else { return nil }
    return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
  }

  /// Seconds since 1970-01-01T00:00 of the local clock; the earliest moment that the precision allows.
  public var localSeconds: Int {
    (CalendarDay.days(year: year, month: month, day: day) ?? 0) * 86_400 + hour * 3_600 + minute * 60 + second
  }

  /// Microseconds since the epoch in UTC, the key that orders events; a time without an offset counts as UTC.
  public var instant: Int {
    let micros = Int(String((fraction + "000000").prefix(6))) ?? 0
    return (localSeconds - (offsetMinutes ?? 0) * 60) * 1_000_000 + micros
  }

  /// ISO 8601 at its own precision: `2026-03-01T08:10-06:00`, `1970-01-02`, `1970`.
  public var canonical: String {
    var out = CalendarDay.padded(year, 4)
    if precision >= .month { out += "-" + CalendarDay.padded(month, 2) }
    if precision >= .day { out += "-" + CalendarDay.padded(day, 2) }
    if precision >= .hour { out += "T" + CalendarDay.padded(hour, 2) }
    if precision >= .minute { out += ":" + CalendarDay.padded(minute, 2) }
    if precision >= .second { out += ":" + CalendarDay.padded(second, 2) }
    if precision == .fraction { out += "." + fraction }
    if precision >= .hour, let offsetMinutes { out += Self.offsetText(offsetMinutes) }
    return out
  }

  /// The date alone, at day precision or coarser.
  public var canonicalDate: String { String(canonical.prefix(10)) }

  private static func offsetText(_ minutes: Int) -> String {
    if minutes == 0 { return "Z" }
    let magnitude = abs(minutes)
    return (minutes < 0 ? "-" : "+") + CalendarDay.padded(magnitude / 60, 2) + ":" + CalendarDay.padded(magnitude % 60, 2)
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
