public import Core

/// A specification that has been held against the dictionary and the agreement: which cells to read and how each becomes columns.
///
/// An identifier gives two columns, `account` and `account_assigner`: a value without its assigner would be a guess.
public struct ExtractPlan: Sendable, Equatable {
  /// How a cell becomes text.
  enum Form: Sendable, Equatable {
    case plain
    /// `value`, 0x1F, `assigner`.
    case identifier
    /// The key of a target that is known by one identifier: the part of the key that holds it. Whose patient's the target is, is left out.
    case reference(part: Int)
  }

  struct Column: Sendable, Equatable {
    /// Index into `fields`.
    var field: Int
    var name: String
    var form: Form
  }

  public let consumer: ConsumerFile
  public let agreement: AgreementFile
  public let dictionaryVersion: Int
  public let dictionaryDigest: String
  /// The fields to read from the store: the selected ones, then those that only order, in this order.
  public let fields: [String]
  /// The data classes that are read; the run needs the column keys of the sealed ones.
  public let classes: Set<DataClass>
  let columns: [Column]
  /// Indexes into `fields`: what orders the lines.
  let order: [Int]
  let required: [(field: Int, reason: String)]
  let sum: Int?

  public var entity: String { consumer.specification.entity }

  /// Names in the header line, in order.
  public var header: [String] {
    columns.flatMap { $0.form == .plain ? [$0.name] : [$0.name, $0.name + "_assigner"] }
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.consumer == right.consumer && left.agreement == right.agreement && left.dictionaryDigest == right.dictionaryDigest
  }
}

extension ExtractPlan {
  /// The key of the entity orders the lines where the specification does not; references are left out, and what the agreement does not permit:
  /// the place of a line would tell of it, and the run would hold the key of its class. Equal lines are ordered by their own bytes.
  private static func keyNames(_ entity: CanonicalEntity, _ agreement: AgreementFile) -> [String] {
    entity.keyFields.map { entity.fields[$0] }.filter { !$0.isReference && agreement.classes.contains($0.dataClass) }.map(\.name)
  }

  /// Holds the consumer's specification against the dictionary and the agreement (minimum necessary, 45 CFR 164.514(d)(3)).
  ///
  /// - Throws: `ConfigurationError` EXT-301 (unknown entity), EXT-302 (unknown field, with the nearest one), EXT-303 (a class that the agreement does
  ///   not permit), EXT-304 (a clinical field without a justification), EXT-305 (a field of a kind that cannot be selected, or not money in `totals`),
  ///   EXT-306 (a column or field twice), with position.
  public static func make(
    _ consumer: ConsumerFile, agreement: AgreementFile, dictionary: CanonicalDictionary
  ) throws(ConfigurationError) -> ExtractPlan {
    let specification = consumer.specification
    let entity = try entity(of: specification, in: dictionary)
    var planner = FieldPlanner(dictionary: dictionary, entity: entity, agreement: agreement)
    for field in specification.fields { try planner.select(field) }
    for requirement in specification.require { try planner.require(requirement) }
    for name in specification.order + keyNames(entity, agreement) { try planner.order(by: name, at: specification.place) }
    if let sum = specification.sum { try planner.sum(sum, at: specification.place) }
    try planner.checkColumns(at: specification.place)
    return ExtractPlan(
      consumer: consumer, agreement: agreement, dictionaryVersion: dictionary.version, dictionaryDigest: dictionary.digest, fields: planner.fields,
      classes: planner.classes, columns: planner.columns, order: planner.order, required: planner.required, sum: planner.sum)
  }

  private static func entity(of specification: Specification, in dictionary: CanonicalDictionary) throws(ConfigurationError) -> CanonicalEntity {
    if let entity = dictionary.entities.first(where: { $0.name == specification.entity }) { return entity }
    throw specification.place.error(
      "EXT-301", "unknown entity '\(specification.entity)'", hint: Suggestion.text(for: specification.entity, among: dictionary.entities.map(\.name)))
  }
}

/// Gathers a plan field by field.
private struct FieldPlanner {
  let dictionary: CanonicalDictionary
  let entity: CanonicalEntity
  let agreement: AgreementFile
  var fields: [String] = []
  var classes: Set<DataClass> = []
  var columns: [ExtractPlan.Column] = []
  var order: [Int] = []
  var required: [(field: Int, reason: String)] = []
  var sum: Int?

