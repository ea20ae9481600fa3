public import Core

/// Whether a party's books agree.
public enum Verdict: String, Sendable {
  case balanced, broken
  /// Nobody declared anything to compare with. Never shown as a pass.
  case notMeasured = "not-measured"
}

/// The state of a business date.
public enum NightState: String, Sendable {
  case closed
  /// Every break is inside a tolerance that has a reason, an owner and an expiry.
  case closedWithBreaks = "closed-with-breaks"
  case open
}

/// What the sender declared and what came.
public struct Intake: Sendable, Equatable {
  /// Nil unless each received message stands in a unit that declares.
  public var declared: Int?
  public var tally: DispositionTally

  public var received: Int { tally.received }
}

/// One feed, judged.
public struct FeedJudgement: Sendable, Equatable {
  public var feed: String
  public var owner: String
  public var dueBy: String
  public var intake: Intake
  public var verdict: Verdict
  /// Drops ascending by SHA-256, control totals resolved against the feed.
  public var ledger: FeedLedger
  /// Work for people at this feed, counted by code; what already stands as a break is left out.
  public var exceptions: [FindingCode: Int]
  /// Nil where no message of the night was looked at.
  public var coverage: FeedCoverage?
}

/// One consumer, judged.
public struct ConsumerJudgement: Sendable, Equatable {
  public var consumer: String
  public var owner: String
  public var purpose: String
  public var verdict: Verdict
  /// Nil when no extract stage has run for it yet.
  public var ledger: ConsumerLedger?
  /// The night of its first extract; nil while it has none.
  public var firstNight: BusinessDate?
  /// True in the night of its first extract, where the site had nights before it: the consumer got nothing of those.
  public var beginsLate = false
}

/// What the reconciler makes of a night: every difference named, every party with a verdict.
public struct Judgement: Sendable, Equatable {
  public var night: BusinessDate
  public var state: NightState
  public var feeds: [FeedJudgement]
  public var consumers: [ConsumerJudgement]
  /// In the order site, feeds, consumers; then code, place.
  public var breaks: [Break]
  /// Differences that the site asked only to be told of.
  public var warnings: [Break]
  /// Work for people, counted by code; what already stands as a break is left out.
  public var exceptions: [FindingCode: Int]
  public var runs: [RunEntry]
  /// Each of them with its place, those of one code at one place of a drop together (`ListedException.list`).
  public var exceptionList: [ListedException] = []

  /// `closed` only where nothing waits for a person.
  public var exitCode: ExitCode { state == .closed && exceptions.isEmpty ? .closed : .waiting }
}
