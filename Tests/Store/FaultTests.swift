import Core
import Foundation
@testable import Store
import Testing

@Suite struct FaultTests {
  private func digest(_ path: String, _ site: StoreSite) throws -> String {
    try SiteStore(at: .sqlite(path: path), siteID: "test-site", dictionary: StoreSite.dictionary, keys: site.keys, epoch: nil).digest()
  }

  /// Loads so much in one open transaction that SQLite writes to the file, then copies file and journal as a kill would leave them.
  private func killedCopy(of site: StoreSite, in store: SiteStore) throws -> String {
    let copy = site.path + "-killed"
    try store.reach { db in try db.script("PRAGMA cache_size = 10") }
    let load = try store.openLoad(drop: try store.pull("b"), run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"])
    for number in 0..<500 { try load.load(MappedMessage("m\(number)", [.patient("T\(number)", ["note": "NOTE\(number)"])]).with { $0.ordinal = number }) }
    // What another thread writes meanwhile is waited for.
    #expect(try store.reach { db in db.isInTransaction })
    try FileManager.default.copyItem(atPath: site.path, toPath: copy)
    try FileManager.default.copyItem(atPath: site.path + "-journal", toPath: copy + "-journal")
    return copy
  }

  @Test("After a kill in the middle of a load a reader sees the state before it")
  func killed() throws {
    let site = try StoreSite()
    let store = try site.open()
    try store.load("a", [MappedMessage("1", [.patient("T1", ["family": "ALPHA"])])])
    let before = try store.digest()
    let copy = try killedCopy(of: site, in: store)
    #expect(try Data(contentsOf: URL(fileURLWithPath: copy)).count > 65_536, "nothing was spilled, so the test shows nothing")
    #expect(try digest(copy, site) == before)
  }

  @Test("A drop loaded again after a kill gives the digest of a night without one")
  func rerun() throws {
    let site = try StoreSite()
    let copy = try killedCopy(of: site, in: try site.open())
    let store = try SiteStore(at: .sqlite(path: copy), siteID: "test-site", dictionary: StoreSite.dictionary, keys: site.keys, epoch: 2)
    let messages = (0..<300).map { MappedMessage("m\($0)", [.patient("T\($0)", ["note": "NOTE\($0)"])]) }
    try store.load("b", messages)
    let other = try StoreSite().open()
    try other.load("b", messages)
    #expect(try store.digest() == other.digest())
  }

  @Test("The journal of an open transaction shows no planted value either")
  func journal() throws {
    let site = try StoreSite()
    let store = try site.open()
    _ = try killedCopy(of: site, in: store)
    #expect(Data(try site.rawBytes()).range(of: Data("NOTE299".utf8)) == nil)
  }

  @Test("A second writer is told that the store is locked", arguments: StoreKind.allCases)
  func busy(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let first = try site.open(), second = try site.open()
    let load = try first.openLoad(drop: try first.pull("a"), run: "run")
    let refusal = #expect(throws: StoreError.self) { try second.pull("b") }
    #expect(refusal?.code == "STO-101" && refusal?.exitCode == .locked)
    load.rollback()
  }

  @Test("A damaged file stops the run and is never repaired")
  func damaged() throws {
    let site = try StoreSite()
    try site.open().load("a", [MappedMessage("1", [.patient("T1")])])
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: site.path)))
    for index in 4096..<bytes.count { bytes[index] ^= 0x5A }
    try Data(bytes).write(to: URL(fileURLWithPath: site.path))
    let refusal = #expect(throws: StoreError.self) { try site.open(epoch: nil).digest() }
    #expect(refusal?.code == "STO-202" && refusal?.exitCode == .inputOutput)
  }

  @Test("A file that is no store is refused")
  func noStore() throws {
    let site = try StoreSite()
    try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: site.path))
    let refusal = #expect(throws: StoreError.self) { try site.open(epoch: nil) }
    #expect(refusal?.code == "STO-202")
  }

  @Test("A store of a later schema is refused", arguments: StoreKind.allCases)
  func laterSchema(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    try site.open().reach { db in try db.setSchemaVersion(99) }
    #expect(throws: StoreError.self) { try site.open() }
    #expect(throws: StoreError.self) { try SiteStore.create(at: site.place, siteID: "test-site", dictionary: StoreSite.dictionary) }
  }

  @Test("A dictionary name that cannot be a column is refused", arguments: ["Robert'); --", "", "a b", "Ä"])
  func names(name: String) throws {
    let site = try StoreSite()
    var dictionary = StoreSite.dictionary
    dictionary.entities[0].fields[1].name = name
    #expect(throws: StoreError.self) { try SiteStore.create(at: site.place, siteID: "test-site", dictionary: dictionary) }
  }

  @Test("Values that are not text come back byte by byte", arguments: StoreKind.allCases, [[], [0], [0xFF, 0xFE], [0x41, 0, 0x42], Array("é\u{301}".utf8)] as [[UInt8]])
  func bytes(kind: StoreKind, value: [UInt8]) throws {
    let store = try StoreSite(kind).open()
    var message = MappedMessage("1", [])
    message.rows.beginRow(entity: 0, mapping: 0, path: 0, occurrence: 1, eventInstant: 1, fallback: false)
    message.rows.set(field: 0, to: Array("T1".utf8))
    message.rows.set(field: 1, to: value)
    message.rows.set(field: 4, to: value)
    try store.load("a", [message])
    try store.forEachRow(entity: "patient", history: false) { row in
      #expect(row.current?.cells[1] == .value(value))
      #expect(row.current?.cells[4] == .value(value))
    }
  }
}
