public import Core

extension Statement {
  /// `statement.json`, the schema of docs/formats/statement.md; write it with `pretty`.
  public var json: JSONValue {
    [
      "schema": 1, "night": .string(judgement.night.description), "state": .string(judgement.state.rawValue),
      "feeds": .array(judgement.feeds.map(Self.feed)), "entities": Self.entities(Self.total(judgement.feeds.map(\.ledger.entities)), full: true),
      "consumers": .array(judgement.consumers.map(Self.consumer)), "breaks": .array(judgement.breaks.map(Self.difference)),
      "warnings": .array(judgement.warnings.map(Self.difference)), "exceptions": Self.exceptions(judgement.exceptions),
      "exceptions_by_feed": Self.exceptionsByFeed(judgement.feeds), "exception_list": .array(judgement.exceptionList.map(\.json)),
      "runs": .array(endedRuns.map(Self.run)),
    ]
  }

  static func total(_ parts: [[String: EntityTally]]) -> [String: EntityTally] {
    parts.reduce(into: [:]) { total, part in
      for (entity, tally) in part { total[entity, default: EntityTally()] += tally }
    }
  }

  private static func feed(_ item: FeedJudgement) -> JSONValue {
    var intake = dispositions(item.intake.tally)
    intake["declared"] = item.intake.declared.map { .integer($0) } ?? .null
    intake["received"] = .integer(item.intake.received)
    var members: [String: JSONValue] = [
      "feed": .string(item.feed), "owner": .string(item.owner), "due_by": .string(item.dueBy), "intake": .object(intake),
      "drops_duplicate": .integer(item.ledger.dropsDuplicate), "drops_resubmitted": .integer(item.ledger.dropsResubmitted),
      "drops_arriving": .integer(item.ledger.dropsArriving), "drops_skipped": .integer(item.ledger.dropsSkipped),
      "drops_unreadable": .integer(item.ledger.dropsUnreadable), "drops_missing": .integer(item.ledger.dropsMissing), "verdict": .string(item.verdict.rawValue),
      "drops": .array(item.ledger.drops.map(drop)), "entities": entities(item.ledger.entities, full: true),
      "sums": .array(item.ledger.sums.map(sum)),
    ]
    if let coverage = item.coverage { members["coverage"] = Self.coverage(coverage) }
    return .object(members)
  }

  private static func sum(_ item: FieldSum) -> JSONValue {
    ["entity": .string(item.entity), "field": .string(item.field), "sum": .string(Money(cents: item.cents).description)]
  }

  private static func dispositions(_ tally: DispositionTally) -> [String: JSONValue] {
    Dictionary(uniqueKeysWithValues: Disposition.allCases.map { ($0.rawValue, .integer(tally[$0])) })
  }

  private static func drop(_ item: DropLedger) -> JSONValue {
    [
      "drop": .string(item.sha256), "bytes": .integer(item.byteCount), "control_file": .bool(item.isControlFile), "messages": .integer(item.messages),
      "by_type": .object(types(item.byType).mapValues { .integer($0) }),
      "dispositions": .object(dispositions(item.dispositions)), "entities": entities(item.entities, full: false),
      "batches": .array(item.batches.map(batch)),
      "findings": .object(Dictionary(uniqueKeysWithValues: item.findings.filter { $0.value != 0 }.map { ($0.key.rawValue, .integer($0.value)) })),
    ]
  }

  /// A type that is neither of the form AAA^AAA nor a resource type counts as `other`, documents included.
  private static func types(_ counts: [String: Int]) -> [String: Int] {
    counts.filter { $0.value != 0 }.reduce(into: [:]) { types, entry in types[isMessageType(entry.key) ? entry.key : "other", default: 0] += entry.value }
  }

  private static func isMessageType(_ text: String) -> Bool {
    if FHIRTypes.holds(text) { return true }
    let bytes = Array(text.utf8)
    return bytes.count == 7 && bytes.enumerated().allSatisfy { $0 == 3 ? $1 == UInt8(ascii: "^") : (0x41...0x5A).contains($1) || (0x30...0x39).contains($1) }
  }

