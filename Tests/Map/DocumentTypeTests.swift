import Core
import Map
import Testing

/// What the shipped set takes of documents that are not C-CDA.
@Suite("Document types")
struct DocumentTypeTests {
  private static func document(_ template: String, entry: String) -> String {
    """
    <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><templateId root="\(template)"/>
    <id root="9.9" extension="D1"/><recordTarget><patientRole><id root="1.1" extension="T1"/></patientRole></recordTarget>
    <component><structuredBody><component><section><code code="11450-4"/><entry><act><entryRelationship><observation>\
    <templateId root="\(entry)"/><id root="1.2"/><value xsi:type="CD" code="38341003"/></observation></entryRelationship></act></entry>\
    </section></component></structuredBody></component></ClinicalDocument>
    """
  }

  @Test("C32 gives the patient and the document; its problems carry other templates and give no rows")
  func c32() throws {
    let message = try Mapped(Self.document("2.16.840.1.113883.3.88.11.32.1", entry: "2.16.840.1.113883.10.20.1.28"), ["ccda-standard"], .cda)
    #expect(message.values("patient", "identifier") == ["T1@1.1"] && message.values("document", "identifier") == ["D1@9.9"])
    #expect(message.values("condition", "code") == [] && message.held == [])
  }

  @Test("A statement with a C-CDA template gives its row whatever the document's type is", arguments: [
    "2.16.840.1.113883.10.20.15.2", "2.16.840.1.113883.10.20.24.1.1", "2.16.840.1.113883.10.20.22.1.2",
  ])
  func others(template: String) throws {
    let message = try Mapped(Self.document(template, entry: "2.16.840.1.113883.10.20.22.4.4"), ["ccda-standard"], .cda)
    #expect(message.values("condition", "code") == ["38341003"])
  }
}
