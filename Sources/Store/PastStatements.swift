import Core

/// Writes down statements that are taken back, so that what was believed before can still be told. They stay sealed as they were.
///
/// - Known: a statement is known from the epoch of the run that loaded its drop, or of the replay or undo that `begin` notes, until the epoch of
///   the one that takes it back. The statements of the entities' tables are known until now.
struct PastStatements {
  private let dictionary: Int
  /// Of the run that takes back.
  private let epoch: Int
  private var next: Int?

  init(_ store: SiteStore) { (dictionary, epoch) = (store.dictionary.version, store.ownEpoch) }

  /// Keeps one, selected with `EntityTable.selectKept`, that is about to be deleted or to be said by another message. What this run has said itself
  /// was never known.
  mutating func keep(_ record: SQLRow, _ ref: Bytes16, _ table: EntityTable, _ db: any SQLConnection) throws {
    let id: Int = try record[0], message: Int = try record[table.firstOrigin], from = try known(id, message, table, db)
    guard case .integer(let first)? = from.last, first < epoch else { return }
    let number = try next ?? db.value("SELECT coalesce(max(number), 0) + 1 FROM past_") ?? 1
    next = number + 1
    let values: [SQLValue] = [
      .integer(number), .text(table.entity.name), ref.sqlValue, .integer(dictionary), record.values[1], record.values[2], record.values[3], record.values[6],
      .blob(Self.body(record.values[EntityTable.firstOpen..<table.firstOrigin])), record.values[4], record.values[table.firstOrigin + 1],
      record.values[table.firstOrigin + 2], record.values[5],
    ]
    let columns = """
      number, entity, row_ref, dictionary, event_instant, source_rank, content_mac, cleared, body, mapping, row_path, occurrence, fallback, drop_, ordinal,
      type, byte_offset, run, known_from, known_to
      """
    let places = Array(repeating: "?", count: 20).joined(separator: ", ")
    try db.run("INSERT INTO past_(\(columns)) VALUES (\(places))", (values + from + [.integer(epoch)]).map { $0 })
  }

  /// Drop, ordinal, type, byte offset, run and the first epoch of a statement.
  private func known(_ id: Int, _ message: Int, _ table: EntityTable, _ db: any SQLConnection) throws -> [SQLValue] {
    let found = try db.first(
      """
      SELECT m.drop_, m.ordinal, m.type, m.byte_offset, coalesce(d.run, ''), coalesce(s.epoch, CASE WHEN d.state = 'loaded' THEN coalesce(r.epoch, 0) END, ?)
      FROM message m JOIN drop_ d ON d.id = m.drop_ LEFT JOIN run r ON r.id = d.run LEFT JOIN since_ s ON s.entity = ? AND s.assertion = ?
      WHERE m.number = ?
      """, [epoch, table.entity.name, id, message])
    guard let found else { throw StoreError.broken(table.entity.name) }
    return found.values
  }

  /// Notes that a statement is known from now on only: a replay said it, or another message says it from now on.
  func begin(_ id: Int, _ table: EntityTable, _ db: any SQLConnection) throws {
    try db.merge([beginning(id, table)], into: Self.since.table, Self.since.columns, Self.since.conflict)
  }

  /// The same as a row, for a load that writes many at once.
  func beginning(_ id: Int, _ table: EntityTable) -> [SQLValue] { [.text(table.entity.name), .integer(id), .integer(epoch)] }

  static let since = (
    table: "since_", columns: ["entity", "assertion", "epoch"], conflict: "(entity, assertion) DO UPDATE SET epoch = excluded.epoch"
  )

  /// Deletes a statement that was kept; its number may come again.
  func delete(_ id: Int, _ table: EntityTable, _ db: any SQLConnection) throws {
    try db.run("DELETE FROM since_ WHERE entity = ? AND assertion = ?", [table.entity.name, id])
    try db.run("DELETE FROM \(table.name) WHERE id = ?", [id])
  }

  // MARK: The columns of a statement as one

  private static func body(_ values: ArraySlice<SQLValue>) -> [UInt8] {
    var writer = ByteWriter()
    for value in values {
      switch value {
      case .null: writer.write(UInt8(0))
      case .integer(let number):
        writer.write(UInt8(1))
        writer.write(number)
      case .text(let text):
        writer.write(UInt8(2))
        writer.write(text)
      case .blob(let bytes):
        writer.write(UInt8(3))
        writer.write(bytes)
      }
    }
    return writer.bytes
  }

  /// What `body` put together; nil for other bytes.
  static func values(of body: [UInt8]) -> [SQLValue]? {
    var reader = ByteReader(body)
    var values: [SQLValue] = []
    while !reader.isAtEnd {
      guard let value = try? next(&reader) else { return nil }
      values.append(value)
    }
    return values
  }

  private static func next(_ reader: inout ByteReader) throws(FrameError) -> SQLValue {
    switch try reader.byte() {
    case 0: .null
    case 1: .integer(try reader.integer())
    case 2: .text(try reader.text())
    case 3: .blob(try reader.list())
    default: throw FrameError()
    }
  }
}

extension DropLoad {
  /// Takes a message's share in an assertion away with `leave`, which is true where others say it too; what it said first is kept.
  func keepingPast(_ statement: StoredStatement, _ table: EntityTable, _ db: any SQLConnection, _ leave: () throws -> Bool) throws -> Bool {
    guard statement.isFirst else { return try leave() }
    if let record = try db.first(table.selectSaid, [statement.id]) { try past.keep(record, statement.ref, table, db) }
    let isSaid = try leave()
    if isSaid { try past.begin(statement.id, table, db) }
    return isSaid
  }

  /// Says something of an entity; an assertion that this makes is known from now on, whenever the drop of its message was loaded.
  func dated<Result>(_ entity: Int, _ db: any SQLConnection, _ say: () throws -> Result) throws -> Result {
    let before = nextAssertions[entity], result = try say()
    if let after = nextAssertions[entity], after != before {
      try merge(past.beginning(after - 1, store.tables[entity]), into: PastStatements.since.table, PastStatements.since.columns, PastStatements.since.conflict, db)
    }
    return result
  }
}
