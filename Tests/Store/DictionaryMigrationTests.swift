import Core
@testable import Store
import Testing

/// The later dictionary of these tests: a new entity, new fields before and after the old ones, a field in another class, and keys that
/// have grown by the patient.
private enum Later {
  static let dictionary = change(StoreSite.dictionary, version: 2) { entities in
    entities.insert(
      CanonicalEntity(
        name: "coverage", fhir: "Coverage",
        fields: [
          CanonicalField(name: "member", kind: .identifier, dataClass: .identifier, isKey: true),
          CanonicalField(name: "patient", kind: .reference(entity: "patient"), dataClass: .identifier),
        ]), at: 0)
    entities[1].fields.insert(CanonicalField(name: "given", kind: .text, dataClass: .identifier), at: 1)
    entities[1].fields[2].dataClass = .identifier
    entities[1].fields.append(CanonicalField(name: "language", kind: .code, dataClass: .sensitive))
  }
  /// The charge is known together with its patient.
  static let grown = change(dictionary, version: 3) { $0[2].fields[1].isKey = true }

  static func change(_ old: CanonicalDictionary, version: Int, _ change: (inout [CanonicalEntity]) -> Void) -> CanonicalDictionary {
    var new = old
    new.version = version
    new.digest = String(repeating: "\(version)", count: 64)
    new.earlier = old.earlier + [old]
    change(&new.entities)
    return new
  }
}

/// What no later version may do.
private enum Loss: CaseIterable {
  case entity, field, type, keyField, newKeyField, keyThatRowsLack, keyThatReferencesLack

  func apply(_ entities: inout [CanonicalEntity]) {
    switch self {
    case .entity: entities.removeLast()
    case .field: entities[0].fields.remove(at: 2)
    case .type: entities[0].fields[1].kind = .date
    case .keyField: entities[0].fields[0].isKey = false
    case .newKeyField: entities[0].fields.append(CanonicalField(name: "site", kind: .text, dataClass: .operational, isKey: true))
    case .keyThatRowsLack: entities[1].fields[2].isKey = true
    case .keyThatReferencesLack: entities[0].fields[1].isKey = true
    }
  }
}

extension StoreSite {
  fileprivate func open(_ dictionary: CanonicalDictionary, epoch: Int? = 1, keys other: StoreKeys? = nil) throws -> SiteStore {
    try SiteStore(at: place, siteID: "test-site", dictionary: dictionary, keys: other ?? keys, epoch: epoch)
  }
}

/// The same messages under any of the dictionaries: history, nulls, ties, late rows and a number that two patients share.
private func fill(_ store: SiteStore) throws {
  let night = StoreSite.night
  try store.load(
    "a", night: night,
    [
      message("1", store, [("patient", 100, ["identifier": "T1", "family": "ALPHA", "phone": "5550100", "status": "1"])]),
      message("2", store, [("charge", 100, ["transaction": "X1", "patient": "T1", "amount": "12.30"])]),
      message("3", store, [("charge", 100, ["transaction": "X1", "patient": "T2", "amount": "9.00"])]),
    ])
  try store.load(
    "b", night: night.advanced(by: 1),
    [
      message("4", store, [("patient", 200, ["identifier": "T1", "family": "BRAVO", "status": nil])]),
      message("5", store, [("patient", 200, ["identifier": "T1", "family": "CHARLIE", "phone": nil])]),
      message("6", store, [("charge", 50, ["transaction": "X1", "patient": "T2", "amount": "8.00"]), ("patient", 1, ["identifier": "T2"])]),
    ])
}

private func message(_ id: String, _ store: SiteStore, _ rows: [(entity: String, at: Int, cells: [String: String?])]) -> MappedMessage {
  var message = MappedMessage(id)
  for (index, row) in rows.enumerated() {
    let entity = store.dictionary.index(of: row.entity) ?? 0
    message.rows.beginRow(entity: entity, mapping: 0, path: 0, occurrence: index + 1, eventInstant: row.at, fallback: false)
    for (number, field) in store.dictionary.entities[entity].fields.enumerated() {
      guard let cell = row.cells[field.name] else { continue }
      guard let text = cell.map({ Array($0.utf8) }) else {
        message.rows.setNull(field: number)
        continue
      }
      message.rows.set(field: number, to: field.isReference ? RowKey.encode([text]) : text)
    }
  }
  return message
}

@Suite struct DictionaryMigrationTests {
  private static func filled(_ kind: StoreKind) throws -> StoreSite {
    let site = try StoreSite(kind)
    try fill(site.open())
    return site
  }

  /// The digest of the same messages in a site that began under this dictionary.
  private static func fresh(_ kind: StoreKind, _ dictionary: CanonicalDictionary) throws -> String {
    let site = try StoreSite(kind, dictionary: dictionary)
    let store = try site.open(dictionary)
    try fill(store)
    return try store.digest()
  }

  @Test("A store of version 1 with rows and history has the digest of a fresh load under version 2", arguments: StoreKind.allCases)
  func digest(kind: StoreKind) throws {
    let store = try Self.filled(kind).open(Later.dictionary)
    #expect(store.dictionary == Later.dictionary)
    #expect(try store.digest() == Self.fresh(kind, Later.dictionary))
    #expect(try store.current("family", of: "patient") == ["-", "CHARLIE"])
  }

  @Test("A key that grows parts what two patients shared, with the digest of a fresh load", arguments: StoreKind.allCases)
  func grown(kind: StoreKind) throws {
    let store = try Self.filled(kind).open(Later.grown)
    #expect(try store.digest() == Self.fresh(kind, Later.grown))
    #expect(try store.current("amount", of: "charge") == ["12.30", "9.00"])
  }

