public import Core

/// Judges a night's ledger against what the site expects. Pure: the same numbers give the same judgement at any time.
public enum Reconciler {
  /// Feeds and consumers that stand in the ledger but not in the expectations are judged too, with empty owners.
  ///
  /// - coverage: what the night's messages look like, by feed; differences from a frozen profile are exceptions.
  /// - earlier: the breaks of the night before (`EarlierBreak.list(inStatement:)`), for the ages.
  public static func judge(
    _ ledger: NightLedger, feeds: [FeedExpectation], consumers: [ConsumerExpectation], earlier: [EarlierBreak] = [], coverage: [String: FeedCoverage] = [:]
  ) -> Judgement {
    let books = Ageing(night: ledger.night, earlier: earlier)
    let feedResults = Self.feeds(ledger, feeds).map { FeedReview(expectation: $0, ledger: $1, books: books).result(coverage[$1.feed]) }
    let consumerResults = Self.consumers(ledger, consumers).map { ConsumerReview(expectation: $0, ledger: $1, books: books).result() }
    let breaks = books.settled(Self.pending(ledger), tolerances: []) + feedResults.flatMap(\.breaks) + consumerResults.flatMap(\.breaks)
    return Judgement(
      night: ledger.night, state: state(of: breaks), feeds: feedResults.map(\.judgement), consumers: consumerResults.map(\.judgement), breaks: breaks,
      warnings: feedResults.flatMap(\.warnings), exceptions: feedResults.map(\.judgement.exceptions).reduce(into: [:]) { $0.merge($1) { $0.plus($1) } },
      runs: ledger.runs)
  }

  static func state(of breaks: [Break]) -> NightState {
    if breaks.isEmpty { return .closed }
    return breaks.allSatisfy(\.covered) ? .closedWithBreaks : .open
  }

  /// Nights before this one that were left unfinished.
  private static func pending(_ ledger: NightLedger) -> [Break] {
    ledger.earlierOpen.filter { $0.drops > 0 && $0.night < ledger.night }.map {
      Break(.earlierNightPending, .site, place: "night \($0.night)", expected: 0, actual: $0.drops, unit: "drops not loaded", owner: "")
    }
  }

  private static func feeds(_ ledger: NightLedger, _ expected: [FeedExpectation]) -> [(FeedExpectation?, FeedLedger)] {
    let names = Set(expected.filter(\.isAwaited).map(\.feed)).union(ledger.feeds.map(\.feed)).sorted(by: precedes)
    return names.map { name in
      (expected.first { $0.feed == name }, ledger.feeds.first { $0.feed == name } ?? FeedLedger(feed: name))
    }
  }

  private static func consumers(_ ledger: NightLedger, _ expected: [ConsumerExpectation]) -> [(ConsumerExpectation, ConsumerLedger?)] {
    let names = Set(expected.filter(\.isAwaited).map(\.consumer)).union(ledger.consumers.map(\.consumer)).sorted(by: precedes)
    return names.map { name in
      (expected.first { $0.consumer == name } ?? ConsumerExpectation(consumer: name, owner: "", purpose: ""), ledger.consumers.first { $0.consumer == name })
    }
  }

  /// By bytes, so that no locale has a say.
  static func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
}

/// Gives breaks their tolerance and their age.
struct Ageing: Sendable {
  var night: BusinessDate
  var earlier: [EarlierBreak]

  func settled(_ breaks: [Break], tolerances: [Tolerance]) -> [Break] {
    breaks.map { settled($0, tolerances) }.sorted { left, right in
      left.code == right.code ? Reconciler.precedes(left.place, right.place) : Reconciler.precedes(left.code.rawValue, right.code.rawValue)
    }
  }

  private func settled(_ item: Break, _ tolerances: [Tolerance]) -> Break {
    var item = item
    let inForce = tolerances.filter { $0.code == item.code && $0.until >= night && item.code.canBeTolerated }.max { $0.within < $1.within }
    item.tolerance = inForce?.within ?? 0
    if let inForce, item.difference.magnitude <= UInt(max(inForce.within, 0)) { item.reason = inForce.reason }
    let first = earlier.filter { $0.code == item.code && $0.party == item.party && $0.firstNight < night }.map(\.firstNight).min()
    item.age = first.map { night.daysSinceEpoch - $0.daysSinceEpoch } ?? 0
    return item
  }
}
