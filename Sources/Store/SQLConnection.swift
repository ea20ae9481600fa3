/// One connection to the engine that a store is built on. All SQL of the store goes through it, with `?` for each value.
///
/// - Statements are prepared once each and kept. Values are always bound, never part of the text.
/// - Calls run on the calling thread, inside `exclusively`.
/// - Errors come out as `StoreError`: code, constraint and a number of the engine's, never a value.
protocol SQLConnection: AnyObject {
  /// What this engine words differently.
  var dialect: Dialect { get }
  var isInTransaction: Bool { get }

  /// Runs calls on this connection; calls may be nested.
  func exclusively<Result>(_ body: () throws -> Result) throws -> Result
  func begin(_ kind: SQLTransaction) throws(StoreError)
  /// Says that the transaction at hand looks rows up by their keys: by index, also in a fresh table of which the engine knows nothing yet.
  func lookUpByIndex() throws(StoreError)
  func commit() throws(StoreError)
  func rollback() throws(StoreError)
  /// Runs statements that take no values, parted by semicolons.
  func script(_ sql: String) throws(StoreError)
  /// Defines tables and indexes, in the words of SQLite, as the owner of the tables.
  func define(_ sql: String) throws(StoreError)
  /// Runs one statement; gives how many rows it changed.
  @discardableResult func run(_ sql: String, _ values: SQLValues) throws(StoreError) -> Int
  /// Gives the answer row by row. `body` runs no statement.
  func each(_ sql: String, _ values: SQLValues, _ body: (SQLRow) throws -> Void) throws
  /// As `each` without values, a page at a time, whatever the size of the answer. Inside a transaction.
  func stream(_ sql: String, _ body: (SQLRow) throws -> Void) throws
  /// Gives `columns` of the rows of a table in which the columns `by` hold one of `keys`, the rows of a key in turn. `rest` goes on behind the
  /// conditions, for each key: `AND …`, `ORDER BY … LIMIT …`, or nothing. `body` runs no statement. Keys are distinct.
  func find(_ columns: [String], in table: String, by: [String], _ keys: [[SQLValue]], then rest: String, _ body: (SQLRow) throws -> Void) throws
  /// Sets the columns `set` of the rows of a table whose column `key` is the last of the values of an entry.
  func amend(_ table: String, set: [String], by key: String, _ entries: [[SQLValue]]) throws
  /// Adds rows to a table as fast as the engine takes them; `feed` gives them one by one and runs no statement on this connection.
  func fill(_ table: String, _ columns: [String], _ feed: (_ take: ([SQLValue]) throws -> Void) throws -> Void) throws
  /// Adds packed rows to a table. An engine may tell of a row that it refuses later, at the latest by `commit`.
  func add(_ rows: PackedRows, to table: String, _ columns: [String]) throws(StoreError)
  /// Adds rows to a table, of which some may be there: then `conflict` says what is done (`DO NOTHING`, `(key) DO UPDATE …`). No value is null.
  func merge(_ rows: [[SQLValue]], into table: String, _ columns: [String], _ conflict: String) throws(StoreError)
  /// The places of those entries for which a table holds a row with the first value in `column` and another one than the second in `other`.
  func places(in table: String, where column: String, isNot other: String, _ entries: [[SQLValue]]) throws(StoreError) -> Set<Int>
  /// The number of the schema, 0 for an empty store.
  func schemaVersion() throws(StoreError) -> Int
  func setSchemaVersion(_ number: Int) throws(StoreError)
  /// Differs from the last look where another connection may have written since.
  func dataVersion() throws(StoreError) -> Int
  func close()
}

/// What a transaction is begun for.
enum SQLTransaction {
  /// Reads of one snapshot.
  case read
  /// Writes, one writer at a time: who comes second waits a little and is refused.
  case write
}

extension SQLConnection {
  @discardableResult func run(_ sql: String) throws(StoreError) -> Int { try run(sql, []) }

  /// The whole answer.
  func all(_ sql: String, _ values: SQLValues = []) throws(StoreError) -> [SQLRow] {
    var rows: [SQLRow] = []
    do { try each(sql, values) { rows.append($0) } } catch { throw .translated(error) }
    return rows
  }

  /// The first row of the answer; the others are read and left.
  func first(_ sql: String, _ values: SQLValues = []) throws(StoreError) -> SQLRow? { try all(sql, values).first }

  /// The first column of the first row; nil where there is no row or it is null.
  func value<Value: SQLReadable>(_ sql: String, _ values: SQLValues = []) throws(StoreError) -> Value? {
    guard let row = try first(sql, values) else { return nil }
    return try row[0]
  }

  /// The first column of each row.
  func list<Value: SQLReadable>(_ sql: String, _ values: SQLValues = []) throws(StoreError) -> [Value] {
    var list: [Value] = []
    for row in try all(sql, values) { list.append(try row[0]) }
    return list
  }

  /// One transaction: begun, and taken back whole when anything fails.
  func transaction<Result>(_ kind: SQLTransaction, _ body: () throws -> Result) throws -> Result {
    try begin(kind)
    do {
      let result = try body()
      if kind == .read { try rollback() } else { try commit() }
      return result
    } catch {
      if isInTransaction { try? rollback() }
      throw error
    }
  }

  /// The names of a table's columns, in their order.
  func columns(of table: String) throws(StoreError) -> [String] { try list(dialect.listColumns, [table]) }

  func hasTable(_ name: String) throws(StoreError) -> Bool {
    let count: Int? = try value(dialect.countTables, [name])
    return count != 0
  }
}
