import Core
import Reconcile
import Testing

@Suite struct ReconcilerTests {
  @Test func `a feed whose trailers agree is balanced and closes the night`() {
    let judgement = Books.judge([Books.drop("a", received: 3, batches: [Books.trailer(3, counted: 3)])])
    #expect(judgement.feeds[0].verdict == .balanced)
    #expect(judgement.state == .closed)
    #expect(judgement.exitCode == .closed)
  }

  @Test func `a trailer that lies is one break with both counts`() {
    let breaks = Books.lie().breaks
    #expect(breaks.map(\.code) == [.trailerMismatch])
    #expect(breaks[0].expected == 4 && breaks[0].actual == 3)
    #expect(breaks[0].place == "drop 1, BTS 1")
  }

  @Test func `a lying trailer breaks the feed and leaves the night open`() {
    #expect(Books.lie().feeds[0].intake.declared == 4)
    #expect(Books.lie().feeds[0].verdict == .broken)
    #expect(Books.lie().state == .open)
  }

  @Test func `one message outside any declaring unit makes the feed not measured`() {
    let judgement = Books.judge([Books.drop("a", received: 3, batches: [Books.trailer(3, counted: 3)]), Books.drop("b", received: 1)])
    #expect(judgement.feeds[0].intake.declared == nil)
    #expect(judgement.feeds[0].verdict == .notMeasured)
  }

  @Test func `a trailer without a number declares nothing`() {
    #expect(Books.judge([Books.drop("a", received: 3, batches: [Books.trailer(nil, counted: 3)])]).feeds[0].verdict == .notMeasured)
  }

  @Test func `a control file declares for its whole feed`() {
    let feed = Books.judge([Books.drop("a", received: 1), Books.drop("b", received: 1), Books.control(2)]).feeds[0]
    #expect(feed.intake.declared == 2)
    #expect(feed.verdict == .balanced)
    #expect(feed.ledger.drops[2].batches[0].agrees == true)
  }

  @Test func `a control file that lies is a break of its own kind`() {
    #expect(Books.judge([Books.drop("a", received: 1), Books.control(2)]).breaks.map(\.code) == [.controlTotalMismatch])
  }

  @Test func `documents without the control file that is due are a break`() {
    var expectation = Books.expectation()
    expectation.controlExpected = true
    let judgement = Reconciler.judge(Books.ledger([Books.drop("a", received: 1)]), feeds: [expectation], consumers: [])
    #expect(judgement.breaks.map(\.code) == [.controlTotalMissing])
  }

  @Test func `a tolerance in force covers and the night closes with breaks`() {
    let judgement = Books.lie([Books.tolerance(within: 1, until: 0)])
    #expect(judgement.breaks[0].covered)
    #expect(judgement.state == .closedWithBreaks)
    #expect(judgement.exitCode == .waiting)
  }

  @Test func `an expired tolerance is zero`() {
    let judgement = Books.lie([Books.tolerance(within: 9, until: -1)])
    #expect(judgement.breaks[0].tolerance == 0)
    #expect(judgement.state == .open)
  }

  @Test func `a difference larger than the tolerance stays open`() {
    let judgement = Books.lie([Books.tolerance(within: 0, until: 9)])
    #expect(!judgement.breaks[0].covered)
    #expect(judgement.state == .open)
  }

  @Test func `a feed without a drop is late and not measured`() {
    let judgement = Books.judge([])
    #expect(judgement.warnings.map(\.code) == [.feedLate])
    #expect(judgement.feeds[0].verdict == .notMeasured)
    #expect(judgement.state == .closed)
  }

  @Test func `a feed that may not be late breaks the night`() {
    var expectation = Books.expectation()
    expectation.failure.late = .break
    #expect(Reconciler.judge(Books.ledger([]), feeds: [expectation], consumers: []).breaks.map(\.code) == [.feedLate])
  }

