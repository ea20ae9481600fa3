import Core
import Reconcile
import Testing

/// A night with a lying trailer, a held message, a control file that agrees and a billing extract.
enum SampleNight {
  static let run = RunEntry(id: "0a", stage: "ingest", epoch: 2, started: "2026-11-21T03:00:00Z", ended: "2026-11-21T03:00:09Z", exit: 3)

  static func statement(runs: [RunEntry] = []) -> Statement {
    var ledger = NightLedger(
      night: Books.night,
      feeds: [south(), Books.feed("clinic-ccda", [Books.drop("a", received: 1), Books.drop("c", received: 1), Books.control(2)])],
      consumers: [billing()])
    ledger.runs = runs
    let feeds = [
      FeedExpectation(feed: "south-hl7", owner: "interfaces@clinic.example", dueBy: "02:00"), FeedExpectation(feed: "clinic-ccda", owner: "hie@clinic.example"),
    ]
    let consumers = [ConsumerExpectation(consumer: "billing", owner: "billing@clinic.example", purpose: "payment")]
    return Statement(site: "demo", judgement: Reconciler.judge(ledger, feeds: feeds, consumers: consumers))
  }

  static func south() -> FeedLedger {
    var drop = Books.drop("b", received: 41, batches: [Books.trailer(42, counted: 41)])
    (drop.dispositions[.loaded], drop.dispositions[.held]) = (40, 1)
    drop.findings = [.subjectMissing: 1, .trailerMismatch: 1]
    drop.byType = ["ADT^A01": 40, "other": 1]
    var tally = EntityTally()
    (tally.found, tally.mapped, tally.held, tally.inserted) = (40, 39, 1, 39)
    drop.entities = ["charge": tally]
    var feed = Books.feed("south-hl7", [drop])
    feed.entities = ["charge": tally]
    feed.sums = [FieldSum(entity: "charge", field: "amount", cents: 1_234_560)]
    feed.dropsDuplicate = 1
    return feed
  }

  static func billing() -> ConsumerLedger {
    var billing = ConsumerLedger(consumer: "billing")
    (billing.eligible, billing.sent, billing.withheld, billing.sentCents, billing.withheldCents) = (39, 36, ["ACCOUNT-MISSING": 3], 1_200_060, 34_500)
    (billing.delivery, billing.manifest) = ("delivered", "outbox/billing/2026-11-20/manifest.json")
    return billing
  }
}

@Suite struct StatementTests {
  private let json = SampleNight.statement().json
  private let page = String(decoding: SampleNight.statement().html, as: UTF8.self)

  @Test func `the intake in JSON holds declared, received and the seven`() {
    let intake = json["feeds"]?.array?.last?["intake"]
    #expect(intake?["declared"] == 42 && intake?["received"] == 41 && intake?["loaded"] == 40 && intake?["held"] == 1 && intake?["rejected"] == 0)
    #expect(intake?.object?.count == 9)
  }

  @Test func `a feed that declares nothing has a null`() {
    let statement = Statement(site: "demo", judgement: Books.judge([Books.drop("a", received: 1)]))
    #expect(statement.json["feeds"]?.array?.first?["intake"]?["declared"] == .null)
  }

  @Test func `a drop in JSON is named by the SHA-256 of its bytes`() {
    let drop = json["feeds"]?.array?.last?["drops"]?.array?.first
    #expect(drop?["drop"]?.string == String(repeating: "b", count: 64))
    #expect(drop?["by_type"] == ["ADT^A01": 40, "other": 1])
    #expect(drop?["batches"]?.array?.first?["agrees"] == false)
  }

  @Test func `the statement of another run differs in its runs only`() throws {
    var first = try #require(json.object), second = try #require(SampleNight.statement(runs: [SampleNight.run]).json.object)
    #expect(first.removeValue(forKey: "runs") != second.removeValue(forKey: "runs"))
    #expect(first == second)
  }

