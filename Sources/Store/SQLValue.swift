import Core

/// A value on its way into a store or out of it: what both engines can hold.
enum SQLValue: Equatable {
  case null
  case integer(Int)
  case text(String)
  case blob([UInt8])
}

/// What can be bound to a place in a statement.
protocol SQLBindable {
  var sqlValue: SQLValue { get }
}

/// What a column of an answer can be read as.
protocol SQLReadable {
  /// Nil where the column holds another type: then the store is not what was stored.
  init?(sqlValue: SQLValue)
}

/// The values of a statement, in the order of its places; nil is null.
typealias SQLValues = [(any SQLBindable)?]

/// One row of an answer.
struct SQLRow {
  let values: [SQLValue]

  /// - Throws: STO-205 for null, and for a value of another type.
  subscript<Value: SQLReadable>(_ column: Int) -> Value {
    get throws(StoreError) {
      guard let value = Value(sqlValue: values[column]) else { throw .wrongType(column) }
      return value
    }
  }

  /// - Throws: STO-205 for a value of another type.
  subscript<Value: SQLReadable>(_ column: Int) -> Value? {
    get throws(StoreError) {
      if values[column] == .null { return nil }
      guard let value = Value(sqlValue: values[column]) else { throw .wrongType(column) }
      return value
    }
  }
}

extension SQLValue: SQLBindable {
  var sqlValue: SQLValue { self }
}

extension Int: SQLBindable, SQLReadable {
  var sqlValue: SQLValue { .integer(self) }

  init?(sqlValue: SQLValue) {
    guard case .integer(let number) = sqlValue else { return nil }
    self = number
  }
}

extension Bool: SQLBindable, SQLReadable {
  var sqlValue: SQLValue { .integer(self ? 1 : 0) }

  init?(sqlValue: SQLValue) {
    guard case .integer(let number) = sqlValue else { return nil }
    self = number != 0
  }
}

extension String: SQLBindable, SQLReadable {
  var sqlValue: SQLValue { .text(self) }

  init?(sqlValue: SQLValue) {
    guard case .text(let text) = sqlValue else { return nil }
    self = text
  }
}

/// As a blob of sixteen bytes.
extension Bytes16: SQLBindable, SQLReadable {
  var sqlValue: SQLValue { .blob(bytes) }

  init?(sqlValue: SQLValue) {
    guard case .blob(let bytes) = sqlValue else { return nil }
    self.init(bytes)
  }
}

extension [UInt8]: SQLBindable, SQLReadable {
  var sqlValue: SQLValue { .blob(self) }

  init?(sqlValue: SQLValue) {
    guard case .blob(let bytes) = sqlValue else { return nil }
    self = bytes
  }
}