  @Test func `a feed that begins later does not stand in the books of an earlier night`() {
    var expectation = Books.expectation()
    (expectation.isAwaited, expectation.failure.late) = (false, .break)
    var ledger = Books.ledger([])
    let looked = Reconciler.judge(ledger, feeds: [expectation], consumers: [])
    #expect(looked.state == .closed && looked.warnings.isEmpty)
    ledger.feeds = []
    #expect(Reconciler.judge(ledger, feeds: [expectation], consumers: []).feeds.isEmpty)
  }

  @Test func `an empty drop is a break by default and then no exception`() {
    var drop = Books.drop("a", received: 1)
    drop.findings = [.dropEmpty: 1]
    #expect(Books.judge([drop]).breaks.map(\.code) == [.dropEmpty])
    #expect(Books.judge([drop]).exceptions.isEmpty)
  }

  @Test func `a drop that was pulled but not loaded keeps the night open`() {
    var ledger = Books.ledger([])
    ledger.feeds[0].dropsPending = 2
    let judgement = Reconciler.judge(ledger, feeds: [Books.expectation()], consumers: [])
    #expect(judgement.breaks.map(\.code) == [.dropNotLoaded])
    #expect(judgement.breaks[0].actual == 2)
  }

  @Test func `a file that yields no message counts as one received`() {
    var drop = DropLedger(sha256: "aa", id: "02")
    drop.dispositions[.rejected] = 1
    #expect(Books.judge([drop]).breaks.isEmpty)
    #expect(Books.judge([drop]).feeds[0].intake.received == 1)
  }

  @Test func `rows that are not accounted for are a break that nothing can cover`() {
    var ledger = Books.ledger([])
    var tally = EntityTally()
    (tally.found, tally.mapped, tally.inserted) = (2, 1, 1)
    ledger.feeds[0].entities = ["charge": tally]
    let judgement = Reconciler.judge(ledger, feeds: [Books.expectation()], consumers: [])
    #expect(judgement.breaks.contains { $0.code == .equationBroken && $0.place == "charge, found" })
  }

  @Test func `exceptions are counted by code and leave work to do in a closed night`() {
    var drop = Books.drop("a", received: 3, batches: [Books.trailer(3, counted: 3)])
    drop.findings = [.subjectMissing: 2, .escapeUnknown: 5]
    let judgement = Books.judge([drop])
    #expect(judgement.exceptions == [.subjectMissing: 2])
    #expect(judgement.state == .closed)
    #expect(judgement.exitCode == .waiting)
  }

  @Test func `a break ages while it lasts`() {
    let first = EarlierBreak(code: .feedLate, party: .feed("north"), firstNight: Books.night.advanced(by: -3))
    #expect(Books.judge([], earlier: [first]).warnings[0].age == 3)
  }

  @Test func `trailers that declare more than a number can hold break the night and do not stop it`() {
    let huge = Books.trailer(999_999_999_999_999_999, counted: 1)
    let judgement = Books.judge([Books.drop("a", received: 11, batches: Array(repeating: huge, count: 11))])
    #expect(judgement.feeds[0].intake.declared == .max)
    #expect(judgement.state == .open && judgement.breaks.count == 11)
    #expect(!Statement(site: "s", judgement: judgement).html.isEmpty)
  }

  @Test func `control files that declare more than a number can hold are a mismatch`() {
    var control = Books.control(.max)
    control.batches.append(control.batches[0])
    #expect(Books.judge([Books.drop("a", received: 1), control]).breaks.map(\.expected) == [.max])
  }

  @Test func `a difference past the range of a number is its end`() {
    #expect(Break(.feedLate, .feed("north"), expected: -2, actual: .max, unit: "", owner: "").difference == .max)
  }

  @Test(arguments: [-1, 36_501, .min, .max]) func `an age that no break can have is not taken over`(age: Int) {
    let entry: JSONValue = ["code": "FEED-LATE", "feed": "north", "age": .integer(age)]
    #expect(EarlierBreak.list(inStatement: ["night": "2026-11-19", "breaks": [entry]]).isEmpty)
  }

