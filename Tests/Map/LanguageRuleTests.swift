import Core
import Map
import Testing

/// The ten rules of the language (docs/formats/mapping.md), each with a pair: what the rule asks for, and what is different without it.
@Suite("Rules of the language")
struct LanguageRuleTests {
  private static let message = "MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID|1||P1||TEST^ALPHA||19700102|F\r"

  private func lint(_ own: OwnMapping) -> [String] { MappingLint.findings(own.library, names: ["own@1"], format: own.format, zone: .utc).map(\.code) }

  @Test("Rule 1: a plan knows each path as read or as ignored with a reason, and an ignored one is not read")
  func rule1() throws {
    let plan = try OwnMapping.results("", head: "ignore: {NTE: not needed}").plan()
    #expect(plan.ignored.map { "\($0.path): \($0.reason)" } == ["NTE: not needed"])
    #expect(Set(plan.origins.flatMap(\.paths)).isSuperset(of: ["PID-3", "MSH-4.1", "OBX-3.1", "OBX-4", "OBX-1", "OBX-11", "OBX-2", "OBX-5[*]"]))
    #expect(OwnMapping.results("", head: "ignore: {OBX-11: not needed}").refusal()?.code == "MAP-147")
    #expect(OwnMapping.results("", head: "ignore: {NTE: ''}").refusal()?.code == "MAP-147")
  }

  @Test("Rule 2: two double quotes clear, what was not sent keeps", arguments: [("\"\"", "(cleared)"), ("", "(absent)"), ("F", "female")])
  func rule2(sex: String, want: String) throws {
    let text = "MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID|1||P1||TEST^ALPHA||19700102|\(sex)\r"
    #expect(try Mapped(text).cell("patient", "sex") == want)
  }

  @Test("Rule 3: no zone, no plan; a time keeps what was sent and takes the feed's zone where it has no offset")
  func rule3() throws {
    let error = #expect(throws: ConfigurationError.self) { try MapPlan.build(Fixture.shipped, mappings: ["hl7v2-standard@1"], format: .hl7v2, zone: nil) }
    #expect(error?.code == "MAP-143" && error?.hint.isEmpty == false)
    #expect(try Fixture.cell("FT1-3 | time", ft1: "202603010810", field: "posted") == "2026-03-01T08:10-06:00")
    #expect(try Fixture.cell("FT1-3 | time", ft1: "202603010810-0500", field: "posted") == "2026-03-01T08:10-05:00")
  }

  @Test("Rule 4: an unmapped value is held unless the line says otherwise, and is always a finding", arguments: [("", "held"), (" | unmapped pass", "ZZ"), (" | unmapped default X", "X")])
  func rule4(policy: String, want: String) throws {
    let message = try OwnMapping.results("", set: "flag: OBX-8 | code abnormal@1\(policy)").map("OBX|1|ST|X||a|||ZZ\r")
    #expect(message.held.isEmpty == (want != "held") && message.values("observation", "flag") == (want == "held" ? [] : [want]))
    #expect((message.message.findings.map(\.code) + message.message.heldCodes) == [.codeUnmapped])
  }

  @Test("Rule 5: all mappings that read a message take it in order; what none reads is held unless the set lists it; orphans stay alone")
  func rule5() throws {
    let both = try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID|1||P1\rPV1|1|I|||||||||||||||||V1\r")
    #expect(both.message.rows.rows.map(\.mapping) == [0, 0, 1])
    #expect(try Mapped(Self.message.replacing("ADT^A04", with: "ZZZ^Z01")).verdict.hasPrefix("NO-MAPPING"))
    #expect(try Mapped(Self.message.replacing("ADT^A04", with: "ACK^A04")).verdict == "filtered")
    let orphan = "MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rPID|1||P1\rOBX|1|ST|X||v\rOBR|1||F1^LAB\rOBX|2|ST|Y||w\r"
    #expect(try Mapped(orphan, ["pid-patient@1", "oru-observation@1"]).held == ["ORPHAN-SEGMENT OBX within OBR 1"])
  }

