import Core
import Exchange
@testable import Pipeline
import Support
import Testing

@Suite struct ConfigurationTests {
  private let folder = Result { try TemporaryFolder() }

  private func feed(_ text: String) throws -> FeedFile {
    let folder = try folder.get()
    return try FeedFile.read(Array(text.utf8), file: "feeds/lab.yaml", ground: SiteGround(folder: try SiteFolder(folder.path), keys: folder.path + ".keys"))
  }

  private let minimal = """
    feed: lab-results
    owner: interfaces@example.invalid
    from: {drop: drops/lab}
    format: hl7v2
    mappings: [hl7v2-standard]
    zone: America/Chicago
    arrival: {by: "02:00", complete: settle}
    """

  @Test func tenLinesAreAFeed() throws {
    let feed = try feed(minimal)
    #expect(feed.name == "lab-results")
    #expect(feed.completeness == .settle(windowSeconds: 60))
    #expect(feed.dueBy.minutes == 120)
    #expect(feed.folder.hasSuffix("/drops/lab"))
  }

  @Test(arguments: [
    ("zone: America/Chicago", "zone: America/Nowhere"), ("zone: America/Chicago", "zone: ../../etc/passwd"), ("format: hl7v2", "format: x12"),
    ("\"02:00\"", "\"25:00\""), ("complete: settle", "complete: guess"), ("format: hl7v2", "format: hl7v2\ncharset: EBCDIC"), ("format: hl7v2", "format: hl7v2\nsince: 2026-02-30"), ("feed: lab-results", "feed: Lab Results"), ("mappings: [hl7v2-standard]", "mappings: []"),
    ("from: {drop: drops/lab}", "from: {drop: drops/lab, after: burn}"),
    ("drop: drops/lab", "drop: var/spool"), ("drop: drops/lab", "drop: drops/../var"), ("drop: drops/lab", "drop: ."), ("drop: drops/lab", "drop: /"),
    ("from: {drop: drops/lab}", "from: {drop: drops/lab, after: {move: var/done}}"), ("from: {drop: drops/lab}", "from: {drop: drops/lab, after: {move: drops/lab/done}}"),
    ("from: {drop: drops/lab}", "failure: {mismatch: hold}\nfrom: {drop: drops/lab, control: \"*.ctl\"}"),
  ])
  func aFaultIsRefusedWithItsLine(_ good: String, _ bad: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try feed(minimal.replacing(good, with: bad)) }
    #expect(error.line > 0)
    #expect(error.exitCode == .configuration)
  }

  @Test func aFeedCountsFromItsFirstNight() throws {
    let feed = try feed(minimal + "\nsince: 2026-03-20\n"), first = try #require(BusinessDate("2026-03-20"))
    #expect(feed.counts(on: first) && feed.counts(on: first.advanced(by: 9)) && !feed.counts(on: first.advanced(by: -1)))
    #expect(try self.feed(minimal).counts(on: first.advanced(by: -9_999)))
  }

  @Test(arguments: [
    ("files: \"*.ctl\", control: \"*.ctl\"", "settle", false), ("files: [\"*.hl7\", \"day.ctl\"], control: \"*.ctl\"", "settle", false), ("files: \"*.done\"", "marker", false), ("files: \"*.hl7\", control: \"*.done\"", "marker", false),
    ("files: \"*\", control: \"*.ctl\"", "settle", true), ("files: \"lab*\", control: \"lab*.ctl\"", "settle", true), ("files: \"*.hl7\", control: \"*.ctl\"", "marker", true), ("files: \"?.ctl\", control: \"day-??.ctl\"", "settle", true),
  ])
  func aFeedWhoseFilesAreAllItsOwnControlFilesOrMarkersIsRefused(from: String, complete: String, isLegal: Bool) throws {
    let text = minimal.replacing("drop: drops/lab", with: "drop: drops/lab, \(from)").replacing("complete: settle", with: "complete: \(complete)")
    do {
      #expect(try feed(text).name == "lab-results" && isLegal)
    } catch let error as ConfigurationError { #expect(error.code == "CFG-235" && !isLegal) }
  }

  @Test func aMissingKeyIsNamed() throws {
    let error = try #require(throws: ConfigurationError.self) { try feed(minimal.replacing("owner: interfaces@example.invalid\n", with: "")) }
    #expect(error.summary.contains("'owner'"))
  }

  @Test func aDropFolderAmongTheKeysIsRefused() throws {
    let folder = try folder.get()
    let keys = folder.path + ".keys"
    #expect(throws: ConfigurationError.self) { try feed(minimal.replacing("drops/lab", with: keys)) }
    #expect(throws: ConfigurationError.self) { try feed(minimal.replacing("drops/lab", with: keys + "/inner")) }
    #expect(try feed(minimal.replacing("drops/lab", with: keys + "-drops")).folder == keys + "-drops")
  }

  @Test func aHeldMismatchWithoutAControlFileIsLegal() throws {
    #expect(throws: Never.self) { _ = try feed(minimal + "\nfailure: {mismatch: hold}\n") }
  }

  @Test func theDemoSiteKeepsKeysBesideTheSite() throws {
    let folder = try folder.get()
    let site = try SiteConfiguration.read(Array("site: demo\nzone: America/Chicago\nmappings: /m\n".utf8), folder: try SiteFolder(folder.path))
    #expect(site.keys == folder.path + ".keys")
  }
}
