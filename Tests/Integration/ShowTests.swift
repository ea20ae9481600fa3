import Core
import Support
import Testing

/// `compline show`, on the real executables and a sealed drop.
@Suite struct ShowCommandTests {
  private static let planted = ["ZQXSHOWFAMILY", "ZQXSHOWGIVEN", "ZQX77310", "ZQXSHOWNOTE"]

  private static let message = Array(
    ([
      "MSH|^~\\&|EHR|NORTH|||20260309081500||ADT^A01^ADT_A01|SHOW1|P|2.5.1", "EVN|A01|20260309081500",
      "PID|1||\(planted[2])^^^NORTH^MR||\(planted[0])^\(planted[1])||19700102|F", "NTE|1||\(planted[3])\u{202E}",
    ].joined(separator: "\r") + "\r").utf8)

  /// A site whose night took the message in, and the id of its drop.
  private func site() throws -> (site: TestSite, drop: String, sha256: String) {
    let site = try TestSite()
    try site.drop(Self.message, at: "north-hl7/show.hl7")
    _ = try site.job("nightly")
    let sha256 = Hex.text(SHA256.digest(Self.message))
    let line = try site.compline("show", "--site", site.path, sha256, "--json").outputText.split(separator: "\n").first ?? ""
    return (site, try JSONValue(parsing: Array(line.utf8))["drop"]?.string ?? "", sha256)
  }

  @Test func aMaskedMessageHasTheNamesOfItsFieldsAndNoValue() throws {
    let (site, drop, _) = try site()
    for result in [try site.compline("show", "--site", site.path, drop, "--message", "1"), try site.compline("show", "--site", site.path, drop, "--json")] {
      #expect(result.exit == 0, "\(result.errorText)")
      #expect(result.outputText.contains("Patient Identifier List") && result.outputText.contains("PID-5.1"))
      #expect(CanaryScanner(Self.planted).hits(in: result.standardOutput + result.standardError, file: "output", output: .text).isEmpty)
    }
  }

  @Test func revealedItShowsValuesAndTheAuditSaysWhatFor() throws {
    let (site, drop, _) = try site()
    let result = try site.compline("show", "--site", site.path, drop, "--reveal", "--purpose", "operations")
    #expect(result.exit == 0 && Self.planted.allSatisfy { result.outputText.contains($0) })
    #expect(result.outputText.contains("ZQXSHOWNOTE\\u{202E}"))
    let entries = String(decoding: try site.root.read("site/var/audit/entries"), as: UTF8.self)
    let last = entries.split(separator: "\n").last { $0.contains("\"reveal\"") } ?? ""
    #expect(last.contains("\"purpose\":\"operations\"") && last.contains(drop))
    #expect(try site.compline("audit", "verify", "--site", site.path).exit == 0)
  }

  @Test func aMaskedLookIsAuditedToo() throws {
    let (site, drop, _) = try site()
    let entries = String(decoding: try site.root.read("site/var/audit/entries"), as: UTF8.self)
    #expect(entries.split(separator: "\n").contains { $0.contains("\"verb\":\"inspect\"") && $0.contains(drop) })
  }

  @Test func withoutAGrantForItNothingIsRevealed() throws {
    let (site, drop, _) = try site()
    let people = String(decoding: try site.root.read("site/people.yaml"), as: UTF8.self)
    try site.root.write(people.replacing("grants: [all]", with: "grants: [inspect, status]"), to: "site/people.yaml")
    let result = try site.compline("show", "--site", site.path, drop, "--reveal", "--purpose", "operations")
    #expect(result.exit == 77)
    #expect(result.outputText.isEmpty && result.errorText.contains("TRU-501"))
    #expect(try site.compline("show", "--site", site.path, drop).exit == 0)
  }

  @Test func whatIsNotThereEnds65AndWhatIsNoDropEnds64() throws {
    let (site, drop, _) = try site()
    #expect(try site.compline("show", "--site", site.path, drop, "--message", "2").exit == 65)
    #expect(try site.compline("show", "--site", site.path, String(repeating: "0", count: 32)).exit == 65)
    let refused = try site.compline("show", "--site", site.path, Self.planted[2])
    #expect(refused.exit == 64 && !refused.errorText.contains(Self.planted[2]))
    #expect(try site.compline("show", "--site", site.path, drop, "--reveal").exit == 64)
  }

