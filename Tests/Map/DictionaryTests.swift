import Core
@testable import Map
import Testing

@Suite("The data dictionary")
struct DictionaryTests {
  private static let shipped = Result { try DictionaryFile.newest(in: Fixture.shipped) }
  private func dictionary() throws -> CanonicalDictionary { try Self.shipped.get() }

  @Test("It has the sixteen entities of the concept, in its order")
  func entities() throws {
    #expect(
      try dictionary().entities.map(\.name) == [
        "patient", "identifier", "coverage", "provider", "encounter", "condition", "procedure", "observation", "medication", "allergy", "immunization",
        "order", "appointment", "referral", "charge", "document",
      ])
  }

  @Test("The newest version counts, and it knows those before it")
  func newest() throws {
    let dictionary = try dictionary()
    #expect(dictionary.version == 3 && dictionary.earlier.map(\.version) == [1, 2])
    #expect(dictionary.formerKeys(of: "encounter") == [["visit"], ["visit", "patient"]] && dictionary["encounter"]?.keyNames == ["visit", "patient"])
  }

  @Test("Every field has a FHIR element, every code a system, every number a unit, every entity a sentence")
  func complete() throws {
    for entity in try dictionary().entities {
      #expect(!entity.note.isEmpty, "\(entity.name)")
      for field in entity.fields {
        #expect(!field.fhir.isEmpty, "\(entity.name).\(field.name)")
        if field.kind == .code { #expect(field.codeSystem != nil, "\(entity.name).\(field.name)") }
        if [.decimal, .integer].contains(field.kind) { #expect(field.unit != nil, "\(entity.name).\(field.name)") }
      }
    }
  }

  @Test("Whatever names, dates or numbers a person falls under an identifier of 164.514(b)(2)(i)")
  func identifiers() throws {
    for entity in try dictionary().entities where entity.name != "provider" {
      for field in entity.fields {
        let place = "\(entity.name).\(field.name)"
        if field.dataClass == .identifier { #expect(field.hipaa != nil, "\(place)") }
        if field.kind == .time { #expect(field.hipaa == 3, "\(place)") }
        if field.kind == .reference(entity: "patient") { #expect(field.hipaa == 8, "\(place)") }
      }
    }
  }

  @Test("What is known of a patient is named together with the patient, so that two patients never share a row")
  func keys() throws {
    for entity in try dictionary().entities where !["patient", "provider"].contains(entity.name) {
      #expect(entity.keyNames.contains("patient"), "\(entity.name)")
    }
  }

  @Test("A later version keeps every entity, field, type and class of the one before it")
  func successor() throws {
    let dictionary = try dictionary(), before = try #require(dictionary.earlier.last)
    for entity in before.entities {
      for field in entity.fields {
        let kept = dictionary[entity.name]?.fields.first { $0.name == field.name }
        #expect(kept?.kind == field.kind && kept?.dataClass == field.dataClass && (kept?.isKey == true || !field.isKey), "\(entity.name).\(field.name)")
      }
    }
  }

  @Test("The printed dictionary is what the file gives; make docs prints it anew")
  func printed() throws {
    let page = String(decoding: Fixture.bytes(Fixture.root + "/docs/formats/dictionary.md"), as: UTF8.self)
    #expect(page == DictionaryPage.text(try dictionary()) + "\n")
  }

  private func refusal(_ line: String, _ more: String = "") -> ConfigurationError? {
    let text = "dictionary: canonical\nversion: 1\nentities:\n  a:\n    fhir: Patient\n    fields:\n      b: \(line)\n\(more)"
    return #expect(throws: ConfigurationError.self) { try DictionaryFile.read(Array(text.utf8), file: "x.yaml") }
  }

  @Test(
    "What is not understood is refused at its column, with the legal words",
    arguments: [
      ("text | key", "MAP-113", 10, "Legal: identifier"), ("words | class clinical | key", "MAP-114", 10, "Legal: text"),
      ("money EUR | class financial | key", "MAP-114", 10, "money USD"), ("reference nobody | class clinical | key", "MAP-115", 10, "Entities: a"),
      ("text | class secret | key", "MAP-113", 17, "Legal: identifier"), ("text | class clinical | fhir patient.name | key", "MAP-116", 34, "Resource"),
      ("text | class clinical | key | fhir Patient..name", "MAP-116", 40, "Resource"), ("text | class clinical | key | hipaa 19", "MAP-113", 40, "1 to 18"),
      ("text | class clinical | key | hipaa 0", "MAP-113", 40, "1 to 18"), ("text | class clinical | key | class clinical", "MAP-113", 40, "After the type"),
      ("text | class clinical | key | sealed", "MAP-113", 40, "After the type"), ("time | class clinical | key | system LOINC", "MAP-113", 40, "code or text"),
      ("text | class clinical | key | unit mg", "MAP-113", 40, "decimal or integer"), ("code | class clinical | key | system in c", "MAP-117", 10, "Legal: "),
      ("text | class clinical", "MAP-111", 7, "| key"),
    ])
  func refused(line: String, code: String, column: Int, hint: String) throws {
    let error = try #require(refusal(line))
    #expect(error.code == code && error.file == "x.yaml" && error.line == 7, "\(error)")
    #expect(error.column == column && error.hint.contains(hint), "\(error)")
  }

  @Test("A key does not refer to what has a reference in its own key")
  func nested() {
    let more = "  c:\n    fhir: Encounter\n    fields:\n      d: reference a | class identifier | key\n  e:\n    fhir: Condition\n    fields:\n      f: reference c | class identifier | key\n"
    #expect(refusal("text | class clinical | key", more)?.code == "MAP-115")
  }

  @Test("A file that says another version than its name is refused")
  func misnamed() {
    let text = String(decoding: Fixture.shipped["canonical/3.yaml"] ?? [], as: UTF8.self)
    let error = #expect(throws: ConfigurationError.self) { try DictionaryFile.newest(in: Fixture.library(["canonical/4.yaml": text])) }
    #expect(error?.code == "MAP-110" && error?.file == "Mappings/canonical/4.yaml")
  }

  @Test("A mapping released under an earlier key goes on, and its rows are named by the newest")
  func formerKey() throws {
    let plan = try Fixture.plan(["hl7v2-standard@1"], .hl7v2)
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    let message = "MSH|^~\\&|A|N|||20260301||DFT^P03|1\rPID|1||T1\rPV1|1|I|||||||||||||||||V1\rFT1|1|X||20260301||CG|||||1\r"
    let mapped = Fixture.decode(Array(message.utf8), plan, &evaluator, format: .hl7v2)[0]
    let charge = try #require(plan.dictionary.index(of: "charge")), field = try #require(plan.dictionary.entities[charge].index(of: "encounter"))
    let row = try #require(mapped.rows.rows.firstIndex { $0.entity == Int32(charge) })
    let patient = RowKey.encode([Array("T1\u{1F}N".utf8)])
    #expect(Array(mapped.rows.value(row: row, field: field)) == RowKey.encode([Array("V1\u{1F}N".utf8), patient]))
  }
}
