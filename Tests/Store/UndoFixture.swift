import Core
import Store
import Testing

/// A site whose runs each have an epoch of their own, as the lock gives them.
final class RunningSite {
  let site: StoreSite
  private(set) var epoch = 0

  init(_ kind: StoreKind) throws { site = try StoreSite(kind) }

  static func night(_ number: Int) -> BusinessDate { StoreSite.night.advanced(by: number) }

  /// The store as the next run opens it.
  func next() throws -> SiteStore {
    epoch += 1
    return try site.open(epoch: epoch)
  }

  /// A run of ingest that loads drops by name; gives its id.
  @discardableResult
  func ingest(night: Int = 0, rank: Int = 0, _ drops: [String: [MappedMessage]]) throws -> String {
    let store = try next(), run = try store.beginRun(stage: "ingest", night: Self.night(night), started: "")
    for (name, messages) in drops.sorted(by: { $0.key < $1.key }) {
      let load = try store.openLoad(drop: try store.pull(name, night: Self.night(night)), run: run, sourceRank: rank, mappings: [StoreSite.mapping], rowPaths: ["PID"])
      for (ordinal, message) in messages.enumerated() { try load.load(message.placed(ordinal)) }
      try load.finish(messagesDeclared: messages.count)
    }
    return run
  }

  @discardableResult
  func undo(_ run: String, night: Int = 0) throws -> UndoReport {
    let store = try next()
    return try #require(try store.undo(run, as: try store.beginRun(stage: "undo", night: Self.night(night), started: "")))
  }

  func replay(_ name: String, night: Int = 0, _ messages: [MappedMessage]) throws {
    let store = try next(), run = try store.beginRun(stage: "replay", night: Self.night(night), started: "")
    let replay = try store.openReplay(run: run, sourceRank: 0, mappings: [StoreSite.mapping], rowPaths: ["PID"])
    try replay.begin(try #require(try store.drops(night: Self.night(night)).first { $0.keyedHash == Array(name.utf8) }))
    for (ordinal, message) in messages.enumerated() { try replay.replace(message.placed(ordinal)) }
    _ = try replay.end()
    replay.close()
  }

  /// An extract of the patients for one consumer; gives how many rows were sent.
  @discardableResult
  func extract(night: Int) throws -> Int {
    let store = try next()
    let outflow = try store.openOutflow(consumer: "payer", entity: "patient", night: Self.night(night), fields: ["family"])
    try outflow.forEachCandidate { $0.lastSentMark == $0.cells[0].bytes ?? [] ? .suppress : .send(mark: $0.cells[0].bytes ?? []) }
    return try outflow.commit(ExtractEntry(sha256: "\(night) \(epoch)", sentCents: 0)).sent
  }

  func digest(asKnownOn night: Int? = nil) throws -> String { try site.open(epoch: nil).digest(asKnownOn: night.map(Self.night)) }
}
