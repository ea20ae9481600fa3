import Core
import Decode
import Exchange
import Map
import Reconcile
import Store
import Trust

/// Loads the drops of one feed: opens the sealed bytes, sends them through a worker, gives what comes back to the store.
final class FeedLoader {
  /// A worker may be silent this long; then it counts as stuck.
  private static let patienceSeconds = 120
  /// A drop whose worker dies or stalls this often is held; each later run of the night tries it once more.
  private static let attempts = 2

  private let feed: FeedFile
  private let site: Site
  private let store: SiteStore
  private let run: String
  private let spoolKey: SecretKey
  private var outline: PlanOutline?
  private let setup: WorkerSetup
  private let log: EventLog
  private var worker: WorkerClient?
  /// Which codes may be shown, over the drops of the night, those of earlier runs too.
  private var codes: CodeGate

  init(feed: FeedFile, site: Site, store: SiteStore, run: String, spoolKey: SecretKey, setup: WorkerSetup, log: EventLog) throws {
    self.feed = feed
    self.site = site
    self.store = store
    self.run = run
    self.spoolKey = spoolKey
    self.setup = setup
    self.log = log
    codes = try store.codeGate(feed: feed.name, night: setup.businessDate)
  }

  deinit { worker?.stop() }

  /// Has a worker compile the feed's mappings. Where it fails, they are compiled here: what is wrong in them is told, and any other fault is left
  /// to the drops.
  func prepare() throws {
    do { _ = try client() } catch is WorkerFailure {
      worker = nil
      outline = PlanOutline(try MapPlan.build(site.library, mappings: setup.mappings, format: feed.format, zone: feed.zone, feed: feed.name))
    }
  }

  /// Opens each drop once, whole: what does not verify is held, the rest comes back ascending by the SHA-256 of its plain bytes.
  func verified(_ drops: [DropEntry]) throws -> [DropEntry] {
    var good: [DropEntry] = [], hashes: [(drop: String, sha256: String)] = []
    for drop in drops {
      var drop = drop
      if drop.sha256 == nil {
        guard let totals = try totals(of: drop) else { continue }
        drop.sha256 = Hex.text(totals.sha256)
        hashes.append((drop.id, Hex.text(totals.sha256)))
      }
      good.append(drop)
    }
    if !hashes.isEmpty { try store.setHashes(hashes) }
    return good.sorted { ($0.sha256 ?? "") < ($1.sha256 ?? "") }
  }

  private func totals(of drop: DropEntry) throws -> SealedFileTotals? {
    do { return try reader(drop).verify() } catch let error as TrustError {
      try hold(drop, error)
      return nil
    }
  }

  /// A drop whose sealed bytes cannot be opened. A wrong or missing key is no fault of the drop: then nothing can go on.
  private func hold(_ drop: DropEntry, _ error: TrustError) throws {
    guard error.exitCode == .inputOutput || error.exitCode == .internalError else { throw error }
    log.event(.dropHeld, [.error(error)])
    worker?.stop()
    worker = nil
    try store.recordCrash(drop: drop.id, run: run, code: .dropUnreadable)
  }

  private func reader(_ drop: DropEntry) throws -> SealedFileReader {
    guard let object = ObjectID(hex: drop.id) else { throw PipelineError("PIP-203", .internalError, "a drop's id is not an id") }
    return try Spool(folder: site.folder.spool, site: try site.plainName()).reader(of: object, key: spoolKey)
  }

  /// Loads one drop in one transaction; a worker that fails twice leaves it held.
  ///
  /// - Parameter number: of the drop among those of the feed's night, one-based.
  func load(_ drop: DropEntry, number: Int) throws {
    do { try loadOpened(drop, number) } catch let error as TrustError {
      // Only opening the sealed bytes throws this here: the drop is held, its neighbours go on.
      try hold(drop, error)
    }
  }

  private func loadOpened(_ drop: DropEntry, _ number: Int) throws {
    if drop.isControl { return try loadControl(drop) }
    do { try loadData(drop, number) } catch let refusal as RefusedContainer {
      // What it held is taken back whole; the worker may be in the middle of the drop.
      worker?.stop()
      worker = nil
      try store.recordCrash(drop: drop.id, run: run, code: refusal.code)
    }
  }

  private func loadData(_ drop: DropEntry, _ number: Int) throws {
    for _ in 0..<(drop.state == .crashed ? 1 : Self.attempts) {
      do { return try attempt(drop, number, heldBatches: []) } catch is WorkerFailure {
        log.event(.workerDied, ObjectID(hex: drop.id).map { [.drop($0)] } ?? [])
        worker?.stop()
        worker = nil
      }
    }
    try store.recordCrash(drop: drop.id, run: run, code: .decoderCrashed)
  }

