import Core
import Exchange
import Extract
import Store
import Trust

/// Produces each consumer's extract, writes the audit entry before anything leaves, and has a process of its own deliver it.
enum ExtractStage {
  static func run(_ context: StageContext) throws -> ExitCode {
    try context.tenure.check()
    if context.request.dryRun { return try preview(context) }
    let ledger = try SiteStores.open(context.site, keys: .none, epoch: context.tenure.epoch)
    let run = try ledger.beginRun(stage: Stage.extract.rawValue, night: context.night, started: Clock.now())
    var outcomes: [ExitCode] = []
    for consumer in context.awaitedConsumers {
      try context.tenure.check()
      outcomes.append(try serve(consumer, ledger, context))
    }
    let outcome = ExitCode.worst(outcomes)
    try ledger.endRun(run, ended: Clock.now(), exit: Int(outcome.rawValue))
    return outcome
  }

  /// Who would get something tonight, under which paper, and whether the place is there.
  private static func preview(_ context: StageContext) throws -> ExitCode {
    var report = DryRunReport()
    for consumer in context.site.consumers where context.consumers.contains(consumer.consumer) { preview(consumer, context, &report) }
    return report.say(.extract, context)
  }

  private static func preview(_ consumer: ConsumerFile, _ context: StageContext, _ report: inout DryRunReport) {
    if case .folder(let path)? = consumer.receipt?.place, consumer.counts(on: context.night), !Folder.isFolder(context.site.folder.resolve(path)) {
      report.add("\(consumer.consumer): its folder of receipts is not there", .peer)
    }
    if let since = consumer.since, !consumer.counts(on: context.night) { return report.add("\(consumer.consumer): gets what changes from the night \(since) on") }
    let today = Clock.today(in: context.site.configuration.zone)
    let decision = AgreementGate.decide(consumer, agreement: context.site.agreement(of: consumer), businessDate: context.night, deliveryDate: today)
    if case .refused(let refusal) = decision { return report.add("\(consumer.consumer): nothing would leave, \(refusal.rawValue)", .waiting) }
    let place = ConsumerPlaces.text(consumer.delivery.place, context.site.folder)
    report.add("\(consumer.consumer): would be served \(consumer.specification.name) under \(consumer.agreement), at \(place)")
    switch consumer.delivery.place {
    case .partner: report.add("  the partner is not asked whether it takes anything")
    case .folder where Folder.isWritable(place): break
    case .folder: report.add("  its delivery folder is not there, or this account may not write into it: the extract would be made and wait", .peer)
    }
  }

  private static func serve(_ consumer: ConsumerFile, _ ledger: SiteStore, _ context: StageContext) throws -> ExitCode {
    let agreement = context.site.agreement(of: consumer)
    let classes = try agreement.map { try ExtractPlan.make(consumer, agreement: $0, dictionary: context.site.dictionary).classes } ?? []
    let store = try SiteStores.open(context.site, keys: try SiteStores.keys(for: classes, context.keys), epoch: context.tenure.epoch)
    let extractor = Extractor(
      store: store, outbox: try context.site.outbox(), outboxKey: try context.keys.load(.outbox), manifestKey: try context.keys.signingKey(.manifestSigning))
    let today = Clock.today(in: context.site.configuration.zone)
    var codes = [try receive(consumer, ledger, context)]
    let outcome = try extractor.produce(consumer, agreement: agreement, night: context.night, deliveryDate: today)
    codes += try ledger.undelivered(consumer: consumer.consumer, before: context.night).map { try deliver(consumer, $0, ledger, context) }
    switch outcome {
    case .refused: codes.append(.waiting)
    case .produced(let entry, _), .kept(let entry):
      if entry.refusal == nil, entry.delivery != "delivered" { codes.append(try deliver(consumer, context.night, ledger, context)) }
    }
    return ExitCode.worst(codes)
  }

  /// What the consumer answered since the last run. That it cannot be reached for this keeps nothing from being sent.
  private static func receive(_ consumer: ConsumerFile, _ ledger: SiteStore, _ context: StageContext) throws -> ExitCode {
    guard consumer.receipt != nil else { return .closed }
    let fetched = try start(.receive, consumer, context.night, context)
    try ReceiptStage.settle(consumer, ledger, context)
    return fetched
  }

