import Core

/// Messages of a load that are settled together: what the store holds of all that they name is asked at once, and what they say is written at once.
struct LoadSlice {
  private static let maximumMessages = 128
  private static let maximumRows = 2_048
  private static let maximumBytes = 1 << 20

  private(set) var messages: [MappedMessage] = []
  private var rows = 0
  private var bytes = 0

  var isFull: Bool { messages.count >= Self.maximumMessages || rows >= Self.maximumRows || bytes >= Self.maximumBytes }

  mutating func add(_ message: MappedMessage) {
    messages.append(message)
    rows += message.rows.rows.count + message.heldRows.count + message.findings.count
    bytes += message.rows.bytes.count
  }

  mutating func take() -> [MappedMessage] {
    defer { self = LoadSlice() }
    return messages
  }
}

/// A message of a slice under the names by which the store knows it and its rows.
struct NamedMessage {
  var message: MappedMessage
  var mac: [UInt8]?
  var control: [UInt8]?
  /// One a row; nil where its key is incomplete.
  var keys: [NamedRow?]
}

/// A row of a message under the key by which it counts.
struct NamedRow {
  var entity: Int
  /// The blind index of the key.
  var key: [UInt8]
  /// Where it names a row that was replaced.
  var moved: MovedRow?
}

/// A row that counts as something else than it was said.
struct MovedRow {
  /// As it counts.
  var cells: [StoredCell]
  var key: [UInt8]
  /// As it was said.
  var said: [StoredCell]
  /// The key of the patient that it was said of.
  var patient: [UInt8]
}

/// What the store held of the messages and rows of a slice when it began, and what the slice has said since. The load looks here and not into
/// the store, to which the slice is written when it ends.
struct SliceView {
  struct RowName: Hashable {
    var entity: Int
    var keyIndex: [UInt8]
  }

  /// Statements of a row that share event time and source rank.
  struct Tie: Hashable {
    var ref: [UInt8]
    var instant: Int
    var rank: Int
  }

  struct Statement {
    var mac: [UInt8]
    var id: Int
    var message: Int
  }

  /// Macs of messages that have a fate of their own.
  var macs: Set<[UInt8]> = []
  /// By control mac the macs of the messages of the slice that have it.
  var controls: [[UInt8]: [[UInt8]]] = [:]
  var rows: [RowName: KnownRow] = [:]
  var ties: [Tie: [Statement]] = [:]
  /// What the slice has said of a row, in its order.
  var said: [[UInt8]: [Assertion]] = [:]
  /// Rows of which the store knows nothing yet.
  var new: Set<[UInt8]> = []
  /// Rows whose change is noted.
  var noted: Set<[UInt8]> = []
  /// Where more than one statement shares a tie now, by entity.
  var crowded: [Tie: Int] = [:]
  /// Macs of messages under whose control id the store holds other bytes.
  var reused: Set<[UInt8]> = []
  /// What the store says of rows that it knows, where that is not held anyway.
  var states: [[UInt8]: CurrentState] = [:]
  /// Rows known before, by ref, whose latest statement is one of the slice.
  var later: [[UInt8]: KnownRow] = [:]
}

/// What the store knows of a row without reading it.
struct KnownRow {
  var ref: [UInt8]
  var latestInstant: Int
  var latestRank: Int
  /// Its place among the rows that are still to be written; -1 where it is in the store.
  var pending = -1
}

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
  private let keepsText: Bool

  init(keepsText: Bool) { self.keepsText = keepsText }

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

  mutating func write(_ db: any SQLConnection) throws {
    for number in tables.indices.sorted(by: { tables[$0].name == RowTable.name && tables[$1].name != RowTable.name }) where tables[number].rows.count > 0 {
      try db.add(tables[number].rows, to: tables[number].name, tables[number].columns)
    }
    for merge in merges { try db.merge(merge.rows, into: merge.table, merge.columns, merge.conflict) }
    removeAll()
  }

  /// Forgets the rows and keeps their room.
  mutating func removeAll() {
    for number in tables.indices { tables[number].rows.removeAll() }
    merges.removeAll()
  }
}

/// The table that names the rows of all entities.
enum RowTable {
  static let name = "row_"
  static let columns = ["ref", "entity", "key_index", "latest_instant", "latest_rank"]
}
