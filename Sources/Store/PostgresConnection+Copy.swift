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

  /// The server still works at the rows when this returns: what it makes of them is asked before the next statement.
  func add(_ rows: PackedRows, to table: String, _ columns: [String]) throws(StoreError) {
    try script("COPY \(table)(\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)")
    do {
      try put(CopySlice.head)
      try put(rows.bytes)
      try put(CopySlice.tail)
    } catch {
      try? endCopy(refusing: true)
      throw error
    }
    try beginEndOfCopy()
  }
}

/// Rows by a list of keys: one statement, with an array a column.
extension PostgresConnection {
  func find(_ columns: [String], in table: String, by: [String], _ keys: [[SQLValue]], then rest: String, _ body: (SQLRow) throws -> Void) throws {
    guard let first = keys.first else { return }
    let own = by.indices.map { "\(by[$0]) = asked.c\($0)" }.joined(separator: " AND ")
    let found = Self.oneByOne("SELECT \(columns.joined(separator: ", ")) FROM \(table) WHERE \(own) \(rest)")
    let sql = "SELECT \(columns.map { "found." + $0 }.joined(separator: ", ")) FROM \(PostgresArray.list(like: first)), \(found)"
    try passing(sql, PostgresArray.columns(of: keys), body)
  }

  func places(in table: String, where column: String, isNot other: String, _ entries: [[SQLValue]]) throws(StoreError) -> Set<Int> {
    if entries.isEmpty { return [] }
    let numbered = entries.enumerated().map { $1 + [.integer($0)] }
    let sql = """
      SELECT asked.c2 FROM \(PostgresArray.list(like: numbered[0]))
      WHERE EXISTS (SELECT 1 FROM \(table) WHERE \(column) = asked.c0 AND \(other) <> asked.c1 LIMIT 1)
      """
    return Set(try list(sql, PostgresArray.columns(of: numbered)) as [Int])
  }

  func merge(_ rows: [[SQLValue]], into table: String, _ columns: [String], _ conflict: String) throws(StoreError) {
    guard let first = rows.first else { return }
    let sql = "INSERT INTO \(table)(\(columns.joined(separator: ", "))) SELECT * FROM \(PostgresArray.list(like: first)) ON CONFLICT \(conflict)"
    try run(sql, PostgresArray.columns(of: rows))
  }

  func amend(_ table: String, set: [String], by key: String, _ entries: [[SQLValue]]) throws {
    guard let first = entries.first else { return }
    let changes = set.indices.map { "\(set[$0]) = asked.c\($0)" }.joined(separator: ", ")
    let found = Self.oneByOne("SELECT ctid FROM \(table) WHERE \(key) = asked.c\(set.count)")
    let sql = "UPDATE \(table) SET \(changes) FROM \(PostgresArray.list(like: first)), \(found) WHERE \(table).ctid = found.ctid"
    try run(sql, PostgresArray.columns(of: entries))
  }

  /// Looked up for each key in turn; without the offset the server may go through the keys for each row of the table instead.
  private static func oneByOne(_ select: String) -> String { "LATERAL (\(select) OFFSET 0) AS found" }
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
  static let head = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
  static let tail: [UInt8] = [0xFF, 0xFF]
  private var bytes: [UInt8]

  init(bytes: [UInt8] = head) { self.bytes = bytes }

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
