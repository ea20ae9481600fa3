import Core

/// What the dictionary says of links: which rows may be replaced by others, and which fields name rows that may.
///
/// An entity whose rows may be replaced has a field `replaced_by` that refers to the entity itself, and beside it `replaced_as`.
struct LinkPlan {
  /// What `replaced_as` says of one record under another number, where all that was ever said of it counts for the other. Of a record that was
  /// merged into another one, only what is said from then on does.
  static let renumbered = Array("renumbered".utf8)

  struct Reference {
    var field: Int
    var target: Int
  }

  /// What is named together with a row that moves: the field that names the row, where in its key the owner stands, and the field that
  /// names the owner too.
  struct Belonging {
    var field: Int
    var part: Int
    var owner: Int
  }

  struct Entity {
    var keyFields: [Int] = []
    /// By part of the key: the entity that it refers to.
    var parts: [Int?] = []
    /// All references but `replaced_by`.
    var references: [Reference] = []
    var belongings: [Belonging] = []
    var replacedBy: Int?
    var replacedAs: Int?
    /// The first field that names the patient.
    var patient: Int?
  }

  let entities: [Entity]
  /// The number of the entity `patient`.
  let patient: Int?

  init(_ dictionary: CanonicalDictionary) {
    let patient = dictionary.index(of: "patient")
    var plans = dictionary.entities.map { Self.entity($0, dictionary) }
    for number in plans.indices {
      let own = plans[number].references
      plans[number].belongings = own.flatMap { named in
        own.compactMap { owner in
          guard plans[named.target].replacedBy != nil, let part = plans[named.target].parts.firstIndex(of: owner.target) else { return nil }
          return Belonging(field: named.field, part: part, owner: owner.field)
        }
      }
      plans[number].patient = own.first { $0.target == patient }?.field
    }
    (entities, self.patient) = (plans, patient)
  }

  private static func entity(_ entity: CanonicalEntity, _ dictionary: CanonicalDictionary) -> Entity {
    var plan = Entity(keyFields: entity.keyFields)
    let targets = entity.fields.map { field -> Int? in
      guard case .reference(let name) = field.kind else { return nil }
      return dictionary.index(of: name)
    }
    plan.parts = plan.keyFields.map { targets[$0] }
    plan.replacedBy = entity.index(of: "replaced_by").flatMap { targets[$0] == dictionary.index(of: entity.name) ? $0 : nil }
    plan.replacedAs = entity.index(of: "replaced_as")
    plan.references = targets.enumerated().compactMap { field, target in
      guard let target, field != plan.replacedBy else { return nil }
      return Reference(field: field, target: target)
    }
    return plan
  }

  /// True for a row that says what another row was replaced by, or that it no longer is.
  func isLink(_ entity: Int, _ cells: [StoredCell]) -> Bool { entities[entity].replacedBy.map { cells[$0] != .absent } ?? false }

  /// The key of the patient that a row names, or its own when it is one.
  func patient(_ entity: Int, _ cells: [StoredCell]) -> [UInt8]? {
    entity == patient ? key(entity, cells) : entities[entity].patient.flatMap { cells[$0].bytes }
  }

  /// True for a row that is said to be replaced by itself.
  func isSelfLink(_ entity: Int, _ cells: [StoredCell]) -> Bool {
    guard let field = entities[entity].replacedBy, let target = cells[field].bytes else { return false }
    return target == key(entity, cells)
  }

  /// The key of a row; nil where a part of it is missing.
  func key(_ entity: Int, _ cells: [StoredCell]) -> [UInt8]? {
    var parts: [[UInt8]] = []
    for field in entities[entity].keyFields {
      guard let bytes = cells[field].bytes else { return nil }
      parts.append(bytes)
    }
    return RowKey.encode(parts)
  }
}
