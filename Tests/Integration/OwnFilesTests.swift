import Core
import Support
import Testing

/// Mappings of one's own, before their release and from any folder: what errors and answers name is where the files lie.
@Suite struct OwnFilesTests {
  private static let mapping = """
    mapping: census
    version: 1
    reads: {csv: rows}
    zone: feed
    event_time: since
    owner: test
    why: test
    layout: {columns: {mrn: ID, since: Since}, constant: {assigner: NORTH}}
    patient:
      each: row
      key: [identifier]
      set:
        identifier: mrn | id else assigner | required
    examples:
      - name: one
        given: |
          ID,Since
          T1,20260301
        expect: {patient: [{identifier: T1@NORTH}]}

    """

  /// A site with an own mapping that is not released.
  private func site(_ text: String = mapping) throws -> TestSite {
    let site = try TestSite()
    try site.root.write(text, to: "site/mappings/csv/census/1.yaml")
    try site.root.write("ID,Since\nT1,20260301\n", to: "census.csv")
    return site
  }

  /// From the root of the file system, where no `Mappings` lies.
  private func away(_ arguments: String) throws -> ToolResult {
    try Tools.run("sh", ["-c", "cd / && \(TestSite.binary("compline")) \(arguments)"], environment: TestSite.environment())
  }

  @Test func aFileOfASiteIsReadOverItsShippedMappingsFromAnyFolder() throws {
    let site = try site(), file = site.path + "/mappings/csv/census/1.yaml", rows = site.root.path("census.csv")
    #expect(try away("mapping lint \(file)").exit == 0)
    #expect(try away("mapping run \(file) --on \(rows)").outputText.contains("T1@NORTH"))
    let run = try away("mapping run census@1 --site \(site.path) --on \(rows)")
    #expect(run.exit == 0 && run.outputText.contains("mappings/csv/census/1.yaml:13"), "\(run.outputText)\(run.errorText)")
    #expect(try away("mapping test \(file)").outputText.contains("all examples of census@1 hold"))
  }

  @Test func aFileWithoutASiteStandsOverTheInstallation() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.mapping, to: "own/csv/census/1.yaml")
    #expect(try away("mapping lint \(folder.path("own/csv/census/1.yaml"))").exit == 0)
    try folder.write("", to: "empty/x")
    let missing = try away("mapping lint \(folder.path("own/csv/census/1.yaml")) --mappings \(folder.path("empty"))")
    #expect(missing.exit == 64 && missing.errorText.contains("PIP-431") && missing.errorText.contains("--mappings DIR"))
  }

  @Test func anErrorNamesTheFileWhereItLies() throws {
    let site = try site(Self.mapping.replacing("required", with: "requird"))
    #expect(try away("mapping lint \(site.path)/mappings/csv/census/1.yaml").outputText.contains("site/mappings/csv/census/1.yaml:13"))
    #expect(try away("mapping release --site \(site.path)").errorText.contains("SITE/mappings/csv/census/1.yaml:13"))
  }

  @Test func aSiteIsLookedOverBeforeTheRelease() throws {
    let site = try site(), result = try away("mapping lint --site \(site.path)")
    #expect(!result.errorText.contains("PIP-112") && [0, 3].contains(result.exit), "\(result.exit) \(result.outputText)\(result.errorText)")
  }

  @Test func aSiteIsToldOfItsOwnFilesAndHowMuchWasFoundInShippedOnes() throws {
    let site = try TestSite(), said = try away("mapping lint --site \(site.path)"), all = try away("mapping lint --site \(site.path) --shipped")
    #expect(said.exit == 0 && said.outputText.hasPrefix("lint      3 mappings, 0 findings; "), "\(said.outputText)")
    let count = all.outputText.split(separator: "\n").count { $0.hasPrefix("Mappings/") }
    #expect(all.exit == 3 && count > 100 && said.outputText.contains("; \(count) in shipped mappings not told: --shipped tells them"))
  }

  @Test func aShadowEndsWithoutItsVersionAndAMisspeltFieldIsAnsweredWithTheNearest() throws {
    let own = try OwnMappings(OwnMappings.phone), path = own.site.path
    try own.load(BusinessDate("2026-03-01")!)
    try own.site.expectExit(0, of: try own.site.compline("mapping", "shadow", "north-hl7", "own-set@2", "--site", path))
    #expect(try own.site.compline("mapping", "shadow", "north-hl7", "--stop", "--site", path).outputText.contains("no longer run own-set@2"))
    let again = try own.site.compline("mapping", "shadow", "north-hl7", "--stop", "--site", path)
    #expect(again.exit == 64 && again.errorText.contains("PIP-809"), "\(again.exit) \(again.outputText)\(again.errorText)")
    let explained = try own.site.compline("explain", "--site", path, String(repeating: "0", count: 32), "birthdate")
    #expect(explained.exit == 64 && explained.errorText.contains("'birth_date'"))
  }

  @Test func lintOfAFolderPassesOverTemplatesAndWhateverElseIsNoMapping() throws {
    let site = try site()
    try site.root.write("feed: NAME\n", to: "site/mappings/templates/own/feed.yaml")
    try site.root.write("no: mapping\n", to: "site/mappings/notes/own/1.yaml")
    let result = try away("mapping lint \(site.path)/mappings")
    #expect(result.exit == 0 && result.outputText.contains("1 mapping, 0 findings"), "\(result.outputText)")
  }
}
