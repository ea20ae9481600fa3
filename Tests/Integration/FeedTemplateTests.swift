import Core
import Support
import Testing

/// `compline feed new`: every template makes a feed that closes a night at once.
@Suite struct FeedTemplateTests {
  /// A site with no feed of its own yet.
  private func emptySite() throws -> TestSite {
    let site = try TestSite()
    _ = try Tools.run("sh", ["-c", "rm \(site.path)/feeds/*.yaml \(site.path)/consumers/*.yaml"])
    return site
  }

  private static let templates = [("adt", 3), ("oru", 2), ("dft", 1), ("vxu", 1), ("ccd-folder", 1), ("fhir", 6), ("csv-census", 3)]

  @Test(arguments: templates) func templateClosesItsFirstNight(_ template: String, _ messages: Int) throws {
    let site = try emptySite()
    try site.expectExit(0, of: try site.compline("feed", "new", template, "--site", site.path, "--name", "first"))
    try site.expectExit(0, of: try site.compline("check", "--site", site.path))
    let night = try site.job("nightly")
    let feed = try site.feed("first")
    #expect(feed["intake"]?["received"]?.integer == messages && feed["intake"]?["loaded"]?.integer == messages, "\(template): \(String(decoding: feed.pretty, as: UTF8.self).prefix(900))")
    #expect(night.exit == 0)
  }

  @Test func listNamesEveryTemplate() throws {
    let site = try emptySite()
    for said in [try site.compline("feed", "templates", "--site", site.path), try site.compline("feed", "templates")] {
      #expect(Self.templates.allSatisfy { said.outputText.contains("\($0.0)  ") })
    }
  }

  @Test func unknownTemplateNamesTheLegalOnes() throws {
    let site = try emptySite()
    let said = try site.compline("feed", "new", "nothing", "--site", site.path)
    #expect(said.exit == 64 && said.errorText.contains("csv-census"))
  }

  @Test func feedThatIsThereIsLeftAlone() throws {
    let site = try TestSite()
    let before = try site.root.read("site/feeds/north-hl7.yaml")
    let said = try site.compline("feed", "new", "adt", "--site", site.path, "--name", "north-hl7")
    #expect(try said.exit == 64 && site.root.read("site/feeds/north-hl7.yaml") == before)
  }

  @Test func siteThatHasClosedANightGetsNoInventedPatients() throws {
    let site = try emptySite()
    try site.expectExit(0, of: try site.compline("feed", "new", "oru", "--site", site.path))
    _ = try site.job("nightly")
    try site.expectExit(0, of: try site.compline("feed", "new", "adt", "--site", site.path))
    #expect(try TestFile.list(under: site.path + "/drops/adt").isEmpty)
  }

  @Test func feedOfASiteThatHasRunBeginsWithTheNextNight() throws {
    let site = try emptySite()
    try site.expectExit(0, of: try site.compline("feed", "new", "oru", "--site", site.path))
    _ = try site.job("nightly")
    try site.expectExit(0, of: try site.compline("feed", "new", "adt", "--site", site.path))
    #expect(try String(decoding: site.root.read("site/feeds/adt.yaml"), as: UTF8.self).hasSuffix("since: 2026-03-11\n"))
    try site.expectExit(0, of: try site.compline("check", "--site", site.path))
  }
}
