import Core
import Map
import Testing

/// The closed lists of the language, one case for each word: a word that the compiler knows and nobody proves is found here.
@Suite("The language word by word")
struct LanguageListTests {
  /// A line of a charge, read of FT1-3.
  private static let charges: [(step: String, line: String, field: String, sent: String, want: String)] = [
    ("required", "FT1-3 | required", "modifiers", "", "REQUIRED-MISSING"), ("default", "FT1-3 | default none", "modifiers", "", "none"),
    ("or absent", "FT1-3 | date | or absent", "service", "noon", "(absent)"), ("date", "FT1-3 | date", "service", "202603011200", "2026-03-01"),
    ("time", "FT1-3 | time", "posted", "202603010810", "2026-03-01T08:10-06:00"), ("decimal", "FT1-3 | decimal", "quantity", "+07.50", "7.5"),
    ("money", "FT1-3 | money USD", "amount", "7.5", "7.50"), ("code", "FT1-3 | code charge-kind@1", "kind", "CG", "charge"),
    ("unmapped", "FT1-3 | code charge-kind@1 | unmapped pass", "kind", "ZZ", "ZZ"), ("ucum", "FT1-3 | ucum", "modifiers", "mcg", "UNIT-INVALID"),
    ("shape", "FT1-3 | shape \"A9\"", "modifiers", "XY", "SHAPE-INVALID"), ("except", "FT1-3 | except 999", "modifiers", "999", "(absent)"),
    ("or kept", "FT1-3.2 | or kept", "modifiers", "A", "(absent)"), ("suffix", "FT1-3.1 | suffix \"+\" FT1-3.2", "modifiers", "a^b", "a+b"),
    ("phone", "FT1-3 | phone", "modifiers", "^PRN^PH^^1^555^5550100^12", "(555)555-0100X12"),
    ("mark", "FT1-9 or FT1-3 | mark \"#\"", "modifiers", "1", "#1"),
    ("trim", "FT1-3 | trim", "modifiers", " a ", "a"), ("upper", "FT1-3 | upper", "modifiers", "a", "A"), ("lower", "FT1-3 | lower", "modifiers", "A", "a"),
    ("join", "FT1-3[*] | join \"+\"", "modifiers", "a~b", "a+b"), ("split", "FT1-3 | split \"-\" 2", "modifiers", "a-b", "b"),
    ("id", "FT1-3 | id", "account", "A1^^^WEST", "A1@WEST"),
  ]

  @Test("A step does what it says", arguments: charges)
  func charge(step: String, line: String, field: String, sent: String, want: String) throws {
    #expect(try Fixture.cell(line, ft1: sent, field: field) == want)
  }

  @Test("beside: what stands beside a value is taken of the place that it was taken of")
  func beside() throws {
    let message = try OwnMapping.results("", set: "unit: OBX-6.1 or OBX-6.4\nunit_display: OBX-6.2 or OBX-6.5 | beside unit").map("OBX|1|NM|X|9|5|^own^^mg^milli\r")
    #expect(message.cell("observation", "unit") == "mg" && message.cell("observation", "unit_display") == "milli")
  }

  @Test("integer: a whole number, or nothing", arguments: [("+07", "7"), ("7.5", "(absent)")])
  func integer(sent: String, want: String) throws {
    let library = Fixture.library([
      "hl7v2/own/1.yaml": "mapping: own\nversion: 1\noverlays: pid-patient@1\nowner: site\nwhy: test\npatient:\n  set: {birth_order: PID-25 | integer | or absent}\n"
    ])
    let text = "MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID|1||P1" + String(repeating: "|", count: 22) + sent + "\r"
    #expect(try Mapped(text, ["own@1"], .hl7v2, library).cell("patient", "birth_order") == want)
  }

