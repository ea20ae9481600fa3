import Core
import Map
import Testing

/// Minimum necessary (45 CFR 164.502(b)): the keys of a row may be made of the patient's number, where a sender gives none of its own.
@Suite("Where a patient's number goes")
struct PatientNumberTests {
  /// Fields of all examples of a format that hold the number which the examples give the patient, `entity.field`, and the classes of these fields.
  private func places(_ format: SourceFormat) throws -> [String: DataClass] {
    var found: [String: DataClass] = [:]
    _ = try MappingExamples.failures(in: Fixture.shipped, format: format, zone: Fixture.chicago) { bytes, plan, evaluator in
      let messages = Fixture.decode(bytes, plan, &evaluator, format: format)
      for rows in messages.map(\.rows) {
        for (number, row) in rows.rows.enumerated() {
          let entity = plan.dictionary.entities[Int(row.entity)]
          for (index, field) in entity.fields.enumerated() where holds(rows, number, index) { found["\(entity.name).\(field.name)"] = field.dataClass }
        }
      }
      return messages
    }
    return found
  }

  private func holds(_ rows: RowBuffer, _ row: Int, _ field: Int) -> Bool {
    rows.cell(row: row, field: field).state == .value && Array(rows.value(row: row, field: field)).firstRange(of: Array("T900001".utf8)) != nil
  }

  @Test("No field but those of the class identifier holds it, whatever a key is made of", arguments: [SourceFormat.hl7v2, .cda, .fhir])
  func classes(format: SourceFormat) throws {
    let places = try places(format)
    #expect(places.filter { $0.value != .identifier }.isEmpty)
    #expect(places.count > 10 && places["patient.identifier"] == .identifier)
  }

  @Test("Keys that are made of it are there: the test sees what it looks for")
  func keys() throws {
    let places = try places(.hl7v2)
    for key in ["condition.source", "observation.order", "allergy.source", "coverage.source"] { #expect(places[key] == .identifier, "\(key)") }
  }
}
