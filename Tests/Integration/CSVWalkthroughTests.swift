import Core
import Support
import Testing

/// `docs/walkthrough-csv.md`, step by step as it stands: what a newcomer types must work.
@Suite struct CSVWalkthroughTests {
  /// A block of the page: the kind behind its fence, the last `SITE/…` path named before it, its text.
  private struct Block {
    var kind: String
    var path: String
    var text: String
  }

  private static func blocks() throws -> [Block] {
    let page = String(decoding: try TestFile.read(TestSite.checkout + "/docs/walkthrough-csv.md"), as: UTF8.self)
    var blocks: [Block] = [], path = "", open: Block?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        if let block = open { blocks.append(block) }
        open = open == nil ? Block(kind: String(line.dropFirst(3)), path: path, text: "") : nil
      } else if open != nil {
        open?.text += line + "\n"
      } else if let named = line.split(separator: "`").first(where: { $0.hasPrefix("SITE/") }) {
        path = String(named)
      }
    }
    return blocks
  }

  /// Writes a file block, or runs the lines of a block of the shell; what they print.
  private func follow(_ block: Block, _ site: TestSite) throws -> String {
    guard block.kind == "sh" else {
      let file = "site" + block.path.dropFirst("SITE".count)
      try site.root.write(Array(block.text.utf8), to: file)
      return ""
    }
    let tools = TestSite.binary("compline").split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    let text = "PATH=\(tools):$PATH\n" + block.text.replacing("SITE", with: site.path)
    let result = try Tools.run("sh", ["-e", "-c", text], environment: TestSite.environment())
    try site.expectExit(0, of: result)
    return result.outputText
  }

  /// A site with no feed of its own yet.
  private func emptySite() throws -> TestSite {
    let site = try TestSite()
    _ = try Tools.run("sh", ["-c", "rm \(site.path)/feeds/*.yaml \(site.path)/consumers/*.yaml"])
    return site
  }

  @Test func everyStepOfThePageWorks() throws {
    let site = try emptySite()
    var said: [String] = []
    for block in try Self.blocks() { said.append(try follow(block, site)) }
    let inspection = try #require(said.first { $0.contains("\"format\"") })
    #expect(["\"format\": \"csv\"", "\"messages\": 3", "\"columns\": 8"].allSatisfy(inspection.contains))
    #expect(said.contains("released  csv/ward-census/1.yaml\n"))
    let feed = try site.feed("ward-census")
    #expect(feed["intake"]?["received"] == 3 && feed["intake"]?["loaded"] == 3 && feed["verdict"] == "not-measured")
    let entities = try site.statement()["entities"]
    #expect(entities?["patient"]?["inserted"] == 3 && entities?["encounter"]?["inserted"] == 3)
  }

  @Test func theMappingHasFewerThanThirtyLines() throws {
    let mapping = try #require(try Self.blocks().first { $0.path.contains("/mappings/") && $0.kind == "yaml" })
    #expect(mapping.text.split(separator: "\n").count < 30)
  }

  /// A second version with a trailer, as the page says at its end.
  private func countedSite(_ file: String) throws -> TestSite {
    let site = try emptySite()
    for block in try Self.blocks() where block.kind != "sh" {
      let counted = block.text.replacing("layout: {", with: "layout: {records: {at: 1, trailer: TOTAL}, totals: {trailer 2: count rows}, ")
        .replacing("03/10/2026 00:00\n    expect", with: "03/10/2026 00:00\n      TOTAL,1\n    expect")
      _ = try follow(Block(kind: block.kind, path: block.path, text: counted), site)
    }
    let release = try #require(try Self.blocks().first { $0.text.contains("mapping release") })
    _ = try follow(release, site)
    try site.drop(Array(file.utf8), at: "ward-census/census-2026-03-10.csv")
    return site
  }

  private static let heading = "Patient ID,Last Name,DOB,Visit No,Ward,Admitted,Facility,As Of\n"
  private static let row = "T900001,TEST,01/02/1970,V1,W4,03/09/2026 08:10,NORTH,03/10/2026 00:00\n"

  @Test func aTrailerThatAgreesBalancesTheFeed() throws {
    let site = try countedSite(Self.heading + Self.row + "TOTAL,1\n")
    try site.expectExit(0, of: try site.job("nightly"))
    #expect(try site.feed("ward-census")["verdict"] == "balanced")
  }

  @Test func aTrailerThatLiesIsABreak() throws {
    let site = try countedSite(Self.heading + Self.row + "TOTAL,2\n")
    try site.expectExit(3, of: try site.job("nightly"))
    #expect(try site.statement()["breaks"]?.array?.map { $0["code"]?.string } == ["TRAILER-MISMATCH"])
  }

  @Test func noRowsAndATrailerThatSaysSoCloseTheNight() throws {
    let site = try countedSite(Self.heading + "TOTAL,0\n")
    try site.expectExit(0, of: try site.job("nightly"))
    #expect(try site.feed("ward-census")["verdict"] == "balanced")
    #expect(try site.feed("ward-census")["intake"]?["received"] == 0)
  }

  @Test func noRowsAndNoTrailerIsABreak() throws {
    let site = try countedSite(Self.heading)
    try site.expectExit(65, of: try site.job("nightly"))
    #expect(try site.statement()["breaks"]?.array?.compactMap { $0["code"]?.string }.contains("DROP-EMPTY") == true)
  }

  @Test func aFileThatIsSentTwiceInANightLoadsItsRowsOnce() throws {
    let site = try countedSite(Self.heading + Self.row + Self.row + "TOTAL,2\n")
    try site.drop(Array((Self.heading + Self.row + "TOTAL,1\n").utf8), at: "ward-census/again.csv")
    try site.expectExit(0, of: try site.job("nightly"))
    let intake = try site.feed("ward-census")["intake"]
    #expect(intake?["loaded"] == 1 && intake?["duplicate"] == 2 && intake?["received"] == 3)
  }
}
