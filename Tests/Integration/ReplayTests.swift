import Core
import Demo
import Support
import Testing

/// Stored drops said anew: the same under their own versions, exactly the diff under another one.
@Suite struct ReplayTests {
  private let first = BusinessDate("2026-03-01")!

  private func replayed(_ own: OwnMappings, night: BusinessDate? = nil, _ more: [String]) throws -> ToolResult {
    let arguments = ["replay", "--site", own.site.path, "--night", (night ?? first).description, "--feed", "north-hl7", "--person", "alex", "--reason", "IFC-212"]
    return try Tools.run(TestSite.binary("compline"), arguments + more, environment: TestSite.environment())
  }

  /// Dry, then for good; gives what was done.
  private func applied(_ own: OwnMappings, night: BusinessDate? = nil, _ more: [String] = []) throws -> JSONValue {
    var last = JSONValue.null
    for flag in ["--dry-run", "--apply"] {
      let result = try replayed(own, night: night, ["--json", flag] + more)
      try own.site.expectExit(0, of: result)
      let value = try JSONValue(parsing: result.standardOutput)
      if flag == "--apply" { #expect(value["entities"] == last["entities"]) }
      last = value
    }
    return last
  }

  @Test func underItsOwnVersionsTheDigestIsTheSameAndNothingIsWritten() throws {
    let own = try OwnMappings(OwnMappings.phone)
    try own.load(first)
    let digest = try own.digest()
    let done = try applied(own)
    #expect(done["entities"]?["patient"]?["inserted"] == 0)
    #expect(done["entities"]?["patient"]?["withdrawn"] == 0)
    #expect(try own.digest() == digest)
  }

  @Test(arguments: [OwnMappings.phone, OwnMappings.sex, OwnMappings.key, OwnMappings.type])
  func underAnotherVersionTheStoreIsAsIfItHadAlwaysBeenInForce(_ change: OwnMappings.Change) throws {
    let own = try OwnMappings(change), fresh = try OwnMappings(change, first: 2)
    for night in [first, first.advanced(by: 1)] {
      try own.load(night)
      try fresh.load(night)
    }
    for night in [first, first.advanced(by: 1)] { _ = try applied(own, night: night, ["--mappings", "own-set@2"]) }
    #expect(try own.digest() == fresh.digest())
  }

  @Test(arguments: [OwnMappings.phone, OwnMappings.key, OwnMappings.type]) func underAnotherVersionItDoesExactlyWhatTheDiffSays(_ change: OwnMappings.Change) throws {
    let own = try OwnMappings(change)
    try own.load(first)
    let said = OwnMappings.patients(try own.diff().report)?["statements"]
    let done = try applied(own, ["--mappings", "own-set@2"])["entities"]?["patient"]
    func number(_ key: String) -> Int { said?[key]?.integer ?? -1 }
    #expect(done?["kept"]?.integer == number("same"))
    #expect(done?["inserted"]?.integer == number("added") + number("changed"))
    #expect(done?["withdrawn"]?.integer == number("removed") + number("changed"))
  }

  /// A mapping of its own name for the type that the set does not read.
  private func addMapping(_ own: OwnMappings, named: Bool) throws {
    let text = String(decoding: try own.site.root.read("site/mappings/hl7v2/own-patient/1.yaml"), as: UTF8.self)
    let extra = text.replacing("mapping: own-patient", with: "mapping: own-extra").replacing("ADT^A01, ADT^A04, ADT^A08, ORU^R01, DFT^P03", with: "ADT^A31").replacing("ADT^A01^ADT_A01", with: "ADT^A31^ADT_A05").replacing("EVN|A01", with: "EVN|A31")
    try own.site.root.write(extra, to: "site/mappings/hl7v2/own-extra/1.yaml")
    try own.site.expectExit(0, of: try own.site.compline("mapping", "release", "--site", own.site.path))
    let feed = String(decoding: try own.site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    if named { try own.site.root.write(feed.replacing("[own-set]", with: "[own-set, own-extra]"), to: "site/feeds/north-hl7.yaml") }
  }

  @Test func aMappingThatTheFeedNamesSinceLoadsWhatNoMappingRead() throws {
    let own = try OwnMappings(OwnMappings.type)
    try own.load(first)
    try addMapping(own, named: true)
    let done = try applied(own, ["--mappings", "own-extra@1"])
    #expect((done["entities"]?["patient"]?["inserted"]?.integer ?? 0) > 0 && done["entities"]?["patient"]?["withdrawn"] == 0)
    let fresh = try OwnMappings(OwnMappings.type, first: 2)
    try fresh.load(first)
    #expect(try own.digest() == fresh.digest())
  }

  @Test func aMappingThatTheFeedDoesNotNameIsRefusedAndTheWayIsSaid() throws {
    let own = try OwnMappings(OwnMappings.type)
    try own.load(first)
    try addMapping(own, named: false)
    let said = try replayed(own, ["--mappings", "own-extra@1"])
    #expect(said.exit == 78 && said.errorText.contains("PIP-810") && said.errorText.contains("A new name stands in the feed's file first"))
  }

  @Test func aReplayWithoutItsDryRunIsRefused() throws {
    let own = try OwnMappings(OwnMappings.phone)
    try own.load(first)
    let result = try replayed(own, ["--mappings", "own-set@2", "--apply"])
    #expect(result.exit == 77)
    #expect(result.errorText.contains("PIP-830"))
  }

  @Test func aStoreThatChangedSinceTheDryRunIsNotWritten() throws {
    let own = try OwnMappings(OwnMappings.phone)
    try own.load(first)
    for flags in [[], ["--apply"]] { _ = try replayed(own, ["--mappings", "own-set@2"] + flags) }
    let digest = try own.digest()
    _ = try replayed(own, [])
    _ = try replayed(own, ["--mappings", "own-set@2"])
    try own.site.expectExit(0, of: try replayed(own, ["--apply"]))
    #expect(try replayed(own, ["--mappings", "own-set@2", "--apply"]).errorText.contains("PIP-831"))
    #expect(try own.digest() != digest)
  }

  @Test func theStatementOfTheNightAndItsExtractStayAndTheNextExtractBringsTheChange() throws {
    let site = try TestSite()
    try site.lay(.first)
    _ = try site.job("nightly")
    let before = try site.statement()["feeds"], sent = try TestFile.list(under: site.path + "/delivery")
    let arguments = ["replay", "--site", site.path, "--night", TestSite.night.description, "--feed", "north-hl7", "--person", "alex", "--reason", "IFC-212"]
    for flag in ["--dry-run", "--apply"] {
      try site.expectExit(0, of: try Tools.run(TestSite.binary("compline"), arguments + [flag], environment: TestSite.environment()))
    }
    _ = try site.job("nightly")
    #expect(try site.statement()["feeds"] == before)
    #expect(try TestFile.list(under: site.path + "/delivery") == sent)
  }
}
