import Core
import Reconcile

/// When a feed's drops are expected: `cadence`, `calendar` and `expect` of its `arrival`.
struct ArrivalCalendar: Sendable, Equatable {
  enum Cadence: Sendable, Equatable {
    case daily
    /// Monday to Friday.
    case weekdays
    /// A day of the week, 1 is Monday.
    case weekly(Int)
    /// A day of the month; where the month is shorter, its last one.
    case monthly(Int)
  }

  var cadence: Cadence
  /// Days on which nothing is expected, whatever the cadence says.
  var closed: ClosedDays = .none
  var least = 1
  /// Nil where any number will do.
  var most: Int?

  /// What it says of a night, whose cut-off is a time of day in `zone`.
  func expected(on night: BusinessDate, due: ClockTime, in zone: ZoneRules) -> ExpectedArrival {
    let instant = due.moment(on: night, in: zone)
    return isOpen(on: night) ? ExpectedArrival(least: least, most: most, due: instant) : ExpectedArrival(least: 0, most: 0, due: instant)
  }

  func isOpen(on night: BusinessDate) -> Bool {
    let days = night.daysSinceEpoch
    if closed.contains(days) { return false }
    switch cadence {
    case .daily: return true
    case .weekdays: return Weekday.of(days) <= 5
    case .weekly(let weekday): return Weekday.of(days) == weekday
    case .monthly(let wanted):
      let (year, month, day) = CalendarDay.civil(days: days)
      return day == min(wanted, CalendarDay.length(year: year, month: month))
    }
  }
}

extension ClockTime {
  /// Seconds since the epoch. In the hour that a clock leaves out it stands where that hour would have been; of the hour that comes twice it is
  /// the first.
  func moment(on night: BusinessDate, in zone: ZoneRules) -> Int {
    let local = night.daysSinceEpoch * 86_400 + minutes * 60
    return local - zone.offset(atLocal: local).minutes * 60
  }
}

/// Days of the week, 1 is Monday.
enum Weekday {
  static let names = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

  /// Of a count of days since 1970-01-01, a Thursday.
  static func of(_ days: Int) -> Int { ((days + 3) % 7 + 7) % 7 + 1 }
}

/// Days on which a sender is closed.
enum ClosedDays: Sendable, Equatable {
  case none
  /// The holidays of 5 USC 6103, on their day and on the day on which they are observed.
  case federal
  /// Days since 1970-01-01.
  case days(Set<Int>)

  func contains(_ days: Int) -> Bool {
    switch self {
    case .none: false
    case .federal: FederalHolidays.contain(days)
    case .days(let all): all.contains(days)
    }
  }

  /// A day a line, `YYYY-MM-DD`, anything behind it a remark; `#` begins a line of remarks. Nil with the number of the first other line.
  static func read(_ text: String) -> (days: Set<Int>, badLine: Int?) {
    var days: Set<Int> = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == "," || $0 == "\r" }
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard let day = BusinessDate(String(first)) else { return (days, index + 1) }
      days.insert(day.daysSinceEpoch)
    }
    return (days, nil)
  }
}

/// The legal public holidays of the United States (5 USC 6103(a) and (b)).
enum FederalHolidays {
  static func contain(_ days: Int) -> Bool {
    let year = CalendarDay.civil(days: days).year
    // A New Year's Day on a Saturday is observed in the year before.
    return (year...(year + 1)).contains { all(of: $0).contains(days) }
  }

  private static func all(of year: Int) -> Set<Int> {
    let fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)].filter { $0.0 != 6 || year >= 2021 }.compactMap { CalendarDay.days(year: year, month: $0.0, day: $0.1) }
    let moving = [(1, 3, 1), (2, 3, 1), (9, 1, 1), (10, 2, 1), (11, 4, 4)].compactMap { nth($0.1, weekday: $0.2, month: $0.0, year: year) }
    let memorial = CalendarDay.days(year: year, month: 5, day: 31).map { $0 - (Weekday.of($0) - 1) }
    return Set(fixed + fixed.map(observed) + moving + (memorial.map { [$0] } ?? []))
  }

  /// A Saturday's is observed on the Friday before, a Sunday's on the Monday after.
  private static func observed(_ days: Int) -> Int {
    switch Weekday.of(days) {
    case 6: days - 1
    case 7: days + 1
    default: days
    }
  }

  private static func nth(_ count: Int, weekday: Int, month: Int, year: Int) -> Int? {
    CalendarDay.days(year: year, month: month, day: 1).map { $0 + (weekday - Weekday.of($0) + 7) % 7 + (count - 1) * 7 }
  }
}
