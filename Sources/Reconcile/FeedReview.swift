import Core

/// The books of one feed for one night.
struct FeedReview {
  struct Result {
    var judgement: FeedJudgement
    var breaks: [Break]
    var warnings: [Break]
  }

  var expectation: FeedExpectation
  var ledger: FeedLedger
  var books: Ageing
  /// False for a feed that stands in the ledger only, and on nights before its first one.
  var isAwaited: Bool

  private var party: Break.Party { .feed(expectation.feed) }

  /// - expectation: nil for a feed that stands in the ledger only.
  init(expectation: FeedExpectation?, ledger: FeedLedger, books: Ageing) {
    self.expectation = expectation ?? FeedExpectation(feed: ledger.feed, owner: "")
    isAwaited = expectation?.isAwaited ?? false
    self.ledger = ledger
    self.books = books
    self.ledger.drops.sort { Reconciler.precedes($0.sha256, $1.sha256) }
    resolveControlTotals()
  }

  func result(_ coverage: FeedCoverage? = nil) -> Result {
    let intake = intake
    let named = policyDifferences()
    let differences = totals() + control(intake) + equations(intake) + unloaded() + undone() + unseen() + named.breaks
    let breaks = books.settled(differences, tolerances: expectation.tolerances)
    let verdict: Verdict = !breaks.isEmpty ? .broken : intake.declared == nil ? .notMeasured : .balanced
    var exceptions = exceptions()
    if let drift = coverage?.drift, !drift.isEmpty { exceptions[.profileDrift] = drift.count }
    return Result(
      judgement: FeedJudgement(
        feed: expectation.feed, owner: expectation.owner, dueBy: expectation.dueBy, intake: intake, verdict: verdict, ledger: ledger, exceptions: exceptions,
        coverage: coverage),
      breaks: breaks, warnings: books.settled(named.warnings, tolerances: []))
  }

  private func difference(_ code: BreakCode, _ place: String, _ expected: Int, _ actual: Int, _ unit: String) -> Break {
    Break(code, party, place: place, expected: expected, actual: actual, unit: unit, owner: expectation.owner)
  }
}

// MARK: - Intake

extension FeedReview {
  private var tally: DispositionTally { ledger.drops.reduce(into: DispositionTally()) { $0 += $1.dispositions } }

  private var controlTotals: [BatchTotal] { ledger.drops.flatMap(\.batches).filter { $0.unit == .control && $0.declared != nil } }

  /// `declared` is known where a control file counts the folder, or where each received message stands in a unit that declares.
  /// A trailer without a header, a doubled one say, declares nothing.
  var intake: Intake {
    let tally = tally
    if !controlTotals.isEmpty { return Intake(declared: controlTotals.compactMap(\.declared).total, tally: tally) }
    let data = ledger.drops.filter { !$0.isControlFile }
    let units = data.flatMap(\.batches).filter { ($0.unit == .batch || $0.unit == .rows) && $0.hasHeader && $0.declared != nil }
    guard !units.isEmpty, data.allSatisfy({ $0.messagesDeclared == $0.dispositions.received }) else { return Intake(declared: nil, tally: tally) }
    return Intake(declared: units.compactMap(\.declared).total, tally: tally)
  }

  /// A control file counts what came in its folder. Where it is the only one, that is the whole feed; of several, none can be told apart.
  private mutating func resolveControlTotals() {
    let isOnly = controlTotals.count == 1
    let received = tally.received
    for drop in ledger.drops.indices {
      for batch in ledger.drops[drop].batches.indices where ledger.drops[drop].batches[batch].unit == .control {
        guard let declared = ledger.drops[drop].batches[batch].declared else { continue }
        ledger.drops[drop].batches[batch].counted = isOnly ? received : 0
        ledger.drops[drop].batches[batch].agrees = isOnly ? declared == received : nil
      }
    }
  }
}

// MARK: - Differences

