import Core
import Extract
import Store
import Support
import Testing
import Trust

/// A site with a store and an outbox of its own, under keys of its own.
final class ExtractSite {
  static let night = BusinessDate("2026-11-20") ?? BusinessDate(daysSinceEpoch: 0)
  static let mapping = MappingRef(id: "test-mapping", version: 1, digest: String(repeating: "a", count: 64))

  let folder: TemporaryFolder
  let outboxKey: SecretKey
  let manifestKey: SigningKey
  let outbox: Outbox
  private let keys: StoreKeys
  private var drops = 0

  init() throws {
    folder = try TemporaryFolder()
    outboxKey = try SecretKey.random()
    manifestKey = try SigningKey(SecretKey.random())
    var columns: [DataClass: SecretKey] = [:]
    for kind in DataClass.allCases { columns[kind] = try SecretKey.random() }
    keys = StoreKeys(columns: columns, index: try SecretKey.random())
    outbox = Outbox(folder: folder.path("outbox"), site: try #require(PlainName("test-site")))
    try SiteStore.create(at: .sqlite(path: folder.path("store.sqlite")), siteID: "test-site", dictionary: Paper.dictionary)
  }

  func store() throws -> SiteStore {
    try SiteStore(at: .sqlite(path: folder.path("store.sqlite")), siteID: "test-site", dictionary: Paper.dictionary, keys: keys, epoch: 1)
  }

  /// Loads one drop of charges of one patient, one message each: transaction, account (nil for none), amount.
  func load(_ charges: [(transaction: String, account: String?, amount: String)], night: BusinessDate = ExtractSite.night) throws {
    let store = try store()
    drops += 1
    let id = Hex.text(try RandomBytes.make(16))
    let hash = SHA256.digest(Array("drop \(drops)".utf8))
    try store.register(mappings: [Self.mapping])
    try store.intake([DropIntake(id: id, feed: "north", night: night, keyedHash: hash, byteCount: 1)])
    try store.setHash(drop: id, sha256: Hex.text(hash))
    let run = try store.beginRun(stage: "ingest", night: night, started: "2026-11-21T00:00:00Z")
    let load = try store.openLoad(drop: id, run: run, mappings: [Self.mapping], rowPaths: ["FT1"])
    for (index, charge) in charges.enumerated() { try load.load(message(charge, index)) }
    try load.finish(messagesDeclared: 0)
  }

  private func message(_ charge: (transaction: String, account: String?, amount: String), _ index: Int) -> MappedMessage {
    var message = MappedMessage()
    message.digest = SHA256.digest(Array("\(drops) \(index)".utf8))
    message.type = "DFT^P03"
    message.ordinal = index
    let patient = Array("ZZ1\u{1F}NORTH".utf8)
    message.rows.beginRow(entity: 0, mapping: 0, path: 0, occurrence: 1, eventInstant: 100, fallback: false)
    message.rows.set(field: 0, to: patient)
    message.rows.set(field: 1, to: Array("TEST".utf8))
    message.rows.beginRow(entity: 1, mapping: 0, path: 0, occurrence: 1, eventInstant: 100 + drops, fallback: false)
    message.rows.set(field: 0, to: Array((charge.transaction + "\u{1F}NORTH").utf8))
    if let account = charge.account { message.rows.set(field: 1, to: Array((account + "\u{1F}NORTH").utf8)) }
    message.rows.set(field: 2, to: RowKey.encode([patient]))
    message.rows.set(field: 3, to: Array("2026-11-19".utf8))
    message.rows.set(field: 4, to: Array(charge.amount.utf8))
    return message
  }

  func produce(night: BusinessDate = ExtractSite.night, agreement: AgreementFile?? = .none) throws -> ExtractOutcome {
    let extractor = Extractor(store: try store(), outbox: outbox, outboxKey: outboxKey, manifestKey: manifestKey)
    return try extractor.produce(Paper.billing(), agreement: try agreement ?? Paper.baa(), night: night, deliveryDate: night)
  }

  func release(night: BusinessDate = ExtractSite.night, delivery: BusinessDate? = nil) throws -> ReleaseDecision {
    try outbox.release(
      Paper.billing(), agreement: Paper.baa(), night: night, deliveryDate: delivery ?? night,
      keys: ReleaseKeys(outbox: outboxKey, manifest: manifestKey.verifyingKey))
  }

  /// The plain text of the night's extract.
  func text(night: BusinessDate = ExtractSite.night) throws -> String {
    guard case .permitted(let release) = try release(night: night) else { return "" }
    var bytes: [UInt8] = []
    try release.forEachChunk { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
}
