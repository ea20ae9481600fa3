import Core
import Map
import Store
import Trust

/// `compline replay`: stored drops said anew, from the sealed bytes. Dry first; no extract is made.
struct ReplayCommand {
  private let desk: OperatorDesk
  private let request: ReplayRequest
  private let night: BusinessDate
  private let responsible: Responsible

  static func run(_ path: String, _ request: ReplayRequest) throws -> ExitCode {
    let responsible = try Responsible(person: request.person, reason: request.reason)
    let desk = try OperatorDesk(path, .replay)
    let tenure = try Tenure(alone: desk.site.folder.lock, job: "compline") { try SiteStores.open(desk.site, keys: .none, epoch: nil).storedEpoch() }
    // The lock goes with the tenure: it must outlive its last use by name.
    defer { withExtendedLifetime(tenure) {} }
    let command = ReplayCommand(desk: desk, request: request, night: try NightChoice.resolve(request.night, site: desk.site), responsible: responsible)
    try tenure.check()
    return try command.run(epoch: tenure.epoch)
  }

  private func run(epoch: Int) throws -> ExitCode {
    let site = desk.site
    let store = try SiteStores.open(site, keys: try SiteStores.allKeys(desk.keys), epoch: epoch)
    let bench = try VersionBench(site, keys: desk.keys, feed: request.feed, store: store)
    let drops = try store.loadedDrops(feed: bench.feed.name, from: night, through: night)
    guard !drops.isEmpty else { throw PipelineError("PIP-814", .nothingUsable, "the feed '\(request.feed)' has no loaded drop of that night", hint: "See compline status --night.") }
    let swap = try swap(bench)
    let source = try StoredDrops(swap, site: site, feed: bench.feed, spoolKey: bench.spoolKey)
    var record = try self.record(source.plan, swap, bench.feed, drops)
    let expected = try expectation(record)
    // The audit speaks first: what is not in it does not happen.
    if request.applies {
      try audit(record)
      try store.note(files: ReleasedFiles.read(by: swap.names, in: swap.library).filter { site.library[$0.key] == swap.library[$0.key] })
      record.run = try store.beginRun(stage: "replay", night: night, started: Clock.now())
    }
    let files = try AttachmentIntake(site: site, recipient: try AgreementPublicKey(of: bench.spoolKey))
    try replay(drops, source, store, files, into: &record, expected: expected)
    if let run = record.run { try store.endRun(run, ended: Clock.now(), exit: 0) }
    // What is written down counts by the digest that the audit has of it.
    try audit(record, written: true)
    try record.write(in: site.folder)
    Console.say(request.json ? String(decoding: record.json.canonical, as: UTF8.self) : text(record, swap.names, source.plan))
    return .closed
  }

  /// The mappings that the night was loaded under, or with the named version in the place of its own; one that the feed's file names by now, and
  /// the night knew under no version, is read beside them.
  private func swap(_ bench: VersionBench) throws -> VersionSwap {
    let names = try bench.names(on: night)
    guard let text = request.mappings else { return VersionSwap(names: names, library: bench.site.library) }
    let version = try VersionName.argument(text)
    do { return try VersionSwap(version, replacing: [], in: names, of: bench.site.library) } catch let fault as PipelineError {
      guard fault.code == "PIP-810", bench.feed.mappings.contains(where: { $0 == version.id || $0 == text }) else { throw fault }
      return VersionSwap(names: names + [text], library: bench.site.library)
    }
  }

  private func record(_ plan: MapPlan, _ swap: VersionSwap, _ feed: FeedFile, _ drops: [DropEntry]) throws -> ReplayRecord {
    let arguments: JSONValue = [
      "feed": .string(feed.name), "night": .string(night.description), "source_rank": .integer(feed.sourceRank), "zone": .string(feed.zoneName),
      "charset": feed.charset.map { .string($0) } ?? .null, "server": .string(feed.server),
      "version": .string(request.mappings ?? "of the night"), "mappings": .array(plan.mappings.map { .string("\($0.id)@\($0.version) \($0.digest)") }),
      "files_sha256": .string(ReleasedFiles.digest(of: swap.names, in: swap.library)),
      "drops": .array(drops.map { .string($0.sha256 ?? "") }),
    ]
    return ReplayRecord(arguments: arguments, person: responsible.person.text, reason: responsible.reason.text, account: Authority.account(), at: Clock.now())
  }

