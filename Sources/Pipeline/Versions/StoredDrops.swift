import Core
import Exchange
import Map
import Reconcile
import Store
import Trust

/// Runs stored drops of a feed again through a worker that holds no keys, under mappings of one's choice: from the sealed bytes, with the feed's settings.
final class StoredDrops {
  private static let patienceSeconds = 120

  let plan: MapPlan
  private let site: Site
  let feed: FeedFile
  private let spoolKey: SecretKey
  private let swap: VersionSwap
  private let library: [UInt8]
  private var worker: (night: BusinessDate, client: WorkerClient)?

  init(_ swap: VersionSwap, site: Site, feed: FeedFile, spoolKey: SecretKey) throws {
    (self.swap, self.site, self.feed, self.spoolKey) = (swap, site, feed, spoolKey)
    plan = try MapPlan.build(swap.library, mappings: swap.names, format: feed.format, zone: feed.zone, feed: feed.name)
    library = ReleasedFiles.library(of: ReleasedFiles.read(by: swap.names, in: swap.library).keys, in: swap.library)
  }

  deinit { worker?.client.stop() }

  /// What the site says of the feed's fields and numbers.
  func loadRules() throws -> LoadRules { try site.loadRules(of: feed) }

  /// Gives what the mappings make of a drop, in its order; a feed that holds batches whose trailer lies holds them here too.
  ///
  /// - Throws: PIP-812 when the worker ends or stalls, TRU-2xx when the sealed bytes do not verify.
  func run(_ drop: DropEntry, take: (WorkerOutput) throws -> Void) throws {
    guard feed.expectation.failure.mismatch == .hold else { return try pass(drop, take) }
    var lying: Set<Int> = [], received = BatchHold(held: [])
    try pass(drop) { output in
      if case .message(let message) = output { _ = received.settle(message) }
      if case .batch(let total) = output { lying.formUnion(received.lying(under: total)) }
    }
    received = BatchHold(held: lying)
    try pass(drop) { output in
      if case .message(let message) = output { try take(.message(received.settle(message))) } else { try take(output) }
    }
  }

  private func pass(_ drop: DropEntry, _ take: (WorkerOutput) throws -> Void) throws {
    guard let object = ObjectID(hex: drop.id) else { throw PipelineError("PIP-203", .internalError, "a drop's id is not an id") }
    let source = try Spool(folder: site.folder.spool, site: try site.plainName()).reader(of: object, key: spoolKey)
    do { _ = try client(drop.night).run(trap: false, next: { try source.next() }, take: take) } catch is WorkerFailure {
      worker?.client.stop()
      worker = nil
      throw PipelineError("PIP-812", .internalError, "the decode worker ended on the stored drop \(drop.id)", hint: "Nothing was written. Run it again; where it ends there again, report it.")
    }
  }

  /// One worker for the drops of a night: the business date stands in for missing event times.
  private func client(_ night: BusinessDate) throws -> WorkerClient {
    if let worker, worker.night == night { return worker.client }
    worker?.client.stop()
    let setup = WorkerSetup(
      library: library, mappings: swap.names, format: feed.format, charset: feed.charset ?? "", zone: ZoneFile.bytes(feed.zoneName) ?? [],
      feed: feed.name, businessDate: night, server: feed.server, envelope: feed.envelope)
    let client = try WorkerClient(setup: setup, dictionary: plan.dictionary, patienceSeconds: Self.patienceSeconds)
    worker = (night, client)
    return client
  }
}
