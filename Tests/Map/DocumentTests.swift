import Core
import Map
import Testing

@Suite("Documents")
struct DocumentTests {
  private static func patient(_ id: String) -> String { "<recordTarget><patientRole><id root=\"1.1\" extension=\"\(id)\"/></patientRole></recordTarget>" }

  private static func document(_ sections: String, header: String = patient("T1")) -> String {
    "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><id root=\"9.9\" extension=\"D1\"/>\(header)"
      + "<component><structuredBody>\(sections)</structuredBody></component></ClinicalDocument>"
  }

  private static func section(_ inside: String) -> String { "<component><section><code code=\"11450-4\"/>\(inside)</section></component>" }

  private static func problem(_ inside: String, id: String = "1.2") -> String {
    "<entry><observation><templateId root=\"2.16.840.1.113883.10.20.22.4.4\"/><id root=\"\(id)\"/>\(inside)</observation></entry>"
  }

  private static func map(_ text: String) throws -> Mapped { try Mapped(text, ["ccda-standard"], .cda) }

  @Test("A reference takes the text of the element with its ID, with blanks collapsed")
  func reference() throws {
    let narrative = "<text><table><tr><td ID=\"p1\">Test <b>one</b>\n  told</td><td ID=\"p2\">two</td></tr></table></text>"
    let message = try Self.map(Self.document(Self.section(narrative + Self.problem("<text><reference value=\"#p1\"/></text>"))))
    #expect(message.cell("condition", "text") == "Test one told")
  }

  @Test("The visit of the header and the entry that says more of it are one row", arguments: [["cda-encounter@1", "cda-visit@1"], ["cda-visit@1", "cda-encounter@1"]])
  func visit(order: [String]) throws {
    let header = Self.patient("T1") + "<componentOf><encompassingEncounter><id root=\"1.3\"/><effectiveTime><low value=\"20260220\"/></effectiveTime></encompassingEncounter></componentOf>"
    let entry = "<entry><encounter><templateId root=\"2.16.840.1.113883.10.20.22.4.49\"/><id root=\"1.3\"/><code code=\"99221\"/></encounter></entry>"
    let message = try Mapped(Self.document(Self.section(entry), header: header), ["cda-document@1"] + order, .cda)
    #expect(message.values("encounter", "type") == ["99221"] && message.values("encounter", "admitted") == ["2026-02-20"])
    #expect(message.held == [] && message.message.findings.map(\.code) == [.eventTimeMissing])
  }

  @Test("An originalText with a reference goes before the statement's own text")
  func originalText() throws {
    let value = "<text>other</text><value xsi:type=\"CD\" nullFlavor=\"UNK\"><originalText><reference value=\"#p2\"/></originalText></value>"
    let message = try Self.map(Self.document(Self.section("<text><content ID=\"p2\">two</content></text>" + Self.problem(value))))
    #expect(message.cell("condition", "text") == "two")
  }

  @Test("A reference finds an ID outside of the narrative, and in a section around its own")
  func elsewhere() throws {
    let statement = Self.problem("<text><reference value=\"#t1\"/></text>")
    let inTitle = Self.section("<title ID=\"t1\">Titled</title><text>x</text>" + statement)
    #expect(try Self.map(Self.document(inTitle)).cell("condition", "text") == "Titled")
    let around = Self.section("<text><content ID=\"t1\">Outer</content></text>" + Self.section("<text>x</text>" + statement))
    #expect(try Self.map(Self.document(around)).cell("condition", "text") == "Outer")
  }

  @Test("The nearest section goes first, and the first of two equal IDs in it")
  func nearest() throws {
    let inner = Self.section("<text><content ID=\"t1\">Inner</content><content ID=\"t1\">Second</content></text>" + Self.problem("<text><reference value=\"#t1\"/></text>"))
    let text = Self.document(Self.section("<text><content ID=\"t1\">Outer</content></text>" + inner))
    #expect(try Self.map(text).cell("condition", "text") == "Inner")
  }

  @Test("A reference into a section that has ended names nothing")
  func ended() throws {
    let text = Self.section("<text><content ID=\"t1\">Gone</content></text>") + Self.section(Self.problem("<text><reference value=\"#t1\"/></text>"))
    #expect(try Self.map(Self.document(text)).cell("condition", "text") == "(cleared)")
  }

  @Test("A document about two people is held: its statements are attached to neither")
  func twoPeople() throws {
    let message = try Self.map(Self.document(Self.section(Self.problem("<value code=\"1\"/>")), header: Self.patient("T1") + Self.patient("T2")))
    #expect(message.verdict.hasPrefix("REQUIRED-MISSING ref patient"))
    #expect(message.values("condition", "code") == [])
  }

  @Test("A translation stands in for a code that has none")
  func translation() throws {
    let value = "<value xsi:type=\"CD\" nullFlavor=\"OTH\"><translation code=\"E11\" codeSystem=\"2.16.840.1.113883.6.90\"/></value>"
    let message = try Self.map(Self.document(Self.section(Self.problem(value))))
    #expect(message.cell("condition", "code") == "E11" && message.cell("condition", "code_system") == "2.16.840.1.113883.6.90")
  }

  @Test("Statements in nested sections and at any depth are found once each")
  func depth() throws {
    let nested = Self.section(Self.problem("<entryRelationship><observation><templateId root=\"2.16.840.1.113883.10.20.22.4.4\"/><id root=\"1.3\"/></observation></entryRelationship>"))
    let message = try Self.map(Self.document(Self.section(Self.problem("", id: "1.4") + nested)))
    #expect(message.values("condition", "source") == ["1.4@1.4", "1.2@1.2", "1.3@1.3"])
  }

  @Test("setId and versionNumber of the header are the document's")
  func versions() throws {
    let header = Self.patient("T1") + "<setId root=\"7.7\" extension=\"S\"/><versionNumber value=\"3\"/>"
    let message = try Self.map(Self.document("", header: header))
    #expect(message.cell("document", "set") == "S@7.7" && message.cell("document", "version") == "3")
  }
}
