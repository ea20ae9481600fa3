import Core
import Glibc
import Map
import Testing

/// Runs where the variable CORPUS names a folder with hl7v2/, cda/ and truth/.
@Suite("Corpus", .enabled(if: getenv("CORPUS") != nil, "CORPUS names no folder"))
struct CorpusTests {
  private let corpus = getenv("CORPUS").map { String(cString: $0) } ?? ""

  @Test("Every statement of a document whose patient is known is found")
  func statements() throws {
    let truth = try JSONValue(parsing: Fixture.bytes(corpus + "/truth/cda.json"))
    let records = try #require((truth["files"] ?? truth).object)
    let plan = try Fixture.plan(["ccda-standard"], .cda)
    let names = [
      "condition": ["problem_observation"], "medication": ["medication_activity"], "allergy": ["allergy_observation"],
      "immunization": ["immunization_activity"], "observation": ["result_observation", "vital_sign_observation"], "encounter": ["encounter_activity"],
      "procedure": ["procedure_activity_procedure", "procedure_activity_observation", "procedure_activity_act"],
    ]
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    var documents = 0
    for (path, record) in records where record["agreed"]?.bool == true && record["well_formed"]?.bool == true {
      let messages = Fixture.decode(Fixture.bytes(corpus + "/" + path), plan, &evaluator, format: .cda)
      guard let message = messages.first, message.verdict == .rows else { continue }
      documents += 1
      for (entity, names) in names {
        let number = try #require(plan.dictionary.index(of: entity))
        #expect(Self.found(message, number) == names.reduce(0) { $0 + (record["entries"]?[$1]?.integer ?? 0) }, "\(path) \(entity)")
      }
    }
    #expect(documents > 100)
  }

  @Test("Most messages of the mapped types give rows, and few rows are held")
  func messages() throws {
    let plan = try Fixture.plan(["hl7v2-standard"])
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    var rows = 0
    var held = 0
    for path in Fixture.paths(below: corpus + "/hl7v2", "") {
      for message in Fixture.decode(Fixture.bytes(corpus + "/hl7v2/" + path), plan, &evaluator, format: .hl7v2) {
        rows += message.rows.rows.count
        held += message.heldRows.count
      }
    }
    #expect(rows > 10_000)
    #expect(held * 50 < rows)
  }

  private static func found(_ message: MappedMessage, _ entity: Int) -> Int {
    message.rows.rows.filter { $0.entity == Int32(entity) }.count + message.heldRows.filter { $0.entity == entity }.count
      + message.skipped.filter { $0.entity == entity }.reduce(0) { $0 + $1.count }
  }
}
