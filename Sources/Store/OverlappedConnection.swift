import Glibc

/// A connection on which another thread writes rows while this one settles what comes next.
///
/// - One thread at a time has the engine: whatever is asked of this connection waits until the rows are written.
/// - Errors: one of the rows is told by what waits for them, and again until the transaction is taken back.
final class OverlappedConnection: SQLConnection {
  private let engine: any SQLConnection
  private var writing: RowsAside?
  private var failure: StoreError?
  /// Rows that were written, for their room.
  private var spare: PendingRows?

  init(_ engine: any SQLConnection) { self.engine = engine }

  /// Begins to write rows, after those before; gives empty ones in their place.
  func write(aside rows: PendingRows) throws(StoreError) -> PendingRows {
    _ = try settled()
    let empty = spare ?? rows.emptied
    spare = nil
    writing = try RowsAside(rows, engine)
    return empty
  }

  /// The engine, when nobody else has it any more.
  private func settled() throws(StoreError) -> any SQLConnection {
    wait()
    if let failure { throw failure }
    return engine
  }

  private func wait() {
    guard let writing else { return }
    self.writing = nil
    do { spare = try writing.end() } catch { failure = error }
  }

  var dialect: Dialect { engine.dialect }

  var isInTransaction: Bool {
    wait()
    return engine.isInTransaction
  }

  func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
    wait()
    return try engine.exclusively(body)
  }

  func begin(_ kind: SQLTransaction) throws(StoreError) { try settled().begin(kind) }
  func lookUpByIndex() throws(StoreError) { try settled().lookUpByIndex() }
  func commit() throws(StoreError) { try settled().commit() }

  func rollback() throws(StoreError) {
    wait()
    failure = nil
    try engine.rollback()
  }

  func script(_ sql: String) throws(StoreError) { try settled().script(sql) }
  func define(_ sql: String) throws(StoreError) { try settled().define(sql) }
  @discardableResult func run(_ sql: String, _ values: SQLValues) throws(StoreError) -> Int { try settled().run(sql, values) }
  func each(_ sql: String, _ values: SQLValues, _ body: (SQLRow) throws -> Void) throws { try settled().each(sql, values, body) }
  func stream(_ sql: String, _ body: (SQLRow) throws -> Void) throws { try settled().stream(sql, body) }

  func find(_ columns: [String], in table: String, by: [String], _ keys: [[SQLValue]], then rest: String, _ body: (SQLRow) throws -> Void) throws {
    try settled().find(columns, in: table, by: by, keys, then: rest, body)
  }

  func amend(_ table: String, set: [String], by key: String, _ entries: [[SQLValue]]) throws { try settled().amend(table, set: set, by: key, entries) }

  func fill(_ table: String, _ columns: [String], _ feed: (_ take: ([SQLValue]) throws -> Void) throws -> Void) throws {
    try settled().fill(table, columns, feed)
  }

  func add(_ rows: PackedRows, to table: String, _ columns: [String]) throws(StoreError) { try settled().add(rows, to: table, columns) }

  func merge(_ rows: [[SQLValue]], into table: String, _ columns: [String], _ conflict: String) throws(StoreError) {
    try settled().merge(rows, into: table, columns, conflict)
  }

  func places(in table: String, where column: String, isNot other: String, _ entries: [[SQLValue]]) throws(StoreError) -> Set<Int> {
    try settled().places(in: table, where: column, isNot: other, entries)
  }

  func schemaVersion() throws(StoreError) -> Int { try settled().schemaVersion() }
  func setSchemaVersion(_ number: Int) throws(StoreError) { try settled().setSchemaVersion(number) }
  func dataVersion() throws(StoreError) -> Int { try settled().dataVersion() }

  func close() {
    wait()
    engine.close()
  }
}

/// Rows that a thread of its own writes. Whoever made it touches neither them nor the engine before `end` has returned.
@safe
private final class RowsAside: @unchecked Sendable {
  // Joining the thread in `end` puts all that it did before what its maker does next; nothing else is shared.
  private let engine: any SQLConnection
  private var rows: PendingRows
  private var failure: StoreError?
  private var thread = pthread_t()

  init(_ rows: PendingRows, _ engine: any SQLConnection) throws(StoreError) {
    (self.rows, self.engine) = (rows, engine)
    let own = unsafe Unmanaged.passRetained(self)
    let code = unsafe pthread_create(&thread, nil, { own in
      unsafe Unmanaged<RowsAside>.fromOpaque(own!).takeRetainedValue().write()
      return nil
    }, own.toOpaque())
    if code == 0 { return }
    unsafe own.release()
    throw .noThread(code)
  }

  private func write() {
    do { try rows.write(engine) } catch { failure = .translated(error) }
  }

  /// Waits until the rows are written and gives them back, empty.
  func end() throws(StoreError) -> PendingRows {
    pthread_join(thread, nil)
    if let failure { throw failure }
    return rows
  }
}
