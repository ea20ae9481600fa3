import Core
import Support
import Testing

/// What the operator's tool refuses, warns of and says: nothing is destroyed by a second thought, and no line repeats what was typed.
@Suite struct OperatorTests {
  private static let patient = "PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F"
  private static let nameless = "PID|1||||TEST^BETA||19700102|F"

  private static func bytes(_ id: String, _ patient: String) -> [UInt8] {
    Array((["MSH|^~\\&|EHR|NORTH|||20260309081500||ADT^A01^ADT_A01|\(id)|P|2.5.1", "EVN|A01|20260309081500", patient].joined(separator: "\r") + "\r").utf8)
  }

  /// A site whose night ran over one message that loads and one that is held.
  private func ranSite() throws -> TestSite {
    let site = try TestSite()
    try site.drop(Self.bytes("GOOD1", Self.patient), at: "north-hl7/good.hl7")
    try site.drop(Self.bytes("HELD1", Self.nameless), at: "north-hl7/held.hl7")
    try site.expectExit(3, of: try site.job("nightly"))
    return site
  }

  @Test func initOnALiveSiteChangesNothingAndSaysSo() throws {
    let site = try TestSite()
    let result = try site.compline("init", site.path)
    #expect(result.exit == 0)
    #expect(result.outputText.contains("is complete; nothing changed"))
    #expect(!result.outputText.contains("enrolled"))
  }

  @Test func aStoreWhoseKeysAreGoneIsNeverGivenNewOnes() throws {
    let site = try TestSite()
    _ = try Tools.run("mv", [site.path + ".keys", site.path + ".elsewhere"])
    let result = try site.compline("init", site.path)
    #expect(result.exit == 77)
    #expect(result.errorText.contains("Restore it from its backup"))
    #expect(try Tools.run("test", ["-e", site.path + ".keys"]).exit == 1)
  }

  @Test func aSiteThatLostItsAuditIsNotGivenANewOne() throws {
    let site = try TestSite()
    _ = try Tools.run("rm", ["-r", site.path + "/var/audit"])
    #expect(try site.compline("check", "--site", site.path).exit == 74)
    #expect(try site.compline("init", site.path).exit == 74)
  }

  @Test func aFolderWithoutMappingsLeavesNoSiteBehind() throws {
    let folder = try TemporaryFolder()
    let result = try Tools.run(
      TestSite.binary("compline"), ["init", folder.path("new"), "--zone", "America/Chicago", "--mappings", folder.path("none")], environment: TestSite.environment())
    #expect(result.exit == 78 && result.errorText.contains("PIP-107"))
    #expect(try folder.files().isEmpty)
  }

  @Test func aZoneThatDoesNotExistLeavesNoSiteBehind() throws {
    let folder = try TemporaryFolder()
    #expect(try Tools.run(TestSite.binary("compline"), ["init", folder.path("new"), "--zone", "America/Nowhere"], environment: TestSite.environment()).exit == 64)
    #expect(try folder.files().isEmpty)
  }

  @Test(arguments: ["audit.key", "column-demographic.key", "index.key", "spool.key"]) func aKeyOfAnotherSiteIsFoundByCheck(_ name: String) throws {
    let site = try ranSite(), other = try TestSite()
    let result = try Tools.run("cp", [other.path + ".keys/" + name, site.path + ".keys/" + name])
    try #require(result.exit == 0, "\(result.errorText)")
    #expect(try site.compline("check", "--site", site.path).exit == 77)
  }

  @Test func allKeysOfAnotherSiteAreFoundByCheck() throws {
    let site = try TestSite(), other = try TestSite()
    _ = try Tools.run("rm", ["-r", site.path + ".keys"])
    _ = try Tools.run("cp", ["-a", other.path + ".keys", site.path + ".keys"])
    let result = try site.compline("check", "--site", site.path)
    #expect(result.exit == 77)
    #expect(result.errorText.contains("not those of this site"))
  }

  @Test func twoAgreementsWithOneIdAreRefusedAndBothFilesNamed() throws {
    let site = try TestSite()
    try site.root.write(try site.root.read("site/agreements/billing-baa.yaml"), to: "site/agreements/copy.yaml")
    let result = try site.compline("check", "--site", site.path)
    #expect(result.exit == 78)
    #expect(result.errorText.contains("agreements/billing-baa.yaml and agreements/copy.yaml"))
  }

  @Test func aFeedFileWithTheOtherEndingIsRefusedByName() throws {
    let site = try TestSite()
    try site.root.write("feed: x\n", to: "site/feeds/lab.yml")
    let result = try site.job("nightly")
    #expect(result.exit == 78)
    #expect(result.errorText.contains("feeds/lab.yml"))
  }