  @Test func `a feed at which nobody looked is a break and not late`() {
    let judgement = Reconciler.judge(NightLedger(night: Books.night), feeds: [Books.expectation()], consumers: [])
    #expect(judgement.breaks.map(\.code) == [.feedNotPulled] && judgement.warnings.isEmpty)
    #expect(judgement.breaks[0].expected == 1 && judgement.breaks[0].actual == 0)
    #expect(judgement.state == .open && judgement.feeds[0].verdict == .broken)
  }

  @Test func `a feed that the site has no longer needs no look`() {
    let ledger = NightLedger(night: Books.night, feeds: [FeedLedger(feed: "gone", drops: [Books.drop("a", received: 1)])])
    #expect(Reconciler.judge(ledger, feeds: [], consumers: []).breaks.isEmpty)
  }

  @Test func `what could not be read is a break beside its exceptions`() {
    var ledger = Books.ledger([Books.drop("a", received: 3, batches: [Books.trailer(3, counted: 3)])])
    ledger.feeds[0].dropsUnreadable = 2
    let judgement = Reconciler.judge(ledger, feeds: [Books.expectation()], consumers: [])
    #expect(judgement.breaks.map(\.code) == [.sourceUnreadable] && judgement.breaks[0].actual == 2)
    #expect(judgement.state == .open && judgement.exceptions == [.dropUnreadable: 2])
  }

  @Test func `an earlier night that is not loaded keeps this one open`() {
    var ledger = Books.ledger([Books.drop("a", received: 3, batches: [Books.trailer(3, counted: 3)])])
    ledger.earlierOpen = [EarlierNight(night: Books.night.advanced(by: -2), drops: 3), EarlierNight(night: Books.night.advanced(by: -1), drops: 0)]
    let judgement = Reconciler.judge(ledger, feeds: [Books.expectation()], consumers: [])
    #expect(judgement.breaks.map(\.code) == [.earlierNightPending] && judgement.state == .open)
    #expect(judgement.breaks[0].place == "night 2026-11-18" && judgement.breaks[0].actual == 3)
  }

  @Test(arguments: [BreakCode.feedNotPulled, .sourceUnreadable, .earlierNightPending]) func `nobody can sign away`(code: BreakCode) {
    #expect(!code.canBeTolerated)
  }

  @Test func `a doubled trailer declares its messages once`() {
    var doubled = Books.trailer(3, counted: 0)
    (doubled.ordinal, doubled.agrees, doubled.hasHeader) = (1, nil, false)
    let judgement = Books.judge([Books.drop("a", received: 3, batches: [Books.trailer(3, counted: 3), doubled])])
    #expect(judgement.feeds[0].intake.declared == 3)
    #expect(judgement.breaks.isEmpty && judgement.feeds[0].verdict == .balanced)
  }

  @Test func `of two control files neither is said to agree or not`() {
    var second = Books.control(1)
    second.sha256 = String(repeating: "e", count: 64)
    let judgement = Books.judge([Books.drop("a", received: 3), Books.control(2), second])
    #expect(judgement.feeds[0].intake.declared == 3 && judgement.breaks.isEmpty)
    let totals = Statement(site: "s", judgement: judgement).json["feeds"]?.array?.first?["drops"]?.array?.compactMap { $0["batches"]?.array?.first } ?? []
    #expect(totals.count == 2 && totals.allSatisfy { $0["agrees"] == .null && $0["counted"] == .null })
  }

  @Test func `the order of drops in the ledger does not matter`() {
    let drops = [Books.drop("b", received: 2), Books.drop("a", received: 3, batches: [Books.trailer(4, counted: 3)])]
    #expect(Books.judge(drops) == Books.judge(drops.reversed()))
  }
}

@Suite struct OutflowTests {
  @Test func `an outflow that adds up is balanced`() {
    let judgement = Books.consumer { consumer in
      (consumer.eligible, consumer.sent, consumer.withheld, consumer.suppressed) = (12, 8, ["ACCOUNT-MISSING": 3], 1)
    }
    #expect(judgement.consumers[0].verdict == .balanced)
  }