  private static let scan = """
    <ClinicalDocument xmlns="urn:hl7-org:v3"><templateId root="2.16.840.1.113883.10.20.22.1.1"/><id root="2.999.1" extension="D1"/>
    <code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20260309"/>
    <recordTarget><patientRole><id root="2.999.2" extension="T900001"/><patient><name><given>ALPHA</given><family>TEST</family></name></patient></patientRole></recordTarget>
    <component><nonXMLBody><text mediaType="application/pdf" representation="B64">JVBERi0xLjQgWlFYU0NBTg==</text></nonXMLBody></component></ClinicalDocument>
    """

  private func scanned() throws -> TestSite {
    let site = try TestSite()
    try site.drop(Array(Self.scan.utf8), at: "clinic-ccda/scan.xml")
    _ = try site.job("nightly")
    return site
  }

  @Test func theSealedDocumentsOfTheMessageAreListed() throws {
    let site = try scanned(), sha256 = Hex.text(SHA256.digest(Array(Self.scan.utf8)))
    let text = try site.compline("show", "--site", site.path, sha256).outputText
    #expect(text.contains(", application/pdf, 16 bytes, from h:nonXMLBody/h:text"))
    let last = try site.compline("show", "--site", site.path, sha256, "--json").outputText.split(separator: "\n").last ?? ""
    #expect(try JSONValue(parsing: Array(last.utf8))["sniffed_type"]?.string == "application/pdf")
  }

  @Test func anExportHoldsTheSealedDocumentsInClear() throws {
    let site = try scanned(), folder = site.root.path("out")
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", folder))
    let manifest = try JSONValue(parsing: try site.root.read("out/manifest.json"))
    let name = try #require(try TestFile.list(under: folder).first { $0.hasPrefix("documents/") })
    let bytes = try site.root.read("out/" + name)
    #expect(bytes == Array("%PDF-1.4 ZQXSCAN".utf8))
    #expect(manifest["files"]?[name]?["sha256"]?.string == Hex.text(SHA256.digest(bytes)))
    #expect(manifest["files"]?[name]?["bytes"]?.integer == 16)
  }

  /// A drop made to hurt must not meet the spool's key.
  @Test func theDropIsDecodedByAWorkerWithoutKeys() throws {
    let (site, drop, _) = try site()
    let options = ["-f", "-qq", "-v", "-s", "200", "-e", "trace=execve,openat", "-o", site.root.path("calls")]
    let traced = try Tools.run("strace", options + [TestSite.binary("compline"), "show", "--site", site.path, drop], environment: ["SWIFT_BACKTRACE": "enable=no"])
    #expect(traced.exit == 0)
    let calls = String(decoding: try site.root.read("calls"), as: UTF8.self).split(separator: "\n")
    let worker = try #require(calls.first { $0.contains("execve") && $0.contains("--decode-worker") }?.split(separator: " ").first)
    #expect(calls.contains { !$0.hasPrefix(worker) && $0.contains(site.path + ".keys/") })
    #expect(!calls.contains { $0.hasPrefix(worker) && $0.contains(site.path) })
  }

  @Test func aMessageThatCannotBeReadSaysWhyAndWhere() throws {
    let site = try TestSite()
    let bytes = Array("MSH|^~\\&|EHR|NORTH|||20260309||ADT^A01|S2|P|2.5.1\rPID|1||||ZQX".utf8) + [0xFF, 0x0D]
    try site.drop(bytes, at: "north-hl7/broken.hl7")
    _ = try site.job("nightly")
    let result = try site.compline("show", "--site", site.path, Hex.text(SHA256.digest(bytes)))
    #expect(result.exit == 65 && result.errorText.contains("CHARSET-UNDECODABLE, byte \(bytes.count - 2)"))
    #expect(!result.errorText.contains("ZQX"))
  }
}
