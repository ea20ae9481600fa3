import Core
import Support
import Testing

/// A version comes into force by a recorded diff, from a night on, and where the site asks for it by two people.
@Suite struct MappingPromoteTests {
  private let first = BusinessDate("2026-03-01")!

  private func promote(_ own: OwnMappings, from night: String = "2026-03-02", person: String = "alex", _ more: String...) throws -> ToolResult {
    let arguments = ["mapping", "promote", "north-hl7", "own-set@2", "--site", own.site.path, "--from", night, "--person", person, "--reason", "IFC-212"]
    return try Tools.run(TestSite.binary("compline"), arguments + more, environment: TestSite.environment())
  }

  private func loaded() throws -> OwnMappings {
    let own = try OwnMappings(OwnMappings.phone)
    try own.load(first)
    return own
  }

  @Test func withoutARecordedDiffNothingIsPromoted() throws {
    let result = try promote(try loaded())
    #expect(result.exit == 77)
    #expect(result.errorText.contains("PIP-824"))
  }

  @Test func aPromotedVersionHoldsFromItsNightOnAndNotBefore() throws {
    let own = try loaded()
    _ = try own.diff()
    try own.site.expectExit(0, of: try promote(own))
    let pins = String(decoding: try own.site.root.read("site/var/pins.yaml"), as: UTF8.self)
    #expect(pins.contains("own-set: [{version: 1}, {version: 2, from: 2026-03-02}]"))
    try own.load(first.advanced(by: 1))
    let mapped = try Tools.run("sh", ["-c", "sqlite3 \(own.site.path)/var/store/compline.sqlite 'SELECT version FROM mapping ORDER BY version' 2>/dev/null || echo none"]).outputText
    #expect(["1\n2\n", "none\n"].contains(mapped))
    #expect(try own.site.compline("check", "--site", own.site.path).outputText.contains("own-set@2"))
  }

  @Test func aNightThatWasLoadedKeepsItsVersion() throws {
    let own = try loaded()
    _ = try own.diff()
    let result = try promote(own, from: "2026-03-01")
    #expect(result.exit == 64)
    #expect(result.errorText.contains("PIP-823"))
  }

  @Test func whereTheSiteAsksForTwoPeopleTheFirstOnlyProposes() throws {
    let own = try loaded()
    let site = own.site
    try site.root.write(String(decoding: try site.root.read("site/site.yaml"), as: UTF8.self) + "policy: {promote: two-people}\n", to: "site/site.yaml")
    _ = try own.diff()
    let before = try site.root.read("site/var/pins.yaml")
    #expect(try promote(own).exit == 3)
    #expect(try promote(own, person: "robin", "--approve").exit == 77)
    #expect(try site.root.read("site/var/pins.yaml") == before)
  }

  @Test func aFeedWhoseFileDatesItsVersionsIsNotPromoted() throws {
    let own = try loaded()
    let site = own.site
    let feed = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    try site.root.write(feed.replacing("[own-set]", with: "{own-set: [{version: 1}, {version: 2, from: 2026-03-02}]}"), to: "site/feeds/north-hl7.yaml")
    #expect(try promote(own).errorText.contains("PIP-820"))
    #expect(try site.compline("check", "--site", site.path).outputText.contains("nobody has compared it"))
    _ = try own.diff()
    let check = try site.compline("check", "--site", site.path).outputText
    #expect(check.contains("from 2026-03-02: own-set@2") && !check.contains("nobody has compared it"))
  }

  @Test func aShadowRunsBesideEachNightAndLoadsNothing() throws {
    let own = try loaded()
    try own.site.expectExit(0, of: try own.site.compline("mapping", "shadow", "north-hl7", "own-set@2", "--site", own.site.path))
    let plain = try loaded()
    for site in [own, plain] { try site.load(first.advanced(by: 1)) }
    #expect(try own.digest() == plain.digest())
    let records = try TestFile.list(under: own.site.path + "/var/diffs").map { try JSONValue(parsing: try own.site.root.read("site/var/diffs/\($0)")) }
    #expect(records.map { $0["through"]?.string ?? "" }.sorted() == ["2026-03-01", "2026-03-02"])
    try own.site.expectExit(0, of: try promote(own, from: "2026-03-03"))
    #expect(!String(decoding: try own.site.root.read("site/var/shadow.yaml"), as: UTF8.self).contains("own-set"))
  }
}
