import Core
import Support
import Testing

/// Plants values where patients' data stands, runs good and failing nights, and looks for them everywhere they must not be.
@Suite(.serialized) struct CanaryTests {
  static let names = ["ZQXTESTFAMILYKVWP", "ZQXTESTGIVENJHRD"]
  static let identifiers = ["ZQX77310MRNWKQJ", "ZQX88420VISITXVB", "ZQX55190ORDERMPL", "900-99-ZQX4417"]
  static let notes = ["ZQXNOTETEXTBRDG", "ZQXNARRATIVEHWLK", "ZQXDISPLAYFCTR"]
  static let contacts = ["ZQX 14 TESTSTREETQJ", "555-0199ZQXPHNE", "zqxtestmail@example.invalid"]
  static let fileName = "ZQXFILENAMEPATIENTRN"
  /// Billing is to get these, and nobody else.
  static let charges = ["ZQX33107ACCOUNTDL", "ZQX22981CHARGEBN"]
  static var all: [String] { names + identifiers + notes + contacts + charges + [fileName] }

  @Test func nothingPlantedLeavesSealedFilesSealedColumnsAndTheExtract() throws {
    let site = try TestSite()
    let outputs = try nights(site)
    let scanner = CanaryScanner(Self.all)
    var hits = scanner.hits(in: outputs, file: "standard output and error", output: .text)
    hits += try scanner.hits(under: site.path) { path in
      if path.hasPrefix("drops/") || path.hasPrefix("delivery/") { return nil }
      return ["html", "json", "csv", "jsonl", "prom", "yaml", "txt"].contains { path.hasSuffix("." + $0) } ? .text : .binary
    }
    #expect(hits.isEmpty, "\(hits.prefix(20).map(\.description))")
  }

