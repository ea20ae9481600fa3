import Core

/// Counts for `inspect`, taken from the stream of tags: sections by code, statements by template root, negations.
struct CDACensus {
  private struct Section {
    var depth: Int
    var code: [UInt8]?
  }

  private struct Statement {
    var depth: Int
    var templates: UInt32 = 0
    var isNegated = false
  }

  private enum Target { case none, documentCode, sectionCode, template, statement }

  private var depth = 0
  private var bodyDepth = 0
  private var documentCode: [UInt8]?
  private var openSections: [Section] = []
  private var openStatements: [Statement] = []
  private var target = Target.none
  private var sections: [String: Int] = [:]
  private var entries = [Int](repeating: 0, count: Self.templates.count)
  private var negated = [Int](repeating: 0, count: Self.templates.count)
  private let known: CDANames
  private let statementNames: Set<Int32>
  private let templateID, root, negationInd: Int32

  init(_ names: inout XMLNames) {
    known = CDANames(&names)
    var statements: Set<Int32> = []
    for name in Self.statements { statements.insert(names.number(of: "h:" + name)) }
    statementNames = statements
    templateID = names.number(of: "h:templateId")
    root = names.number(of: "@root")
    negationInd = names.number(of: "@negationInd")
  }

  mutating func start(_ name: Int32) {
    depth += 1
    target = .none
    if name == known.structuredBody, bodyDepth == 0 { bodyDepth = depth }
    if bodyDepth > 0, name == known.section { openSections.append(Section(depth: depth)) }
    if name == known.code { startCode() }
    if bodyDepth > 0, statementNames.contains(name) {
      openStatements.append(Statement(depth: depth))
      target = .statement
    } else if name == templateID, openStatements.last?.depth == depth - 1 {
      target = .template
    }
  }

  private mutating func startCode() {
    if depth == 2, documentCode == nil {
      documentCode = []
      target = .documentCode
    } else if let section = openSections.last, section.depth == depth - 1, section.code == nil {
      openSections[openSections.count - 1].code = []
      target = .sectionCode
    }
  }

  mutating func attribute(_ name: Int32, _ value: ArraySlice<UInt8>) {
    switch target {
    case .none: break
    case .documentCode: if name == known.codeValue { documentCode = Array(value) }
    case .sectionCode: if name == known.codeValue { openSections[openSections.count - 1].code = Array(value) }
    case .statement: if name == negationInd { openStatements[openStatements.count - 1].isNegated = value.elementsEqual("true".utf8) }
    case .template: if name == root { addTemplate(value) }
    }
  }

  private mutating func addTemplate(_ value: ArraySlice<UInt8>) {
    guard value.starts(with: Self.prefix) else { return }
    let suffix = String(decoding: value.dropFirst(Self.prefix.count), as: UTF8.self)
    guard let index = Self.templates.firstIndex(where: { $0.suffix == suffix }) else { return }
    openStatements[openStatements.count - 1].templates |= 1 << UInt32(index)
  }

  mutating func end() {
    if let statement = openStatements.last, statement.depth == depth { close(statement) }
    if let section = openSections.last, section.depth == depth {
      openSections.removeLast()
      let code = Self.shown(section.code ?? [])
      sections[sections.count < 1_000 || sections[code] != nil ? code : "other", default: 0] += 1
    }
    if bodyDepth == depth { bodyDepth = 0 }
    depth -= 1
    target = .none
  }

  private mutating func close(_ statement: Statement) {
    openStatements.removeLast()
    for index in Self.templates.indices where statement.templates & 1 << UInt32(index) != 0 {
      entries[index] += 1
      if statement.isNegated { negated[index] += 1 }
    }
  }

  func fill(_ report: inout InspectionReport) {
    report.code = Self.shown(documentCode ?? [])
    report.sections = sections
    for index in Self.templates.indices {
      report.entries[Self.templates[index].name] = entries[index]
      report.negated[Self.templates[index].name] = negated[index]
    }
  }

  /// A code that is not short and plain could hold anything, so it is not shown.
  private static func shown(_ code: [UInt8]) -> String {
    let isPlain = code.count <= 40 && code.allSatisfy { HL7Delimiters.isAlphanumeric($0) || " -._:".utf8.contains($0) }
    return isPlain ? String(decoding: code, as: UTF8.self) : "other"
  }

  private static let statements = [
    "act", "encounter", "observation", "observationMedia", "organizer", "procedure", "regionOfInterest", "substanceAdministration", "supply",
  ]
  private static let prefix = Array("2.16.840.1.113883.10.20.22.".utf8)
  private static let templates: [(suffix: String, name: String)] = [
    ("4.3", "problem_concern"), ("4.4", "problem_observation"), ("4.30", "allergy_concern"), ("4.7", "allergy_observation"),
    ("4.16", "medication_activity"), ("4.52", "immunization_activity"), ("4.1", "result_organizer"), ("4.2", "result_observation"),
    ("4.26", "vital_signs_organizer"), ("4.27", "vital_sign_observation"), ("4.14", "procedure_activity_procedure"),
    ("4.13", "procedure_activity_observation"), ("4.12", "procedure_activity_act"), ("4.49", "encounter_activity"), ("4.78", "smoking_status"),
    ("4.38", "social_history_observation"), ("4.44", "plan_of_care_observation"), ("4.60", "coverage_activity"),
  ]
}
