import Core
import Foundation
@testable import Store
import Support
import Trust

/// The stores that the conformance suite runs on.
enum StoreKind: CaseIterable {
  case sqlite, postgresql
}

/// The folder of all sites of this test process; it goes away when the process ends, because stores outlive their `StoreSite`.
private let root: URL = {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(ProcessInfo.processInfo.processIdentifier)")
  atexit { try? FileManager.default.removeItem(at: root) }
  return url
}()

/// A site's store in a folder of its own, under keys of its own.
final class StoreSite {
  static let night = BusinessDate(daysSinceEpoch: 20_500)
  static let mapping = MappingRef(id: "test-mapping", version: 1, digest: String(repeating: "a", count: 64))

  let place: StorePlace
  let keys: StoreKeys
  private let folder: URL

  convenience init(_ kind: StoreKind = .sqlite, dictionary: CanonicalDictionary = StoreSite.dictionary) throws {
    let name = Hex.text(try RandomBytes.make(8))
    let folder = root.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    switch kind {
    case .sqlite: try self.init(at: .sqlite(path: folder.appendingPathComponent("compline.sqlite").path), dictionary: dictionary)
    case .postgresql:
      let place = PostgresPlace(schema: "s_" + name, host: try PostgresServer.socket(), database: "compline", role: "postgres")
      try self.init(at: .postgresql(place, folder: folder.path), dictionary: dictionary)
    }
  }

  init(at place: StorePlace, dictionary: CanonicalDictionary = StoreSite.dictionary) throws {
    self.place = place
    folder = URL(fileURLWithPath: place.folder)
    var columns: [DataClass: SecretKey] = [:]
    for kind in DataClass.allCases { columns[kind] = try SecretKey.random() }
    keys = StoreKeys(columns: columns, index: try SecretKey.random())
    try SiteStore.create(at: place, siteID: "test-site", dictionary: dictionary)
  }

  /// Of the file of SQLite.
  var path: String {
    if case .sqlite(let path) = place { return path }
    return ""
  }

  /// A place where there is no store.
  var elsewhere: StorePlace {
    guard case .postgresql(var other, let folder) = place else { return .sqlite(path: path + "x") }
    other.schema += "x"
    return .postgresql(other, folder: folder)
  }

  func open(epoch: Int? = 1, keys other: StoreKeys? = nil) throws -> SiteStore {
    try SiteStore(at: place, siteID: "test-site", dictionary: Self.dictionary, keys: other ?? keys, epoch: epoch)
  }

  /// The bytes of every file of the store, journal included.
  func rawBytes() throws -> [UInt8] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).flatMap { [UInt8](try Data(contentsOf: $0)) }
  }

  /// True where the text stands anywhere in the files of the store, those of a server and its log included.
  func holds(_ text: String) throws -> Bool {
    guard case .postgresql(let place, _) = place else { return Data(try rawBytes()).range(of: Data(text.utf8)) != nil }
    try PostgresConnection(place, readOnly: false).script("CHECKPOINT")
    return try Tools.run("grep", ["-rqaF", text, try PostgresServer.data(), try PostgresServer.socket() + "/log"]).exit == 0
  }

  static let dictionary = CanonicalDictionary(
    version: 1,
    entities: [
      CanonicalEntity(
        name: "patient", fhir: "Patient",
        fields: [
          CanonicalField(name: "identifier", kind: .identifier, dataClass: .identifier, isKey: true),
          CanonicalField(name: "family", kind: .text, dataClass: .demographic),
          CanonicalField(name: "phone", kind: .text, dataClass: .contact),
          CanonicalField(name: "note", kind: .text, dataClass: .narrative),
          CanonicalField(name: "status", kind: .integer, dataClass: .operational),
          CanonicalField(name: "replaced_by", kind: .reference(entity: "patient"), dataClass: .identifier),
          CanonicalField(name: "replaced_as", kind: .code, dataClass: .operational),
        ]),
      CanonicalEntity(
        name: "charge", fhir: "ChargeItem",
        fields: [
          CanonicalField(name: "transaction", kind: .identifier, dataClass: .identifier, isKey: true),
          CanonicalField(name: "patient", kind: .reference(entity: "patient"), dataClass: .identifier),
          CanonicalField(name: "account", kind: .decimal, dataClass: .financial),
          CanonicalField(name: "amount", kind: .money(currency: "USD"), dataClass: .financial),
        ]),
      CanonicalEntity(
        name: "encounter", fhir: "Encounter",
        fields: [
          CanonicalField(name: "visit", kind: .identifier, dataClass: .identifier, isKey: true),
          CanonicalField(name: "patient", kind: .reference(entity: "patient"), dataClass: .identifier, isKey: true),
          CanonicalField(name: "status", kind: .text, dataClass: .clinical),
          CanonicalField(name: "replaced_by", kind: .reference(entity: "encounter"), dataClass: .identifier),
          CanonicalField(name: "replaced_as", kind: .code, dataClass: .operational),
        ]),
      CanonicalEntity(
        name: "observation", fhir: "Observation",
        fields: [
          CanonicalField(name: "code", kind: .code, dataClass: .clinical, isKey: true),
          CanonicalField(name: "patient", kind: .reference(entity: "patient"), dataClass: .identifier, isKey: true),
          CanonicalField(name: "encounter", kind: .reference(entity: "encounter"), dataClass: .identifier),
          CanonicalField(name: "value", kind: .text, dataClass: .clinical),
        ]),
    ], digest: String(repeating: "d", count: 64))
}