  /// What the dry run found; nil in a dry run.
  private func expectation(_ record: ReplayRecord) throws -> [String: ReplayRecord.Tallies]? {
    guard request.applies else { return nil }
    guard let known = try record.recordedDrops(in: desk.site.folder, acts: try AuditedActs(desk.site.folder, keys: desk.keys)) else {
      throw PipelineError("PIP-830", .notPermitted, "there is no recorded dry run of this replay", hint: "Run the same without --apply first, and look at it.")
    }
    return known
  }

  private func replay(
    _ drops: [DropEntry], _ source: StoredDrops, _ store: SiteStore, _ files: AttachmentIntake, into record: inout ReplayRecord,
    expected: [String: ReplayRecord.Tallies]?
  ) throws {
    let replay = try store.openReplay(
      run: record.run, sourceRank: source.feed.sourceRank, mappings: source.plan.mappings.map { MappingRef(id: $0.id, version: $0.version, digest: $0.digest) },
      rowPaths: source.plan.rowPaths, rules: try source.loadRules())
    defer { replay.close() }
    for drop in drops {
      try replay.begin(drop)
      do { try say(drop, source, replay, files) } catch {
        replay.rollback()
        throw error
      }
      guard let tallies = try replay.end(accept: { Self.isExpected($0, expected?[drop.id]) }) else {
        throw PipelineError("PIP-831", .notPermitted, "the store has changed since the dry run: drop \(drop.id) would go otherwise", hint: "It was taken back; drops before it are done. Run it dry again.")
      }
      record.drops[drop.id] = tallies
      record.messages.merge(replay.messages) { $0 + $1 }
    }
  }

  /// What the messages of a drop say now, and the files of those that had none.
  private func say(_ drop: DropEntry, _ source: StoredDrops, _ replay: StoreReplay, _ files: AttachmentIntake) throws {
    var files = files
    try source.run(drop) { output in
      switch output {
      case .message(let message): try replay.replace(message)
      case .attachment(let head): try files.begin(head, replay)
      case .attachmentBytes(let bytes): try files.append(bytes)
      case .attachmentEnd(let tail): try files.end(tail, replay)
      case .batch, .finding, .coverage, .sources: break
      }
    }
  }

  /// As the dry run found it; or quiet, where a replay that was killed had come this far.
  private static func isExpected(_ found: ReplayRecord.Tallies, _ expected: ReplayRecord.Tallies?) -> Bool {
    found == expected || found.values.allSatisfy(\.isQuiet)
  }

  /// Of what is about to be done, or of the record that is about to be written.
  private func audit(_ record: ReplayRecord, written: Bool = false) throws {
    try desk.record(night: night, outcome: .closed, subject: .feed(try desk.feedName(request.feed))) { entry in
      (entry.person, entry.reason) = (responsible.person, responsible.reason)
      entry.digests[.replay] = SHA256.digest(written ? record.bytes : record.arguments.canonical)
      entry.counts = [.drops: record.arguments["drops"]?.array?.count ?? 0, .rows: record.entities.values.reduce(0) { $0 + $1.inserted + $1.withdrawn }]
    }
  }

  private func text(_ record: ReplayRecord, _ names: [String], _ plan: MapPlan) -> String {
    let whole = plan.mappings.count == names.count ? "" : " (\(plan.mappings.count) mappings)"
    var lines = ["\(request.feed), night \(night), under \(names.joined(separator: ", "))\(whole)", ""]
    for (entity, tally) in record.entities.sorted(by: { $0.key < $1.key }) {
      lines.append("\(entity): kept \(tally.kept), inserted \(tally.inserted), withdrawn \(tally.withdrawn), held \(tally.held)")
    }
    for (ending, count) in record.messages.sorted(by: { $0.key < $1.key }) where !ending.isPlain {
      lines.append(ending.before == ending.after ? "messages  \(count): stay \(ending.after)" : "messages  \(count): \(ending.before), now \(ending.after)")
    }
    let isQuiet = record.entities.values.allSatisfy(\.isQuiet)
    let tail = record.run == nil ? "dry run: the store is as it was; the same with --apply does this" : isQuiet ? "applied; no row changed" : "applied; what changed is due in the next extract"
    return (lines + ["", tail, "recorded as var/replays/\(record.id).json"]).joined(separator: "\n")
  }
}