  /// The audit entry and the ledger first, then the delivery, its record, then the ledger: a kill in between goes on where it stood, with the same bytes.
  private static func deliver(_ consumer: ConsumerFile, _ night: BusinessDate, _ ledger: SiteStore, _ context: StageContext) throws -> ExitCode {
    let outbox = context.site.folder.outbox(consumer.consumer, night)
    let manifest = try DurableFile.read(outbox + "/manifest.json", maximumBytes: 1 << 20)
    let index = try announce(consumer, night, manifest, context)
    try context.tenure.check()
    var entry = try entry(consumer, night, manifest)
    try ledger.beginDelivery(entry)
    let outcome = try start(.deliver, consumer, night, context)
    if outcome == .closed { try DeliveryRecord.write(try record(consumer, night, manifest, index, context), outbox) }
    (entry.state, entry.code) = outcome == .closed ? (.delivered, "") : (.failed, String(outcome.rawValue))
    try ledger.endDelivery(entry, manifestPath: Outbox.ledgerPath(of: consumer.consumer, night: night))
    return outcome
  }

  private static func entry(_ consumer: ConsumerFile, _ night: BusinessDate, _ manifest: [UInt8]) throws -> DeliveryEntry {
    let json = try? JSONValue(parsing: manifest), file = json?["files"]?.array?.first
    return DeliveryEntry(
      consumer: consumer.consumer, night: night, revision: json?["revision"]?.integer ?? 1, manifest: Hex.text(try OpenSSLHash.digest(manifest)),
      sha256: file?["sha256"]?.string ?? "", lines: json?["rows"]?.integer ?? 0, overdueFrom: consumer.receipt.map { night.advanced(by: $0.nights) })
  }

  /// A process of its own with the rights of one consumer's transport. - Returns: closed, waiting, its own fault as such, anything else as 76.
  private static func start(_ stage: Stage, _ consumer: ConsumerFile, _ night: BusinessDate, _ context: StageContext) throws -> ExitCode {
    let arguments = ["--site", context.site.folder.path, "--night", night.description, "--consumer", consumer.consumer, "--\(stage.rawValue)", "--under-nightly"]
    let child = try Installation.start(.init(path: Installation.path(of: stage.job), arguments: arguments, environment: Environment.forChildren, pipesOutput: false))
    _ = child.write(Array((context.tenure.nonce + "\n").utf8))
    let outcome: ExitCode = if case .exited(let status) = child.wait() { ExitCode(rawValue: status) ?? .internalError } else { .internalError }
    switch outcome {
    case .closed, .waiting, .internalError, .locked, .notPermitted, .configuration: return outcome
    case .usage, .nothingUsable, .inputOutput, .peer: return .peer
    }
  }

  private static func record(_ consumer: ConsumerFile, _ night: BusinessDate, _ manifest: [UInt8], _ index: Int, _ context: StageContext) throws -> JSONValue {
    let json = try? JSONValue(parsing: manifest)
    let file = json?["files"]?.array?.first
    let folder = ConsumerPlaces.text(consumer.delivery.place, context.site.folder)
    return [
      "consumer": .string(consumer.consumer), "night": .string(night.description), "revision": json?["revision"] ?? .null, "state": "delivered",
      "file": .string("\(folder)/\(file?["name"]?.string ?? "")"), "sha256": file?["sha256"] ?? .null, "delivered_at": .string(Clock.now()),
      "audit_entry": .integer(index),
    ]
  }

  /// Gives the number of the audit entry that says what is about to leave.
  private static func announce(_ consumer: ConsumerFile, _ night: BusinessDate, _ manifest: [UInt8], _ context: StageContext) throws -> Int {
    guard let name = PlainName(consumer.consumer) else { throw PipelineError("PIP-503", .configuration, "a consumer's name cannot stand in the audit") }
    var entry = try AuditRecord.make(.extract, subject: .consumer(name), night: night, outcome: .closed)
    entry.counts = [.bytes: manifest.count]
    entry.digests = [.manifest: try OpenSSLHash.digest(manifest)]
    try context.audit.append(entry)
    return try context.audit.entries().count - 1
  }
}

extension Site {
  /// The register's entry that a consumer names.
  func agreement(of consumer: ConsumerFile) -> AgreementFile? { agreements.first { $0.agreement == consumer.agreement } }

  func outbox() throws -> Outbox { Outbox(folder: folder.variable + "/outbox", site: try plainName()) }

  func plainName() throws -> PlainName {
    guard let name = PlainName(configuration.site) else { throw PipelineError("PIP-108", .configuration, "site.yaml: the site's name cannot be used") }
    return name
  }
}
