import Core
import Foundation
@testable import Store
import Testing
import Trust

@Suite struct SealingTests {
  private static let planted = ["ZZ900001", "TESTFAMILY", "555-0142", "TESTNOTE about nobody"]

  private func filled(_ kind: StoreKind = .sqlite) throws -> (StoreSite, SiteStore) {
    let site = try StoreSite(kind)
    let store = try site.open()
    let cells: [String: String?] = ["family": Self.planted[1], "phone": Self.planted[2], "note": Self.planted[3], "status": "OPENSTATUS"]
    try store.load(
      "a",
      [
        MappedMessage("1", control: Self.planted[0], [.patient(Self.planted[0], cells), .charge("X1", ["patient": Self.planted[0], "account": "OPENACCOUNT"])]),
        MappedMessage("2", [.patient("ZZ900002", ["family": "TESTOTHER", "phone": "555-0143"])]),
      ])
    return (site, store)
  }

  @Test("No planted value of a sealed class stands in the file; open columns do", arguments: StoreKind.allCases, planted + ["OPENSTATUS", "OPENACCOUNT"])
  func raw(kind: StoreKind, value: String) throws {
    let (site, _) = try filled(kind)
    #expect(try site.holds(value) == value.hasPrefix("OPEN"))
  }

  @Test("No unkeyed hash of a message or a key stands in the file")
  func hashes() throws {
    let (site, _) = try filled()
    let raw = Data(try site.rawBytes())
    for hash in [SHA256.digest(Array("1".utf8)), SHA256.digest(Array(Self.planted[0].utf8)), SHA256.digest(RowKey.encode([Array(Self.planted[0].utf8)]))] {
      #expect(raw.range(of: Data(hash)) == nil)
      #expect(raw.range(of: Data(hash.prefix(16))) == nil)
    }
  }

  @Test("Without a key its class stays sealed and the rest reads on", arguments: StoreKind.allCases)
  func withoutKeys(kind: StoreKind) throws {
    let (site, _) = try filled(kind)
    let store = try site.open(epoch: nil, keys: StoreKeys.none)
    try store.forEachRow(entity: "charge", history: false) { row in
      #expect(row.current?.cells[0] == .sealed)
      #expect(row.current?.cells[2] == .value(Array("OPENACCOUNT".utf8)))
    }
  }