  @Test func `a run that has not ended is left out`() {
    let now = RunEntry(id: "0b", stage: "reconcile", epoch: 3, started: "2026-11-21T03:00:10Z", ended: "", exit: -1)
    let statement = SampleNight.statement(runs: [SampleNight.run, now])
    #expect(statement.json["runs"]?.array?.count == 1)
    #expect(!String(decoding: statement.html, as: UTF8.self).contains("reconcile</td>"))
  }

  @Test func `exceptions are counted by code, and by feed and code`() {
    #expect(json["exceptions"] == ["SUBJECT-MISSING": 1])
    #expect(json["exceptions_by_feed"] == ["south-hl7": ["SUBJECT-MISSING": 1]])
  }

  @Test func `an earlier statement gives its breaks back with their first night`() throws {
    let parsed = try JSONValue(parsing: json.pretty)
    #expect(EarlierBreak.list(inStatement: parsed) == [EarlierBreak(code: .trailerMismatch, party: .feed("south-hl7"), firstNight: Books.night)])
  }

  @Test func `breaks come before feeds on the page`() throws {
    let breaks = try #require(page.firstRange(of: "TRAILER-MISMATCH")), feeds = try #require(page.firstRange(of: "id=\"feeds\""))
    #expect(breaks.lowerBound < feeds.lowerBound)
  }

  @Test(arguments: ["<script", "http:", "https:", "src=", "url(", "<link", "@import"]) func `the page fetches nothing and runs nothing`(sign: String) {
    #expect(!page.contains(sign))
  }

  @Test func `balanced parts are folded and broken ones are not`() {
    #expect(page.contains("<summary><span class=\"head\"><span>clinic-ccda</span>"))
    #expect(page.contains("<div class=\"head\"><span>south-hl7</span>"))
  }

  @Test func `drop hashes do not stand on the page`() {
    #expect(!page.contains("bbbb"))
  }

  @Test func `texts are escaped on the page`() {
    let page = String(decoding: Statement(site: "<b>&\"'", judgement: Books.judge([])).html, as: UTF8.self)
    #expect(page.contains("&lt;b&gt;&amp;&quot;&#39;") && !page.contains("<b>"))
  }

  @Test func `sums are printed to the cent`() {
    #expect(page.contains("12,345.60"))
  }

  @Test func `breaks as CSV have a header line and one line each`() {
    let lines = String(decoding: SampleNight.statement().breaksCSV, as: UTF8.self).split(separator: "\r\n")
    #expect(lines.count == 2)
    #expect(lines[1].hasPrefix("2026-11-20,TRAILER-MISMATCH,feed,south-hl7,\"drop 1, BTS 1\",42,41,-1,messages,0,no,0,interfaces@clinic.example"))
  }

  @Test(arguments: ["=1+1", "+1", "-1", "@A1", "\tx", "＝1"]) func `a text that a spreadsheet would calculate is quoted and marked`(owner: String) {
    var expectation = Books.expectation()
    expectation.owner = owner
    expectation.failure.late = .break
    let judgement = Reconciler.judge(Books.ledger([]), feeds: [expectation], consumers: [])
    #expect(String(decoding: Statement(site: "s", judgement: judgement).breaksCSV, as: UTF8.self).contains(",\"'\(owner)\","))
  }

  @Test(arguments: [
    "OPEN", "declared 42", "≠", "TRAILER-MISMATCH", "SUBJECT-MISSING", "39 eligible = 36 sent + 3 withheld ACCOUNT-MISSING", "12000.60", "statement.html",
  ]) func `the summary shows`(text: String) {
    #expect(SampleNight.statement().summary(places: [("Statement", "var/statements/x/statement.html")]).contains(text))
  }

  @Test(arguments: [
    "Open; 1 thing waits for a person", "SUBJECT-MISSING 1 at south-hl7: for the steward; the feed&#39;s owner is interfaces@clinic.example",
    "compline status --site SITE --night 2026-11-20 --exceptions", "billing: 3 rows, 345.00 withheld: ACCOUNT-MISSING",
  ]) func `the first box says`(text: String) throws {
    let box = try #require(page.firstRange(of: "</header>"))
    #expect(page[..<box.lowerBound].contains(text))
  }

