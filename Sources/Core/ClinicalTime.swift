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

  public let year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int
  /// The digits after the point as a number, and how many were written, at most 9.
  let fractionValue: Int, fractionDigits: Int
  public let precision: Precision
  /// Minutes east of UTC; nil for dates.
  public private(set) var offsetMinutes: Int?
  public private(set) var zoneSource: ZoneSource
  public private(set) var doubt: ZoneDoubt?
  /// The offset was written as hours alone, `+00`, which the standard does not allow (HL7 v2.5.1, 2.A.22); it means no other.
  public let isOffsetShort: Bool

  /// Reads `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZ[ZZ]]`; also with ISO separators. Nil when it is not of that form or the day does not exist.
  ///
  /// A time of day without an offset takes the one of `zone`; without a zone it has none.
  public init?(_ text: some Collection<UInt8>, zone: ZoneRules?) {
    let bytes = Array(text)
    self.init(bytes.span, 0..<bytes.count)
    if let zone, needsZone { settle(zone.offset(atLocal: localSeconds)) }
  }

  /// The same from a range of bytes, without a zone; where `needsZone`, the caller settles it.
  public init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    var scan = TimeScan(at: range.lowerBound, end: range.upperBound)
    guard scan.read(bytes), let time = Self.split(scan.digits, scan.count), scan.fractionDigits <= 9 else { return nil }
    (year, month, day, hour, minute, second) = time
    fractionValue = scan.fraction
    fractionDigits = scan.fractionDigits
    switch scan.count {
    case 4: precision = .year
    case 6: precision = .month
    case 8: precision = .day
    case 10: precision = .hour
    case 12: precision = .minute
    default: precision = fractionDigits == 0 ? .second : .fraction
    }
    offsetMinutes = precision < .hour ? nil : scan.offset
    zoneSource = offsetMinutes == nil ? .none : .value
    doubt = nil
    isOffsetShort = zoneSource == .value && scan.isOffsetShort
  }

  /// True for a time of day whose sender wrote no offset.
  public var needsZone: Bool { precision >= .hour && zoneSource == .none }

  /// Takes the offset that the feed's zone has at `localSeconds`.
  public mutating func settle(_ local: (minutes: Int, doubt: ZoneDoubt?)) {
    offsetMinutes = local.minutes
    doubt = local.doubt
    zoneSource = .feed
  }

  private typealias Parts = (Int, Int, Int, Int, Int, Int)

  /// The parts of 4, 6, 8, 10, 12 or 14 digits; nil where there is no such day or time of day.
  private static func split(_ digits: Int, _ count: Int) -> Parts? {
    guard count >= 4, count <= 14, count & 1 == 0 else { return nil }
    var whole = digits
    func two(_ place: Int, _ missing: Int) -> Int {
      guard count >= place else { return missing }
      defer { whole /= 100 }
      return whole % 100
    }
    let second = two(14, 0), minute = two(12, 0), hour = two(10, 0), day = two(8, 1), month = two(6, 1)
    guard whole > 0, month >= 1, month <= 12, day >= 1, day <= CalendarDay.length(year: whole, month: month) else { return nil }
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return (whole, month, day, hour, minute, second)
  }

  /// Seconds since 1970-01-01T00:00 of the local clock; the earliest moment that the precision allows.
  public var localSeconds: Int {
    (CalendarDay.days(year: year, month: month, day: day) ?? 0) * 86_400 + hour * 3_600 + minute * 60 + second
  }

  /// How many seconds of the local clock the precision spans: a day 86,400, a minute 60; from the second on 1.
  public var spanSeconds: Int {
    switch precision {
    case .year: (337 + CalendarDay.length(year: year, month: 2)) * 86_400
    case .month: CalendarDay.length(year: year, month: month) * 86_400
    case .day: 86_400
    case .hour: 3_600
    case .minute: 60
    case .second, .fraction: 1
    }
  }

  private var microseconds: Int {
    var value = fractionValue, digits = fractionDigits
    while digits < 6 { (value, digits) = (value * 10, digits + 1) }
    while digits > 6 { (value, digits) = (value / 10, digits - 1) }
    return value
  }

  /// Microseconds since the epoch in UTC, the key that orders events; a time without an offset counts as UTC.
  public var instant: Int {
    (localSeconds - (offsetMinutes ?? 0) * 60) * 1_000_000 + microseconds
  }
}
