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

  public init(feed: String, owner: String, dueBy: String = "", failure: FailurePolicy = FailurePolicy()) {
    self.feed = feed
    self.owner = owner
    self.dueBy = dueBy
    self.failure = failure
    tolerances = []
    controlExpected = false
  }
}

/// What the site expects of one consumer on a business date.
public struct ConsumerExpectation: Sendable, Equatable {
  public var consumer: String
  public var owner: String
  public var purpose: String
  public var tolerances: [Tolerance] = []

  public init(consumer: String, owner: String, purpose: String) {
    self.consumer = consumer
    self.owner = owner
    self.purpose = purpose
  }
}
