import GRDBSQLite

/// A statement of SQLite, prepared once and run often: values are bound where they lie, without a box each.
///
/// - Errors: SQLite's extended code and message, for the connection to translate.
@safe
final class SQLiteStatement {
  struct Failure: Error {
    var code: Int32
    var message: String
  }

  private let handle: OpaquePointer
  private let database: OpaquePointer
  /// True while its answer is read.
  private(set) var isBusy = false

  init(_ sql: String, _ database: OpaquePointer) throws(Failure) {
    var handle: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle = unsafe handle else { throw unsafe Failure(code: code, message: String(cString: sqlite3_errmsg(database))) }
    unsafe (self.handle, self.database) = unsafe (handle, database)
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Runs it with these values.
  func run(_ values: [SQLValue]) throws(Failure) {
    for (place, value) in values.enumerated() { try bind(value, Int32(place + 1)) }
    try step()
  }

  /// Runs it and gives the answer row by row. While `body` runs, the statement is not run again.
  func each(_ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
    for (place, value) in values.enumerated() { try bind(value, Int32(place + 1)) }
    isBusy = true
    defer {
      unsafe sqlite3_reset(handle)
      isBusy = false
    }
    while true {
      switch unsafe sqlite3_step(handle) {
      case SQLITE_ROW: try body(row())
      case SQLITE_DONE: return
      case let code: throw failure(code)
      }
    }
  }

  /// Runs it once for each row.
  func run(_ rows: PackedRows) throws(Failure) {
    var failure: Failure?
    unsafe rows.bytes.withUnsafeBufferPointer { bytes in
      do throws(Failure) { try unsafe run(rows, bytes) } catch { failure = error }
    }
    unsafe sqlite3_clear_bindings(handle)
    if let failure { throw failure }
  }

  private func run(_ rows: PackedRows, _ bytes: UnsafeBufferPointer<UInt8>) throws(Failure) {
    var at = 0, value = 0
    while at < bytes.count {
      let columns = Int(unsafe bytes[at]) << 8 | Int(unsafe bytes[at + 1])
      at += 2
      for column in 0..<columns {
        try unsafe bind(rows.kinds[value], bytes, &at, Int32(column + 1))
        value += 1
      }
      try step()
    }
  }

  /// Binds a packed value where it lies; it stays there until the statement has run.
  private func bind(_ kind: PackedRows.Kind, _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ place: Int32) throws(Failure) {
    let count = PackedRows.number(unsafe bytes.span, at, 4)
    at += 4
    guard let base = bytes.baseAddress, count >= 0 else { return try check(unsafe sqlite3_bind_null(handle, place)) }
    let start = unsafe base + at
    at += count
    switch kind {
    case .null: try check(unsafe sqlite3_bind_null(handle, place))
    case .integer: try check(unsafe sqlite3_bind_int64(handle, place, Int64(PackedRows.number(bytes.span, at - 8, 8))))
    case .text: try check(unsafe sqlite3_bind_text(handle, place, UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), Int32(count), nil))
    case .blob: try check(unsafe count == 0 ? sqlite3_bind_zeroblob(handle, place, 0) : sqlite3_bind_blob(handle, place, start, Int32(count), nil))
    }
  }

  /// Binds a copy of a value.
  private func bind(_ value: SQLValue, _ place: Int32) throws(Failure) {
    let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: try check(unsafe sqlite3_bind_null(handle, place))
    case .integer(let number): try check(unsafe sqlite3_bind_int64(handle, place, Int64(number)))
    case .text(let text): try check(unsafe sqlite3_bind_text(handle, place, text, Int32(text.utf8.count), copied))
    case .blob(let bytes): try check(unsafe bytes.isEmpty ? sqlite3_bind_zeroblob(handle, place, 0) : sqlite3_bind_blob(handle, place, bytes, Int32(bytes.count), copied))
    }
  }

  private func step() throws(Failure) {
    var code = unsafe sqlite3_step(handle)
    while code == SQLITE_ROW { code = unsafe sqlite3_step(handle) }
    let failure = code == SQLITE_DONE ? nil : failure(code)
    unsafe sqlite3_reset(handle)
    if let failure { throw failure }
  }

  private func row() -> SQLRow {
    let columns = unsafe sqlite3_column_count(handle)
    var values: [SQLValue] = []
    values.reserveCapacity(Int(columns))
    for column in 0..<columns { values.append(value(column)) }
    return SQLRow(values: values)
  }

  private func value(_ column: Int32) -> SQLValue {
    switch unsafe sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: return .integer(Int(unsafe sqlite3_column_int64(handle, column)))
    case SQLITE_TEXT:
      let start = unsafe sqlite3_column_text(handle, column)
      return .text(unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self))
    case SQLITE_BLOB:
      let start = unsafe sqlite3_column_blob(handle, column)
      return .blob(unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))))
    default: return .null
    }
  }

  private func check(_ code: Int32) throws(Failure) { if code != SQLITE_OK { throw failure(code) } }

  private func failure(_ code: Int32) -> Failure { unsafe Failure(code: code, message: String(cString: sqlite3_errmsg(database))) }
}