  @Test("Rows that came apart stand in the nights of their messages, and are due after the last extract", arguments: StoreKind.allCases)
  func parted(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    try site.open().write { db in
      try db.script(
        """
        INSERT INTO extract_(consumer, night, revision, sha256, eligible, sent, withheld, suppressed, sent_cents, withheld_cents, delivery, manifest, receipt_expected)
        VALUES ('c', '2099-01-01', 1, '', 0, 0, 0, 0, 0, 0, 'pending', '', 0)
        """)
    }
    let store = try site.open(Later.grown)
    let counts = try store.reach { db in
      try ["change_", "late_"].map { try db.value("SELECT count(*) FROM \($0) WHERE entity = 'charge'") ?? 0 }
    }
    #expect(counts == [3, 2])
  }

  @Test("Messages loaded after it meet the rows that were there before", arguments: StoreKind.allCases)
  func goesOn(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    let store = try site.open(Later.dictionary)
    try store.load("c", [message("7", store, [("patient", 300, ["identifier": "T1", "given": "ALPHA", "language": "en"])])])
    #expect(try store.tally("patient").updated == 1)
    #expect(try store.current("family", of: "patient") == ["-", "CHARLIE"])
    #expect(try store.current("language", of: "patient") == ["-", "en"])
  }

  @Test("Refs, messages, mappings and the ledger stay as they were", arguments: StoreKind.allCases)
  func provenance(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    func look(_ store: SiteStore) throws -> [String] {
      var lines: [String] = []
      for entity in ["patient", "charge"] {
        try store.forEachRow(entity: entity, history: true) { row in lines += try store.trace(ref: row.ref).map { "\(row.ref) \($0)" } }
      }
      return lines.sorted()
    }
    let night = StoreSite.night, before = try look(site.open(epoch: nil)), ledger = try site.open(epoch: nil).night(night)
    let store = try site.open(Later.dictionary)
    #expect(try look(store) == before && before.count == 7)
    #expect(try store.night(night) == ledger)
  }

  @Test("A field in another class is sealed under the key of that class", arguments: StoreKind.allCases)
  func resealed(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    _ = try site.open(Later.dictionary)
    let store = try site.open(Later.dictionary, epoch: nil, keys: StoreKeys(columns: [.identifier: try #require(site.keys.columns[.identifier])], index: nil))
    #expect(try store.current("family", of: "patient") == ["-", "CHARLIE"])
  }

  @Test("Who lacks a key, or only reads, sees the store as it is", arguments: StoreKind.allCases)
  func reading(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    let digest = try site.open(epoch: nil).digest()
    #expect(try site.open(Later.dictionary, epoch: nil).dictionaryBehind(Later.dictionary) == 1)
    #expect(try site.open(Later.dictionary, epoch: nil).digest() == digest)
    #expect(try site.open(Later.dictionary, keys: StoreKeys.none).dictionary.version == 1)
  }

  @Test("What fails in the middle leaves all as it was", arguments: StoreKind.allCases)
  func rollback(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    try site.open().write { db in try db.script("UPDATE a_charge SET content_mac = substr(content_mac, 1, 15) WHERE id = 1") }
    let before = try schema(site, kind)
    let refusal = #expect(throws: StoreError.self) { try site.open(Later.grown) }
    #expect(refusal?.code == "STO-502")
    #expect(try schema(site, kind) == before)
    #expect(try site.open(epoch: nil).current("family", of: "patient") == ["-", "CHARLIE"])
  }

  private func schema(_ site: StoreSite, _ kind: StoreKind) throws -> [String] {
    try site.open(epoch: nil).reach { db in
      let columns = "SELECT concat_ws(' ', table_name, column_name, data_type) FROM information_schema.columns WHERE table_schema = current_schema()"
      let tables = kind == .sqlite ? "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL" : columns
      return try db.list(tables + " UNION ALL SELECT dictionary_digest FROM meta ORDER BY 1")
    }
  }

  @Test("A later epoch fences it out", arguments: StoreKind.allCases)
  func fenced(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    try site.open(epoch: 9).load("z", [])
    #expect(#expect(throws: StoreError.self) { try site.open(Later.dictionary, epoch: 2) }?.code == "STO-102")
  }

  @Test("A version that would lose or guess something is refused", arguments: StoreKind.allCases, Loss.allCases)
  fileprivate func refused(kind: StoreKind, loss: Loss) throws {
    let site = try Self.filled(kind)
    let refusal = #expect(throws: StoreError.self) { try site.open(Later.change(StoreSite.dictionary, version: 2, loss.apply)) }
    #expect(refusal?.code == "STO-405" && refusal?.exitCode == .configuration)
    let store = try site.open(epoch: nil), later = Later.change(StoreSite.dictionary, version: 2, loss.apply)
    #expect(loss == .keyThatRowsLack || (try? store.dictionaryBehind(later)) == nil)
    #expect(try site.open(epoch: nil).current("family", of: "patient") == ["-", "CHARLIE"])
  }

  @Test("A store that is ahead of the site's dictionaries is refused with both versions", arguments: StoreKind.allCases)
  func ahead(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    _ = try site.open(Later.dictionary)
    let refusal = #expect(throws: StoreError.self) { try site.open(epoch: nil) }
    #expect(refusal?.code == "STO-401" && refusal?.summary.contains("2") == true && refusal?.summary.contains("1") == true)
  }

  @Test("Making the store again leaves its version to the first run that can bring it up", arguments: StoreKind.allCases)
  func createdAgain(kind: StoreKind) throws {
    let site = try Self.filled(kind)
    try SiteStore.create(at: site.place, siteID: "test-site", dictionary: Later.dictionary)
    #expect(try site.open(Later.dictionary, epoch: nil).dictionary.version == 1)
    #expect(try site.open(Later.dictionary).digest() == Self.fresh(kind, Later.dictionary))
  }
}
