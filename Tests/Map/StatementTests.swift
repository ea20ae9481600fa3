import Core
import Map
import Testing

@Suite("Whole statements")
struct StatementTests {
  private static func patient(_ fields: String) throws -> Mapped { try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID|1||P1||\(fields)\r") }

  @Test("An address without state and zip clears both: they are those of the address before")
  func address() throws {
    let message = try Self.patient("TEST^ALPHA||||||9 NEW RD^^PARIS^^^FRA")
    #expect(["street", "city", "state", "zip", "country"].map { message.cell("patient", $0) } == ["9 NEW RD", "PARIS", "(cleared)", "(cleared)", "FRA"])
    #expect(message.cell("patient", "middle") == "(cleared)")
  }

  @Test("A field that was not sent, or holds delimiters alone, keeps what is known")
  func notSent() throws {
    #expect(try Self.patient("TEST").cell("patient", "city") == "(absent)")
    #expect(try Self.patient("TEST||||||^^^").cell("patient", "city") == "(absent)")
    #expect(try Self.patient("TEST||||||~").cell("patient", "city") == "(absent)")
  }

  @Test("An address without a street is still an address")
  func noStreet() throws {
    let message = try Self.patient("TEST||||||^^PARIS")
    #expect(["street", "city", "state"].map { message.cell("patient", $0) } == ["(cleared)", "PARIS", "(cleared)"])
  }

  @Test("Null for a field clears all parts of it")
  func nullField() throws {
    let message = try Self.patient("TEST||||||\"\"")
    #expect(["street", "city", "state", "zip"].map { message.cell("patient", $0) } == ["(cleared)", "(cleared)", "(cleared)", "(cleared)"])
  }

  @Test("A result without unit and flag has none")
  func result() throws {
    let message = try Mapped.result("OBX|1|ST|X^Y^L||hemolyzed\r")
    #expect(["unit", "range", "flag", "observed"].map { message.cell("observation", $0) } == ["(cleared)", "(cleared)", "(cleared)", "(cleared)"])
  }

  @Test("A charge says all of itself")
  func charge() throws {
    let message = try Mapped("MSH|^~\\&|A|NORTH|||20260301||DFT^P03|1\rPID|1||P1\rFT1|1|100||20260301||CG|C1|||1|5.00\r")
    #expect(["modifiers", "encounter", "unit_amount", "procedure_system"].map { message.cell("charge", $0) } == Array(repeating: "(cleared)", count: 4))
    #expect(message.cell("patient", "family") == "(absent)")
  }

  @Test("A problem whose code names no system has none")
  func problem() throws {
    let text =
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"9.9\"/><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget><component><structuredBody><component><section>"
      + "<entry><observation><templateId root=\"2.16.840.1.113883.10.20.22.4.4\"/><id root=\"1.2\"/><value code=\"E11\"/></observation></entry></section></component></structuredBody></component></ClinicalDocument>"
    let message = try Mapped(text, ["ccda-standard"], .cda)
    #expect(message.cell("condition", "code") == "E11")
    #expect(message.cell("condition", "code_system") == "(cleared)")
    #expect(message.cell("document", "title") == "(cleared)")
    #expect(message.cell("patient", "family") == "(absent)")
  }
}
