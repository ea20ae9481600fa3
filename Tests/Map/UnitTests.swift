import Core
import Map
import Testing

@Suite("Units and references")
struct UnitTests {
  @Test(
    "ucum: a term passes as it came",
    arguments: [
      "mmol/L", "mg/dL", "10*3/uL", "10*-6", "%", "mm[Hg]", "[IU]/mL", "m[IU]/L", "/min", "{cells}", "{score}", "kg/m2", "mL/min/{1.73_m2}", "ug/(24.h)",
      "(mg/dL)/(mmol/L)", "Cel", "[degF]", "[pH]", "g%", "meq/L", "cm[H2O]", "umol/mol{creat}", "s-1", "m+2", "B[10.nV]", "[m/s2/Hz^0.5]", "100", "1/m3", "KiBy",
      "ng/mL{FEU}", "'", "[in_i'Hg]", "[CFU]/mL",
    ])
  func terms(unit: String) throws {
    #expect(try Fixture.cell("FT1-3 | ucum", ft1: unit.replacing("^", with: "\\S\\")) == unit)
  }

  @Test(
    "ucum: what is no term is held",
    arguments: [
      "mcg/dL", "MG/DL", "mmol//L", "mg/", "mmol L", "kmin", "[iu]/mL", "mg/(dL", "mg)", "{open", "mg}", "2mg", "10^3uL", "m-", "mm[Hg", "µg", ".", "/", "k", "cells", "mg/dL ?", "{a{b}}",
    ])
  func others(unit: String) throws { #expect(try Fixture.cell("FT1-3 | ucum", ft1: unit.replacing("^", with: "\\S\\")) == "UNIT-INVALID") }

  @Test(
    "ucum: what is no term is held, passed with a finding, replaced or left out, as the line says",
    arguments: [
      ("ucum | unmapped hold", "UNIT-INVALID"), ("ucum | unmapped pass", "mcg"), ("ucum | unmapped default other", "other"), ("ucum | or absent", "(absent)"),
    ])
  func policies(steps: String, want: String) throws { #expect(try Fixture.cell("FT1-3 | " + steps, ft1: "mcg") == want) }

  @Test(
    "ucum else: units in one case are those of the set unless the sender names UCUM; what neither knows passes with a finding",
    arguments: [
      ("MG/DL", "mg/dL", 0), ("mg/dl", "mg/dl", 0), ("mm(hg)", "mm[Hg]", 0), ("iu/l", "[iU]/L", 0), ("MU/L", "MU/L", 1), ("MG^^UCUM", "MG", 0), ("Mg", "Mg", 0),
      ("%", "%", 0), ("[IU]/ML", "[IU]/ML", 0), ("K/UL", "K/UL", 1), ("S", "s", 0), ("10*3/UL", "10*3/uL", 0), ("mcg", "mcg", 1),
      ("10^9/L", "10^9/L", 1), ("x10^12/L^^L", "x10^12/L", 1), ("10^giga per litre", "10", 0), ("100^3", "100", 0), ("10", "10", 0),
    ])
  func oneCase(sent: String, want: String, findings: Int) throws {
    let own = OwnMapping.results("", set: "unit: OBX[6.3=UCUM]-6.1 or OBX-6.1 | ucum else iso-unit@1 | unmapped pass")
    let message = try own.map("OBX|1|NM|X|9|5|\(sent)\r")
    #expect(message.cell("observation", "unit") == want && message.message.findings.filter { $0.code == .unitInvalid }.count == findings)
  }

  @Test("The half of a unit that a sign of the message cut off is not what it is called; the next row's own name is")
  func halves() throws {
    let message = try Mapped.result("OBX|1|NM|X^X^L||5|10^9/L\rOBX|2|NM|Y^Y^L||5|^grams\rOBX|3|NM|Z^Z^L||5|mg/L^milligram\r")
    #expect(message.values("observation", "unit_display") == ["(cleared)", "grams", "milligram"])
  }

  @Test("ucum: deep and long terms end")
  func hostile() throws {
    #expect(try Fixture.cell("FT1-3 | ucum", ft1: String(repeating: "(", count: 5_000)) == "UNIT-INVALID")
    #expect(try Fixture.cell("FT1-3 | ucum", ft1: String(repeating: "m.", count: 5_000) + "m").utf8.count == 10_001)
  }

  // MARK: document

  private static let files = OwnMapping.results("", set: "range: OBX-5 | document")

  @Test("document: a cell names the attachment that was sealed out of its segment, and is absent where none was")
  func attachments() throws {
    let file = "^application^pdf^Base64^AAAA"
    let message = try Self.files.map("OBX|1|ST|X||text\rOBX|2|ED|X||\(file)\rOBX|3|TX|Y||more\rOBX|4|ED|Y||\(file)\r")
    #expect(message.values("observation", "range") == ["(absent)", "OBX-5#2", "(absent)", "OBX-5#4"])
  }

  @Test("document: a segment behind the row is named as the ledger names it")
  func followingAttachment() throws {
    let text = "MSH|^~\\&|A|NORTH|||20260301||MDM^T02|1\rPID|1||P1\rTXA|1|DS|TX|||||||||^^98765\rOBX|1|ED|Y||^application^pdf^Base64^AAAA\r"
    let message = try Mapped(text)
    #expect(message.cell("document", "attachment") == "OBX-5#1" && message.cell("document", "identifier").contains("98765@NORTH"))
  }

  @Test("document: it reads OBX-5 whole, and nothing else", arguments: ["OBX-6 | document", "OBX-5.1 | document", "OBX-5 or OBX-6 | document", "OBX-5 | document x"])
  func notDocuments(line: String) {
    let error = OwnMapping.results("", set: "range: " + line).refusal()
    #expect(["MAP-135", "MAP-136"].contains(error?.code) && error?.hint.isEmpty == false)
  }

  // MARK: ref

  @Test("ref ENTITY by: the paths of an identifier name the row, as 'id | ref' does")
  func by() throws {
    func result(_ line: String, _ visit: String) throws -> Mapped {
      try OwnMapping.results("", set: "encounter: " + line).map("FT1|1|\(visit)\rOBX|1|ST|X||a\r")
    }
    let long = try result("FT1-2 or FT1-8 | id else MSH-4.1 | ref encounter", "V1").cell("observation", "encounter")
    let short = try result("ref encounter by FT1-2 or FT1-8 | id else MSH-4.1", "V1").cell("observation", "encounter")
    #expect(long == short)
    #expect(long.contains("V1@NORTH"))
    #expect(try result("ref encounter by FT1-2 or FT1-8 | id else MSH-4.1 | required", "").held.first?.hasPrefix("REQUIRED-MISSING") == true)
  }

  @Test("ref ENTITY by: without paths or 'id' it is refused", arguments: ["ref encounter by", "ref encounter by FT1-3", "ref visit by FT1-3 | id", "ref encounter of FT1-3 | id"])
  func refused(line: String) {
    #expect(throws: ConfigurationError.self) { try Fixture.cell(line, ft1: "V1", field: "encounter") }
  }

  @Test("ref ENTITY: a key of an identifier and a reference takes the nearest row for the reference")
  func composite() throws {
    let own = OwnMapping.results("", set: "document: FT1-2 | id else MSH-4.1 | ref charge")
    let dictionary = String(decoding: try #require(Fixture.shipped["canonical/1.yaml"]), as: UTF8.self)
    let grown = dictionary.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0 == "version: 1" ? "version: 9" : $0.hasPrefix("      observed:   time") ? $0 + "\n      document: reference charge | class identifier" : $0
    }.joined(separator: "\n")
    let library = Fixture.library(["hl7v2/own/1.yaml": own.text, "canonical/9.yaml": grown])
    let message = try Mapped("MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rPID|1||P1\rFT1|1|X1\rOBX|1|ST|X||a\r", ["own@1"], .hl7v2, library)
    let key = RowKey.encode([Array("X1\u{1F}NORTH".utf8), RowKey.encode([Array("P1\u{1F}NORTH".utf8)])])
    #expect(message.cell("observation", "document").utf8.count == key.count && message.cell("observation", "document").hasSuffix("P1@NORTH"))
  }
}
