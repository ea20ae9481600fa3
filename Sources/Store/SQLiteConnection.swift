import Core
import GRDB
import GRDBSQLite

/// A connection to SQLite: one file, one connection. GRDB opens it, sets it up and begins and ends its transactions; statements run on SQLite itself.
final class SQLiteConnection: SQLConnection {
  let dialect = Dialect.sqlite
  private let queue: DatabaseQueue
  /// Of the queue, inside `exclusively` only.
  private var database: Database?
  private var statements: [String: SQLiteStatement] = [:]

  /// Rollback journal, never WAL: on SQLite before 3.51.3 a WAL reset can corrupt the file (security.md, finding 8).
  init(path: String, readOnly: Bool) throws(StoreError) {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(2)
    configuration.allowsUnsafeTransactions = true
    configuration.prepareDatabase { db in
      for pragma in ["synchronous = EXTRA", "temp_store = MEMORY", "secure_delete = ON", "mmap_size = 0", "cache_size = -6000", "trusted_schema = OFF"] {
        try db.execute(sql: "PRAGMA " + pragma)
      }
      // A reader must still be able to roll back the journal of a killed writer, so the file is opened for writing and writes are refused.
      try db.execute(sql: readOnly ? "PRAGMA query_only = ON" : "PRAGMA journal_mode = DELETE")
    }
    do { queue = try DatabaseQueue(path: path, configuration: configuration) } catch { throw Self.translated(error) }
  }

  var isInTransaction: Bool { database?.isInsideTransaction ?? false }

