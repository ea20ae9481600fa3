import Core

/// The books of one consumer for one night.
struct ConsumerReview {
  struct Result {
    var judgement: ConsumerJudgement
    var breaks: [Break]
  }

  var expectation: ConsumerExpectation
  /// Nil when no extract stage has run for it.
  var ledger: ConsumerLedger?
  var books: Ageing

  func result() -> Result {
    let breaks = books.settled(differences(), tolerances: expectation.tolerances)
    let verdict: Verdict = !breaks.isEmpty ? .broken : .balanced
    return Result(
      judgement: ConsumerJudgement(
        consumer: expectation.consumer, owner: expectation.owner, purpose: expectation.purpose, verdict: verdict, ledger: ledger),
      breaks: breaks)
  }

  private func differences() -> [Break] {
    guard let ledger else { return [difference(.extractMissing, "", 1, 0, "extracts")] }
    if let refusal = ledger.refusal { return [difference(BreakCode(rawValue: refusal) ?? .extractRefused, "", 1, 0, "extracts")] }
    var found: [Break] = []
    let accounted = ([ledger.sent, ledger.suppressed] + ledger.withheld.values).total
    if accounted != ledger.eligible { found.append(difference(.equationBroken, "eligible", ledger.eligible, accounted, "rows")) }
    if ledger.delivery.hasPrefix("failed") { found.append(difference(.deliveryFailed, "", 1, 0, "deliveries")) }
    return found
  }

  private func difference(_ code: BreakCode, _ place: String, _ expected: Int, _ actual: Int, _ unit: String) -> Break {
    Break(code, .consumer(expectation.consumer), place: place, expected: expected, actual: actual, unit: unit, owner: expectation.owner)
  }
}