  @Test func theScannerFindsThemWhereTheyBelong() throws {
    let site = try TestSite()
    _ = try nights(site)
    let scanner = CanaryScanner(Self.all)
    let drops = try scanner.hits(under: site.path + "/drops") { _ in .binary }
    #expect(Set(drops.map(\.canary)) == Set(Self.all.indices))
    let delivered = try scanner.hits(under: site.path + "/delivery") { _ in .text }
    #expect(Set(delivered.filter { $0.encoding == .raw }.map(\.canary)) == Set(Self.charges.compactMap(Self.all.firstIndex)))
    let folder = site.root.path("out")
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", folder))
    let exported = Set(try scanner.hits(under: folder) { _ in .binary }.map(\.canary))
    for value in Self.names + Self.charges + Self.identifiers.prefix(3) { #expect(exported.contains(Self.all.firstIndex(of: value) ?? -1), "canary not in the export") }
  }

  /// A good night, a night of bad files, and verbs that fail; gives everything that was printed.
  private func nights(_ site: TestSite) throws -> [UInt8] {
    try site.drop(Self.batch, at: "north-hl7/\(Self.fileName).hl7")
    try site.drop(Self.document, at: "clinic-ccda/\(Self.fileName).xml")
    var results = [try site.job("nightly")]
    for (name, bytes) in Self.broken { try site.drop(bytes, at: name) }
    results.append(try site.job("nightly"))
    results.append(try site.job("nightly", environment: ["COMPLINE_TRAP_ON": Hex.text(SHA256.digest(Self.broken[0].bytes))]))
    results.append(try site.compline("status", "--site", site.path, "--night", TestSite.night.description, "--exceptions"))
    results.append(try site.compline("inspect", site.path + "/drops/north-hl7/truncated.hl7", "--json"))
    results.append(try site.compline("trace", "--site", site.path, Self.identifiers[0].lowercased()))
    results.append(try site.compline("digest", "--site", site.path))
    return results.flatMap { $0.standardOutput + $0.standardError }
  }

  private static func lines(_ segments: [String]) -> [UInt8] { Array((segments.joined(separator: "\r") + "\r").utf8) }

  private static let pid =
    "PID|1||\(identifiers[0])^^^NORTH^MR~\(identifiers[3])^^^USSSA^SS||\(names[0])^\(names[1])||19700102|F|||\(contacts[0])^^ZZ CITY^ZZ^00000^^H||\(contacts[1])^PRN^PH^\(contacts[2])|||||\(charges[0])^^^NORTH^AN"

  private static let messages = [
    ["MSH|^~\\&|EHR|NORTH|||20260309081500||ADT^A01^ADT_A01|ZQXCTRL1|P|2.5.1", "EVN|A01|20260309081500", pid, "PV1|1|I|||||||||||||||||\(identifiers[1])^^^NORTH^VN"],
    [
      "MSH|^~\\&|LAB|NORTH|||20260309091500||ORU^R01^ORU_R01|ZQXCTRL2|P|2.5.1", pid, "OBR|1||\(identifiers[2])^LAB|1554-5^\(notes[2])^LN|||20260309090000",
      "OBX|1|TX|48767-8^\(notes[2])^LN||\(notes[0])||||||F", "NTE|1||\(notes[0])",
    ],
    [
      "MSH|^~\\&|EHR|NORTH|||20260309101500||DFT^P03^DFT_P03|ZQXCTRL3|P|2.5.1", "EVN|P03|20260309101500", pid,
      "FT1|1|\(charges[1])^NORTH||20260309|20260309|CG|99213^\(notes[2])^CPT4|||1|75.00||||||||||||||99213^\(notes[2])^CPT4",
    ],
  ]

  private static let batch = lines(["FHS|^~\\&|EHR|NORTH", "BHS|^~\\&|EHR|NORTH"] + messages.flatMap { $0 } + ["BTS|3", "FTS|1"])

  private static let document = Array(
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="2.16.840.1.113883.10.20.22.1.2"/>
    <id root="2.16.840.1.113883.19.5" extension="\(identifiers[2])"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>\(notes[1])</title><effectiveTime value="20260309"/>
    <recordTarget><patientRole><id root="2.16.840.1.113883.19.6" extension="\(identifiers[0])"/><addr><streetAddressLine>\(contacts[0])</streetAddressLine></addr><telecom value="tel:\(contacts[1])"/>
    <patient><name><given>\(names[1])</given><family>\(names[0])</family></name><administrativeGenderCode code="F"/><birthTime value="19700102"/></patient></patientRole></recordTarget>
    <component><structuredBody><component><section><templateId root="2.16.840.1.113883.10.20.22.2.5.1"/><code code="11450-4" codeSystem="2.16.840.1.113883.6.1"/><title>Problems</title><text>\(notes[1])</text>
    <entry><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.3"/><id root="2.16.840.1.113883.19.7" extension="c1"/><statusCode code="active"/>
    <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="2.16.840.1.113883.19.8" extension="o1"/><statusCode code="completed"/>
    <effectiveTime><low value="20200101"/></effectiveTime><value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CD" code="38341003" codeSystem="2.16.840.1.113883.6.96" displayName="\(notes[2])"/></observation></entryRelationship></act></entry>
    </section></component></structuredBody></component></ClinicalDocument>
    """.utf8)

  /// Files that fail, each in its own way, with the same values inside.
  private static let broken: [(name: String, bytes: [UInt8])] = [
    ("north-hl7/truncated.hl7", Array(lines(["FHS|^~\\&|EHR|NORTH", "BHS|^~\\&|EHR|NORTH"] + messages[0]).dropLast(9))),
    ("north-hl7/delimiters.hl7", lines(["MSH|||\(names[0])", pid])),
    ("north-hl7/text.hl7", Array("\(names[0]) is not HL7, says \(notes[0])\n".utf8)),
    ("north-hl7/nul.hl7", lines(messages[0]) + [0] + Array(names[0].utf8)),
    ("north-hl7/charset.hl7", lines([messages[0][0], messages[0][1], pid]) + [0xFF, 0xFE] + Array(names[0].utf8)),
    ("north-hl7/type.hl7", lines(["MSH|^~\\&|EHR|NORTH|||20260309||\(names[0])^\(identifiers[0])|ZQXCTRL9|P|2.5.1", pid])),
    ("clinic-ccda/doctype.xml", Array("<!DOCTYPE x [<!ENTITY e '\(names[0])'>]><ClinicalDocument xmlns=\"urn:hl7-org:v3\">&e;</ClinicalDocument>".utf8)),
    ("clinic-ccda/malformed.xml", Array(document.dropLast(40))),
    ("clinic-ccda/prefix.xml", Array("<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><\(names[0]):x/><id extension=\"\(identifiers[0])\"".utf8)),
    ("clinic-ccda/other.xml", Array("<\(names[0])><a b=\"\(identifiers[0])\"/></\(names[0])>".utf8)),
  ]
}
