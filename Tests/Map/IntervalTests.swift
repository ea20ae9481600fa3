import Core
import Map
import Testing

@Suite("Units of intervals and ratios")
struct IntervalTests {
  /// Dose and rate of a medication of a document.
  private func amounts(_ elements: String) throws -> [String] { try ["dose", "dose_unit"].map { try amounts(elements, $0) } }

  private func amounts(_ elements: String, _ field: String) throws -> String {
    let text =
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><id root=\"9.9\" extension=\"D1\"/><recordTarget>"
      + "<patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget><component><structuredBody><component><section><code code=\"10160-0\"/><entry>"
      + "<substanceAdministration moodCode=\"EVN\" classCode=\"SBADM\"><templateId root=\"2.16.840.1.113883.10.20.22.4.16\"/><id root=\"1.2\"/>\(elements)"
      + "<consumable><manufacturedProduct><manufacturedMaterial><code code=\"1\"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>"
      + "</entry></section></component></structuredBody></component></ClinicalDocument>"
    return try Mapped(text, ["ccda-standard"], .cda).cell("medication", field)
  }

  @Test("Ends in different units keep both in the text, ends in one unit leave it to the unit's field")
  func ends() throws {
    #expect(try amounts("<doseQuantity><low value=\"500\" unit=\"mg\"/><high value=\"1\" unit=\"g\"/></doseQuantity>") == ["500 mg-1 g", "mg"])
    #expect(try amounts("<doseQuantity><low value=\"1\" unit=\"mg\"/><high value=\"2\" unit=\"mg\"/></doseQuantity>") == ["1-2", "mg"])
    #expect(try amounts("<doseQuantity><low value=\"1\" inclusive=\"false\" unit=\"mg\"/><high value=\"2\" unit=\"g\"/></doseQuantity>") == [">1 mg <=2 g", "mg"])
  }

  @Test("A ratio keeps the units of its parts; the number one is none")
  func ratios() throws {
    let ratio = { (upper: String, lower: String) in "<doseQuantity><numerator \(upper)/><denominator \(lower)/></doseQuantity>" }
    #expect(try amounts(ratio("value=\"10\" unit=\"mL\"", "value=\"1\" unit=\"h\""))[0] == "10 mL:1 h")
    #expect(try amounts(ratio("value=\"1\"", "value=\"128\" unit=\"1\""))[0] == "1:128")
  }

  @Test("The unit of one end is that of a period", arguments: [
    ("<low value=\"4\"/><high value=\"6\" unit=\"h\"/>", "4-6 h"), ("<low value=\"4\" unit=\"1\"/><high value=\"6\" unit=\"h\"/>", "4-6 h"), ("<low value=\"4\" unit=\"h\"/>", ">=4 h"),
  ])
  func periods(ends: String, want: String) throws {
    #expect(try amounts("<effectiveTime xsi:type=\"PIVL_TS\" operator=\"A\"><period>\(ends)</period></effectiveTime>", "frequency") == want)
  }

  @Test("A range of a resource has its unit beside it", arguments: ["unit", "code"])
  func unitsOfResources(name: String) throws {
    let resources = try MappedResources(
      "{\"resourceType\": \"Observation\", \"id\": \"x1\", \"identifier\": [{\"system\": \"urn:oid:1.9\", \"value\": \"X1\"}], \"status\": \"final\", "
        + "\"subject\": {\"identifier\": {\"system\": \"urn:oid:1.1\", \"value\": \"T1\"}}, \"code\": {\"coding\": [{\"code\": \"C\"}]}, \"valueRange\": {\"high\": {\"value\": 2, \"\(name)\": \"mg\"}}}")
    #expect(try resources.values("observation", "unit") == ["mg"])
  }

  @Test("A ratio or range of a resource keeps units that differ")
  func resources() throws {
    let quantity = { (value: Int, unit: String) in "{\"value\": \(value), \"unit\": \"\(unit)\"}" }
    let parts = [
      ("valueRatio", "{\"numerator\": \(quantity(10, "mL")), \"denominator\": \(quantity(1, "h"))}"), ("valueRange", "{\"low\": \(quantity(500, "mg")), \"high\": \(quantity(1, "g"))}"),
      ("valueRange", "{\"low\": \(quantity(1, "mg")), \"high\": \(quantity(2, "mg"))}"),
    ]
    let values = try parts.flatMap { name, value in
      try MappedResources(
        "{\"resourceType\": \"Observation\", \"id\": \"x1\", \"identifier\": [{\"system\": \"urn:oid:1.9\", \"value\": \"X1\"}], \"status\": \"final\", "
          + "\"subject\": {\"identifier\": {\"system\": \"urn:oid:1.1\", \"value\": \"T1\"}}, \"code\": {\"coding\": [{\"code\": \"C\"}]}, \"\(name)\": \(value)}"
      ).values("observation", "value")
    }
    #expect(values == ["10 mL:1 h", "500 mg-1 g", "1-2"])
  }
}
