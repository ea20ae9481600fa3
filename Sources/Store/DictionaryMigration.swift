import Core

/// Brings the rows of a store from one version of the data dictionary to a later one: all of it in one transaction, or nothing.
///
/// - New entities get their tables, new fields are absent, changed classes are sealed anew; every assertion keeps its place, message and mapping.
/// - A key may grow by fields that every row holds: what shared the old key comes apart, and a reference takes the new parts from the fields
///   of the same name in the row that refers.
/// - Anything else that would lose or guess something is refused: `STO-405`.
/// - Afterwards the digest is that of the same messages loaded under the later version.
struct DictionaryMigration {
  private let old: CanonicalDictionary
  private let new: CanonicalDictionary
  private let codec: RowCodec
  private let added: [EntityTable]
  private let moves: [EntityMove]

  init(from old: CanonicalDictionary, to new: CanonicalDictionary, codec: RowCodec) throws(StoreError) {
    self.old = old
    self.new = new
    self.codec = codec
    if let lost = old.entities.first(where: { new[$0.name] == nil }) { throw .lossy("it has no entity '\(lost.name)'", from: old.version, to: new.version) }
    var added: [EntityTable] = [], moves: [EntityMove] = []
    for entity in new.entities {
      guard let before = old[entity.name] else {
        added.append(try EntityTable(entity))
        continue
      }
      let move = try EntityMove(before, entity, DictionaryStep(old: old, new: new))
      if move.isNeeded { moves.append(move) }
    }
    self.added = added
    self.moves = moves
  }

  /// Gives the dictionary that the store is at afterwards: the old one where a key that this needs is not loaded.
  ///
  /// - Throws: STO-102 when a later run has taken over, STO-405 when a row cannot pass, STO-502 when one was tampered with.
  func run(_ db: any SQLConnection, epoch: Int) throws -> CanonicalDictionary {
    guard (moves.flatMap { [$0.old, $0.new] }).allSatisfy(codec.opensAll) else { return old }
    try db.transaction(.write) {
      let stored = try db.value("SELECT epoch FROM meta") ?? 0
      guard stored <= epoch else { throw StoreError.fenced(stored: stored, own: epoch) }
      for table in added { try db.define(table.definition + (table.patientIndex ?? "")) }
      for move in moves { try EntityMover(move: move, codec: codec).run(db) }
      try db.run("UPDATE meta SET dictionary_version = ?, dictionary_digest = ?", [new.version, new.digest])
    }
    return new
  }
}

/// Two versions of the dictionary, one after the other.
struct DictionaryStep {
  let old: CanonicalDictionary
  let new: CanonicalDictionary

  func refusal(_ what: String) -> StoreError { .lossy(what, from: old.version, to: new.version) }

  /// True where rows of the entity are named by more than before.
  func grows(_ entity: String) -> Bool { old[entity]?.keyNames != new[entity]?.keyNames }
}

/// How the rows of one entity pass from one version of the dictionary to the next.
struct EntityMove {
  /// A reference to an entity whose key has grown, by the fields of the row that refers.
  struct Reference {
    /// A part of the key as it was, or a field of the row.
    enum Part {
      case kept(Int)
      case field(Int)
    }

    var field: Int
    var parts: [Part]
  }

  let old: EntityTable
  /// Under a name of its own until the old one is gone.
  let new: EntityTable
  /// By new field: the old one.
  let origins: [Int?]
  let references: [Reference]
  let keyGrows: Bool
  let step: DictionaryStep

  init(_ before: CanonicalEntity, _ after: CanonicalEntity, _ step: DictionaryStep) throws(StoreError) {
    self.step = step
    old = try EntityTable(before)
    new = try EntityTable(after, prefix: "n_")
    origins = after.fields.map { before.index(of: $0.name) }
    keyGrows = step.grows(after.name)
    try Self.check(before, after, step)
    var references: [Reference] = []
    for field in after.fields.indices where origins[field] != nil {
      if let reference = try Self.reference(field, after, step) { references.append(reference) }
    }
    self.references = references
  }

  /// False where the table is right as it stands: names, types, classes and key are the same.
  var isNeeded: Bool {
    !references.isEmpty
      || !old.entity.fields.elementsEqual(new.entity.fields) { $0.name == $1.name && $0.kind == $1.kind && $0.dataClass == $1.dataClass && $0.isKey == $1.isKey }
  }

  private static func check(_ before: CanonicalEntity, _ after: CanonicalEntity, _ step: DictionaryStep) throws(StoreError) {
    for field in before.fields {
      guard let index = after.index(of: field.name) else { throw step.refusal("'\(after.name)' has no field '\(field.name)'") }
      guard isSame(field.kind, after.fields[index].kind) else { throw step.refusal("'\(after.name).\(field.name)' has another type") }
      if field.isKey, !after.fields[index].isKey { throw step.refusal("'\(after.name).\(field.name)' is no key field any more") }
    }
    for index in after.keyFields where before.index(of: after.fields[index].name) == nil {
      throw step.refusal("the key of '\(after.name)' grows by '\(after.fields[index].name)', which no row holds")
    }
  }

  /// A text and a code are the same bytes.
  private static func isSame(_ one: CanonicalField.Kind, _ other: CanonicalField.Kind) -> Bool {
    one == other || ([.text, .code].contains(one) && [.text, .code].contains(other))
  }

  private static func reference(_ field: Int, _ entity: CanonicalEntity, _ step: DictionaryStep) throws(StoreError) -> Reference? {
    guard case .reference(let name) = entity.fields[field].kind, step.grows(name), let target = step.new[name], let before = step.old[name] else { return nil }
    if entity.fields[field].isKey { throw step.refusal("the key of '\(entity.name)' refers to '\(name)', whose key grows") }
    var parts: [Reference.Part] = []
    for key in target.keyFields.map({ target.fields[$0] }) {
      if let kept = before.keyNames.firstIndex(of: key.name) {
        parts.append(.kept(kept))
      } else if let own = entity.fields.firstIndex(where: { $0.name == key.name && $0.kind == key.kind }) {
        parts.append(.field(own))
      } else {
        throw step.refusal("'\(entity.name).\(entity.fields[field].name)' refers to '\(name)', whose key grows by '\(key.name)', which the row does not hold")
      }
    }
    return Reference(field: field, parts: parts)
  }

  /// The cells of an assertion as the later version holds them.
  func cells(_ cells: [StoredCell]) throws(StoreError) -> [StoredCell] {
    var moved = origins.map { $0.map { cells[$0] } ?? .absent }
    for reference in references {
      guard let key = moved[reference.field].bytes else { continue }
      let parts = RowKey.parts(key) ?? []
      var grown: [[UInt8]] = []
      for part in reference.parts {
        let bytes: [UInt8]? =
          switch part {
          case .kept(let index): parts.indices.contains(index) ? parts[index] : nil
          case .field(let field): moved[field].bytes
          }
        guard let bytes else { throw step.refusal("a row of '\(new.entity.name)' refers to '\(new.entity.fields[reference.field].name)' and does not hold its key") }
        grown.append(bytes)
      }
      moved[reference.field] = .value(RowKey.encode(grown))
    }
    return moved
  }

  /// The key of an assertion under the later version.
  func key(_ cells: [StoredCell]) throws(StoreError) -> [UInt8] {
    var parts: [[UInt8]] = []
    for field in new.entity.keyFields {
      guard let bytes = cells[field].bytes else {
        throw step.refusal("the key of '\(new.entity.name)' grows by '\(new.entity.fields[field].name)', which a row does not hold")
      }
      parts.append(bytes)
    }
    return RowKey.encode(parts)
  }
}
