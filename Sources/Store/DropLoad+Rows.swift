import Core

extension DropLoad {
  /// Amounts past this are held as MONEY-INVALID: ten billion of the currency, in cents.
  private static let maximumCents = 1_000_000_000_000

  private struct KnownRow {
    var ref: [UInt8]
    var latestInstant: Int
    var latestRank: Int
  }

  /// Stores what one row says and tells what it did to the current content.
  func loadRow(_ row: Int, of message: MappedMessage, number: Int, _ db: any SQLConnection) throws -> RowOutcome {
    let entry = message.rows.rows[row]
    guard store.tables.indices.contains(Int(entry.entity)), mappingNumbers.indices.contains(Int(entry.mapping)), rowPaths.indices.contains(Int(entry.path))
    else { throw StoreError.rowsMalformed }
    let table = store.tables[Int(entry.entity)]
    guard let key = message.rows.key(row: row, entity: table.entity) else { return .held(.requiredMissing) }
    let assertion = Assertion(eventInstant: entry.eventInstant, sourceRank: sourceRank, action: entry.action, cells: Self.cells(message.rows, row, table))
    guard try addSums(assertion, entity: Int(entry.entity), table) else { return .held(.moneyInvalid) }
    let keyIndex = try store.codec.keyIndex(entity: table.entity.name, key: key)
    let source = AssertionSource(message: number, mapping: mappingNumbers[Int(entry.mapping)], entry: entry, path: rowPaths[Int(entry.path)])
    if let known = try find(keyIndex, table, db) { return try add(assertion, to: known, table, source, db) }
    return try insertNew(assertion, keyIndex: keyIndex, table, source, db)
  }

  private static func cells(_ buffer: RowBuffer, _ row: Int, _ table: EntityTable) -> [StoredCell] {
    var cells = [StoredCell](repeating: .absent, count: table.entity.fields.count)
    for cell in buffer.cells[buffer.cellRange(row: row)] where cells.indices.contains(Int(cell.field)) {
      switch cell.state {
      case .absent: break
      case .null: cells[Int(cell.field)] = .null
      case .value: cells[Int(cell.field)] = .value(Array(buffer.bytes[Int(cell.start)..<Int(cell.start + cell.count)]))
      }
    }
    return cells
  }

  /// Adds the row's money to the sums of the drop; false when an amount is no whole number of cents or too large.
  private func addSums(_ assertion: Assertion, entity: Int, _ table: EntityTable) throws -> Bool {
    var amounts: [(field: Int, cents: Int)] = []
    for field in table.centFields {
      guard let bytes = assertion.cells[field].bytes else { continue }
      guard let cents = DecimalNumber(bytes)?.hundredths, cents.magnitude <= Self.maximumCents else { return false }
      amounts.append((field, cents))
    }
    for amount in amounts { try tally.add(cents: amount.cents, entity: entity, field: amount.field) }
    return true
  }

  private func find(_ keyIndex: [UInt8], _ table: EntityTable, _ db: any SQLConnection) throws -> KnownRow? {
    return try db.first("SELECT ref, latest_instant, latest_rank FROM row_ WHERE entity = ? AND key_index = ?", [table.entity.name, keyIndex]).map {
      try KnownRow(ref: $0[0], latestInstant: $0[1], latestRank: $0[2])
    }
  }

