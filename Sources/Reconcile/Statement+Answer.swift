import Core

/// Work of one kind at one feed.
struct ExceptionLine {
  var code: FindingCode
  var feed: String
  var count: Int
  /// The feed's owner; empty when none is named.
  var owner: String
}

/// What page and terminal say first, in the same words.
extension Statement {
  /// How many exceptions wait for a person.
  var waiting: Int { judgement.exceptions.values.total }

  /// The state as a sentence, like `Closed; 3 things wait for a person`.
  var stateWords: String {
    let word =
      switch judgement.state {
      case .closed: "Closed"
      case .closedWithBreaks: "Closed with breaks"
      case .open: "Open"
      }
    return waiting == 0 ? word : word + "; " + Figures.count(waiting, "thing waits", "things wait") + " for a person"
  }

  /// By code, then feed.
  var exceptionItems: [ExceptionLine] {
    let items = judgement.feeds.flatMap { feed in feed.exceptions.map { ExceptionLine(code: $0.key, feed: feed.feed, count: $0.value, owner: feed.owner) } }
    return items.sorted { $0.code == $1.code ? Reconciler.precedes($0.feed, $1.feed) : $0.code < $1.code }
  }

  /// Lists each exception with its ref and position.
  var exceptionCommand: String { "compline status --site SITE --night \(judgement.night) --exceptions" }

  /// Lists each row that is withheld, with its ref and reason.
  var withheldCommand: String { "compline status --site SITE --night \(judgement.night) --withheld" }

  /// True where a row is withheld from somebody.
  var isWithholding: Bool { judgement.consumers.contains { ($0.ledger?.withheld.values.total ?? 0) > 0 } }

  /// Like `lab-results did not come, due by 02:00`.
  func words(of warning: Break) -> String {
    guard warning.code == .feedLate else {
      if [.feedAbsent, .dropLate, .dropUnexpected].contains(warning.code) { return arrivalWords(of: warning) }
      return "\(warning.party.name)\(warning.place.isEmpty ? "" : ", " + warning.place): \(warning.code.rawValue)"
    }
    let due = judgement.feeds.first { .feed($0.feed) == warning.party }?.dueBy ?? ""
    return "\(warning.party.name) did not come" + (due.isEmpty ? "" : ", due by \(due)")
  }

  /// Like `lab-results: 1 drop late, due by 02:00`.
  private func arrivalWords(of warning: Break) -> String {
    let due = judgement.feeds.first { .feed($0.feed) == warning.party }?.dueBy ?? ""
    switch warning.code {
    case .dropLate: return "\(warning.party.name): \(Figures.count(warning.actual, "drop", "drops")) late, due by \(due)"
    case .dropUnexpected: return "\(warning.party.name): \(Figures.count(warning.actual, "drop", "drops")), \(Figures.text(warning.expected)) expected"
    default: return "\(warning.party.name): \(Figures.count(warning.actual, "drop", "drops")), at least \(Figures.text(warning.expected)) expected by \(due)"
    }
  }

  /// Like `3 rows, 149.65 withheld: ACCOUNT-MISSING`; nil when nothing is withheld.
  static func withheld(_ ledger: ConsumerLedger) -> String? {
    let rows = ledger.withheld.values.total
    guard rows > 0 || ledger.withheldCents != 0 else { return nil }
    let reasons = ledger.withheld.filter { $0.value > 0 }.sorted { Reconciler.precedes($0.key, $1.key) }
    let words = reasons.count == 1 ? reasons[0].key : reasons.map { "\($0.key) \(Figures.text($0.value))" }.joined(separator: ", ")
    return "\(Figures.count(rows, "row", "rows")), \(Figures.money(ledger.withheldCents)) withheld: \(words)"
  }

  /// `8 drops, 1 control file`.
  static func dropWords(_ ledger: FeedLedger) -> String {
    let control = ledger.drops.count(where: \.isControlFile)
    let drops = Figures.count(ledger.drops.count - control, "drop", "drops")
    return control == 0 ? drops : drops + ", " + Figures.count(control, "control file", "control files")
  }
}

extension FeedJudgement {
  /// The verdict in words for people: where nothing was to be measured because nothing came, that is said.
  var words: String {
    guard verdict == .notMeasured, intake.received == 0 else { return verdict.rawValue }
    return ledger.dropsDuplicate > 0 ? "nothing new came" : "nothing came"
  }
}
