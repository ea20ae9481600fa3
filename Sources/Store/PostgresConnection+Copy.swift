import CLibPQ
import Core

/// COPY in binary: rows go to the server in slices, so that memory stays bounded.
extension PostgresConnection {
  func fill(_ table: String, _ columns: [String], _ feed: (_ take: ([SQLValue]) throws -> Void) throws -> Void) throws {
    try script("COPY \(table)(\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)")
    var slice = CopySlice()
    do {
      try feed { row in
        slice.append(row)
        if slice.isFull { try put(slice.take()) }
      }
      slice.end()
      try put(slice.take())
    } catch {
      try? endCopy(refusing: true)
      throw error
    }
    try endCopy(refusing: false)
  }
}

/// Rows by a list of keys: one statement, with an array a column.
extension PostgresConnection {
  func find(_ columns: [String], in table: String, by: [String], _ keys: [[SQLValue]], and condition: String, _ body: (SQLRow) throws -> Void) throws {
    guard let first = keys.first else { return }
    let joins = by.indices.map { "\(table).\(by[$0]) = asked.c\($0)" }.joined(separator: " AND ")
    let sql = """
      SELECT \(columns.map { table + "." + $0 }.joined(separator: ", ")) FROM \(PostgresArray.list(like: first))
      JOIN \(table) ON \(joins)\(condition.isEmpty ? "" : " WHERE " + condition)
      """
    try each(sql, PostgresArray.columns(of: keys), body)
  }

  func amend(_ table: String, set: [String], by key: String, _ entries: [[SQLValue]]) throws {
    guard let first = entries.first else { return }
    let changes = set.indices.map { "\(set[$0]) = asked.c\($0)" }.joined(separator: ", ")
    try run("UPDATE \(table) SET \(changes) FROM \(PostgresArray.list(like: first)) WHERE \(table).\(key) = asked.c\(set.count)", PostgresArray.columns(of: entries))
  }
}

/// A list of values as one parameter, in the binary form of an array of one dimension.
struct PostgresArray: SQLBindable {
  private let values: [SQLValue]

  /// The entries as a table `asked` with the columns `c0`, `c1` and so on.
  static func list(like entry: [SQLValue]) -> String {
    let arrays = entry.map { "?::\(type(of: $0).name)[]" }.joined(separator: ", ")
    return "unnest(\(arrays)) AS asked(\(entry.indices.map { "c\($0)" }.joined(separator: ", ")))"
  }

  static func columns(of entries: [[SQLValue]]) -> SQLValues {
    (entries.first ?? []).indices.map { column in PostgresArray(values: entries.map { $0[column] }) }
  }

  private static func type(of value: SQLValue) -> (name: String, number: Int) {
    switch value {
    case .integer: ("bigint", 20)
    case .text: ("text", 25)
    case .blob, .null: ("bytea", 17)
    }
  }

  var sqlValue: SQLValue {
    var slice = CopySlice(bytes: [])
    for number in [1, 0, Self.type(of: values.first ?? .null).number, values.count, 1] { slice.number(number, bytes: 4) }
    for value in values { slice.append(value) }
    return .blob(slice.take())
  }
}

/// Rows in the binary form of COPY: a count of fields, then each with its length, big-endian; -1 is null.
struct CopySlice {
  private static let size = 64 << 10
  private var bytes: [UInt8]

  init(bytes: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)) { self.bytes = bytes }

  var isFull: Bool { bytes.count >= Self.size }

  mutating func append(_ row: [SQLValue]) {
    number(row.count, bytes: 2)
    for value in row { append(value) }
  }

  mutating func append(_ value: SQLValue) {
    switch value {
    case .null: number(-1, bytes: 4)
    case .integer(let integer):
      number(8, bytes: 4)
      number(integer, bytes: 8)
    case .text(let text): list(PostgresParameters.bytes(of: text))
    case .blob(let blob): list(blob)
    }
  }

  mutating func end() { number(-1, bytes: 2) }

  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  private mutating func list(_ content: [UInt8]) {
    number(content.count, bytes: 4)
    bytes += content
  }

  mutating func number(_ number: Int, bytes count: Int) {
    for shift in stride(from: 8 * (count - 1), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
