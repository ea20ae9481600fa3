import Core
import Glibc
import Support
import Testing

/// A night over all the real files of `CORPUS`: two ten-line feeds, nothing lost, no worker crashed.
@Suite struct CorpusNightTests {
  private static let corpus = getenv("CORPUS").map { String(cString: $0) }
  private static var isThere: Bool { corpus.map { access($0 + "/truth/hl7v2.json", R_OK) == 0 } ?? false }

  @Test(.enabled(if: isThere, "CORPUS names no folder of real files: this test is skipped"))
  func everyRealFileHasItsFateAndTheEquationsBalance() throws {
    let site = try TestSite()
    let corpus = try #require(Self.corpus)
    for part in ["feeds", "consumers", "agreements"] { TestFile.remove(site.path + "/" + part) }
    for (name, format, set) in [("hl7v2", "hl7v2", "hl7v2-standard"), ("cda", "cda", "ccda-standard")] {
      try site.root.write(Self.feed(name, "\(corpus)/\(name)", format, set), to: "site/feeds/\(name).yaml")
    }
    try site.expectExit(3, of: try site.job("nightly"))
    for name in ["hl7v2", "cda"] {
      let feed = try site.feed(name)
      let sum = Disposition.allCases.reduce(0) { $0 + (feed["intake"]?[$1.rawValue]?.integer ?? 0) }
      #expect(feed["intake"]?["received"]?.integer == sum)
      let drops = Set((feed["drops"]?.array ?? []).compactMap { $0["drop"]?.string })
      let files = try TestFile.list(under: "\(corpus)/\(name)")
      let missing = try files.filter { !drops.contains(Hex.text(SHA256.digest(try TestFile.read("\(corpus)/\(name)/\($0)")))) }
      #expect(missing.isEmpty, "\(missing.prefix(5))")
    }
    #expect(try site.statement()["exceptions"]?["DECODER-CRASHED"] == nil)
  }

  private static func feed(_ name: String, _ folder: String, _ format: String, _ set: String) -> String {
    """
    feed: \(name)
    owner: interfaces@example.invalid
    from: {drop: "\(folder)"}
    format: \(format)
    mappings: [\(set)]
    zone: America/Chicago
    arrival: {by: "02:00", complete: settle}
    failure: {late: warn, empty: break, mismatch: break, partial: hold, refused: hold}

    """
  }
}
