import Core
import Support
import Testing

/// What is put in force rests on the audit and the ledger, not on files that anybody may edit.
@Suite struct MappingGovernanceTests {
  private let first = BusinessDate("2026-03-01")!

  private func loaded() throws -> OwnMappings {
    let own = try OwnMappings(OwnMappings.phone)
    try own.load(first)
    return own
  }

  private func text(_ own: OwnMappings, _ path: String) throws -> String { String(decoding: try own.site.root.read(path), as: UTF8.self) }

  private func edit(_ own: OwnMappings, _ path: String, _ old: String, _ new: String) throws {
    try own.site.root.write(try text(own, path).replacing(old, with: new), to: path)
  }

  private func promote(_ own: OwnMappings, _ version: String = "own-set@2", person: String = "ann", _ more: String...) throws -> ToolResult {
    let arguments = ["mapping", "promote", "north-hl7", version, "--site", own.site.path, "--from", "2026-03-02", "--person", person, "--reason", "IFC-212"]
    return try Tools.run(TestSite.binary("compline"), arguments + more, environment: TestSite.environment())
  }

  private func check(_ own: OwnMappings) throws -> ToolResult { try own.site.compline("check", "--site", own.site.path) }

  private func ingest(_ own: OwnMappings, _ night: String) throws -> ToolResult {
    try Tools.run(TestSite.binary("compline-ingest"), ["--site", own.site.path, "--night", night, "--feed", "north-hl7"], environment: TestSite.environment())
  }

  // MARK: Two people

  @Test func aProposalThatWasEditedToNameSomebodyElseIsRefused() throws {
    let own = try loaded()
    try own.site.root.write(try text(own, "site/site.yaml") + "policy: {promote: two-people}\n", to: "site/site.yaml")
    _ = try own.diff()
    try own.site.expectExit(3, of: try promote(own))
    let file = "site/var/promotions/north-hl7.own-set.2.2026-03-02.json"
    try edit(own, file, "\"root\"", "\"ghost\"")
    try edit(own, file, "\"ann\"", "\"ghost\"")
    let before = try own.site.root.read("site/var/pins.yaml")
    let result = try promote(own, "own-set@2", person: "ann", "--approve")
    #expect(result.exit == 77)
    #expect(result.errorText.contains("PIP-828"))
    #expect(try own.site.root.read("site/var/pins.yaml") == before)
  }

  @Test func anEntryThatNoCheckpointCoversProposesNothing() throws {
    let own = try loaded()
    _ = try own.diff()
    let record = try #require(try TestFile.list(under: own.site.path + "/var/diffs").first)
    try edit(own, "site/var/diffs/\(record)", "\"rows_sha256\": \"", "\"rows_sha256\": \"0")
    let digest = Hex.text(SHA256.digest(try own.site.root.read("site/var/diffs/\(record)")))
    let forged = try #require(try text(own, "site/var/audit/entries").split(separator: "\n").last { $0.contains("\"verb\":\"diff\"") })
    let known = try #require(try JSONValue(parsing: Array(forged.utf8))["digests"]?["diff"]?.string)
    try own.site.root.write(try text(own, "site/var/audit/entries") + forged.replacing(known, with: digest) + "\n", to: "site/var/audit/entries")
    #expect(try promote(own).errorText.contains("PIP-829"))
  }

