import Core

/// An assertion as one message makes it: the first that did, or a later one beside it.
struct StoredStatement {
  let entity: Int
  /// The assertion's number in its table.
  let id: Int
  let ref: Bytes16
  let mac: Bytes16
  private let mapping: Int
  /// False where another message said it first.
  let isFirst: Bool

  /// What a message says of an entity.
  static func list(message: Int, entity: Int, _ table: EntityTable, _ db: any SQLConnection) throws -> [StoredStatement] {
    let own = "SELECT id, row_ref, content_mac, mapping FROM \(table.name) WHERE message = ?"
    let beside = "SELECT a.id, a.row_ref, a.content_mac, s.mapping FROM support s JOIN \(table.name) a ON a.id = s.assertion WHERE s.message = ? AND s.entity = ?"
    let first = try db.all(own, [message]).map { try StoredStatement(entity, $0, isFirst: true) }
    return try first + db.all(beside, [message, table.entity.name]).map { try StoredStatement(entity, $0, isFirst: false) }
  }

  /// A message's share in an assertion; nil where it has none.
  static func one(_ id: Int, of message: Int, entity: Int, _ table: EntityTable, _ db: any SQLConnection) throws -> StoredStatement? {
    try db.first("SELECT id, row_ref, content_mac, mapping, message FROM \(table.name) WHERE id = ?", [id]).map {
      try StoredStatement(entity, $0, isFirst: try $0[4] == message)
    }
  }

  private init(_ entity: Int, _ row: SQLRow, isFirst: Bool) throws {
    (self.entity, id, ref, mac, mapping, self.isFirst) = (entity, try row[0], try row[1], try row[2], try row[3], isFirst)
  }

  /// Notes where a statement that stays comes from now.
  func settle(_ said: StatementIdentity, _ message: Int, _ table: EntityTable, _ db: any SQLConnection) throws {
    if said.mapping == mapping { return }
    let from: SQLValues = [said.mapping, said.path, said.occurrence, said.isFallback]
    if isFirst {
      try db.run("UPDATE \(table.name) SET mapping = ?, row_path = ?, occurrence = ?, fallback = ? WHERE id = ?", from + [id])
      return
    }
    try db.run(
      "UPDATE support SET mapping = ?, row_path = ?, occurrence = ?, fallback = ? WHERE entity = ? AND assertion = ? AND message = ?",
      from + [table.entity.name, id, message])
  }

  /// Takes the message away from an assertion that others make too; false where it is the only one.
  func leave(to table: EntityTable, message: Int, _ db: any SQLConnection) throws -> Bool {
    try db.run("DELETE FROM moved_ WHERE entity = ? AND assertion = ? AND message = ?", [table.entity.name, id, message])
    guard isFirst else {
      try db.run("DELETE FROM support WHERE entity = ? AND assertion = ? AND message = ?", [table.entity.name, id, message])
      return true
    }
    return try Self.handOn(id, table, db)
  }

  /// Lets the next message that says an assertion too be the one that says it; false where there is none.
  static func handOn(_ id: Int, _ table: EntityTable, _ db: any SQLConnection) throws -> Bool {
    let next = try db.first(
      "SELECT message, mapping, row_path, occurrence, fallback FROM support WHERE entity = ? AND assertion = ? ORDER BY message LIMIT 1",
      [table.entity.name, id])
    guard let next else { return false }
    let heir: Int = try next[0], mapping: Int = try next[1], path: String = try next[2], occurrence: Int = try next[3], isFallback: Bool = try next[4]
    try db.run(
      "UPDATE \(table.name) SET message = ?, mapping = ?, row_path = ?, occurrence = ?, fallback = ? WHERE id = ?",
      [heir, mapping, path, occurrence, isFallback, id])
    try db.run("DELETE FROM support WHERE entity = ? AND assertion = ? AND message = ?", [table.entity.name, id, heir])
    return true
  }
}

/// What a row of a message would be in the store, found without writing.
struct StatementIdentity {
  var entity: Int
  var ref: Bytes16
  /// Event time, source rank and content are in it.
  var mac: Bytes16
  var mapping: Int
  var path: String
  var occurrence: Int
  var isFallback: Bool
}

/// A row of which an assertion was taken away.
struct TouchedRow {
  /// The latest event time of a row that nobody speaks of.
  static let never = -(1 << 62)

  let ref: Bytes16
  let table: EntityTable
  /// Its content before.
  let before: [StoredCell]
  /// Its name, where it is a row that may be replaced by another.
  let link: LinkTable.Name?

  init(_ ref: Bytes16, _ table: EntityTable, _ load: DropLoad, _ db: any SQLConnection) throws {
    (self.ref, self.table, before, link) = (ref, table, try load.current(ref, table, db).cells, try load.linkable(ref, table, db))
  }

  /// The latest assertion that is left decides what counts as older.
  func resetLatest(_ db: any SQLConnection) throws {
    let last = try db.first(
      "SELECT event_instant, source_rank FROM \(table.name) WHERE row_ref = ? ORDER BY event_instant DESC, source_rank DESC LIMIT 1",
      [ref])
    let instant: Int = try last?[0] ?? Self.never, rank: Int = try last?[1] ?? 0
    try db.run("UPDATE row_ SET latest_instant = ?, latest_rank = ? WHERE ref = ?", [instant, rank, ref])
  }

  /// Notes the change where there is one.
  func settle(_ load: DropLoad, _ db: any SQLConnection) throws {
    if try load.current(ref, table, db).cells != before { try load.noteChange(ref, table, db) }
  }
}
