public import Core
public import Store
public import Trust

/// What came of producing an extract.
public enum ExtractOutcome: Sendable, Equatable {
  /// Sealed, signed and in the ledger; `release` hands it over.
  case produced(ExtractEntry, ExtractManifest)
  /// Nothing was produced; every row that was due is withheld with the refusal's code and stays due.
  case refused(AgreementGate.Refusal, ExtractEntry)
  /// A later night has been extracted, or it was delivered before and no agreement covers today: the night stays as it was sent.
  case kept(ExtractEntry)
}

/// Produces one consumer's extract of a night: candidates to lines, lines in order into a sealed file, manifest, ledger; plain text is never on disk.
public final class Extractor {
  private let store: SiteStore
  private let outbox: Outbox
  private let outboxKey: SecretKey
  private let manifestKey: SigningKey

  public init(store: SiteStore, outbox: Outbox, outboxKey: SecretKey, manifestKey: SigningKey) {
    self.store = store
    self.outbox = outbox
    self.outboxKey = outboxKey
    self.manifestKey = manifestKey
  }

  /// Produces, or refuses where no agreement covers the business date and the day of delivery. The same state of the store gives the same bytes.
  ///
  /// - agreement: the register's entry with the id that the consumer names; nil when there is none.
  /// - Memory: one line and the sorter's bound; content that does not fit is spilled sealed.
  /// - Throws: `ConfigurationError` EXT-3xx for the specification, `ExtractError` EXT-4xx, errors of store and files; nothing is left then.
  public func produce(
    _ consumer: ConsumerFile, agreement: AgreementFile?, night: BusinessDate, deliveryDate: BusinessDate
  ) throws -> ExtractOutcome {
    if let earlier = try store.extractEntry(consumer: consumer.consumer, night: night), try store.hasLaterExtract(consumer: consumer.consumer, than: night) {
      return .kept(earlier)
    }
    let decision = AgreementGate.decide(consumer, agreement: agreement, businessDate: night, deliveryDate: deliveryDate)
    guard case .permitted = decision, let agreement else {
      let refusal = if case .refused(let refusal) = decision { refusal } else { AgreementGate.Refusal.missing }
      return try refuse(consumer, refusal, night)
    }
    let plan = try ExtractPlan.make(consumer, agreement: agreement, dictionary: store.dictionary)
    let session = try store.openOutflow(consumer: consumer.consumer, entity: plan.entity, night: night, fields: plan.fields)
    do {
      let (entry, manifest) = try produce(plan, night, session)
      return .produced(entry, manifest)
    } catch {
      session.rollback()
      throw error
    }
  }

  private func refuse(_ consumer: ConsumerFile, _ refusal: AgreementGate.Refusal, _ night: BusinessDate) throws -> ExtractOutcome {
    if let earlier = try store.extractEntry(consumer: consumer.consumer, night: night), earlier.refusal == nil, earlier.delivery == "delivered" {
      return .kept(earlier)
    }
    let session = try store.openOutflow(consumer: consumer.consumer, entity: consumer.specification.entity, night: night, fields: [])
    try session.forEachCandidate { _ in .withhold(reason: refusal.rawValue) }
    let entry = try session.commit(ExtractEntry(sha256: "", sentCents: 0, refusal: refusal.rawValue, delivery: "not-due"))
    return .refused(refusal, entry)
  }

  private func produce(_ plan: ExtractPlan, _ night: BusinessDate, _ session: OutflowSession) throws -> (ExtractEntry, ExtractManifest) {
    let name = plan.consumer.consumer
    let folder = outbox.folder(of: name, night: night)
    try DurableFile.makeDirectory(folder, mode: 0o700)
    _ = try DurableFile.removeStaleTemporaries(in: folder)
    let sorter = SealedSorter(spillingTo: folder)
    let tally = try judge(plan, session, into: sorter)
    let earlier = try store.extractEntry(consumer: name, night: night)
    let sealed = try seal(plan, night, sorter, tally, earlier)
    let manifest = manifest(plan, night, sealed, tally)
    try publish(manifest, in: folder)
    let entry = try session.commit(
      ExtractEntry(
        sha256: sealed.sha256, sentCents: tally.sentCents, withheldCents: tally.withheldCents, manifest: Outbox.ledgerPath(of: name, night: night),
        receiptExpected: plan.consumer.receipt != nil))
    return (entry, manifest)
  }
}

// MARK: - Candidates

extension Extractor {
  /// Gives every candidate its verdict; what is sent goes into the sorter under its place in the order.
  private func judge(_ plan: ExtractPlan, _ session: OutflowSession, into sorter: SealedSorter) throws -> ExtractTally {
    let specification = plan.consumer.specification
    let marks = try BlindIndex(key: try outboxKey.derived(for: "extract-mark"), label: plan.consumer.consumer + "/" + specification.id)
    let writer = LineWriter(plan: plan)
    var tally = ExtractTally()
    try session.forEachCandidate { candidate in
      switch try writer.outcome(try Self.cells(candidate, plan)) {
      case .withheld(let reason, let cents):
        tally.withheld[reason, default: 0] += 1
        try Self.add(cents, to: &tally.withheldCents, plan)
        return .withhold(reason: reason)
      case .line(let bytes, let sortKey, let cents):
        let mark = try marks.code(of: bytes)
        if mark == candidate.lastSentMark {
          tally.suppressed += 1
          return .suppress
        }
        tally.sent += 1
        try Self.add(cents, to: &tally.sentCents, plan)
        try sorter.append(sortKey + bytes)
        try disclose(candidate, plan, session)
        return .send(mark: mark)
      }
    }
    return tally
  }