  @Test(arguments: ["var/outbox", "../site.keys"]) func aDeliveryFolderThatIsOursIsRefused(_ folder: String) throws {
    let site = try TestSite()
    let text = String(decoding: try site.root.read("site/consumers/billing.yaml"), as: UTF8.self).replacing("delivery/billing", with: folder)
    try site.root.write(text, to: "site/consumers/billing.yaml")
    #expect(try site.compline("check", "--site", site.path).exit == 78)
  }

  @Test(arguments: ["drops/north-hl7", "drops"]) func aFeedThatTakesFilesAwayFromAnotherIsRefused(_ folder: String) throws {
    let site = try TestSite(), feed = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    let line = try #require(feed.split(separator: "\n").first { $0.hasPrefix("from:") })
    try site.root.write(
      feed.replacing("feed: north-hl7", with: "feed: all").replacing(line, with: "from: {drop: \"\(folder)\", after: delete}"), to: "site/feeds/all.yaml")
    let result = try site.compline("check", "--site", site.path)
    #expect(result.exit == 78 && result.errorText.contains("PIP-119") && result.errorText.contains("feeds/all.yaml"), "\(result.errorText)")
  }

  @Test(arguments: [("\"*.csv\"", 0), ("[\"*.csv\", \"*.h*\"]", 78), ("\"a/b\"", 78)]) func aFeedMayTakeFilesOutOfTheFolderOfAnotherWhereTheirNamesAreApart(_ files: String, exit: Int32) throws {
    let site = try TestSite(), feed = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    let line = try #require(feed.split(separator: "\n").first { $0.hasPrefix("from:") })
    try site.root.write(feed.replacing(line, with: "from: {drop: drops/north-hl7, files: \"*.hl7\"}"), to: "site/feeds/north-hl7.yaml")
    try site.root.write(
      feed.replacing("feed: north-hl7", with: "feed: rest").replacing(line, with: "from: {drop: drops/north-hl7, files: \(files), after: delete}"), to: "site/feeds/rest.yaml")
    #expect(try site.compline("check", "--site", site.path).exit == exit)
  }