  func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
    try queue.unsafeReentrantWrite { db in
      database = db
      return try body()
    }
  }

  func begin(_ kind: SQLTransaction) throws(StoreError) { try use { try $0.beginTransaction(kind == .write ? .immediate : .deferred) } }
  func lookUpByIndex() throws(StoreError) {}
  func commit() throws(StoreError) { try use { try $0.commit() } }
  func rollback() throws(StoreError) { try use { try $0.rollback() } }
  func script(_ sql: String) throws(StoreError) { try use { try $0.execute(sql: sql) } }

  func define(_ sql: String) throws(StoreError) { try script(dialect.definition(sql)) }
  func schemaVersion() throws(StoreError) -> Int { try value("PRAGMA user_version") ?? 0 }
  func setSchemaVersion(_ number: Int) throws(StoreError) { try script("PRAGMA user_version = \(number)") }
  func dataVersion() throws(StoreError) -> Int { try value("PRAGMA data_version") ?? 0 }

  @discardableResult func run(_ sql: String, _ values: SQLValues) throws(StoreError) -> Int {
    try statement(sql) { statement throws(SQLiteStatement.Failure) in try statement.run(values.map { $0?.sqlValue ?? .null }) }
    return database?.changesCount ?? 0
  }

  func each(_ sql: String, _ values: SQLValues, _ body: (SQLRow) throws -> Void) throws {
    do { try prepared(sql).each(values.map { $0?.sqlValue ?? .null }, body) } catch let error as SQLiteStatement.Failure { throw Self.translated(error) }
  }

  func stream(_ sql: String, _ body: (SQLRow) throws -> Void) throws { try each(sql, [], body) }

  func fill(_ table: String, _ columns: [String], _ feed: (_ take: ([SQLValue]) throws -> Void) throws -> Void) throws {
    let sql = Self.insertion(table, columns)
    try feed { try run(sql, $0) }
  }

  private static func insertion(_ table: String, _ columns: [String]) -> String {
    "INSERT INTO \(table)(\(columns.joined(separator: ", "))) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"
  }

  func add(_ rows: PackedRows, to table: String, _ columns: [String]) throws(StoreError) {
    try statement(Self.insertion(table, columns)) { statement throws(SQLiteStatement.Failure) in try statement.run(rows) }
  }

  func merge(_ rows: [[SQLValue]], into table: String, _ columns: [String], _ conflict: String) throws(StoreError) {
    try runEach(Self.insertion(table, columns) + " ON CONFLICT \(conflict)", rows)
  }

  func find(_ columns: [String], in table: String, by: [String], _ keys: [[SQLValue]], then rest: String, _ body: (SQLRow) throws -> Void) throws {
    let sql = "SELECT \(columns.joined(separator: ", ")) FROM \(table) WHERE \(by.map { $0 + " = ?" }.joined(separator: " AND ")) \(rest)"
    if keys.isEmpty { return }
    do {
      let statement = try prepared(sql)
      for key in keys { try statement.each(key, body) }
    } catch let error as SQLiteStatement.Failure { throw Self.translated(error) }
  }

  func places(in table: String, where column: String, isNot other: String, _ entries: [[SQLValue]]) throws(StoreError) -> Set<Int> {
    let sql = "SELECT 1 FROM \(table) WHERE \(column) = ? AND \(other) <> ? LIMIT 1"
    var places: Set<Int> = []
    do {
      let statement = try prepared(sql)
      for (place, entry) in entries.enumerated() { try statement.each(entry) { _ in places.insert(place) } }
    } catch { throw Self.translated(error) }
    return places
  }

  func amend(_ table: String, set: [String], by key: String, _ entries: [[SQLValue]]) throws {
    let sql = "UPDATE \(table) SET \(set.map { $0 + " = ?" }.joined(separator: ", ")) WHERE \(key) = ?"
    try runEach(sql, entries)
  }

  private func runEach(_ sql: String, _ rows: [[SQLValue]]) throws(StoreError) {
    try statement(sql) { statement throws(SQLiteStatement.Failure) in for row in rows { try statement.run(row) } }
  }

  func close() {
    statements = [:]
    try? queue.close()
  }

  private func use<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    guard let database else { throw .unusable("it is not open") }
    do { return try body(database) } catch { throw Self.translated(error) }
  }

  private func statement(_ sql: String, _ body: (SQLiteStatement) throws(SQLiteStatement.Failure) -> Void) throws(StoreError) {
    do { try body(prepared(sql)) } catch { throw Self.translated(error) }
  }

  /// Prepared once each and kept; one whose answer is being read is not run again meanwhile.
  private func prepared(_ sql: String) throws -> SQLiteStatement {
    if let known = statements[sql], !known.isBusy { return known }
    guard let connection = unsafe database?.sqliteConnection else { throw StoreError.unusable("it is not open") }
    let new = try unsafe SQLiteStatement(sql, connection)
    if statements[sql] == nil { statements[sql] = new }
    return new
  }
}

extension SQLiteConnection {
  private static func translated(_ error: any Error) -> StoreError {
    if let failure = error as? SQLiteStatement.Failure {
      return translated(DatabaseError(resultCode: ResultCode(rawValue: failure.code), message: failure.message))
    }
    guard let error = error as? DatabaseError else { return .translated(error) }
    let number = error.extendedResultCode.rawValue
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return StoreError("STO-202", "the store file is damaged (SQLite \(number))", hint: "Stop, keep the file, restore from a backup.", exit: .inputOutput)
    case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
      return StoreError(
        "STO-201", "the disk or the file refused the store (SQLite \(number))", hint: "Check free space and permissions, then run again.",
        exit: .inputOutput)
    case .SQLITE_CONSTRAINT: return .refused(by: rule(in: error.message), "SQLite \(number)")
    default: return StoreError("STO-203", "SQLite stopped with \(number)", hint: "Nothing was stored. Report it.", exit: .internalError)
    }
  }

  /// The names of the constraint that SQLite reports: tables and columns of ours, never values.
  private static func rule(in message: String?) -> String {
    let text = message ?? ""
    let tail = text.split(separator: ":").last.map(String.init) ?? ""
    return String(tail.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-, ".contains($0)) }.prefix(120).drop { $0 == " " })
  }
}