  private func insertNew(_ assertion: Assertion, keyIndex: [UInt8], _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws -> RowOutcome {
    let ref = try SiteStore.random(16)
    try db.run(
      "INSERT INTO row_(ref, entity, key_index, latest_instant, latest_rank) VALUES (?, ?, ?, ?, ?)",
      [ref, table.entity.name, keyIndex, assertion.eventInstant, assertion.sourceRank])
    try insert(assertion, ref: ref, mac: try store.codec.contentMac(assertion, entity: table.entity.name, ref: ref), table, source, db)
    try noteChange(ref, table, db)
    return .inserted
  }

  private func add(_ assertion: Assertion, to known: KnownRow, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws -> RowOutcome {
    let isOlder = (assertion.eventInstant, assertion.sourceRank) < (known.latestInstant, known.latestRank)
    let mac = try store.codec.contentMac(assertion, entity: table.entity.name, ref: known.ref)
    let tied = try db.all(
      "SELECT content_mac, id, message FROM \(table.name) WHERE row_ref = ? AND event_instant = ? AND source_rank = ?",
      [known.ref, assertion.eventInstant, assertion.sourceRank])
    if let same = try tied.first(where: { try $0[0] == mac }) {
      try support(same[1], firstSaidBy: same[2], table, source, db)
      return isOlder ? .superseded : .unchanged
    }
    var state = try current(known.ref, table, db)
    let changed = state.apply(assertion)
    // Only rows said of more than once are kept: a single assertion is cheaper to read again than to hold.
    store.currents.remember(state, known.ref)
    try insert(assertion, ref: known.ref, mac: mac, table, source, db)
    if !tied.isEmpty { try orderTies(like: assertion, ref: known.ref, table, db) }
    if !isOlder {
      try db.run("UPDATE row_ SET latest_instant = ?, latest_rank = ? WHERE ref = ?", [assertion.eventInstant, assertion.sourceRank, known.ref])
    }
    guard changed else { return isOlder ? .superseded : .unchanged }
    try noteChange(known.ref, table, db)
    return .updated
  }

  /// Notes that one more message says what is known: should the first one be read otherwise some day, it stays.
  private func support(_ assertion: Int, firstSaidBy first: Int, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws {
    guard source.message != first else { return }
    try db.run(
      "INSERT INTO support(entity, assertion, message, mapping, row_path, occurrence, fallback) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      [
          table.entity.name, assertion, source.message, source.mapping, source.path, Int(source.entry.occurrence), source.entry.eventTimeIsFallback,
        ])
  }

  /// What a row of a message would be in the store; nil where its key is new or incomplete.
  func identity(_ row: Int, of message: MappedMessage, _ db: any SQLConnection) throws -> StatementIdentity? {
    let entry = message.rows.rows[row]
    guard store.tables.indices.contains(Int(entry.entity)), mappingNumbers.indices.contains(Int(entry.mapping)), rowPaths.indices.contains(Int(entry.path))
    else { throw StoreError.rowsMalformed }
    let table = store.tables[Int(entry.entity)]
    guard let key = message.rows.key(row: row, entity: table.entity),
      let known = try find(try store.codec.keyIndex(entity: table.entity.name, key: key), table, db)
    else { return nil }
    let assertion = Assertion(eventInstant: entry.eventInstant, sourceRank: sourceRank, action: entry.action, cells: Self.cells(message.rows, row, table))
    return StatementIdentity(
      entity: Int(entry.entity), ref: known.ref, mac: try store.codec.contentMac(assertion, entity: table.entity.name, ref: known.ref),
      mapping: mappingNumbers[Int(entry.mapping)], path: rowPaths[Int(entry.path)], occurrence: Int(entry.occurrence), isFallback: entry.eventTimeIsFallback)
  }

  private func insert(_ assertion: Assertion, ref: [UInt8], mac: [UInt8], _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws {
    let entity = Int(source.entry.entity)
    let id = try nextAssertions[entity] ?? db.value("SELECT coalesce(max(id), 0) + 1 FROM \(table.name)") ?? 1
    nextAssertions[entity] = id + 1
    let head: SQLValues = [
      id, ref, assertion.eventInstant, assertion.sourceRank, mac, source.message, source.mapping, source.path, Int(source.entry.occurrence),
      source.entry.eventTimeIsFallback, store.codec.cleared(assertion, table: table),
    ]
    let columns = try store.codec.columns(assertion, table: table, ref: ref, mac: mac)
    try db.run(table.insert, head + columns.map { $0 })
  }

  /// A change booked to a night older than the last extracted one is due in the next extract: the older nights stay as they were sent.
  /// A replay of a night that was extracted changes nothing of that night: what it changes is due in the next extract only.
  func noteChange(_ ref: [UInt8], _ table: EntityTable, _ db: any SQLConnection) throws {
    let isExtracted = lastExtractNight.map { $0 > drop.night || (isReplay && $0 == drop.night) } ?? false
    if !(isReplay && isExtracted) { try book(ref, table, db) }
    guard isExtracted, let extracted = lastExtractNight else { return }
    try db.run(
      "INSERT INTO late_(entity, ref, after_night) VALUES (?, ?, ?) ON CONFLICT(entity, ref) DO UPDATE SET after_night = excluded.after_night",
      [table.entity.name, ref, extracted.description])
  }

  private func book(_ ref: [UInt8], _ table: EntityTable, _ db: any SQLConnection) throws {
    try db.run("INSERT INTO change_(night, entity, ref) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [drop.night.description, table.entity.name, ref])
  }

  /// Numbers the assertions of one event time and rank by their content, so that a process without all keys can still fold in order.
  private func orderTies(like assertion: Assertion, ref: [UInt8], _ table: EntityTable, _ db: any SQLConnection) throws {
    let records = try db.all(table.selectTied, [ref, assertion.eventInstant, assertion.sourceRank])
    let classes = Set(table.sealedClasses)
    let contents = try records.map { (id: try $0[0] as Int, bytes: try store.codec.assertion($0, table: table, ref: ref, classes: classes).content) }
    for (tie, entry) in contents.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }).enumerated() {
      try db.run("UPDATE \(table.name) SET tie = ? WHERE id = ?", [tie, entry.id])
    }
  }

  func current(_ ref: [UInt8], _ table: EntityTable, _ db: any SQLConnection) throws -> CurrentState {
    if let known = store.currents[ref] { return known }
    var state = CurrentState(fieldCount: table.entity.fields.count)
    let classes = Set(table.sealedClasses)
    try db.each(table.select, [ref]) { record in _ = state.apply(try store.codec.assertion(record, table: table, ref: ref, classes: classes)) }
    return state
  }
}

/// Where an assertion comes from.
private struct AssertionSource {
  var message: Int
  var mapping: Int
  var entry: RowBuffer.Row
  var path: String
}