  private static func cells(_ candidate: OutflowCandidate, _ plan: ExtractPlan) throws(ExtractError) -> [[UInt8]?] {
    if let sealed = candidate.cells.firstIndex(of: .sealed) { throw .sealed(field: plan.fields[sealed]) }
    return candidate.cells.map(\.bytes)
  }

  private static func add(_ cents: Int, to sum: inout Int, _ plan: ExtractPlan) throws(ExtractError) {
    let (total, overflow) = sum.addingReportingOverflow(cents)
    guard !overflow else { throw .sumTooLarge(field: plan.consumer.specification.sum ?? "") }
    sum = total
  }

  private func disclose(_ candidate: OutflowCandidate, _ plan: ExtractPlan, _ session: OutflowSession) throws {
    guard let patient = candidate.subjectRef else { return }
    let description = "\(plan.entity) rows by \(plan.consumer.specification.name) under \(plan.agreement.agreement)"
    try session.disclose(Disclosure(patientRef: patient, purpose: plan.consumer.purpose.rawValue, description: description))
  }
}

// MARK: - Content

extension Extractor {
  private struct Sealed {
    var sha256: String
    var byteCount: Int
    var revision: Int
  }

  /// Streams header, lines and trailer into a sealed file. Where the content is that of the night's earlier run, its file stays as it is.
  private func seal(_ plan: ExtractPlan, _ night: BusinessDate, _ sorter: SealedSorter, _ tally: ExtractTally, _ earlier: ExtractEntry?) throws -> Sealed {
    let name = plan.consumer.consumer
    let next = (earlier?.revision ?? 0) + 1
    let fresh = outbox.sealedPath(name, night, revision: next)
    let pending = try PendingFile(for: fresh, mode: 0o600)
    let identity = try outbox.identity(name, night, key: outboxKey)
    let writer = try SealedFileWriter(pending.file, identity: identity, wrap: .shared(outboxKey))
    try writer.write(MachineCSV.line(plan.header))
    try sorter.forEachSorted { record in try writer.write(SortKey.payload(of: record, after: plan.order.count)) }
    try writer.write(MachineCSV.line(Self.trailer(plan, tally)))
    let totals = try writer.finish()
    let sha256 = Hex.text(totals.sha256)
    if let earlier, earlier.refusal == nil, earlier.sha256 == sha256 {
      let path = outbox.sealedPath(name, night, revision: earlier.revision)
      if !isWhole(path, identity, sha256) { try Self.replace(path, with: pending, named: fresh) }
      return Sealed(sha256: sha256, byteCount: totals.byteCount, revision: earlier.revision)
    }
    try pending.commitReplacing()
    return Sealed(sha256: sha256, byteCount: totals.byteCount, revision: next)
  }

  /// `TRAILER`, the number of rows and, where the specification sums a field, the sum.
  private static func trailer(_ plan: ExtractPlan, _ tally: ExtractTally) -> [String] {
    ["TRAILER", String(tally.sent)] + (plan.sum == nil ? [] : [Money(cents: tally.sentCents).description])
  }

  private func isWhole(_ path: String, _ identity: SealedFileIdentity, _ sha256: String) -> Bool {
    guard let file = try? OpenFile.reading(path), let reader = try? SealedFileReader(file, expecting: identity, unwrap: .shared(outboxKey)),
      let totals = try? reader.verify()
    else { return false }
    return Hex.text(totals.sha256) == sha256
  }

  private static func replace(_ path: String, with pending: PendingFile, named fresh: String) throws(TrustError) {
    try pending.commitReplacing()
    try DurableFile.remove(path)
    try DurableFile.renameNoReplace(fresh, to: path)
  }
}

// MARK: - Manifest

extension Extractor {
  private func manifest(_ plan: ExtractPlan, _ night: BusinessDate, _ sealed: Sealed, _ tally: ExtractTally) -> ExtractManifest {
    let consumer = plan.consumer
    let file = ExtractManifest.File(
      name: consumer.delivery.fileName(consumer: consumer.consumer, night: night, revision: sealed.revision), bytes: sealed.byteCount, sha256: sealed.sha256)
    return ExtractManifest(
      consumer: consumer.consumer, purpose: consumer.purpose.rawValue, night: night, revision: sealed.revision, files: [file], tally: tally,
      sumField: consumer.specification.sum, specification: consumer.specification.name, specificationDigest: consumer.specification.digest,
      agreement: plan.agreement.agreement, agreementUntil: plan.agreement.until, envelope: consumer.envelope.rawValue,
      dictionaryVersion: plan.dictionaryVersion)
  }

  /// Manifest and signature are written only where they differ from what is there: Ed25519 gives the same signature for the same bytes.
  private func publish(_ manifest: ExtractManifest, in folder: String) throws(TrustError) {
    let bytes = manifest.bytes
    for (name, content) in [(Outbox.manifestName, bytes), (Outbox.signatureName, try manifestKey.sign(bytes))] {
      let path = folder + "/" + name
      let there = DurableFile.exists(path) ? try DurableFile.read(path, maximumBytes: Outbox.maximumManifestBytes) : []
      if there != content { try DurableFile.write(content, to: path, mode: 0o640) }
    }
  }
}
