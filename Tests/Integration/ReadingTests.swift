import Core
import Glibc
import Support
import Testing

/// Real files, read once more by scripts that share no code with the product (`Tests/Reading`): what is loaded is what a plain reading finds.
@Suite struct ReadingTests {
  private static let corpus = getenv("CORPUS").map { String(cString: $0) }
  private static let isThere = corpus.map { access($0 + "/truth/hl7v2.json", R_OK) == 0 } ?? false
  private static let scripts = TestSite.checkout + "/Tests/Reading/"

  /// The Python that has lxml: Debian's, else the first of the path.
  private static let python = ["/usr/bin/python3", "python3"].first { (try? Tools.run($0, ["-c", "import lxml"]).exit) == 0 }

  @Test(.enabled(if: isThere && python != nil, "CORPUS names no folder of real files, or python3-lxml is missing: this test is skipped"))
  func everyLoadedFileSaysWhatAPlainReadingFinds() throws {
    let folder = try TemporaryFolder(), corpus = try #require(Self.corpus)
    let result = try Self.script("read.py", [corpus, "--rows"] + (try Self.rows(of: corpus, in: folder)))
    #expect(result.exit == 0, "\(result.outputText.suffix(4_000))")
  }

  /// Asked for by `make reading`: a night over all files takes minutes.
  private static let isAsked = getenv("COMPLINE_READING") != nil

  @Test(.enabled(if: isAsked && isThere && python != nil, "make reading runs this over the folder of real files that CORPUS names"))
  func everyStoredValueIsOneThatAMessageStated() throws {
    let corpus = try #require(Self.corpus), site = try TestSite()
    for part in ["feeds", "consumers", "agreements"] { TestFile.remove(site.path + "/" + part) }
    // The name that 'mapping run' takes for numbers that nobody claims.
    for (kind, set) in Self.sets { try site.root.write(Self.feed(kind, "\(corpus)/\(kind)", set).replacing("feed: hl7v2\n", with: "feed: example\n"), to: "site/feeds/\(kind).yaml") }
    try site.expectExit(3, of: try site.job("nightly"))
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", site.root.path("export")))
    let result = try Self.script("stored.py", [site.root.path("export")] + (try Self.rows(of: corpus, in: site.root)))
    #expect(result.exit == 0, "\(result.outputText.suffix(4_000))")
  }

  @Test(.enabled(if: python != nil, "python3-lxml is missing: this test is skipped"), arguments: [("female", "male"), ("5.4", "5.5"), ("T900001", "T900002")])
  func aValueThatDiffersFromThePlainReadingIsSeen(right: String, wrong: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.result, to: "corpus/hl7v2/one.hl7")
    let rows = try #require(try Self.rows(of: folder.path("corpus"), in: folder).first)
    #expect(try Self.script("read.py", [folder.path("corpus"), "--rows", rows]).exit == 0)
    try TestFile.write(Array(String(decoding: try TestFile.read(rows), as: UTF8.self).replacing(right, with: wrong).utf8), to: rows)
    #expect(try Self.script("read.py", [folder.path("corpus"), "--rows", rows]).exit == 1)
  }

  // MARK: The two readings

  private static let sets = [("hl7v2", "hl7v2-standard"), ("cda", "ccda-standard")]

  private static let result =
    "MSH|^~\\&|LAB|NORTH|||20260301090000||ORU^R01|M1|T|2.5.1\rPID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F\r"
    + "OBR|1|P1^EPIC|F1^LAB|24323-8^PANEL^LN|||20260301083000\rOBX|1|NM|GLU^GLUCOSE^L||5.4|mmol/L|||||F|||20260301083100\r"

  /// Files of the product's rows, one a kind that has files.
  private static func rows(of corpus: String, in folder: TemporaryFolder) throws -> [String] {
    try sets.compactMap { kind, set in
      let files = ((try? TestFile.list(under: "\(corpus)/\(kind)")) ?? []).map { "\(corpus)/\(kind)/\($0)" }
      guard let first = files.first else { return nil }
      let arguments = ["mapping", "run", set, "--json", "--mappings", TestSite.checkout + "/Mappings", "--on", first] + files.dropFirst()
      let result = try Tools.run(TestSite.binary("compline"), arguments, environment: TestSite.environment())
      guard [0, 3].contains(result.exit) else { throw TestFailure("mapping run: exit \(result.exit) \(result.errorText)") }
      try folder.write(result.standardOutput, to: "\(kind).ndjson")
      return folder.path("\(kind).ndjson")
    }
  }

  private static func script(_ name: String, _ arguments: [String]) throws -> ToolResult {
    try Tools.run(python ?? "python3", ["-B", scripts + name] + arguments)
  }

  private static func feed(_ name: String, _ folder: String, _ set: String) -> String {
    """
    feed: \(name)
    owner: interfaces@example.invalid
    from: {drop: "\(folder)"}
    format: \(name)
    mappings: [\(set)]
    zone: America/Chicago
    arrival: {by: "02:00", complete: settle}
    failure: {late: warn, empty: break, mismatch: break, partial: hold, refused: hold}

    """
  }
}