  /// One pass of the drop. A trailer that lies, in a feed that holds such batches, takes the pass back and marks its batch.
  private func attempt(_ drop: DropEntry, _ number: Int, heldBatches: Set<Int>) throws {
    let session = try openLoad(drop)
    var lying: Set<Int> = []
    var codes = codes
    var received = BatchHold(held: heldBatches)
    var attachments = try AttachmentIntake(site: site, recipient: try AgreementPublicKey(of: spoolKey))
    do {
      let source = try reader(drop)
      let summary = try client().run(trap: isTrapped(drop), number: number) {
        try source.next()
      } take: { output in
        switch output {
        case .message(let message):
          #if COMPLINE_LEAK
            try Leak.spill(message, into: site.folder)
          #endif
          try session.load(received.settle(message))
        case .batch(let total):
          lying.formUnion(received.lying(under: total))
          try session.batch(total)
        case .finding(let finding):
          if finding.code.refusesContainer { throw RefusedContainer(code: finding.code) }
          try session.finding(finding)
        case .attachment(let head): try attachments.begin(head, session)
        case .attachmentBytes(let bytes): try attachments.append(bytes)
        case .attachmentEnd(let tail): try attachments.end(tail, session)
        case .coverage(let tally): try session.coverage(tally, through: &codes)
        case .sources: break
        }
      }
      if feed.expectation.failure.mismatch == .hold, !lying.isSubset(of: heldBatches) {
        session.rollback()
        return try attempt(drop, number, heldBatches: heldBatches.union(lying))
      }
      try session.finish(messagesDeclared: summary.messagesDeclared)
      self.codes = codes
    } catch {
      session.rollback()
      throw error
    }
  }

  private func openLoad(_ drop: DropEntry) throws -> DropLoad {
    try store.openLoad(
      drop: drop.id, run: run, sourceRank: feed.sourceRank, mappings: outline?.mappings ?? [], rowPaths: outline?.rowPaths ?? [],
      rules: try site.loadRules(of: feed))
  }

  private func client() throws -> WorkerClient {
    if let worker { return worker }
    let new = try WorkerClient(setup: setup, dictionary: site.dictionary, patienceSeconds: Self.patienceSeconds)
    outline = new.outline
    worker = new
    return new
  }

  /// A control file is a few lines that name a count; it yields no message.
  private func loadControl(_ drop: DropEntry) throws {
    var bytes: [UInt8] = []
    try reader(drop).forEachChunk { if bytes.count <= DropManifest.maximumBytes { bytes += $0 } }
    let session = try openLoad(drop)
    let (count, fault) = declared(bytes)
    if let count { try session.batch(BatchTotal(unit: .control, ordinal: 0, declared: count, counted: 0, agrees: nil, hasTrailer: true, hasHeader: true)) }
    if let fault { try session.finding(fault) }
    try session.finish(messagesDeclared: 0)
  }

  /// What a control file or a manifest says, or why it says nothing; neither for a manifest that counts no messages.
  private func declared(_ bytes: [UInt8]) -> (count: Int?, fault: Finding?) {
    if case .manifest = feed.completeness {
      guard let manifest = DropManifest(bytes) else { return (nil, Finding(.controlFileInvalid)) }
      return (manifest.declared, nil)
    }
    switch ControlFile.read(bytes) {
    case .success(let count): return (count, nil)
    case .failure(let fault): return (nil, fault.finding)
    }
  }

  /// Debug builds, and those of the tests, crash the worker on a drop of this SHA-256, so that a test can see what follows.
  private func isTrapped(_ drop: DropEntry) -> Bool {
    #if DEBUG || COMPLINE_TRAP
      return drop.sha256 != nil && drop.sha256 == Environment.forChildren["COMPLINE_TRAP_ON"]
    #else
      return false
    #endif
  }
}

/// The drop is a container that may not be read; nothing of it stays loaded.
private struct RefusedContainer: Error {
  let code: FindingCode
}

extension FindingCode {
  fileprivate var refusesContainer: Bool { [.containerLimit, .containerBroken, .containerUnsafe].contains(self) }
}

/// Which batches a feed holds, and what that does to their messages.
struct BatchHold {
  let held: Set<Int>
  private var seen: Set<Int> = []
  /// Messages name their batch by the order of the BHS segments: the n-th total of a batch that has a header.
  private var next = 0

  init(held: Set<Int>) { self.held = held }

  /// A message of a held batch loses its rows and is held.
  mutating func settle(_ message: MappedMessage) -> MappedMessage {
    seen.insert(message.batch)
    guard held.contains(message.batch), case .rows = message.verdict else { return message }
    var message = message
    message.verdict = .held(Finding(.batchHeld))
    message.rows.removeAll()
    message.heldRows = []
    message.skipped = []
    return message
  }

  /// The batches that a total speaks of, where it lies: its own, or all of the file's.
  mutating func lying(under total: BatchTotal) -> Set<Int> {
    let own = next
    if total.unit == .batch, total.hasHeader { next += 1 }
    let all = seen
    if total.unit == .file { seen = [] }
    guard total.agrees == false else { return [] }
    return total.unit == .file ? all : [own]
  }
}