  @Test("With one key only that class opens", arguments: StoreKind.allCases)
  func oneKey(kind: StoreKind) throws {
    let (site, _) = try filled(kind)
    let store = try site.open(epoch: nil, keys: StoreKeys(columns: [.contact: try #require(site.keys.columns[.contact])], index: nil))
    #expect(try store.current("phone", of: "patient") == ["555-0142", "555-0143"])
    #expect(try store.current("family", of: "patient") == ["-", "-"])
  }

  @Test(
    "Ciphertext or metadata moved to another place does not open",
    arguments: StoreKind.allCases, [
      "UPDATE a_patient SET sealed_demographic = (SELECT b.sealed_demographic FROM a_patient b WHERE b.id <> a_patient.id)",
      "UPDATE a_patient SET sealed_demographic = sealed_contact", "UPDATE a_patient SET row_ref = (SELECT b.row_ref FROM a_patient b ORDER BY b.row_ref DESC LIMIT 1)",
      "UPDATE a_patient SET event_instant = event_instant + 1", "UPDATE a_patient SET sealed_demographic = NULL", "UPDATE a_patient SET f_status = 'other'",
      "UPDATE a_patient SET content_mac = substr(content_mac, 1, 15)", "UPDATE a_patient SET sealed_contact = substr(sealed_contact, 1, 40)",
    ])
  func moved(kind: StoreKind, sql: String) throws {
    let (_, store) = try filled(kind)
    try store.write { db in try db.script(sql) }
    #expect(throws: StoreError.self) { try store.forEachRow(entity: "patient", history: true) { _ in } }
  }

  @Test("The sealed part of each of 12 rows opens in none of the others", arguments: StoreKind.allCases)
  func everyPair(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", (0..<12).map { MappedMessage("\($0)", [.patient("T\($0)", ["family": "ALPHA"])]) })
    try store.write { db in try db.script("CREATE TABLE kept AS SELECT id, sealed_demographic AS part FROM a_patient") }
    for row in 0..<12 {
      for other in 0..<12 where other != row {
        try store.write { db in try db.script("UPDATE a_patient SET sealed_demographic = \(Self.kept("part", other)) WHERE id = \(Self.kept("id", row))") }
        #expect(throws: StoreError.self, "row \(row) with the part of \(other)") { try store.forEachRow(entity: "patient", history: true) { _ in } }
        try store.write { db in try db.script("UPDATE a_patient SET sealed_demographic = \(Self.kept("part", row)) WHERE id = \(Self.kept("id", row))") }
      }
    }
    #expect(try store.current("family", of: "patient").count == 12)
  }

  private static func kept(_ column: String, _ number: Int) -> String { "(SELECT \(column) FROM kept ORDER BY id LIMIT 1 OFFSET \(number))" }

  @Test(
    "What a row said at one time does not open as what it said at another", arguments: StoreKind.allCases,
    [
      "SET sealed_demographic = (SELECT b.sealed_demographic FROM a_patient b WHERE b.event_instant = 100) WHERE event_instant = 200",
      "SET sealed_demographic = (SELECT b.sealed_demographic FROM a_patient b WHERE b.event_instant = 200) WHERE event_instant = 100",
      "SET (sealed_identifier, sealed_demographic) = (SELECT b.sealed_identifier, b.sealed_demographic FROM a_patient b WHERE b.event_instant = 100) WHERE event_instant = 200",
      "SET event_instant = 300 - event_instant", "SET event_instant = 300 WHERE event_instant = 100",
    ])
  func olderVersion(kind: StoreKind, change: String) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA"])]), MappedMessage("2", [.patient("T1", at: 200, ["family": "BRAVO"])])])
    try store.write { db in try db.script("UPDATE a_patient \(change)") }
    #expect(throws: StoreError.self) { try store.forEachRow(entity: "patient", history: true) { _ in } }
  }

  @Test("Another site's sealed columns do not open, even under the same keys", arguments: StoreKind.allCases)
  func otherSite(kind: StoreKind) throws {
    let (site, store) = try filled(kind)
    try store.write { db in try db.script("UPDATE meta SET site = 'other'") }
    let other = try SiteStore(at: site.place, siteID: "other", dictionary: StoreSite.dictionary, keys: site.keys, epoch: nil)
    #expect(throws: StoreError.self) { try other.forEachRow(entity: "patient", history: true) { _ in } }
  }

  @Test("Equal contents of two rows show neither in the identities nor in the sealed bytes", arguments: StoreKind.allCases)
  func unlinkable(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", ["family": "ALPHA"]), .patient("T2", ["family": "ALPHA"])])])
    let distinct = try store.reach { db in try db.value("SELECT count(DISTINCT content_mac) + count(DISTINCT sealed_demographic) FROM a_patient") ?? 0 }
    #expect(distinct == 4)
  }

  @Test("Who lacks keys folds assertions of one event time in the same order as who has them", arguments: StoreKind.allCases, 0..<20)
  func ties(kind: StoreKind, seed: Int) throws {
    var random = Seeded(seed)
    let site = try StoreSite(kind)
    let store = try site.open()
    let said = (0..<5).map { MappedMessage("\($0)", [.charge("X1", ["account": "A\($0)", "patient": "T\(Int.random(in: 0...9, using: &random))"])]) }
    for (number, message) in said.shuffled(using: &random).enumerated() { try store.load("d\(number)", [message]) }
    #expect(try site.open(epoch: nil, keys: StoreKeys.none).current("account", of: "charge") == store.current("account", of: "charge"))
  }

  @Test("A load without every key is refused", arguments: StoreKind.allCases)
  func loadKeys(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let store = try site.open(keys: StoreKeys(columns: [:], index: site.keys.index))
    let refusal = #expect(throws: StoreError.self) { try store.openLoad(drop: try store.pull("a"), run: "run") }
    #expect(refusal?.code == "STO-501")
  }

  @Test("The file belongs to its owner alone")
  func mode() throws {
    let site = try StoreSite()
    let mode = try FileManager.default.attributesOfItem(atPath: site.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }
}
