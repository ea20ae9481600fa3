import Core
import Support
import Testing

/// The same night on both engines.
@Suite(.serialized) struct EngineNightTests {
  @Test func theDemoNightEndsOnPostgreSQLAsOnSQLite() throws {
    let file = try TestSite(), server = try TestSite(store: try TestSite.postgres(schema: "demo_night"))
    for site in [file, server] { try site.closeDemoNight() }
    #expect(try server.outcome() == file.outcome())
  }

  @Test func aStoreThatMovesKeepsItsNight() throws {
    let site = try TestSite()
    try site.closeDemoNight()
    let before = try site.outcome(), own = String(decoding: try site.root.read("site/site.yaml"), as: UTF8.self)
    let coming = own.replacing("store: sqlite", with: try TestSite.postgres(schema: "demo_moved"))
    try site.root.write(coming, to: "coming.yaml")
    let moved = try site.compline("store", "copy", "--site", site.path, "--to", site.root.path("coming.yaml"))
    try site.expectExit(0, of: moved)
    #expect(moved.outputText.contains(before.digest.split(separator: "\n").joined()))
    try site.root.write(coming, to: "site/site.yaml")
    try site.expectExit(3, of: try site.job("nightly"))
    #expect(try site.outcome() == before)
  }

  @Test func setUpPrintsTheRolesOfASiteAndChangesNothing() throws {
    let site = try TestSite(store: try TestSite.postgres(schema: "demo_roles"))
    let page = try site.compline("store", "setup", "--site", site.path)
    try site.expectExit(0, of: page)
    #expect(page.outputText.contains("CREATE ROLE demo_roles_owner NOLOGIN;"))
    #expect(!page.outputText.contains("PASSWORD"))
  }

  @Test(arguments: [
    ("store: oracle", "CFG-103"), ("store: postgresql", "CFG-108"), ("store: postgresql\npostgresql: {host: /run}", "CFG-108"),
    ("store: sqlite\npostgresql: {host: /run, database: d}", "CFG-107"), ("store: postgresql\npostgresql: {host: /run, database: d, schema: a b}", "CFG-109"),
    ("store: postgresql\npostgresql: {host: /run, database: d, password: p}", "CFG-101"),
  ])
  func aStoreThatCannotBeIsRefused(lines: String, code: String) throws {
    let site = try TestSite(), own = String(decoding: try site.root.read("site/site.yaml"), as: UTF8.self)
    try site.root.write(own.replacing("store: sqlite", with: lines), to: "site/site.yaml")
    let refused = try site.compline("check", "--site", site.path)
    #expect(refused.exit == 78)
    #expect(refused.errorText.contains(code))
  }
}
