import Core
import Support
import Testing

/// Files that messages carry end as sealed documents that the ledger names, and nowhere else.
@Suite struct AttachmentNightTests {
  /// `%PDF-1.4` and a sentence that must never lie in clear.
  private static let plain = "%PDF-1.4 synthetic scan of nobody at all"
  private static let data = "JVBERi0xLjQgc3ludGhldGljIHNjYW4gb2Ygbm9ib2R5IGF0IGFsbA=="

  private static let document = """
    <?xml version="1.0" encoding="UTF-8"?>
    <ClinicalDocument xmlns="urn:hl7-org:v3"><templateId root="2.16.840.1.113883.10.20.22.1.1"/><id root="2.999.1" extension="D1"/>
    <code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20260309"/>
    <recordTarget><patientRole><id root="2.999.2" extension="T900001"/><patient><name><given>ALPHA</given><family>TEST</family></name></patient></patientRole></recordTarget>
    <component><nonXMLBody><text mediaType="application/pdf" representation="B64">\(data)</text></nonXMLBody></component></ClinicalDocument>
    """

  private func ranSite() throws -> TestSite {
    let site = try TestSite()
    try site.drop(Array(Self.document.utf8), at: "clinic-ccda/scan.xml")
    try site.expectExit(3, of: try site.job("nightly"))
    return site
  }

  private func sealed(_ site: TestSite) throws -> [String] { try TestFile.list(under: site.path + "/var/documents").filter { $0.hasSuffix(".sealed") } }

  @Test func theBodyOfADocumentIsSealedOnceAndStaysSoInTheNextRun() throws {
    let site = try ranSite()
    let first = try sealed(site)
    #expect(first.count == 1)
    try site.expectExit(3, of: try site.job("nightly"))
    #expect(try sealed(site) == first)
  }

  @Test func nothingOfTheBodyLiesInClear() throws {
    let site = try ranSite()
    for file in try TestFile.list(under: site.path + "/var") {
      let text = String(decoding: try TestFile.read(site.path + "/var/" + file), as: UTF8.self)
      #expect(!text.contains("synthetic scan") && !text.contains(Self.data.prefix(24)), "\(file)")
    }
  }

  @Test func traceNamesTheDocumentBesideTheRow() throws {
    let site = try ranSite()
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", site.root.path("out")))
    let row = try JSONValue(parsing: try site.root.read("out/document.ndjson").split(separator: 0x0A).map { Array($0) }[0])
    let trace = try site.compline("trace", "--site", site.path, try #require(row["ref"]?.string))
    let id = try #require(try sealed(site).first?.split(separator: "/").last?.dropLast(7))
    #expect(trace.outputText.contains("document \(id), application/pdf, \(Self.plain.utf8.count) bytes, from h:nonXMLBody/h:text"))
  }
}
