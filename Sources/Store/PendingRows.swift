/// Rows on their way into the store's tables.
struct PendingRows {
  private struct Table {
    var name: String
    var columns: [String]
    var rows: PackedRows
  }

  /// Rows of which some may be in the store already.
  private struct Merge {
    var table: String
    var columns: [String]
    var conflict: String
    var rows: [[SQLValue]]
  }

  /// In the order in which tables were first named; `row_`, which others refer to, goes first.
  private var tables: [Table] = []
  private var numbers: [String: Int] = [:]
  private var merges: [Merge] = []
  /// Rows of the store whose latest statement is another one now.
  private var later: [KnownRow] = []
  private let keepsText: Bool

  init(keepsText: Bool) { self.keepsText = keepsText }

  var emptied: Self { Self(keepsText: keepsText) }

  /// Gives the place of the row that `fill` adds among those of its table.
  @discardableResult
  mutating func add(to name: String, _ columns: @autoclosure () -> [String], _ fill: (inout PackedRows) throws -> Void) rethrows -> Int {
    let number = numbers[name] ?? tables.count
    if number == tables.count {
      numbers[name] = number
      tables.append(Table(name: name, columns: columns(), rows: PackedRows(keepsText: keepsText)))
    }
    try fill(&tables[number].rows)
    return tables[number].rows.count - 1
  }

  @discardableResult
  mutating func add(_ values: [SQLValue], to name: String, _ columns: @autoclosure () -> [String]) -> Int {
    add(to: name, columns()) { $0.append(row: values) }
  }

  /// Adds a row that may be there; `conflict` says what is done then. No two rows of a slice have the same key where something is done.
  mutating func merge(_ values: [SQLValue], into name: String, _ columns: @autoclosure () -> [String], _ conflict: String) {
    if let number = merges.firstIndex(where: { $0.table == name }) { return merges[number].rows.append(values) }
    merges.append(Merge(table: name, columns: columns(), conflict: conflict, rows: [values]))
  }

  /// Writes over an integer of a row.
  mutating func set(_ column: Int, of row: Int, in name: String, to value: Int) {
    if let number = numbers[name] { tables[number].rows.set(column, of: row, to: value) }
  }

  /// Notes the latest statements of rows that the store knows.
  mutating func advance(_ rows: some Sequence<KnownRow>) { later += rows }

  mutating func write(_ db: any SQLConnection) throws {
    for number in tables.indices.sorted(by: { tables[$0].name == RowTable.name && tables[$1].name != RowTable.name }) where tables[number].rows.count > 0 {
      try db.add(tables[number].rows, to: tables[number].name, tables[number].columns)
    }
    for merge in merges { try db.merge(merge.rows, into: merge.table, merge.columns, merge.conflict) }
    if !later.isEmpty {
      let entries = later.map { [SQLValue.integer($0.latestInstant), .integer($0.latestRank), $0.ref.sqlValue] }
      try db.amend(RowTable.name, set: ["latest_instant", "latest_rank"], by: "ref", entries)
    }
    removeAll()
  }

  /// Forgets the rows and keeps their room.
  mutating func removeAll() {
    for number in tables.indices { tables[number].rows.removeAll() }
    merges.removeAll()
    later.removeAll()
  }
}
