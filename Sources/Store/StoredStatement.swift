import Core
import FoundationEssentials
import GRDB

/// An assertion as one message makes it: the first that did, or a later one beside it.
struct StoredStatement {
  let entity: Int
  /// The assertion's number in its table.
  let id: Int
  let ref: [UInt8]
  let mac: [UInt8]
  private let mapping: Int
  /// False where another message said it first.
  private let isFirst: Bool

  /// What a message says of an entity.
  static func list(message: Int, entity: Int, _ table: EntityTable, _ db: Database) throws -> [StoredStatement] {
    let own = "SELECT id, row_ref, content_mac, mapping FROM \(table.name) WHERE message = ?"
    let beside = "SELECT a.id, a.row_ref, a.content_mac, s.mapping FROM support s JOIN \(table.name) a ON a.id = s.assertion WHERE s.message = ? AND s.entity = ?"
    let first = try Row.fetchAll(try db.cachedStatement(sql: own), arguments: [message]).map { StoredStatement(entity, $0, isFirst: true) }
    return try first + Row.fetchAll(try db.cachedStatement(sql: beside), arguments: [message, table.entity.name]).map { StoredStatement(entity, $0, isFirst: false) }
  }

  private init(_ entity: Int, _ row: Row, isFirst: Bool) {
    (self.entity, id, ref, mac, mapping, self.isFirst) = (entity, row[0], [UInt8](row[1] as Data), [UInt8](row[2] as Data), row[3], isFirst)
  }

  /// Notes where a statement that stays comes from now.
  func settle(_ said: StatementIdentity, _ message: Int, _ table: EntityTable, _ db: Database) throws {
    if said.mapping == mapping { return }
    let from: StatementArguments = [said.mapping, said.path, said.occurrence, said.isFallback]
    if isFirst {
      return try db.cachedStatement(sql: "UPDATE \(table.name) SET mapping = ?, row_path = ?, occurrence = ?, fallback = ? WHERE id = ?").execute(arguments: from + [id])
    }
    try db.cachedStatement(sql: "UPDATE support SET mapping = ?, row_path = ?, occurrence = ?, fallback = ? WHERE entity = ? AND assertion = ? AND message = ?")
      .execute(arguments: from + [table.entity.name, id, message])
  }

  /// Takes the message away from an assertion that others make too; false where it is the only one.
  func leave(to table: EntityTable, message: Int, _ db: Database) throws -> Bool {
    let drop = "DELETE FROM support WHERE entity = ? AND assertion = ? AND message = ?"
    guard isFirst else {
      try db.cachedStatement(sql: drop).execute(arguments: [table.entity.name, id, message])
      return true
    }
    let next = try Row.fetchOne(
      try db.cachedStatement(sql: "SELECT message, mapping, row_path, occurrence, fallback FROM support WHERE entity = ? AND assertion = ? ORDER BY message LIMIT 1"),
      arguments: [table.entity.name, id])
    guard let next else { return false }
    let heir: Int = next[0], mapping: Int = next[1], path: String = next[2], occurrence: Int = next[3], isFallback: Bool = next[4]
    try db.cachedStatement(sql: "UPDATE \(table.name) SET message = ?, mapping = ?, row_path = ?, occurrence = ?, fallback = ? WHERE id = ?")
      .execute(arguments: [heir, mapping, path, occurrence, isFallback, id])
    try db.cachedStatement(sql: drop).execute(arguments: [table.entity.name, id, heir])
    return true
  }
}

/// What a row of a message would be in the store, found without writing.
struct StatementIdentity {
  var entity: Int
  var ref: [UInt8]
  /// Event time, source rank and content are in it.
  var mac: [UInt8]
  var mapping: Int
  var path: String
  var occurrence: Int
  var isFallback: Bool
}

/// A row of which an assertion was taken away.
struct TouchedRow {
  private static let never = -(1 << 62)

  let ref: [UInt8]
  let table: EntityTable
  /// Its content before.
  let before: [StoredCell]

  /// The latest assertion that is left decides what counts as older.
  func resetLatest(_ db: Database) throws {
    let last = try Row.fetchOne(
      try db.cachedStatement(sql: "SELECT event_instant, source_rank FROM \(table.name) WHERE row_ref = ? ORDER BY event_instant DESC, source_rank DESC LIMIT 1"),
      arguments: [Data(ref)])
    let instant: Int = last?[0] ?? Self.never, rank: Int = last?[1] ?? 0
    try db.cachedStatement(sql: "UPDATE row_ SET latest_instant = ?, latest_rank = ? WHERE ref = ?").execute(arguments: [instant, rank, Data(ref)])
  }

  /// Notes the change where there is one.
  func settle(_ load: DropLoad, _ db: Database) throws {
    if try load.current(ref, table, db).cells != before { try load.noteChange(ref, table, db) }
  }
}
