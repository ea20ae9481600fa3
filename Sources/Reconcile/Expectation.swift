public import Core

/// What the site expects of one feed on a business date.
public struct FeedExpectation: Sendable, Equatable {
  public var feed: String
  public var owner: String
  /// `HH:MM` in the feed's zone, as the feed file says it; only printed.
  public var dueBy: String
  public var failure: FailurePolicy
  public var tolerances: [Tolerance]
  /// True where the feed names a control file, so that drops without one are a break.
  public var controlExpected: Bool
  /// A person has stopped the feed: that nothing came of it is no news.
  public var isSuspended = false
  /// False on nights before the feed's first one: only what the ledger holds of them is judged.
  public var isAwaited = true
  /// What the feed's calendar says of this night; nil where it has none, and then a drop at least is expected.
  public var arrival: ExpectedArrival?

  public init(feed: String, owner: String, dueBy: String = "", failure: FailurePolicy = FailurePolicy()) {
    self.feed = feed
    self.owner = owner
    self.dueBy = dueBy
    self.failure = failure
    tolerances = []
    controlExpected = false
  }
}

/// What a feed's calendar says of one night.
public struct ExpectedArrival: Sendable, Equatable {
  /// How many drops are expected; both zero on a closed day.
  public var least: Int
  /// Nil where any number will do.
  public var most: Int?
  /// What arrived later is late, in seconds since the epoch.
  public var due: Int

  public init(least: Int, most: Int?, due: Int) {
    self.least = least
    self.most = most
    self.due = due
  }
}

/// What the site expects of one consumer on a business date.
public struct ConsumerExpectation: Sendable, Equatable {
  public var consumer: String
  public var owner: String
  public var purpose: String
  public var tolerances: [Tolerance] = []
  /// False on nights before the consumer's first one: only what the ledger holds of them is judged.
  public var isAwaited = true
  /// The night of its first extract; nil while it has none.
  public var firstNight: BusinessDate?
  /// True where the site had nights before that one.
  public var isLaterThanSite = false

  public init(consumer: String, owner: String, purpose: String) {
    self.consumer = consumer
    self.owner = owner
    self.purpose = purpose
  }
}