  @Test func aDiffRecordThatWasEditedToSpeakOfAnotherVersionCountsForNothing() throws {
    let own = try loaded()
    _ = try own.diff()
    try own.addVersion(3)
    let record = "site/var/diffs/" + (try #require(try TestFile.list(under: own.site.path + "/var/diffs").first))
    try edit(own, record, "own-set@2", "own-set@3")
    try edit(own, record, try digest(own, 2), try digest(own, 3))
    let result = try promote(own, "own-set@3")
    #expect(result.exit == 77)
    #expect(result.errorText.contains("PIP-829"))
  }

  /// Over what a version of the set is read from.
  private func digest(_ own: OwnMappings, _ version: Int) throws -> String {
    let files = [
      ("codes/sex/1.csv", try TestFile.read(TestSite.checkout + "/Mappings/codes/sex/1.csv")), ("hl7v2/own-patient/2.yaml", try own.site.root.read("site/mappings/hl7v2/own-patient/2.yaml")),
      ("sets/own-set/\(version).yaml", try own.site.root.read("site/mappings/sets/own-set/\(version).yaml")),
    ]
    return Hex.text(SHA256.digest(Array(files.map { "\(Hex.text(SHA256.digest($0.1)))  \($0.0)\n" }.joined().utf8)))
  }

  /// Puts other bytes in the place of a released file that no night was loaded under.
  private func releaseAnew(_ own: OwnMappings, _ path: String) throws {
    let old = Hex.text(SHA256.digest(try own.site.root.read("site/mappings/" + path)))
    try edit(own, "site/mappings/" + path, "why:        The patient alone", "why:        The patient by himself")
    try edit(own, "site/mappings/RELEASED", old, Hex.text(SHA256.digest(try own.site.root.read("site/mappings/" + path))))
  }

  @Test func aDiffBindsTheMembersOfASetToo() throws {
    let own = try loaded()
    _ = try own.diff()
    try releaseAnew(own, "hl7v2/own-patient/2.yaml")
    let result = try promote(own)
    #expect(result.exit == 77)
    #expect(result.errorText.contains("PIP-824"))
  }

  @Test func aLaterDiffOverOtherBytesIsNotWhatWasProposed() throws {
    let own = try loaded()
    try own.site.root.write(try text(own, "site/site.yaml") + "policy: {promote: two-people}\n", to: "site/site.yaml")
    _ = try own.diff()
    try own.site.expectExit(3, of: try promote(own))
    try releaseAnew(own, "hl7v2/own-patient/2.yaml")
    _ = try own.diff()
    let result = try promote(own, "own-set@2", person: "robin", "--approve")
    #expect(result.exit == 77)
    #expect(result.errorText.contains("PIP-824"))
  }

  // MARK: Released bytes

  @Test(arguments: ["hl7v2/own-patient/1.yaml", "sets/own-set/1.yaml"])
  func aChangedFileIsRefusedThoughTheListOfReleasedFilesWasWrittenAnew(_ path: String) throws {
    let own = try loaded()
    let old = Hex.text(SHA256.digest(try own.site.root.read("site/mappings/" + path)))
    try own.site.root.write(try own.site.root.read("site/mappings/" + path) + [0x0A], to: "site/mappings/" + path)
    try edit(own, "site/mappings/RELEASED", old, Hex.text(SHA256.digest(try own.site.root.read("site/mappings/" + path))))
    for result in [try check(own), try own.site.job("nightly"), try ingest(own, "2026-03-02")] {
      #expect(result.exit == 78)
      #expect(result.errorText.contains("PIP-117") && result.errorText.contains(path))
    }
  }

  @Test func aCodeSetThatANightWasLoadedUnderKeepsItsBytes() throws {
    let own = try loaded()
    let shipped = try TestFile.read(TestSite.checkout + "/Mappings/codes/sex/1.csv")
    try own.site.root.write(shipped + Array("Z,other,equivalent,,,interface-team\n".utf8), to: "site/mappings/codes/sex/1.csv")
    try own.site.expectExit(0, of: try own.site.compline("mapping", "release", "--site", own.site.path))
    let result = try check(own)
    #expect(result.exit == 78)
    #expect(result.errorText.contains("PIP-117") && result.errorText.contains("codes/sex/1.csv"))
  }

  @Test func aVersionThatNoNightWasLoadedUnderMayBeReleasedBesideTheOthers() throws {
    let own = try loaded()
    try own.addVersion(3)
    try own.site.expectExit(0, of: try check(own))
  }

  // MARK: Pins and dates

  @Test func aLostPinIsNotReplacedByTheLatestVersion() throws {
    let own = try loaded()
    TestFile.remove(own.site.path + "/var/pins.yaml")
    for result in [try check(own), try ingest(own, "2026-03-02")] {
      #expect(result.exit == 78)
      #expect(result.errorText.contains("PIP-116") && result.errorText.contains("north-hl7") && result.errorText.contains("own-set@1"))
    }
    #expect(!(try own.site.root.files().contains("site/var/pins.yaml")))
  }

  @Test func pinsThatWereEditedByHandAreWarnedOf() throws {
    let own = try OwnMappings(OwnMappings.phone)
    TestFile.remove(own.site.path + "/var/pins.yaml")
    try own.load(first)
    #expect(!(try check(own).outputText.contains("does not know the pins")))
    try edit(own, "site/var/pins.yaml", "own-set@2", "own-set@1")
    #expect(try check(own).outputText.contains("the audit does not know the pins in var/pins.yaml (own-set 1)"))
  }

  @Test func thePinsThatAPromotionLeavesAreInTheAudit() throws {
    let own = try loaded()
    _ = try own.diff()
    #expect(try check(own).outputText.contains("does not know the pins"))
    try own.site.expectExit(0, of: try promote(own))
    #expect(!(try check(own).outputText.contains("does not know the pins")))
  }

  @Test(arguments: ["{own-set: [{version: 1}, {version: 2, from: 2026-03-01}]}", "[own-set@2]"])
  func aVersionDatedBackIsWarnedOfAndChangesNoLoadedNight(_ mappings: String) throws {
    let own = try loaded()
    try edit(own, "site/feeds/north-hl7.yaml", "[own-set]", mappings)
    #expect(try check(own).outputText.contains("own-set@2 is put in force on the night 2026-03-01, loaded under own-set@1"))
    let replay = try own.site.compline(
      "replay", "--site", own.site.path, "--night", "2026-03-01", "--feed", "north-hl7", "--person", "ann", "--reason", "IFC-212", "--dry-run")
    #expect(replay.outputText.contains("under own-set@1"))
  }

  // MARK: The audit speaks first

  @Test func whatTheAuditCannotTakeIsNeitherReleasedNorRecorded() throws {
    let own = try loaded()
    try own.addVersion(3, release: false)
    let before = try own.site.root.read("site/mappings/RELEASED")
    _ = try Tools.run("sh", ["-c", "cd \(own.site.path)/var/audit && mv entries kept && mkdir entries"])
    #expect(try own.site.compline("mapping", "release", "--site", own.site.path).exit != 0)
    #expect(try own.site.root.read("site/mappings/RELEASED") == before)
    TestFile.remove(own.site.path + "/mappings/sets/own-set/3.yaml")
    #expect(try own.site.compline("mapping", "diff", "own-set@1", "own-set@2", "--site", own.site.path, "--on", "north-hl7").exit != 0)
    #expect(!(try own.site.root.files().contains { $0.contains("var/diffs/") }))
  }

  @Test func theAuditHoldsTheDigestOfTheListThatAReleaseWrote() throws {
    let own = try OwnMappings(OwnMappings.phone)
    let last = try #require(try text(own, "site/var/audit/entries").split(separator: "\n").last { $0.contains("\"verb\":\"release\"") })
    #expect(try JSONValue(parsing: Array(last.utf8))["digests"]?["mapping"]?.string == Hex.text(SHA256.digest(try own.site.root.read("site/mappings/RELEASED"))))
  }

  // MARK: What is released

  @Test(arguments: ["codes/bad/1.csv", "codes/none/1.csv", "hl7v2/9.yaml", "hl7v2/deep/er/1.yaml", "codes/own-sex/1.yml", "sets/own-set/01.yaml", "notes.txt", "other/own/1.yaml"])
  func aFileThatCannotBeReadInItsPlaceIsRefusedByName(_ path: String) throws {
    let own = try OwnMappings(OwnMappings.phone)
    let before = try own.site.root.read("site/mappings/RELEASED")
    try own.site.root.write(path.contains("none") ? "" : "garbage, not a code set\n", to: "site/mappings/" + path)
    let result = try own.site.compline("mapping", "release", "--site", own.site.path)
    #expect(result.exit == 78)
    #expect(result.errorText.contains("SITE/mappings/" + path))
    #expect(try own.site.root.read("site/mappings/RELEASED") == before)
  }

  @Test func aLinkedFolderIsNotFollowedOutOfTheMappings() throws {
    let own = try OwnMappings(OwnMappings.phone)
    _ = try Tools.run("sh", ["-c", "cd \(own.site.path) && mkdir -p mappings/codes outside && ln -s ../../outside mappings/codes/linked"])
    for result in [try check(own), try own.site.compline("mapping", "release", "--site", own.site.path)] {
      #expect(result.exit == 78)
      #expect(result.errorText.contains("PIP-118") && result.errorText.contains("codes/linked"))
    }
  }

  @Test func twoReleasesDoNotRunAtOnce() throws {
    let own = try OwnMappings(OwnMappings.phone)
    _ = try Tools.run("cp", ["-a", TestSite.checkout + "/Mappings", own.site.root.path("Mappings")])
    let compline = TestSite.binary("compline") + " mapping release "
    let site = try Tools.run("flock", [own.site.path + "/var/lock", "-c", compline + "--site " + own.site.path], environment: TestSite.environment())
    let folder = try Tools.run("flock", [own.site.root.path("Mappings"), "-c", compline + "--mappings " + own.site.root.path("Mappings")], environment: TestSite.environment())
    #expect([site.exit, folder.exit] == [75, 75])
  }

  // MARK: At the desk

  @Test func aMappingThatIsNoYAMLIsNamedByItsPathAndTheKeyThatStandsTwice() throws {
    let own = try OwnMappings(OwnMappings.phone)
    let file = own.site.root.path("draft.yaml")
    try own.site.root.write("mapping: own-draft\nversion: 1\nmapping: again\n", to: "draft.yaml")
    let result = try own.site.compline("mapping", "run", file, "--mappings", TestSite.checkout + "/Mappings", "--on", file)
    #expect(result.exit == 78)
    #expect(result.errorText.contains(file + ":1:1") && result.errorText.contains("'mapping' stands twice"))
  }

  @Test func aReferenceIsShownAsTheKeyOfItsTarget() throws {
    let own = try OwnMappings(OwnMappings.phone)
    try own.site.root.write(
      "MSH|^~\\&|ZZHIS|NORTH|||20260301081500||ADT^A01^ADT_A01|M1|T|2.5.1\rEVN|A01|20260301081500\rPID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F\r"
        + "PV1|1|I|||||||||||||||||V1^^^NORTH|||||||||||||||||||||||||20260301081000\rDG1|1||I10^^I10||20260301|A\r", to: "one.hl7")
    let result = try own.site.compline("mapping", "run", "hl7v2-standard", "--mappings", TestSite.checkout + "/Mappings", "--on", own.site.root.path("one.hl7"))
    #expect(result.outputText.contains("V1@NORTH"))
    #expect(!result.outputText.contains("\\u{0}") && !result.outputText.contains("\u{0}"))
  }
}