  @Test func `a feed that did not come is named in the first box and the summary, and is not green`() {
    let statement = Statement(site: "s", judgement: Books.judge([]))
    let page = String(decoding: statement.html, as: UTF8.self)
    #expect(page.contains("Warning: north did not come, due by 02:00. Owner: lab@clinic.example."))
    #expect(page.contains("<span class=\"tag plain\">nothing came</span>") && page.contains("class=\"answer mild\""))
    #expect(statement.summary().contains("north did not come, due by 02:00"))
  }

  @Test func `a closed night with work says so`() {
    var drop = Books.drop("a", received: 3, batches: [Books.trailer(3, counted: 3)])
    drop.findings = [.subjectMissing: 2]
    let statement = Statement(site: "s", judgement: Books.judge([drop]))
    #expect(String(decoding: statement.html, as: UTF8.self).contains("Closed; 2 things wait for a person"))
    #expect(statement.summary().hasPrefix("Night 2026-11-20, site s: CLOSED; 2 things wait for a person\n"))
  }

  @Test func `a closed night in which nothing was measured is grey`() {
    let statement = Statement(site: "s", judgement: Books.judge([Books.drop("a", received: 1)]))
    let page = String(decoding: statement.html, as: UTF8.self)
    #expect(page.contains("class=\"answer plain\"") && page.contains("<span class=\"tag plain\">not-measured</span>"))
  }

  @Test func `each consumer's equation stands outside the folded parts`() throws {
    let start = try #require(page.firstRange(of: "id=\"consumers\"")).upperBound
    let section = page[start...]
    let fold = section.firstRange(of: "<details")?.lowerBound ?? section.endIndex
    #expect(section[..<fold].contains("<td class=\"code\">billing</td>") && section[..<fold].contains("<td class=\"n\">39</td><td class=\"n\">36</td>"))
  }

  @Test func `control files are counted beside the drops`() {
    #expect(page.contains("2 drops, 1 control file;"))
    #expect(SampleNight.statement().summary().contains("(2 drops, 1 control file)"))
  }

  @Test func `of thirty feeds the summary names the broken ones first`() {
    let good = Books.drop("a", received: 1, batches: [Books.trailer(1, counted: 1)]), bad = Books.drop("b", received: 1, batches: [Books.trailer(2, counted: 1)])
    let feeds = (10..<40).map { Books.feed("feed-\($0)", [$0 == 39 ? bad : good]) }
    let summary = Statement(site: "s", judgement: Reconciler.judge(NightLedger(night: Books.night, feeds: feeds), feeds: [], consumers: [])).summary()
    #expect(summary.contains("Intake: 29 of 30 feeds balanced\n  feed-39 "))
    #expect(summary.utf8.count(where: { $0 == 0x0A }) <= 20)
  }

  @Test func `the summary fits on one screen whatever the night`() {
    var drop = Books.drop("a", received: 1, batches: [Books.trailer(2, counted: 1)])
    drop.findings = [.subjectMissing: 1, .noMapping: 1]
    let feeds = (0..<50).map { Books.feed("feed-\($0)", $0 < 30 ? [drop] : []) }
    let consumers = (0..<12).map { ConsumerLedger(consumer: "consumer-\($0)") }
    let judgement = Reconciler.judge(NightLedger(night: Books.night, feeds: feeds, consumers: consumers), feeds: [], consumers: [])
    #expect(judgement.breaks.count == 30 && judgement.warnings.count == 20 && judgement.exceptions.count == 2)
    let summary = Statement(site: "s", judgement: judgement).summary(places: [("Statement", "x")])
    #expect(summary.utf8.count(where: { $0 == 0x0A }) <= 40)
  }
}
