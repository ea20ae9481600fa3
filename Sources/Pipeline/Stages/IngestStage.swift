import Core
import Decode
import Exchange
import Map
import Store
import Trust

/// Decode, map, load: the night's sealed drops, feed by feed by name, each feed's in ascending SHA-256 of the plain bytes.
struct IngestStage {
  private let store: SiteStore
  private let run: String
  private let spoolKey: SecretKey
  private let pinned: [String: [String]]

  static func run(_ context: StageContext) throws -> ExitCode {
    try context.tenure.check()
    if context.request.dryRun { return try preview(context) }
    let stage = try IngestStage(context)
    for feed in context.feeds { try stage.ingest(feed, context) }
    try ShadowNight(context: context, store: stage.store).run()
    let outcome = try stage.outcome(context)
    try stage.store.endRun(stage.run, ended: Clock.now(), exit: Int(outcome.rawValue))
    return outcome
  }

  private init(_ context: StageContext) throws {
    store = try SiteStores.open(context.site, keys: try SiteStores.allKeys(context.keys), epoch: context.tenure.epoch)
    spoolKey = try context.keys.load(.spool)
    let versions = try VersionsInForce(context.site, store: store)
    run = try store.beginRun(stage: Stage.ingest.rawValue, night: context.night, started: Clock.now())
    // What pull has brought a night in counts, whatever the feed's file says since.
    try Self.takeIn(context, store)
    pinned = try Self.pin(context, versions, store)
  }

  private static func preview(_ context: StageContext) throws -> ExitCode {
    let store = try SiteStores.open(context.site, keys: .none, epoch: nil)
    var report = DryRunReport()
    for feed in context.feeds {
      let drops = try store.drops(night: context.night, feed: feed.name)
      report.add("\(feed.name): \(drops.count) drops known, \(drops.count { $0.isDue }) to load")
    }
    return report.say(.ingest, context)
  }

  /// Resolves names without a version once, and writes that down, in the audit first, before anything is mapped by it.
  private static func pin(_ context: StageContext, _ versions: VersionsInForce, _ store: SiteStore) throws -> [String: [String]] {
    var versions = versions
    var names: [String: [String]] = [:]
    var new: [FeedFile] = []
    // A night before a feed's first one may hold drops of it, from before its file said 'since'.
    let counted = try context.feeds.filter { feed in try feed.counts(on: context.night) || !store.drops(night: context.night, feed: feed.name).isEmpty }
    for feed in counted {
      let resolved = try versions.resolve(feed, on: context.night)
      names[feed.name] = resolved.names
      if resolved.isNew { new.append(feed) }
    }
    for feed in new {
      var entry = try AuditRecord.make(.ingest, subject: .feed(try context.site.plainName(feed.name)), night: context.night, outcome: .closed)
      entry.digests[.pins] = versions.pins.digest(of: feed.name)
      entry.counts[.pins] = versions.pins.feeds[feed.name]?.count ?? 0
      try context.audit.append(entry)
    }
    if !new.isEmpty { try versions.pins.write(to: context.site.folder.pins) }
    return names
  }

  /// Takes over what pull wrote down.
  private static func takeIn(_ context: StageContext, _ store: SiteStore) throws {
    let journal = try JournalIntake.read(context.site.folder)
    try store.intake(journal.drops, duplicates: journal.duplicates, looks: journal.looks)
    let shelf = DocumentShelf(folder: context.site.folder.documents, site: try context.site.plainName())
    try shelf.sweep(keeping: Set(try store.attachmentIDs().compactMap { ObjectID(hex: $0) }))
  }

  private func ingest(_ feed: FeedFile, _ context: StageContext) throws {
    let pending = try store.drops(night: context.night, feed: feed.name).filter(\.isDue)
    guard !pending.isEmpty, !feed.isSuspended else { return }
    guard let names = pinned[feed.name] else { throw PipelineError("PIP-420", .internalError, "drops of feed \(feed.name) wait and no mapping was pinned for it", hint: "Report it; nothing was loaded.") }
    let files = ReleasedFiles.read(by: names, in: context.site.library)
    let loader = try FeedLoader(
      feed: feed, site: context.site, store: store, run: run, spoolKey: spoolKey,
      setup: WorkerSetup(
        library: ReleasedFiles.library(of: files.keys, in: context.site.library), mappings: names, format: feed.format, charset: feed.charset ?? "", zone: ZoneFile.bytes(feed.zoneName) ?? [],
        feed: feed.name, businessDate: context.night, server: feed.server, envelope: feed.envelope), log: context.log)
    try loader.prepare()
    try store.note(versions: names, files: files, feed: feed.name, night: context.night)
    let verified = try loader.verified(pending)
    // Also those of an earlier run count: a night that was cut short looks at the same documents when it goes on.
    let order = try store.drops(night: context.night, feed: feed.name).filter { !$0.isControl }.compactMap(\.sha256).sorted()
    let numbers = Dictionary(zip(order, 1...), uniquingKeysWith: { first, _ in first })
    for drop in verified {
      try context.tenure.check()
      if try Suspensions.read(context.site.folder).holds(.feed, feed.name) { return }
      try loader.load(drop, number: numbers[drop.sha256 ?? ""] ?? 0)
    }
  }

  /// 65 when drops came and not one held anything usable; 3 when something waits for a person.
  private func outcome(_ context: StageContext) throws -> ExitCode {
    let ledger = try store.night(context.night)
    let feeds = ledger.feeds.filter { feed in context.feeds.contains { $0.name == feed.feed } }
    let drops = feeds.flatMap(\.drops).filter { !$0.isControlFile }
    let tally = drops.reduce(into: DispositionTally()) { $0 += $1.dispositions }
    if tally.received > 0, tally[.rejected] == tally.received { return .nothingUsable }
    let waits = tally[.held] + tally[.rejected] + drops.reduce(0) { $0 + $1.findings.filter { $0.key.isException }.values.reduce(0, +) }
    return waits > 0 ? .waiting : .closed
  }
}
