import Core
import Exchange
import Extract
import Store
import Trust

/// The receipts of a consumer: a process of its own fetches and seals them as drops are sealed; the books are made from what lies sealed.
enum ReceiptStage {
  /// A larger file is not fetched; one that is too long to be a receipt still is, so that it can be counted as one that says nothing.
  private static let maximumBytes = 64 << 20

  /// The hidden mode of extract that fetches. It holds keys made of the outbox key; no store, no columns.
  static func run(_ context: StageContext) throws -> ExitCode {
    var outcomes: [ExitCode] = []
    for consumer in context.site.consumers where context.consumers.contains(consumer.consumer) {
      guard let receipt = consumer.receipt else { continue }
      try context.tenure.check()
      let outbox = try context.keys.load(.outbox)
      let keys = PullKeys(recipient: try AgreementPublicKey(of: try secret(outbox)), pull: try outbox.derived(for: "receipt-names"))
      let puller = Puller(spool: try spool(consumer, context.site), keys: keys, log: context.log, clock: PullStage.machineClock)
      outcomes += try puller.pull([try receipts(consumer, receipt, context)], night: context.night).map { PullStage.outcome($0, job: Stage.receive.job) }
    }
    return ExitCode.worst(outcomes)
  }

  /// A receipt is a statement made at a moment, like a control file: the same words about another night are another one.
  private static func receipts(_ consumer: ConsumerFile, _ receipt: ConsumerFile.Receipt, _ context: StageContext) throws -> FeedSource {
    var source = try source(consumer, receipt, context)
    source.control = NamePattern("*")
    source.matter = .receipts
    // A receipt says two numbers: who answers with gigabytes does not fill our disk.
    source.maximumBytes = maximumBytes
    return source
  }

  private static func source(_ consumer: ConsumerFile, _ receipt: ConsumerFile.Receipt, _ context: StageContext) throws -> FeedSource {
    switch receipt.place {
    case .folder(let path): return FeedSource(feed: try name(consumer), folder: context.site.folder.resolve(path), completeness: .rename)
    case .partner(let partner, let path):
      let (connector, patience) = try PartnerConnections.connector(partner, path: (path, nil), context.site)
      var source = FeedSource(feed: try name(consumer), partner: connector, completeness: .rename)
      source.patience = patience
      return source
    }
  }

  private static func name(_ consumer: ConsumerFile) throws -> PlainName {
    guard let name = PlainName(consumer.consumer) else { throw PipelineError("PIP-503", .configuration, "a consumer's name cannot stand in the audit") }
    return name
  }

  /// Its own half of the receipts' key pair comes out of the outbox key, so that there is no further key to keep.
  private static func secret(_ outbox: SecretKey) throws -> SecretKey { try outbox.derived(for: "receipts") }

  private static func spool(_ consumer: ConsumerFile, _ site: Site) throws -> Spool {
    try Folder.make(site.folder.receipts)
    return try Spool(folder: site.folder.receipts + "/" + consumer.consumer, site: try site.plainName())
  }

  /// Gives each receipt that lies sealed and has no fate yet its fate, oldest first.
  static func settle(_ consumer: ConsumerFile, _ ledger: SiteStore, _ context: StageContext) throws {
    guard let receipt = consumer.receipt, Folder.isFolder(context.site.folder.receipts + "/" + consumer.consumer) else { return }
    let spool = try spool(consumer, context.site), known = try ledger.knownReceipts(consumer: consumer.consumer)
    let key = try secret(try context.keys.load(.outbox))
    for case .drop(let drop) in try PullJournal.records(at: spool.folder) where !known.contains(drop.id.hex) {
      try context.tenure.check()
      let statement = try read(drop, spool, key).flatMap { ReceiptReader.read($0, receipt.format) }
      var entry = try AuditRecord.make(.receive, subject: .consumer(try name(consumer)), night: drop.night, outcome: statement == nil ? .waiting : .closed)
      entry.counts = [.bytes: drop.byteCount]
      try context.audit.append(entry)
      try ledger.record(receipt: drop.id.hex, of: consumer.consumer, says: statement, night: drop.night)
    }
  }

  /// Nil for one that is too long to be a receipt, and for one that was damaged where it lies: it may not stop what goes to others.
  private static func read(_ drop: PulledDrop, _ spool: Spool, _ key: SecretKey) throws -> [UInt8]? {
    do {
      let reader = try spool.reader(of: drop.id, key: key)
      guard try reader.verify().byteCount <= ReceiptReader.maximumBytes else { return nil }
      var bytes: [UInt8] = []
      try reader.forEachChunk { bytes += $0 }
      return bytes
    } catch let error as TrustError where error.exitCode == .inputOutput {
      return nil
    }
  }
}