  init(dictionary: CanonicalDictionary, entity: CanonicalEntity, agreement: AgreementFile) {
    self.dictionary = dictionary
    self.entity = entity
    self.agreement = agreement
  }

  mutating func select(_ field: Specification.Field) throws(ConfigurationError) {
    let known = try permitted(field.name, at: field.place)
    if [.clinical, .sensitive, .narrative].contains(known.dataClass), field.justification?.isEmpty ?? true {
      throw field.place.error(
        "EXT-304", "the field '\(field.name)' is of class \(known.dataClass.rawValue) and has no justification",
        hint: "Add justification: why this consumer cannot do without it.")
    }
    guard !fields.contains(field.name) else { throw field.place.error("EXT-306", "the field '\(field.name)' is selected twice") }
    columns.append(ExtractPlan.Column(field: index(of: known), name: field.column, form: try form(of: known, at: field.place)))
  }

  mutating func require(_ requirement: Specification.Requirement) throws(ConfigurationError) {
    let known = try find(requirement.field, at: requirement.place)
    guard fields.contains(known.name) else {
      throw requirement.place.error("EXT-302", "the required field '\(requirement.field)' is not selected", hint: "Selected: \(fields.joined(separator: ", ")).")
    }
    required.append((index(of: known), requirement.reason))
  }

  mutating func order(by name: String, at place: ConfigurationPlace) throws(ConfigurationError) {
    let index = index(of: try permitted(name, at: place))
    if !order.contains(index) { order.append(index) }
  }

  mutating func sum(_ name: String, at place: ConfigurationPlace) throws(ConfigurationError) {
    let known = try find(name, at: place)
    guard case .money = known.kind else { throw place.error("EXT-305", "'\(name)' cannot be summed: it is not money") }
    guard fields.contains(name) else { throw place.error("EXT-302", "the summed field '\(name)' is not selected") }
    sum = index(of: known)
  }

  func checkColumns(at place: ConfigurationPlace) throws(ConfigurationError) {
    let names = columns.flatMap { $0.form == .plain ? [$0.name] : [$0.name, $0.name + "_assigner"] }
    guard Set(names).count == names.count else { throw place.error("EXT-306", "two columns have one name", hint: "Columns: \(names.joined(separator: ", ")).") }
  }

  private func find(_ name: String, at place: ConfigurationPlace) throws(ConfigurationError) -> CanonicalField {
    if let field = entity.fields.first(where: { $0.name == name }) { return field }
    throw place.error("EXT-302", "'\(entity.name)' has no field '\(name)'", hint: Suggestion.text(for: name, among: entity.fields.map(\.name)))
  }

  /// A field that the agreement permits: what only orders the lines tells of them too.
  private func permitted(_ name: String, at place: ConfigurationPlace) throws(ConfigurationError) -> CanonicalField {
    let known = try find(name, at: place)
    if agreement.classes.contains(known.dataClass) { return known }
    let classes = DataClass.allCases.filter(agreement.classes.contains).map(\.rawValue).joined(separator: ", ")
    throw place.error(
      "EXT-303", "the field '\(name)' is of class \(known.dataClass.rawValue), which the agreement '\(agreement.agreement)' does not permit",
      hint: "Permitted classes: \(classes). Leave the field out or amend the agreement.")
  }

  private mutating func index(of field: CanonicalField) -> Int {
    if let index = fields.firstIndex(of: field.name) { return index }
    fields.append(field.name)
    classes.insert(field.dataClass)
    return fields.count - 1
  }

  private func form(of field: CanonicalField, at place: ConfigurationPlace) throws(ConfigurationError) -> ExtractPlan.Form {
    switch field.kind {
    case .identifier: return .identifier
    case .reference(let target):
      let keys = dictionary[target].map { entity in entity.keyFields.map { entity.fields[$0] } } ?? []
      guard let part = keys.firstIndex(where: { $0.kind == .identifier }), keys.count(where: { !$0.isReference }) == 1 else {
        throw place.error("EXT-305", "'\(field.name)' refers to '\(target)', whose key is not one identifier, and cannot be selected")
      }
      return .reference(part: part)
    case .text, .date, .time, .decimal, .integer, .money, .code, .boolean: return .plain
    }
  }
}

/// "Did you mean", over a closed list.
enum Suggestion {
  static func text(for word: String, among legal: [String]) -> String {
    let near = legal.min { Spelling.distance($0, word) < Spelling.distance($1, word) } ?? ""
    return "Did you mean '\(near)'? Legal names: \(legal.joined(separator: ", "))."
  }
}