extension FeedReview {
  /// Trailers that lie, each named by its drop and its order in it.
  private func totals() -> [Break] {
    ledger.drops.enumerated().flatMap { index, drop in
      drop.batches.filter { $0.unit != .control && $0.agrees == false }.map { batch in
        difference(
          .trailerMismatch, "drop \(index + 1), \(batch.unit.rawValue) \(batch.ordinal + 1)", batch.declared ?? 0, batch.counted,
          batch.counts)
      }
    }
  }

  private func control(_ intake: Intake) -> [Break] {
    let isControlled = !controlTotals.isEmpty
    if isControlled, let declared = intake.declared, declared != intake.received {
      return [difference(.controlTotalMismatch, "control file", declared, intake.received, "messages")]
    }
    let cameWithout = expectation.controlExpected && !isControlled && ledger.drops.contains { !$0.isControlFile }
    return cameWithout ? [difference(.controlTotalMissing, "control file", 1, 0, "control files")] : []
  }

  /// What can only differ by a fault of ours.
  private func equations(_ intake: Intake) -> [Break] {
    var found: [Break] = []
    for (index, drop) in ledger.drops.enumerated() where drop.messages != drop.dispositions.received && drop.messages != 0 {
      found.append(difference(.equationBroken, "drop \(index + 1), received", drop.messages, drop.dispositions.received, "messages"))
    }
    for (entity, tally) in ledger.entities.sorted(by: { Reconciler.precedes($0.key, $1.key) }) {
      found += rows(entity, tally)
    }
    if controlTotals.isEmpty, let declared = intake.declared, declared != intake.received,
      !ledger.drops.contains(where: { $0.batches.contains { $0.agrees == false } })
    {
      found.append(difference(.equationBroken, "declared", declared, intake.received, "messages"))
    }
    return found
  }

  private func rows(_ entity: String, _ tally: EntityTally) -> [Break] {
    let accounted = tally.mapped + tally.held + tally.skipped
    let settled = tally.inserted + tally.updated + tally.unchanged + tally.superseded
    let ofDrops = ledger.drops.reduce(into: EntityTally()) { $0 += $1.entities[entity] ?? EntityTally() }
    var found: [Break] = []
    if accounted != tally.found { found.append(difference(.equationBroken, "\(entity), found", tally.found, accounted, "rows")) }
    if settled != tally.mapped { found.append(difference(.equationBroken, "\(entity), mapped", tally.mapped, settled, "rows")) }
    if ofDrops.found != tally.found { found.append(difference(.equationBroken, "\(entity), drops", tally.found, ofDrops.found, "rows")) }
    return found
  }

  /// A file that yields no message counts as one received, so a data drop that received nothing has not been loaded, unless its trailer
  /// says that it has no rows.
  private func unloaded() -> [Break] {
    let waiting = max(ledger.dropsPending, ledger.drops.filter { !$0.isControlFile && $0.dispositions.received == 0 && !$0.saysThatItIsEmpty }.count)
    return waiting == 0 ? [] : [difference(.dropNotLoaded, "", 0, waiting, "drops waiting")]
  }
}

// MARK: - What was taken back

extension FeedReview {
  private func undone() -> [Break] {
    ledger.dropsWithdrawn == 0 ? [] : [difference(.runUndone, "", 0, ledger.dropsWithdrawn, "drops set aside")]
  }
}

// MARK: - What nobody saw

extension FeedReview {
  /// A feed of the site at which the pull did not look, and what it could not read where it did.
  private func unseen() -> [Break] {
    var found: [Break] = []
    // Suspended between two runs of a night, it may have been looked at before: what came since was not.
    if isAwaited, expectation.isSuspended { found.append(difference(.feedSuspended, "", 1, 0, "looks")) } else if isNotPulled { found.append(difference(.feedNotPulled, "", 1, 0, "looks")) }
    if ledger.dropsUnreadable > 0 { found.append(difference(.sourceUnreadable, "", 0, ledger.dropsUnreadable, "files or folders")) }
    if ledger.dropsMissing > 0 { found.append(difference(.fileMissing, "", 0, ledger.dropsMissing, "files")) }
    return found
  }

