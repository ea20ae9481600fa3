import Core
@testable import Pipeline
import Testing

/// How two patients compare: agreement, nearness and difference by the weights of a file.
@Suite struct CandidateTests {
  private static func rules(_ text: String) throws -> CandidateRules {
    let fields = [CanonicalField(name: "identifier", kind: .identifier, dataClass: .identifier, isKey: true), CanonicalField(name: "family", kind: .text, dataClass: .identifier), CanonicalField(name: "birth_date", kind: .date, dataClass: .demographic)]
    return try CandidateRules(Array(text.utf8), version: 1, file: "1.yaml", CanonicalDictionary(version: 1, entities: [CanonicalEntity(name: "patient", fhir: "Patient", fields: fields)], digest: ""))
  }

  private static let file = """
    identity: candidates
    version: 1
    review: 100
    block: 3
    fields:
      ssn: {agrees: 199, differs: -50}
      family: {agrees: 89, near: 50, differs: -43}
      birth_date: {agrees: 146, near: 60, differs: -50}
    always:
      - [ssn, birth_date]
    blocks:
      - [birth_date, family]
    ignored:
      family: [UNKNOWN]
    """

  private static func person(_ family: String?, _ born: String?, ssn: [[UInt8]] = [], _ rules: CandidateRules) -> PatientFeatures {
    PatientFeatures([nil, family.map { Array($0.utf8) }, born.map { Array($0.utf8) }], rules, numbers: ssn)
  }

  @Test("Equal fields add their weight, near ones less, different ones take away, and a field that one lacks counts nothing")
  func scores() throws {
    let rules = try Self.rules(Self.file)
    let one = Self.person("O'Hara", "19700102", rules)
    #expect(one.compared(to: Self.person("OHARA", "19700102", rules), rules).score == 89 + 146)
    #expect(one.compared(to: Self.person("OHRAA", "19700201", rules), rules).score == 50 + 60)
    #expect(one.compared(to: Self.person("BRAVO", nil, rules), rules).score == -43)
    #expect(one.compared(to: Self.person("Unknown", nil, rules), rules) == PatientFeatures.Comparison())
  }

  @Test("A line of always makes a candidate of a pair that differs otherwise; one of its fields alone does not")
  func always() throws {
    let rules = try Self.rules(Self.file)
    let one = Self.person("ALPHA", "19700102", ssn: [[1]], rules)
    #expect(one.compared(to: Self.person("ZULU", "19700102", ssn: [[1]], rules), rules).isAlways)
    #expect(!one.compared(to: Self.person("ALPHA", "19700103", ssn: [[1]], rules), rules).isAlways)
  }

  @Test("Near is one letter more, less, other or exchanged with its neighbour", arguments: [("ALPHA", "ALPA", true), ("ALPHA", "ALPHAX", true), ("ALPHA", "ALPXA", true), ("ALPHA", "APLHA", true), ("ALPHA", "AXPXA", false), ("ALPHA", "PHAAL", false), ("ABC", "ABD", false)])
  func near(_ one: String, _ other: String, _ isNear: Bool) {
    #expect(PatientFeatures.isNear(Array(one.utf8), Array(other.utf8), isDate: false) == isNear)
    #expect(PatientFeatures.isNear(Array(other.utf8), Array(one.utf8), isDate: false) == isNear)
  }

  @Test("A file that names a field that no patient has, or leaves a weight out, is refused with its place", arguments: [("family:", "famly:"), ("near: 50, differs: -43", "near: 50"), ("- [birth_date, family]", "- [phone]")])
  func refused(_ old: String, _ new: String) {
    #expect(throws: ConfigurationError.self) { try Self.rules(Self.file.replacing(old, with: new)) }
  }
}
