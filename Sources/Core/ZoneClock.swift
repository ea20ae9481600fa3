/// A zone's offsets at local times, which remembers the last stretch of time without a change: most times of a message lie in one.
public struct ZoneClock: Sendable {
  public let rules: ZoneRules
  /// Local times whose offset is `minutes` beyond doubt.
  private var known = 0..<0
  private var minutes = 0

  public init(_ rules: ZoneRules) { self.rules = rules }

  /// The same as `ZoneRules.offset(atLocal:)`.
  public mutating func offset(atLocal seconds: Int) -> (minutes: Int, doubt: ClinicalTime.ZoneDoubt?) {
    if known.contains(seconds) { return (minutes, nil) }
    let answer = rules.offset(atLocal: seconds)
    if answer.doubt == nil { remember(seconds, answer.minutes) }
    return answer
  }

  /// A local time is beyond doubt where no change stands within a day of it, read as UTC: offsets are shorter than a day.
  private mutating func remember(_ seconds: Int, _ offset: Int) {
    let stretch = rules.stretch(around: seconds)
    let low = stretch.lowerBound + 86_400, high = stretch.upperBound - 86_400
    guard low < high, (low..<high).contains(seconds) else { return }
    known = low..<high
    minutes = offset
  }
}