  private static func batch(_ item: BatchTotal) -> JSONValue {
    [
      "unit": .string(item.unit.rawValue), "declared": item.declared.map { .integer($0) } ?? .null,
      "counted": item.isCounted ? .integer(item.counted) : .null,
      "agrees": item.agrees.map { .bool($0) } ?? .null,
    ]
  }

  /// The codes of each feed that has any.
  private static func exceptionsByFeed(_ feeds: [FeedJudgement]) -> JSONValue {
    .object(Dictionary(uniqueKeysWithValues: feeds.filter { !$0.exceptions.isEmpty }.map { ($0.feed, exceptions($0.exceptions)) }))
  }

  private static func entities(_ tallies: [String: EntityTally], full: Bool) -> JSONValue {
    .object(
      tallies.mapValues { tally in
        var members: [String: JSONValue] = [
          "found": .integer(tally.found), "mapped": .integer(tally.mapped), "held": .integer(tally.held), "skipped": .integer(tally.skipped),
        ]
        guard full else { return .object(members) }
        members["inserted"] = .integer(tally.inserted)
        members["updated"] = .integer(tally.updated)
        members["unchanged"] = .integer(tally.unchanged)
        members["superseded"] = .integer(tally.superseded)
        return .object(members)
      })
  }

  private static func consumer(_ item: ConsumerJudgement) -> JSONValue {
    var members: [String: JSONValue] = [
      "consumer": .string(item.consumer), "owner": .string(item.owner), "purpose": .string(item.purpose), "verdict": .string(item.verdict.rawValue),
      "outflow": .null, "refusal": .null, "delivery": .null, "manifest": .null, "first_night": item.firstNight.map { .string($0.description) } ?? .null,
    ]
    guard let ledger = item.ledger else { return .object(members) }
    members["outflow"] = outflow(ledger)
    members["refusal"] = ledger.refusal.map { .string($0) } ?? .null
    members["delivery"] = ledger.delivery.isEmpty ? .null : .string(ledger.delivery)
    members["manifest"] = ledger.manifest.isEmpty ? .null : .string(ledger.manifest)
    return .object(members)
  }

  /// `acknowledged`, `refused` and `awaiting` are not measured where no receipt is expected.
  private static func outflow(_ ledger: ConsumerLedger) -> JSONValue {
    [
      "eligible": .integer(ledger.eligible), "sent": .integer(ledger.sent), "withheld": .object(ledger.withheld.mapValues { .integer($0) }),
      "suppressed": .integer(ledger.suppressed), "sent_sum": .string(Money(cents: ledger.sentCents).description),
      "withheld_sum": .string(Money(cents: ledger.withheldCents).description), "acknowledged": ledger.receiptExpected ? .integer(ledger.acknowledged) : .null,
      "refused": ledger.receiptExpected ? .integer(ledger.refused) : .null, "awaiting": ledger.awaiting.map { .integer($0) } ?? .null,
    ]
  }

  private static func difference(_ item: Break) -> JSONValue {
    var members: [String: JSONValue] = [
      "code": .string(item.code.rawValue), "place": .string(item.place), "expected": .integer(item.expected), "actual": .integer(item.actual),
      "unit": .string(item.unit), "tolerance": .integer(item.tolerance), "covered": .bool(item.covered), "age": .integer(item.age),
      "owner": .string(item.owner),
    ]
    if let reason = item.reason { members["reason"] = .string(reason) }
    switch item.party {
    case .feed(let name): members["feed"] = .string(name)
    case .consumer(let name): members["consumer"] = .string(name)
    case .site: members["site"] = true
    }
    return .object(members)
  }

  private static func exceptions(_ counts: [FindingCode: Int]) -> JSONValue {
    .object(Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, .integer($0.value)) }))
  }

  private static func run(_ item: RunEntry) -> JSONValue {
    [
      "run": .string(item.id), "stage": .string(item.stage), "epoch": .integer(item.epoch), "started": .string(item.started),
      "ended": .string(item.ended), "exit": .integer(item.exit),
    ]
  }
}
