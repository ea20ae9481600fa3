import Core
import Glibc

/// The wall clock, read only where a person or a partner will see it; durations come from the monotonic one.
enum Clock {
  static func secondsSinceEpoch() -> Int { time(nil) }

  /// UTC, ISO 8601, to the second.
  static func now() -> String { String(ClinicalTime.text(instant: secondsSinceEpoch() * 1_000_000).prefix(19)) + "Z" }

  /// Seconds of the local clock in a zone, since 1970-01-01T00:00 of that clock.
  static func local(in zone: ZoneRules) -> Int {
    let seconds = secondsSinceEpoch()
    return seconds + zone.offset(atUTC: seconds)
  }

  static func today(in zone: ZoneRules) -> BusinessDate { BusinessDate(daysSinceEpoch: local(in: zone) / 86_400) }

  static func monotonicMilliseconds() -> Int {
    var moment = timespec()
    clock_gettime(CLOCK_MONOTONIC, &moment)
    return moment.tv_sec * 1_000 + moment.tv_nsec / 1_000_000
  }
}