  @Test("Rule 6: one changed byte of a released mapping, set, code set or dictionary refuses and is named", arguments: [
    "hl7v2/pid-patient/1.yaml", "ccda/cda-problem/1.yaml", "sets/hl7v2-standard/1.yaml", "codes/sex/1.csv", "canonical/1.yaml",
  ])
  func rule6(path: String) throws {
    var files = Fixture.files(below: Fixture.root + "/Mappings")
    try MappingLibrary(files: files).verifyReleased()
    files[path]?[10] ^= 1
    let error = #expect(throws: ConfigurationError.self) { try MappingLibrary(files: files).verifyReleased() }
    #expect(error?.code == "MAP-123" && error?.file == "Mappings/" + path && error?.exitCode == .configuration)
  }

  @Test("Rule 7: a mapping without an example is refused, and an expectation may be a hold")
  func rule7() throws {
    let text = OwnMapping.results("").text
    let bare = text[..<(try #require(text.firstRange(of: "examples:", from: text.startIndex)).lowerBound)]
    let error = #expect(throws: ConfigurationError.self) { try Fixture.plan(["own@1"], .hl7v2, Fixture.library(["hl7v2/own/1.yaml": String(bare)])) }
    #expect(error?.code == "MAP-144")
    let held = text.replacing("given: MSH\n    expect: {}", with: "given: |\n      MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\n      PID|1\n    hold: {code: REQUIRED-MISSING, at: PID-3}")
    let failures = try MappingExamples.failures(in: Fixture.library(["hl7v2/own/1.yaml": held]), format: .hl7v2, zone: Fixture.chicago) {
      Fixture.decode($0, $1, &$2, format: .hl7v2)
    }
    #expect(failures.map(\.description) == [])
  }

  @Test("Rule 8: nullFlavor and negationInd are dealt with in every block of a document, or it is refused", arguments: ["null_flavor: {others: absent}", "negation: skip"])
  func rule8(line: String) {
    let lines = ["null_flavor: {others: absent}", "negation: skip"].filter { $0 != line }
    let block = """
      condition:
        section: any
        each: .//h:observation
        key: [source, patient]
        set: {source: h:id | id | required, patient: ref patient | required}
        \(lines[0])
      """
    let own = { (more: String) in OwnMapping(format: .cda, reads: "{cda: any}", blocks: block + more) }
    #expect(own("").refusal()?.code == "MAP-149" && lint(own("")) == ["MAP-149"])
    #expect(own("\n  " + line).refusal() == nil)
  }

  @Test("Rule 9: lint finds what compiles and is wrong all the same; see the suite 'Lint'")
  func rule9() {
    #expect(lint(OwnMapping.results("")) == [])
    #expect(lint(OwnMapping.results("", set: "range: OBX-7 or OBX-7.1\nunit: OBX-6.77\nflag: OBX-8 | or absent")).sorted() == ["MAP-133"])
    #expect(lint(OwnMapping.results("", set: "range: OBX-7 or OBX-7.1\nunit: OBX-6.33\nflag: OBX-8 | or absent")).sorted() == ["LNT-201", "LNT-203", "LNT-203"])
  }

  @Test("Rule 10: each row names its mapping with version and the digest of its file")
  func rule10() throws {
    let plan = try Fixture.plan(["hl7v2-standard@1"])
    let message = try Mapped(Self.message)
    let identity = plan.mappings[Int(message.message.rows.rows[0].mapping)]
    #expect(identity.id == "pid-patient" && identity.version == 1)
    #expect(identity.digest == Hex.text(SHA256.digest(try #require(Fixture.shipped["hl7v2/pid-patient/1.yaml"]))))
    let other = Fixture.library(["hl7v2/pid-patient/1.yaml": String(decoding: try #require(Fixture.shipped["hl7v2/pid-patient/1.yaml"]), as: UTF8.self) + "\n"])
    #expect(try Fixture.plan(["hl7v2-standard@1"], .hl7v2, other).mappings[0].digest != identity.digest)
  }
}
