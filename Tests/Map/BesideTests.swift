import Core
import Map
import Testing

@Suite("Fields that are read beside another one")
struct BesideTests {
  @Test("A path and the path beside it give one repetition: the street of the first home address has not the city of the second")
  func repetition() throws {
    let text = "MSH|^~\\&|A|NORTH|||20260301||ADT^A08|1|P|2.5.1\rEVN|A08|20260301\rPID|1||T1||TEST^ALPHA||||||1 TEST ST^^ONETOWN^^^^H~2 TEST ST^APT 2^TWOTOWN^TX^00002^^H\r"
    let message = try Mapped(text)
    #expect(["street", "street_more", "city", "state", "zip"].map { message.cell("patient", $0) } == ["1 TEST ST", "(cleared)", "ONETOWN", "(cleared)", "(cleared)"])
  }

  @Test("A line beside a line that is beside another one reads what stands there, and is marked as that one is")
  func chain() throws {
    let set = "value_code: OBX-5.1 or OBX-6.1\nvalue_system: OBX-5.3 or OBX-6.3 | beside value_code\nvalue_display: OBX-5.2 or OBX-6.2 | beside value_system | mark \"#\""
    let message = try OwnMapping.results("", set: set).map("OBX|1|CE|X|1|a^A^L|b^B^M|||||F\rOBX|2|CE|X|2||b^B^M|||||F\r")
    #expect(["value_code", "value_system", "value_display"].map { message.values("observation", $0) } == [["a", "b"], ["L", "M"], ["A", "#B"]])
  }

  private static func procedure(_ inside: String) -> String {
    "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><id root=\"9.9\" extension=\"D1\"/><recordTarget>"
      + "<patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget><component><structuredBody><component><section><code code=\"47519-4\"/><entry>"
      + "<procedure moodCode=\"EVN\" classCode=\"PROC\"><templateId root=\"2.16.840.1.113883.10.20.22.4.14\"/><id root=\"1.2\"/><code code=\"1\"/>\(inside)</procedure></entry>"
      + "</section></component></structuredBody></component></ClinicalDocument>"
  }

  private static func reason(_ value: String) -> String { "<entryRelationship typeCode=\"RSON\"><observation><value xsi:type=\"CD\" \(value)</observation></entryRelationship>" }

  private func reasons(_ values: String...) throws -> [String] {
    let message = try Mapped(Self.procedure(values.map(Self.reason).joined()), ["ccda-standard"], .cda)
    return ["reason", "reason_system", "reason_display"].map { message.cell("procedure", $0) }
  }

  @Test("A code has the system of its own element, not that of the next one that has a system")
  func element() throws {
    #expect(try reasons("code=\"LOCAL9\"/>", "code=\"38341003\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Other\"/>") == ["LOCAL9", "(cleared)", "(cleared)"])
  }

  @Test("A translation has the system of its own, with several of them in the document")
  func translation() throws {
    let first = "nullFlavor=\"OTH\"><translation code=\"LOCAL9\"/></value>"
    let second = "nullFlavor=\"OTH\"><translation code=\"38341003\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"Other\"/></value>"
    #expect(try reasons(first, second) == ["LOCAL9", "(cleared)", "(cleared)"])
    #expect(try reasons(second, first) == ["38341003", "2.16.840.1.113883.6.96", "Other"])
  }

  private static let overlay = """
    mapping: own
    version: 1
    overlays: fhir-procedure@1
    owner: test
    why: test
    procedure:
      set:
        reason: reasonCode.coding.code
        reason_system: reasonCode.coding.system | beside reason
        reason_display: reasonCode.coding.display | beside reason
    """

  @Test("A coding of a resource has the system and display of its own")
  func coding() throws {
    let codings = "{\"coding\": [{\"code\": \"LOCAL9\"}]}, {\"coding\": [{\"system\": \"http://snomed.info/sct\", \"code\": \"38341003\", \"display\": \"Other\"}]}"
    let text =
      "{\"resourceType\": \"Procedure\", \"id\": \"x1\", \"identifier\": [{\"system\": \"urn:oid:1.9\", \"value\": \"X1\"}], \"status\": \"completed\", "
      + "\"subject\": {\"identifier\": {\"system\": \"urn:oid:1.1\", \"value\": \"T1\"}}, \"code\": {\"text\": \"t\"}, \"reasonCode\": [\(codings)]}"
    let message = try Mapped(text, ["own@1"], .fhir, Fixture.library(["fhir/own/1.yaml": Self.overlay]))
    #expect(["reason", "reason_system", "reason_display"].map { message.cell("procedure", $0) } == ["LOCAL9", "(cleared)", "(cleared)"])
  }
}
