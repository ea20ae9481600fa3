import Core
import Reconcile

/// Small books for tests: numbers first, everything else plain.
enum Books {
  static let night = BusinessDate("2026-11-20") ?? BusinessDate(daysSinceEpoch: 0)

  static func drop(_ name: String, received: Int, batches: [BatchTotal] = []) -> DropLedger {
    var drop = DropLedger(sha256: String(repeating: name, count: 64), id: "00")
    drop.messages = received
    drop.dispositions[.loaded] = received
    drop.batches = batches
    drop.messagesDeclared = batches.contains { $0.declared != nil } ? received : 0
    return drop
  }

  static func trailer(_ declared: Int?, counted: Int) -> BatchTotal {
    BatchTotal(unit: .batch, ordinal: 0, declared: declared, counted: counted, agrees: declared.map { $0 == counted }, hasTrailer: true, hasHeader: true)
  }

  static func control(_ declared: Int) -> DropLedger {
    var drop = DropLedger(sha256: String(repeating: "f", count: 64), id: "01")
    drop.isControlFile = true
    drop.batches = [BatchTotal(unit: .control, ordinal: 0, declared: declared, counted: 0, agrees: nil, hasTrailer: true, hasHeader: true)]
    return drop
  }

  static func ledger(_ drops: [DropLedger]) -> NightLedger { NightLedger(night: night, feeds: [feed("north", drops)]) }

  /// A feed that was looked at.
  static func feed(_ name: String, _ drops: [DropLedger]) -> FeedLedger {
    var feed = FeedLedger(feed: name, drops: drops)
    feed.looked = true
    return feed
  }

  static func expectation(_ tolerances: [Tolerance] = []) -> FeedExpectation {
    var feed = FeedExpectation(feed: "north", owner: "lab@clinic.example", dueBy: "02:00")
    feed.tolerances = tolerances
    return feed
  }

  static func judge(_ drops: [DropLedger], _ tolerances: [Tolerance] = [], earlier: [EarlierBreak] = []) -> Judgement {
    Reconciler.judge(ledger(drops), feeds: [expectation(tolerances)], consumers: [], earlier: earlier)
  }

  /// One drop of three messages whose trailer says four.
  static func lie(_ tolerances: [Tolerance] = []) -> Judgement {
    judge([drop("a", received: 3, batches: [trailer(4, counted: 3)])], tolerances)
  }

  static func consumer(_ change: (inout ConsumerLedger) -> Void) -> Judgement {
    var consumer = ConsumerLedger(consumer: "billing")
    change(&consumer)
    let ledger = NightLedger(night: night, consumers: [consumer])
    return Reconciler.judge(ledger, feeds: [], consumers: [ConsumerExpectation(consumer: "billing", owner: "billing@clinic.example", purpose: "payment")])
  }

  static func tolerance(within: Int, until days: Int) -> Tolerance {
    Tolerance(code: .trailerMismatch, within: within, reason: "known fault of the sender", owner: "lab@clinic.example", until: night.advanced(by: days))
  }

  /// `key: value` pairs as a flow mapping of scalars on line 3; the n-th value stands in column 10 n + 5.
  static func outline(_ pairs: KeyValuePairs<String, String>) -> OutlineNode {
    let entries = pairs.enumerated().map { index, pair in
      OutlineNode.Entry(
        key: pair.key, keyLine: 3, keyColumn: 10 * (index + 1),
        value: OutlineNode(.scalar(pair.value), file: "feeds/north.yaml", line: 3, column: 10 * (index + 1) + 5))
    }
    return OutlineNode(.mapping(entries), file: "feeds/north.yaml", line: 3, column: 1)
  }
}