  @Test func anUnknownMappingIsAnsweredWithItsFileAndTheNearestName() throws {
    let site = try TestSite()
    let text = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self).replacing("hl7v2-standard", with: "hl7v2-standart")
    try site.root.write(text, to: "site/feeds/north-hl7.yaml")
    let result = try site.compline("check", "--site", site.path)
    #expect(result.exit == 78)
    #expect(result.errorText.contains("feeds/north-hl7.yaml:6"))
    #expect(result.errorText.contains("'hl7v2-standard'"))
  }

  @Test func aSitesOwnMappingIsReadOnceItIsReleased() throws {
    let site = try TestSite()
    let shipped = String(decoding: try TestFile.read(TestSite.checkout + "/Mappings/sets/hl7v2-standard/1.yaml"), as: UTF8.self)
    try site.root.write(shipped.replacing("hl7v2-standard", with: "own-set"), to: "site/mappings/sets/own-set/1.yaml")
    let feed = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self).replacing("[hl7v2-standard]", with: "[own-set]")
    try site.root.write(feed, to: "site/feeds/north-hl7.yaml")
    #expect(try site.compline("check", "--site", site.path).exit == 78)
    let sum = try Tools.run("sh", ["-c", "cd \(site.path)/mappings && sha256sum sets/own-set/1.yaml > RELEASED"])
    #expect(sum.exit == 0)
    let result = try site.compline("check", "--site", site.path)
    #expect(result.exit == 0, "\(result.errorText)")
    #expect(result.outputText.contains("own-set@1"))
  }

  @Test func checkWarnsOfWhatWouldDisappointAndStillEnds0() throws {
    let site = try TestSite()
    try site.expectExit(0, of: try site.compline("check", "--site", site.path))
    let agreement = String(decoding: try site.root.read("site/agreements/billing-baa.yaml"), as: UTF8.self).replacing("until: 2099-12-31", with: "until: 2026-03-10")
    try site.root.write(agreement, to: "site/agreements/billing-baa.yaml")
    for folder in ["drops/north-hl7", "delivery/billing"] { _ = try Tools.run("rmdir", [site.path + "/" + folder]) }
    let result = try site.compline("check", "--site", site.path)
    #expect(result.exit == 0)
    let warnings = result.outputText.split(separator: "\n").filter { $0.hasPrefix("warning ") }
    #expect(warnings.count == 3)
    #expect(warnings.contains { $0.contains("AGREEMENT-EXPIRED") })
  }

  @Test(arguments: ["site/out", "site/var/out", "site.keys/out"]) func anExportIntoTheSiteOrItsKeysIsRefusedBeforeAFolderIsMade(_ place: String) throws {
    let site = try TestSite()
    #expect(try site.compline("export", "--site", site.path, "--to", site.root.path(place)).exit == 64)
    #expect(try Tools.run("test", ["-e", site.root.path(place)]).exit == 1)
  }

  @Test func statusSaysThatTheDueNightHasNotRunAndShowsTheLastThatDid() throws {
    let site = try ranSite()
    let result = try site.compline("status", "--site", site.path)
    #expect(result.exit == 3)
    #expect(result.outputText.contains("has not run; the last night that ran is \(TestSite.night)"))
  }

  @Test func statusOfANightThatNobodyRanSaysSoAndShowsNoBreaks() throws {
    let site = try ranSite()
    let result = try site.compline("status", "--site", site.path, "--night", "2026-03-09")
    #expect(result.exit == 3)
    #expect(result.outputText.hasPrefix("night 2026-03-09 has not run; the last night that ran is \(TestSite.night)\nnext  "))
    #expect(!result.outputText.contains("FEED-NOT-PULLED"))
    let json = try JSONValue(parsing: try site.compline("status", "--site", site.path, "--night", "2026-03-09", "--json").standardOutput)
    #expect(json["night_not_run"]?.string == "2026-03-09" && json["breaks"] == nil)
  }

  @Test func statusOfASiteThatNeverRanSaysSo() throws {
    let site = try TestSite()
    #expect(try site.compline("status", "--site", site.path).outputText.contains("nor has any other of this site"))
  }

  @Test func eachWithheldRowIsListedByARefThatLeadsBackToItsMessage() throws {
    let site = try TestSite()
    try site.closeDemoNight()
    let lines = try site.compline("status", "--site", site.path, "--night", "2026-03-10", "--withheld").outputText.split(separator: "\n")
    let rows = lines.filter { $0.contains("  ACCOUNT-MISSING charge  billing") }
    #expect(rows.count == 3 && lines.contains { $0.contains("consumers/billing.yaml requires 'account', which the row lacks") })
    let traced = try site.compline("trace", "--site", site.path, String(rows[0].prefix(32)))
    #expect(traced.exit == 0 && traced.outputText.contains("DFT^P03"))
  }

  @Test func aFieldOfAnotherEntityIsAnsweredWithTheNearestOfItsOwn() throws {
    let site = try TestSite()
    try site.closeDemoNight()
    let line = try site.compline("status", "--site", site.path, "--night", "2026-03-10", "--withheld").outputText.split(separator: "\n").first { $0.contains("ACCOUNT-MISSING charge") }
    let said = try site.compline("explain", "--site", site.path, String(try #require(line).prefix(32)), "birth_date")
    #expect(said.exit == 64 && said.errorText.contains("PIP-443") && said.errorText.contains("the row is one of charge"))
  }

  @Test func anExceptionNamesItsDropByTheNumberOfTheStatementAndItsRefIsNoRows() throws {
    let site = try ranSite()
    let list = try JSONValue(parsing: try site.compline("status", "--site", site.path, "--exceptions", "--json").standardOutput)["exception_list"]?.array ?? []
    let item = try #require(list.first { $0["code"]?.string == "SUBJECT-MISSING" })
    let drops = try site.feed("north-hl7")["drops"]?.array ?? []
    #expect(drops[(item["drop_number"]?.integer ?? 0) - 1]["dispositions"]?["held"] == 1)
    let trace = try site.compline("trace", "--site", site.path, item["ref"]?.string ?? "")
    #expect(trace.exit == 65)
    #expect(trace.errorText.contains("the ref of an exception"))
  }

  @Test(arguments: [
    ["trace", "--site", "x", "TESTALPHA", "T900001"], ["T900001"], ["status", "--T900001"], ["demo-night", "--site", "x", "--wave", "T900001"], ["status", "--site"],
  ])
  func aUsageErrorNeverRepeatsWhatWasTyped(_ arguments: [String]) throws {
    let result = try Tools.run(TestSite.binary("compline"), arguments, environment: TestSite.environment())
    #expect(result.exit == 64)
    #expect(!result.errorText.contains("T900001") && !result.errorText.contains("TESTALPHA"))
    #expect(result.errorText.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    (["identity", "decide", "--site", "x", "T900001", "T900002", "--person", "ann", "--reason", "X"], "say one of --same (they are one person) and --different (they are two)."),
    (["undo", "T900001", "--site", "x", "--person", "ann", "--reason", "X", "--apply", "--again"], "say one of --apply, --dry-run and --again"),
  ])
  func optionsThatAskForEachOtherAreNamed(_ arguments: [String], _ said: String) throws {
    let result = try Tools.run(TestSite.binary("compline"), arguments, environment: TestSite.environment())
    #expect(result.exit == 64 && result.errorText.contains(said) && !result.errorText.contains("T90000"), "\(result.errorText)")
  }

  @Test func aMisspeltOptionIsAnsweredWithTheOneThatWasMeant() throws {
    let result = try Tools.run(TestSite.binary("compline-nightly"), ["--site", "x", "--nihgt", "2026-03-10"], environment: TestSite.environment())
    #expect(result.exit == 64)
    #expect(result.errorText.contains("Did you mean '--night'? compline-nightly takes --site, --night,"))
  }
}
