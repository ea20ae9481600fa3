import Core
import Map
import Testing

/// `interval`, `quantity` and `starts-with` in documents.
@Suite("Amounts of documents")
struct AmountTests {
  /// What the line makes of an element of a document's header.
  private func cell(_ line: String, _ element: String) throws -> String {
    let mapping = OwnMapping(
      format: .cda, reads: "{cda: any}",
      blocks: """
        provider:
          each: /h:ClinicalDocument
          key: [identifier]
          set:
            identifier: h:id | id | required
            organization: \(line)
          null_flavor: {others: absent}
        """)
    let text = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"9.9\" extension=\"D1\"/>\(element)<component><structuredBody/></component></ClinicalDocument>"
    return try Mapped(text, ["own@1"], .cda, mapping.library).cell("provider", "organization")
  }

  @Test(
    "An interval is written as HL7 v2 writes it, and an open bound keeps its sign",
    arguments: [
      ("<value value=\" 7.2\" unit=\"mg\"/>", "7.2"), ("<value><low value=\"5\"/><high value=\"10\"/></value>", "5-10"),
      ("<value><low value=\"5\"/></value>", ">=5"), ("<value><high value=\"5\" inclusive=\"false\"/></value>", "<5"),
      ("<value><low value=\"5\" inclusive=\"false\"/><high value=\"9\"/></value>", ">5 <=9"),
      ("<value><numerator value=\"1\"/><denominator value=\"128\"/></value>", "1:128"), ("<value>text</value>", "text"),
      ("<value><low nullFlavor=\"UNK\"/></value>", "(absent)"), ("<value nullFlavor=\"UNK\"/>", "(absent)"),
    ])
  func interval(element: String, text: String) throws { #expect(try cell("h:value | interval", element) == text) }

  @Test(
    "A quantity carries its unit",
    arguments: [
      ("<period value=\"8\" unit=\"h\"/>", "8 h"), ("<period value=\"8\"/>", "8"),
      ("<period><low value=\"4\" unit=\"h\"/><high value=\"6\" unit=\"h\"/></period>", "4-6 h"),
    ])
  func quantity(element: String, text: String) throws { #expect(try cell("h:period | quantity", element) == text) }

  @Test("A test may ask with which text a value begins")
  func beginning() throws {
    let telecoms = "<telecom value=\"mailto:a@b.example\"/><telecom value=\"tel:1\"/>"
    #expect(try cell("h:telecom[starts-with(@value,'tel:')]/@value", telecoms) == "tel:1")
    #expect(try cell("h:telecom[not(starts-with(@value,'tel:'))]/@value", telecoms) == "mailto:a@b.example")
  }

  @Test("A test that is not closed is refused", arguments: ["h:telecom[starts-with(@value)]/@value", "h:telecom[starts-with(@value,tel)]/@value"])
  func unclosed(path: String) {
    let error = #expect(throws: ConfigurationError.self) { try cell(path, "") }
    #expect(error?.code == "MAP-134")
  }
}