/// A row as a message says it: nil is null, a field that is not named is absent.
struct Said {
  var entity: String
  var at: Int
  var cells: [String: String?]

  static func patient(_ id: String, at instant: Int = 100, _ cells: [String: String?] = [:]) -> Said {
    Said(entity: "patient", at: instant, cells: cells.merging(["identifier": .some(id)]) { $1 })
  }

  static func charge(_ id: String, at instant: Int = 100, _ cells: [String: String?] = [:]) -> Said {
    Said(entity: "charge", at: instant, cells: cells.merging(["transaction": .some(id)]) { $1 })
  }

  func add(to buffer: inout RowBuffer, occurrence: Int) {
    let index = StoreSite.dictionary.index(of: entity) ?? 0
    let fields = StoreSite.dictionary.entities[index].fields
    buffer.beginRow(entity: index, mapping: 0, path: 0, occurrence: occurrence, eventInstant: at, fallback: false)
    for (number, field) in fields.enumerated() {
      guard let cell = cells[field.name] else { continue }
      guard let text = cell else {
        buffer.setNull(field: number)
        continue
      }
      if field.isReference { buffer.set(field: number, to: Self.key(text)) } else { buffer.set(field: number, to: Array(text.utf8)) }
    }
  }

  /// The key of a patient, `T1`, or of a visit of one, `V1/T1`.
  static func key(_ text: String) -> [UInt8] {
    let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
    return RowKey.encode(parts.count == 1 ? [Array(text.utf8)] : [Array(parts[0].utf8), key(parts[1])])
  }
}

extension MappedMessage {
  /// A message of its own bytes (`id`) that says these rows.
  init(_ id: String, control: String = "", _ rows: [Said] = []) {
    self.init()
    digest = SHA256.digest(Array(id.utf8))
    type = "ADT^A08"
    byteCount = 100
    if !control.isEmpty { controlIdentity = RowKey.encode([Array(control.utf8)]) }
    for (index, row) in rows.enumerated() { row.add(to: &self.rows, occurrence: index + 1) }
  }

  /// The message at its place in a drop.
  func placed(_ ordinal: Int) -> MappedMessage { with { ($0.ordinal, $0.byteOffset) = (ordinal, $0.byteOffset + 100 * ordinal) } }

  func with(_ change: (inout MappedMessage) -> Void) -> MappedMessage {
    var copy = self
    change(&copy)
    return copy
  }
}

extension SiteStore {
  /// Takes in and loads one drop; its hash is made from its name.
  @discardableResult
  func load(_ name: String, feed: String = "north", night: BusinessDate = StoreSite.night, rank: Int = 0, _ messages: [MappedMessage]) throws -> String {
    let id = try pull(name, feed: feed, night: night)
    let load = try openLoad(drop: id, run: "run", sourceRank: rank, mappings: [StoreSite.mapping], rowPaths: ["PID"])
    for (ordinal, message) in messages.enumerated() { try load.load(message.placed(ordinal)) }
    try load.finish(messagesDeclared: messages.count)
    return id
  }

  /// A drop that is taken in and hashed, but not loaded.
  func pull(_ name: String, feed: String = "north", night: BusinessDate = StoreSite.night) throws -> String {
    let id = Hex.text(SHA256.digest(Array((feed + "/" + name).utf8)).prefix(16))
    try intake([DropIntake(id: id, feed: feed, night: night, keyedHash: Array(name.utf8), byteCount: 1)])
    try setHash(drop: id, sha256: Hex.text(SHA256.digest(Array(name.utf8))))
    return id
  }

  func tally(_ entity: String, night: BusinessDate = StoreSite.night) throws -> EntityTally {
    try self.night(night).feeds.reduce(into: EntityTally()) { $0 += $1.entities[entity] ?? EntityTally() }
  }

  func dispositions(night: BusinessDate = StoreSite.night) throws -> DispositionTally {
    try self.night(night).feeds.flatMap(\.drops).reduce(into: DispositionTally()) { $0 += $1.dispositions }
  }

  /// The text of a field of each current row, `-` where there is none, sorted.
  func current(_ field: String, of entity: String) throws -> [String] {
    let number = dictionary.entities[dictionary.index(of: entity) ?? 0].index(of: field) ?? 0
    var texts: [String] = []
    try forEachRow(entity: entity, history: false) { row in
      texts.append(row.current?.cells[number].bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-")
    }
    return texts.sorted()
  }
}

/// SplitMix64: the same seed gives the same numbers.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
