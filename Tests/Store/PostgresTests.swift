import Core
@testable import Store
import Support
import Testing
import Trust

/// What only a server can do to a store.
@Suite struct PostgresTests {
  private func connection(_ site: StoreSite, readOnly: Bool = false) throws -> any SQLConnection { try site.place.open(readOnly: readOnly) }

  @Test("A load whose connection is cut leaves nothing, and the drop loads again")
  func cut() throws {
    let site = try StoreSite(.postgresql)
    let store = try site.open(), drop = try store.pull("a")
    let load = try store.openLoad(drop: drop, run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"])
    try load.load(MappedMessage("1", [.patient("T1")]))
    let own: Int = try #require(try store.reach { db in try db.value("SELECT pg_backend_pid()") })
    try connection(site).run("SELECT pg_terminate_backend(CAST(CAST(? AS BIGINT) AS INT))", [own])
    #expect(#expect(throws: StoreError.self) { try load.finish(messagesDeclared: 1) }?.exitCode == .inputOutput)
    let next = try site.open()
    #expect(try next.current("identifier", of: "patient").isEmpty)
    try next.load("a", [MappedMessage("1", [.patient("T1")])])
    #expect(try next.current("identifier", of: "patient") == ["T1"])
  }

  @Test("An error carries SQLSTATE and constraint, and no value")
  func quiet() throws {
    let site = try StoreSite(.postgresql)
    let insert = "INSERT INTO run(id, stage, night, epoch, started) VALUES (?, 's', 'n', 1, 's')"
    let db = try connection(site)
    try db.run(insert, ["TESTVALUE"])
    let refusal = #expect(throws: StoreError.self) { try db.run(insert, ["TESTVALUE"]) }
    #expect(refusal?.summary == "the ledger refused a write: run_pkey (SQLSTATE 23505)")
  }

  @Test("What reads may not write")
  func readOnly() throws {
    let db = try connection(try StoreSite(.postgresql), readOnly: true)
    #expect(throws: StoreError.self) { try db.run("UPDATE meta SET epoch = 9") }
  }

  @Test("Under the roles of the setup page ingest owns nothing and loads, and reconcile reads the ledger and no row")
  func roles() throws {
    let name = "r_" + Hex.text(try RandomBytes.make(6))
    var place = PostgresPlace(schema: name, host: try PostgresServer.socket(), database: "compline", role: "postgres")
    let administrator = try PostgresConnection(place, readOnly: false)
    try administrator.script(PostgresSetup(place).roles)
    (place.owner, place.role) = (name + "_owner", name + "_ingest")
    let site = try StoreSite(at: .postgresql(place, folder: "/tmp"))
    try administrator.script(PostgresSetup(place).grants)
    try site.open().load("a", [MappedMessage("1", [.patient("T1")])])
    place.role = name + "_reconcile"
    let reader = try SiteStore(at: .postgresql(place, folder: "/tmp"), siteID: "test-site", dictionary: StoreSite.dictionary, keys: .none, epoch: 2)
    #expect(try reader.night(StoreSite.night).feeds.count == 1)
    _ = try reader.beginRun(stage: "reconcile", night: StoreSite.night, started: "")
    #expect(#expect(throws: StoreError.self) { try reader.forEachRow(entity: "patient", history: false) { _ in } }?.code == "STO-206")
    #expect(try administrator.value("SELECT count(*) FROM pg_tables WHERE schemaname = ? AND tableowner <> ?", [name, name + "_owner"]) == 0)
  }

  @Test("A text keeps everything but NUL, which is shown; bytes keep everything", arguments: ["", "é\u{301}", "a\u{0}b", "\u{1F600}\\'\"?"])
  func texts(text: String) throws {
    let db = try connection(try StoreSite(.postgresql))
    let row = try #require(try db.first("SELECT CAST(? AS TEXT), CAST(? AS BYTEA), CAST(? AS BIGINT)", [text, Array(text.utf8), -7]))
    #expect(try row[0] as String == text.replacing("\u{0}", with: "\u{2400}"))
    #expect(try row[1] as [UInt8] == Array(text.utf8))
    #expect(try row[2] as Int == -7)
  }

  @Test("A server that is not there is an error of input and output")
  func unreachable() throws {
    let place = StorePlace.postgresql(PostgresPlace(schema: "s", host: "/nowhere", database: "compline"), folder: "/tmp")
    let refusal = #expect(throws: StoreError.self) { try SiteStore(at: place, siteID: "s", dictionary: StoreSite.dictionary, keys: .none, epoch: nil) }
    #expect(refusal?.code == "STO-208")
  }

  @Test("A schema that is no name is refused", arguments: ["", "a b", "a;drop", "Ä", "1a", "A"])
  func names(schema: String) {
    let place = StorePlace.postgresql(PostgresPlace(schema: schema, host: "/nowhere"), folder: "/tmp")
    #expect(#expect(throws: StoreError.self) { try SiteStore.create(at: place, siteID: "s", dictionary: StoreSite.dictionary) }?.code == "STO-403")
  }
}
