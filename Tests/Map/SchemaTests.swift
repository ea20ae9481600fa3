import Core
import Map
import Testing

/// The schema that editors complete from says what the compiler reads, no more and no less.
@Suite("The editors' schema")
struct SchemaTests {
  private let schema: JSONValue
  private let entities: [String]

  init() throws {
    schema = try JSONValue(parsing: Fixture.bytes(Fixture.root + "/docs/formats/mapping.schema.json"))
    entities = try Fixture.plan(["hl7v2-standard@1"]).dictionary.entities.map(\.name)
  }

  private func keys(_ node: JSONValue?) -> Set<String> { Set((node?["properties"]?.object ?? [:]).keys) }

  @Test("Its head keys are those of the compiler, and the entities of the dictionary")
  func heads() {
    let known = Set(MappingLanguage.headKeys + MappingLanguage.overlayKeys)
    #expect(keys(schema).isSuperset(of: known.union(entities)))
    #expect(keys(schema).subtracting(known).isSubset(of: Self.entitiesOfConcept))
  }

  /// The sixteen of the concept.
  private static let entitiesOfConcept: Set<String> = [
    "patient", "identifier", "coverage", "provider", "encounter", "condition", "procedure", "observation", "medication", "allergy", "immunization", "order",
    "appointment", "referral", "charge", "document",
  ]

  @Test("Its keys of a block are those of the compiler")
  func blocks() { #expect(keys(schema["definitions"]?["block"]) == Set(MappingLanguage.blockKeys)) }

  @Test("Its keys of an example are those of the compiler")
  func examples() { #expect(keys(schema["properties"]?["examples"]?["items"]) == Set(MappingLanguage.exampleKeys)) }

  @Test("Every key of every shipped mapping stands in it")
  func shipped() throws {
    let known = keys(schema["definitions"]?["block"])
    for path in Fixture.shipped.paths where path.hasPrefix("hl7v2/") || path.hasPrefix("ccda/") {
      let root = try OutlineReader.read(try #require(Fixture.shipped[path]), file: path)
      #expect(Set(root.entries.map(\.key)).isSubset(of: keys(schema)))
      let ofBlocks = entities.flatMap { (root[$0]?.entries ?? []).map(\.key) }
      #expect(known.isSuperset(of: ofBlocks))
    }
  }

  @Test("The page on mapping files names every key and step")
  func page() {
    let page = String(decoding: Fixture.bytes(Fixture.root + "/docs/formats/mapping.md"), as: UTF8.self)
    let words = MappingLanguage.headKeys + MappingLanguage.overlayKeys + MappingLanguage.blockKeys + MappingLanguage.exampleKeys + MappingLanguage.steps
    #expect(words.filter { !page.contains("`\($0)") && !page.contains("\($0):") && !page.contains("\"\($0)\"") } == [])
  }
}
