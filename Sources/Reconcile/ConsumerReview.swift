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
    var judgement = ConsumerJudgement(
      consumer: expectation.consumer, owner: expectation.owner, purpose: expectation.purpose, verdict: verdict, ledger: ledger)
    judgement.firstNight = expectation.firstNight
    judgement.beginsLate = expectation.isLaterThanSite && expectation.firstNight == books.night
    return Result(judgement: judgement, breaks: breaks)
  }

  private func differences() -> [Break] {
    guard let ledger else { return [difference(.extractMissing, "", 1, 0, "extracts")] }
    if let refusal = ledger.refusal { return [difference(BreakCode(rawValue: refusal) ?? .extractRefused, "", 1, 0, "extracts")] }
    var found: [Break] = []
    let accounted = ([ledger.sent, ledger.suppressed] + ledger.withheld.values).total
    if accounted != ledger.eligible { found.append(difference(.equationBroken, "eligible", ledger.eligible, accounted, "rows")) }
    if let awaiting = ledger.awaiting, awaiting < 0 {
      found.append(difference(.equationBroken, "sent", ledger.sent, ledger.acknowledged.plus(ledger.refused), "rows"))
    }
    if ledger.delivery.hasPrefix("failed") { found.append(difference(.deliveryFailed, "", 1, 0, "deliveries")) }
    return found + answers(ledger.receipts) + ledger.overdue.map { difference(.receiptOverdue, place($0), 1, 0, "receipts") }
  }

  /// Of the receipts that came in this night.
  private func answers(_ receipts: [ReceiptLedger]) -> [Break] {
    let astray = receipts.filter { $0.fate == .unknown || $0.fate == .unreadable }.count
    let unknown = astray == 0 ? [] : [difference(.receiptUnknown, "", 0, astray, "receipts")]
    return unknown + receipts.compactMap { receipt in
      guard let delivery = receipt.delivery else { return nil }
      switch receipt.fate {
      case .settled where receipt.refused > 0: return difference(.receiptRefused, place(delivery), delivery.lines, receipt.acknowledged, "rows")
      case .differs: return difference(.receiptDiffers, place(delivery), delivery.lines, receipt.acknowledged.plus(receipt.refused), "rows")
      case .settled, .again, .unknown, .unreadable: return nil
      }
    }
  }

  private func place(_ delivery: DeliveryLedger) -> String { "night \(delivery.night), revision \(delivery.revision)" }

  private func difference(_ code: BreakCode, _ place: String, _ expected: Int, _ actual: Int, _ unit: String) -> Break {
    Break(code, .consumer(expectation.consumer), place: place, expected: expected, actual: actual, unit: unit, owner: expectation.owner)
  }
}