  @Test func `a row that is neither sent nor withheld nor suppressed is a break`() {
    #expect(Books.consumer { ($0.eligible, $0.sent) = (12, 11) }.breaks.map(\.code) == [.equationBroken])
  }

  @Test(arguments: ["AGREEMENT-MISSING", "AGREEMENT-EXPIRED", "AGREEMENT-NOT-YET", "ENVELOPE-NOT-PERMITTED", "CONSUMER-SUSPENDED"])
  func `a refusal is a break of that code`(refusal: String) {
    #expect(Books.consumer { $0.refusal = refusal }.breaks.map(\.code.rawValue) == [refusal])
  }

  @Test func `a delivery that failed keeps the night open`() {
    #expect(Books.consumer { $0.delivery = "failed EXC-201" }.breaks.map(\.code) == [.deliveryFailed])
  }

  @Test("More answers than rows were sent are a fault of ours: EQUATION-BROKEN")
  func outflowBelowZero() {
    let judgement = Books.consumer { ($0.eligible, $0.sent, $0.acknowledged, $0.refused, $0.receiptExpected) = (5, 5, 4, 2, true) }
    #expect(judgement.breaks.map(\.code) == [.equationBroken])
    #expect(judgement.breaks.first?.expected == 5 && judgement.breaks.first?.actual == 6)
  }

  private func receipt(_ fate: ReceiptFate, _ acknowledged: Int, _ refused: Int) -> ReceiptLedger {
    ReceiptLedger(fate: fate, of: DeliveryLedger(night: Books.night, revision: 1, lines: 3), acknowledged: acknowledged, refused: refused)
  }

  @Test func `an answer that is overdue is a break that names its delivery`() {
    let found = Books.consumer { $0.overdue = [DeliveryLedger(night: Books.night.advanced(by: -2), revision: 1, lines: 3)] }.breaks
    #expect(found.map(\.code) == [.receiptOverdue] && found.first?.place == "night 2026-11-18, revision 1")
  }

  @Test func `rows that the consumer did not take are a break with both figures`() {
    let found = Books.consumer { $0.receipts = [receipt(.settled, 2, 1)] }.breaks
    #expect(found.map(\.code) == [.receiptRefused] && found.first?.expected == 3 && found.first?.actual == 2)
  }

  @Test func `a receipt that counts otherwise, or answers nothing, is a break`() {
    let unknown = ReceiptLedger(fate: .unknown, of: nil, acknowledged: 0, refused: 0)
    let found = Books.consumer { $0.receipts = [receipt(.settled, 3, 0), receipt(.again, 3, 0), receipt(.differs, 1, 1), unknown] }.breaks
    #expect(Set(found.map(\.code)) == [.receiptDiffers, .receiptUnknown] && found.count == 2)
  }

  @Test func `the statement counts what awaits its receipt, and nothing where none is expected`() {
    func outflow(_ expects: Bool) -> JSONValue? {
      let judgement = Books.consumer { ($0.eligible, $0.sent, $0.acknowledged, $0.receiptExpected) = (5, 5, 2, expects) }
      return Statement(site: "general", judgement: judgement).json["consumers"]?.array?.first?["outflow"]
    }
    #expect(outflow(true)?["awaiting"] == 3 && outflow(true)?["acknowledged"] == 2 && outflow(true)?["refused"] == 0)
    #expect(outflow(false)?["awaiting"] == .null && outflow(false)?["acknowledged"] == .null)
  }

  @Test func `a feed that a person stopped says so in the place of not having been pulled`() {
    var feed = Books.expectation()
    feed.isSuspended = true
    #expect(Reconciler.judge(NightLedger(night: Books.night), feeds: [feed], consumers: []).breaks.map(\.code) == [.feedSuspended])
  }

  @Test func `a consumer without an extract keeps the night open`() {
    let expected = ConsumerExpectation(consumer: "billing", owner: "", purpose: "payment")
    let judgement = Reconciler.judge(NightLedger(night: Books.night), feeds: [], consumers: [expected])
    #expect(judgement.breaks.map(\.code) == [.extractMissing])
  }
}