  private var isNotPulled: Bool { isAwaited && !ledger.looked }
}

// MARK: - The feed's failure policy

extension FeedReview {
  private func policyDifferences() -> (breaks: [Break], warnings: [Break]) {
    let kinds: [(FailurePolicy.Action, [Break])] = [
      (expectation.failure.late, late()),
      (expectation.failure.empty, absent()),
      (.warn, unexpected()),
      (expectation.failure.empty, drops(.dropEmpty, with: [.dropEmpty])),
      (expectation.failure.partial, drops(.dropPartial, with: [.dropTruncated, .envelopeUnclosed])),
      (expectation.failure.refused, drops(.dropRefused, with: [.notHL7, .notCDA, .notCSV, .notFHIR, .dropUnreadable, .decoderCrashed])),
    ]
    return (kinds.filter { $0.0 == .break }.flatMap(\.1), kinds.filter { $0.0 == .warn }.flatMap(\.1))
  }

  private var hasNothing: Bool { ledger.drops.isEmpty && ledger.dropsPending == 0 && ledger.dropsWithdrawn == 0 }

  /// Everything that came in this night: bytes known before, under another name, are something too.
  private var dropsCome: Int { ledger.drops.count { !$0.isControlFile } + ledger.dropsPending + ledger.dropsWithdrawn + ledger.dropsDuplicate }

  /// Without a calendar: nothing came. With one: how much of what came did so after the cut-off.
  private func late() -> [Break] {
    guard let arrival = expectation.arrival else { return expectation.isAwaited && hasNothing && !isNotPulled ? [difference(.feedLate, "", 1, 0, "drops at least")] : [] }
    let late = ledger.drops.count { !$0.isControlFile && $0.arrived.map { $0 > arrival.due } ?? false }
    return late == 0 ? [] : [difference(.dropLate, "", 0, late, "drops")]
  }

  private func absent() -> [Break] {
    guard let arrival = expectation.arrival, dropsCome < arrival.least, !isNotPulled else { return [] }
    return [difference(.feedAbsent, "", arrival.least, dropsCome, "drops at least")]
  }

  private func unexpected() -> [Break] {
    guard let most = expectation.arrival?.most, dropsCome > most else { return [] }
    return [difference(.dropUnexpected, "", most, dropsCome, "drops at most")]
  }

  private func drops(_ code: BreakCode, with findings: [FindingCode]) -> [Break] {
    ledger.drops.enumerated().compactMap { index, drop in
      findings.contains { drop.findings[$0, default: 0] > 0 } ? difference(code, "drop \(index + 1)", 0, 1, "drops") : nil
    }
  }

  /// Work for people, less what stands as a break, a warning or nothing by the feed's own rule.
  private func exceptions() -> [FindingCode: Int] {
    var left: Set<FindingCode> = [.trailerMismatch]
    if expectation.failure.empty != .hold { left.insert(.dropEmpty) }
    var counts = ledger.drops.reduce(into: [FindingCode: Int]()) { $0.merge($1.findings) { $0.plus($1) } }
    counts[.dropResubmitted, default: 0] += ledger.dropsResubmitted
    counts[.dropUnreadable, default: 0] += ledger.dropsUnreadable
    return counts.filter { $0.key.isException && !left.contains($0.key) && $0.value > 0 }
  }
}

extension BatchTotal {
  /// What is counted.
  var counts: String {
    switch unit {
    case .batch, .control: "messages"
    case .file: "batches"
    case .rows: "rows"
    case .sum: Break.cents
    }
  }
}

extension DropLedger {
  fileprivate var saysThatItIsEmpty: Bool { batches.contains { $0.unit == .rows && $0.declared == 0 && $0.agrees == true } }
}
