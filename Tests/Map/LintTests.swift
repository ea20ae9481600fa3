import Core
import Map
import Testing

@Suite("Lint")
struct LintTests {
  private func lint(_ own: OwnMapping, _ extracts: [ExtractField]? = nil) -> [String] {
    MappingLint.findings(own.library, names: ["own@1"], format: own.format, zone: .utc, extracts: extracts).map { "\($0.code) \($0.line)" }
  }

  private func lint(set line: String) -> [String] {
    MappingLint.findings(OwnMapping.results("", set: line).library, names: ["own@1"], format: .hl7v2, zone: .utc).map { "\($0.code) \($0.summary)" }
  }

  @Test("The shipped mappings have no finding", arguments: [("hl7v2-standard@1", SourceFormat.hl7v2), ("ccda-standard@1", .cda)])
  func shipped(set: String, format: SourceFormat) {
    #expect(MappingLint.findings(Fixture.shipped, names: [set], format: format, zone: .utc).map(\.description) == [])
  }

  @Test(
    "Unknown component: a part that the type does not have is found, with those it has",
    arguments: [
      ("range: PID-5.19", "PID-5 has no part 19"), ("range: PID-8.1.9", ""), ("range: PV1-3.1.7", "PV1-3.1 has no part 7"),
      ("range: ZXX-3.30", nil), ("range: PID-7.1", nil), ("range: OBX-5.3", nil), ("range: PID-5.1.1", nil),
    ] as [(String, String?)])
  func components(line: String, want: String?) {
    let found = lint(set: line)
    if let want { #expect(found.count == 1 && found[0].hasPrefix("LNT-201") && found[0].hasSuffix(want) || want.isEmpty) } else { #expect(found == []) }
  }

  @Test("Unknown segment: it does not compile, and lint says so with the place")
  func segment() throws {
    let own = OwnMapping.results("", set: "range: PIX-5")
    let finding = try #require(MappingLint.findings(own.library, names: ["own@1"], format: .hl7v2, zone: .utc).first)
    #expect(finding.weight == .error && finding.code == "MAP-133" && finding.line > 0 && finding.column > 0 && !finding.hint.isEmpty)
    #expect(finding.description.hasPrefix("Mappings/hl7v2/own/1.yaml:\(finding.line):\(finding.column): error MAP-133: 'PIX' is not"))
  }

  @Test(
    "Unreachable fallback: what stands behind something that always has a value first is found",
    arguments: [
      ("range: OBX-7 or OBX-7.1", 1), ("range: OBX-7.1 or OBX-7", 0), ("range: OBX-7[first] or OBX-7[2]", 1), ("range: OBX-7[2] or OBX-7[first]", 0),
      ("range: OBX-7[1] or OBX-7", 1), ("range: OBX-6.1 or OBX-6.2", 0), ("flag: OBX-8 or OBX-8.1 | code abnormal@1", 1), ("range: OBX-7 | required | default x", 1),
      ("range: OBX-7 | or absent", 1), ("range: OBX-7 | shape \"99\" | or absent", 0), ("range: OBX-7 | shape \"99\" | or absent | required", 1),
      ("flag: OBX-8 | code abnormal@1 | unmapped pass | or absent", 1), ("range: OBX-7 or PID-8", 0),
    ])
  func unreachable(line: String, count: Int) {
    let found = lint(set: line)
    #expect(found.count == count && found.allSatisfy { $0.hasPrefix("LNT-203") })
  }

  @Test("Unmapped required target: a reference to rows that no mapping makes for a type")
  func references() throws {
    let library = Fixture.library([
      "hl7v2/pv1-encounter/1.yaml": String(decoding: try #require(Fixture.shipped["hl7v2/pv1-encounter/1.yaml"]), as: UTF8.self)
        .replacing("ADT^A02,", with: "ADT^A02, ADT^A98,")
    ])
    let findings = MappingLint.findings(library, names: ["hl7v2-standard"], format: .hl7v2, zone: .utc)
    #expect(findings.map(\.code) == ["LNT-202"])
    let finding = try #require(findings.first)
    #expect(finding.summary == "no mapping of the list gives 'patient' for ADT^A98, so every row of it is held")
    #expect(finding.file == "Mappings/hl7v2/pv1-encounter/1.yaml" && finding.line == 18)
  }

  @Test("A field that no extract uses, and one of an extract that no mapping fills; keys and references are always of use")
  func extracts() {
    let field = { (entity: String, name: String, line: Int) in ExtractField(entity: entity, field: name, file: "consumers/x.yaml", line: line, column: 3) }
    let own = OwnMapping.results("")
    #expect(lint(own, [field("observation", "status", 4), field("observation", "value", 5)]) == [])
    #expect(lint(own, [field("observation", "value", 5), field("observation", "unit", 6)]) == ["LNT-204 24", "LNT-205 6"])
  }

  @Test("A segment that is ignored and read")
  func ignored() { #expect(lint(OwnMapping.results("", head: "ignore: {OBX: not needed}")).map { $0.prefix(7) } == ["LNT-206"]) }

  @Test("An example with what looks like a social security number")
  func examples() {
    let path = "hl7v2/own/1.yaml", text = OwnMapping.results("").text
    let codes = { (given: String) in
      MappingLint.findings(Fixture.library([path: text.replacing("given: MSH", with: "given: MSH|\(given)")]), names: ["own@1"], format: .hl7v2, zone: .utc).map(\.code)
    }
    #expect(codes("123-45-6789") == ["LNT-207"] && codes("900-45-6789") == [] && codes("000-45-6789") == [] && codes("1123-45-6789") == [])
    let changed = text.replacing("    given: MSH", with: "    given: MSH\n    change: {MSH-10: 123-45-6789}")
    #expect(MappingLint.findings(Fixture.library([path: changed]), names: ["own@1"], format: .hl7v2, zone: .utc).map(\.code) == ["LNT-207"])
  }

  @Test("One mapping is looked at with those that it comes after, and only what is written in it is said")
  func single() throws {
    let text = String(decoding: try #require(Fixture.shipped["hl7v2/dft-charge/1.yaml"]), as: UTF8.self)
    let library = Fixture.library(["hl7v2/dft-charge/1.yaml": text.replacing("FT1-26[*].1 ", with: "FT1-26[*].30 ")])
    #expect(MappingLint.findings(library, of: "dft-charge@1", zone: .utc).map(\.code) == ["LNT-201"])
    #expect(MappingLint.findings(library, of: "pid-patient@1", zone: .utc) == [])
  }
}