  @Test("sign by: a credit is negative, whatever sign it was sent with; everything else stays", arguments: [("CD", "5.00", "-5.00"), ("CD", "-5.00", "-5.00"), ("CG", "-5.00", "-5.00"), ("CG", "5.00", "5.00"), ("CD", "0", "0.00")])
  func sign(kind: String, sent: String, want: String) throws {
    let library = Fixture.library(["hl7v2/own/1.yaml": "mapping: own\nversion: 1\noverlays: dft-charge@1\nowner: site\nwhy: test\ncharge:\n  hold: (removed)\n"])
    let text = "MSH|^~\\&|A|NORTH|||20260301||DFT^P03|1\rPID|1||P1\rFT1|1|100||20260301||\(kind)|C1|||1|\(sent)\r"
    #expect(try Mapped(text, ["pid-patient@1", "own@1"], .hl7v2, library).cell("charge", "amount") == want)
  }

  @Test("typed: OBX-5 is written as its value type asks", arguments: [("SN", ">^5", ">5"), ("TS", "202603010810", "2026-03-01T08:10"), ("DT", "20260301", "2026-03-01"), ("TX", "a~b", "a\nb")])
  func typed(kind: String, sent: String, want: String) throws {
    let value = try OwnMapping.results("").map("OBX|1|\(kind)|X|9|\(sent)\r").cell("observation", "value")
    #expect(value == want || (kind == "TS" && value.hasPrefix(want)))
  }

  @Test("ref: the nearest row of the entity is meant; document: the file that was sealed")
  func positions() throws {
    let message = try OwnMapping.results("", set: "range: OBX-5 | document").map("OBX|1|ED|X|9|^application^pdf^Base64^AAAA\r")
    #expect(message.cell("observation", "patient").contains("P1@NORTH") && message.cell("observation", "range") == "OBX-5#1")
  }

  @Test("Every step of the list stands above")
  func steps() { #expect(Set(Self.charges.map(\.step) + ["beside", "integer", "sign by", "typed", "ref", "document", "narrative", "interval", "quantity"]) == Set(MappingLanguage.steps)) }

  // MARK: Documents

  private static let text = """
    <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"><id root="9.9" extension="D1"/>
    <recordTarget><patientRole><id root="1.1" extension="T1"/></patientRole></recordTarget>
    <component><structuredBody><component><section><code code="11450-4"/><text><content ID="p1">Told  once</content></text>
    <entry><act><statusCode code="active"/><entryRelationship typeCode="SUBJ"><observation><id root="1.2"/><code code="C1"/>
    <text><reference value="#p1"/></text><value code="V1"/><value code="V2" unit="u"/><sdtc:kind code="S1"/></observation></entryRelationship></act></entry>
    </section></component></structuredBody></component></ClinicalDocument>
    """

  private func condition(_ line: String) throws -> String {
    let own = OwnMapping(
      format: .cda, reads: "{cda: any}",
      blocks: """
        patient:
          each: /h:ClinicalDocument/h:recordTarget/h:patientRole
          key: [identifier]
          null_flavor: {others: absent}
          set: {identifier: h:id | id | required}
        condition:
          section: any
          each: .//h:observation
          key: [source, patient]
          null_flavor: {others: absent}
          negation: skip
          set:
            source: h:id | id | required
            patient: ref patient | required
            text: \(line)
        """)
    return try Mapped(Self.text, ["own@1"], .cda, own.library).cell("condition", "text")
  }

  @Test(
    "A path of a document names one place",
    arguments: [
      ("h:code/@code", "C1"), ("./h:code/@code", "C1"), ("./*/@code", "C1"), (".//h:value/@code", "V1"), ("h:value[2]/@code", "V2"), ("h:value[@unit]/@code", "V2"),
      ("h:value[@code='V2']/@code", "V2"), ("h:value[not(@code='V1')]/@code", "V2"), ("h:value[not(@unit)]/@code", "V1"), ("../@typeCode", "SUBJ"),
      ("../../h:statusCode/@code", "active"), ("ancestor::h:act[1]/h:statusCode/@code", "active"), ("ancestor::h:section[1]/h:code/@code", "11450-4"),
      ("/h:ClinicalDocument/h:id/@extension", "D1"), ("sdtc:kind/@code", "S1"), ("h:value[3]/@code or h:code/@code", "C1"),
    ])
  func paths(path: String, want: String) throws { #expect(try condition(path) == want) }

  @Test("narrative: the text that a reference names")
  func narrative() throws { #expect(try condition("h:text | narrative") == "Told once") }
}
