import Core

extension DropLoad {
  /// Amounts past this are held as MONEY-INVALID: ten billion of the currency, in cents.
  private static let maximumCents = 1_000_000_000_000

  /// Stores what one row says and tells what it did to the current content.
  ///
  /// - Parameter name: its key, and what it counts as where it names a row that was replaced; nil where the key is incomplete.
  func loadRow(_ row: Int, of message: MappedMessage, as named: NamedRow?, number: Int, _ db: any SQLConnection) throws -> RowOutcome {
    let entry = message.rows.rows[row]
    guard store.tables.indices.contains(Int(entry.entity)), mappingNumbers.indices.contains(Int(entry.mapping)), rowPaths.indices.contains(Int(entry.path))
    else { throw StoreError.rowsMalformed }
    let table = store.tables[Int(entry.entity)]
    guard let named else { return .held(.requiredMissing) }
    let cells = named.moved?.cells ?? cells(message.rows, row)
    if store.links.plan.isSelfLink(Int(entry.entity), named.moved?.said ?? cells) { return .held(.mergeHeld) }
    let assertion = Assertion(eventInstant: entry.eventInstant, sourceRank: sourceRank, action: entry.action, cells: cells)
    guard try addSums(assertion, entity: Int(entry.entity), table) else { return .held(.moneyInvalid) }
    let source = AssertionSource(
      message: number, mapping: mappingNumbers[Int(entry.mapping)], path: rowPaths[Int(entry.path)], occurrence: Int(entry.occurrence),
      isFallback: entry.eventTimeIsFallback, entity: Int(entry.entity), moved: named.moved)
    let name = SliceView.RowName(entity: Int(entry.entity), keyIndex: named.key)
    if !isReplay { try review(row, of: message, name, db) }
    return try say(assertion, name, table, source, db)
  }

  /// Stores what is said of a row, whether that is known or new.
  func say(_ assertion: Assertion, _ name: SliceView.RowName, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws -> RowOutcome {
    if let known = try find(name, db) { return try add(assertion, to: known, name, table, source, db) }
    return try insertNew(assertion, name, table, source, db)
  }

  static func cells(_ buffer: RowBuffer, _ row: Int, _ table: EntityTable) -> [StoredCell] {
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

  func find(_ name: SliceView.RowName, _ db: any SQLConnection) throws -> KnownRow? {
    if let view { return view.number(of: name).map { view.rows[$0].known } }
    let values: SQLValues = [store.tables[name.entity].entity.name, name.keyIndex]
    return try db.first("SELECT ref, latest_instant, latest_rank FROM row_ WHERE entity = ? AND key_index = ?", values).map {
      try KnownRow(ref: $0[0], latestInstant: $0[1], latestRank: $0[2])
    }
  }

  private func insertNew(_ assertion: Assertion, _ name: SliceView.RowName, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws -> RowOutcome {
    var known = KnownRow(ref: try store.codec.newRef(), latestInstant: assertion.eventInstant, latestRank: assertion.sourceRank)
    let place = try put(in: RowTable.name, RowTable.columns, db) {
      $0.begin(columns: 5)
      $0.blob(known.ref)
      $0.text(table.entity.name)
      $0.blob(name.keyIndex)
      $0.integer(assertion.eventInstant)
      $0.integer(assertion.sourceRank)
    }
    if let number = view?.add(name, known) {
      known.number = number
      view?.rows[number].isNew = true
      view?.rows[number].pending = place
    }
    try insert(assertion, of: known, mac: try store.codec.contentMac(assertion, entity: table.entity.name, ref: known.ref), table, source, db)
    try noteChange(known, table, db)
    return .inserted
  }

  private func add(_ assertion: Assertion, to known: KnownRow, _ name: SliceView.RowName, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws
    -> RowOutcome
  {
    let isOlder = (assertion.eventInstant, assertion.sourceRank) < (known.latestInstant, known.latestRank)
    let mac = try store.codec.contentMac(assertion, entity: table.entity.name, ref: known.ref)
    let tied = try statements(of: known, at: assertion.eventInstant, assertion.sourceRank, table, db)
    if let same = tied.first(where: { $0.mac == mac }) {
      try support(same.id, firstSaidBy: same.message, table, source, db)
      return isOlder ? .superseded : .unchanged
    }
    var state = try current(known, table, db)
    if !state.decides(assertion) { state = try whole(known, table, db) }
    let changed = state.apply(assertion)
    // Only rows said of more than once are kept: a single assertion is cheaper to read again than to hold.
    store.currents.remember(state, known.ref)
    view?.rows[known.number].state = state
    try insert(assertion, of: known, mac: mac, table, source, db)
    if !tied.isEmpty { try crowd(.init(ref: known.ref, instant: assertion.eventInstant, rank: assertion.sourceRank), name.entity, db) }
    if !isOlder { try advance(known, to: assertion, db) }
    guard changed else { return isOlder ? .superseded : .unchanged }
    try noteChange(known, table, db)
    return known.latestInstant == TouchedRow.never ? .inserted : .updated
  }

  private func statements(of known: KnownRow, at instant: Int, _ rank: Int, _ table: EntityTable, _ db: any SQLConnection) throws -> [SliceView.Statement] {
    if let view { return view.rows[known.number].statements(at: instant, rank) }
    return try db.all(
      "SELECT content_mac, id, message FROM \(table.name) WHERE row_ref = ? AND event_instant = ? AND source_rank = ?", [known.ref, instant, rank]
    ).map { try SliceView.Statement(instant: instant, rank: rank, mac: $0[0], id: $0[1], message: $0[2]) }
  }

  private func crowd(_ tie: SliceView.Tie, _ entity: Int, _ db: any SQLConnection) throws {
    if view == nil { try orderTie(tie, store.tables[entity], db) } else { view?.crowded[tie] = entity }
  }

  /// What a row was said of last decides what counts as older.
  private func advance(_ known: KnownRow, to assertion: Assertion, _ db: any SQLConnection) throws {
    guard let place = view?.rows[known.number].pending else {
      return _ = try db.run("UPDATE row_ SET latest_instant = ?, latest_rank = ? WHERE ref = ?", [assertion.eventInstant, assertion.sourceRank, known.ref])
    }
    view?.rows[known.number].known.latestInstant = assertion.eventInstant
    view?.rows[known.number].known.latestRank = assertion.sourceRank
    if place < 0 {
      view?.rows[known.number].isLater = true
      return
    }
    pending.set(3, of: place, in: RowTable.name, to: assertion.eventInstant)
    pending.set(4, of: place, in: RowTable.name, to: assertion.sourceRank)
  }

  /// Notes that one more message says what is known: should the first one be read otherwise some day, it stays.
  private func support(_ assertion: Int, firstSaidBy first: Int, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws {
    guard source.message != first else { return }
    let values: [SQLValue] = [
      .text(table.entity.name), .integer(assertion), .integer(source.message), .integer(source.mapping), .text(source.path),
      .integer(source.occurrence), source.isFallback.sqlValue,
    ]
    try merge(values, into: "support", ["entity", "assertion", "message", "mapping", "row_path", "occurrence", "fallback"], "DO NOTHING", db)
    try noteMoved(assertion, table, source, db)
  }

  /// What a row of a message would be in the store; nil where its key is new or incomplete.
  func identity(_ row: Int, of message: MappedMessage, _ db: any SQLConnection) throws -> StatementIdentity? {
    let entry = message.rows.rows[row]
    guard store.tables.indices.contains(Int(entry.entity)), mappingNumbers.indices.contains(Int(entry.mapping)), rowPaths.indices.contains(Int(entry.path))
    else { throw StoreError.rowsMalformed }
    let table = store.tables[Int(entry.entity)]
    guard let named = try name(of: row, message), let known = try find(.init(entity: Int(entry.entity), keyIndex: named.key), db) else { return nil }
    let cells = named.moved?.cells ?? cells(message.rows, row)
    let assertion = Assertion(eventInstant: entry.eventInstant, sourceRank: sourceRank, action: entry.action, cells: cells)
    return StatementIdentity(
      entity: Int(entry.entity), ref: known.ref, mac: try store.codec.contentMac(assertion, entity: table.entity.name, ref: known.ref),
      mapping: mappingNumbers[Int(entry.mapping)], path: rowPaths[Int(entry.path)], occurrence: Int(entry.occurrence), isFallback: entry.eventTimeIsFallback)
  }

  private func insert(_ assertion: Assertion, of known: KnownRow, mac: Bytes16, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws {
    let id = try nextAssertions[source.entity] ?? db.value("SELECT coalesce(max(id), 0) + 1 FROM \(table.name)") ?? 1
    nextAssertions[source.entity] = id + 1
    try put(in: table.name, table.columns, db) {
      $0.begin(columns: table.columns.count)
      $0.integer(id)
      $0.blob(known.ref)
      $0.integer(assertion.eventInstant)
      $0.integer(assertion.sourceRank)
      $0.blob(mac)
      $0.integer(source.message)
      $0.integer(source.mapping)
      $0.text(source.path)
      $0.integer(source.occurrence)
      $0.integer(source.isFallback ? 1 : 0)
      $0.text(store.codec.cleared(assertion, table: table))
      try store.codec.pack(assertion, table: table, ref: known.ref, mac: mac, into: &$0)
    }
    try noteMoved(id, table, source, db)
    view?.rows[known.number].statements.append(
      .init(instant: assertion.eventInstant, rank: assertion.sourceRank, mac: mac, id: id, message: source.message))
    view?.rows[known.number].said.append(assertion)
  }

  /// A change booked to a night that was extracted, or to one before it, is due in the next extract too: the older nights stay as they were sent, and whether
  /// the last one is extracted again nobody knows. Where it is, the next extract finds the row sent and suppresses it.
  /// A replay of a night that was extracted changes nothing of that night: what it changes is due in the next extract only.
  func noteChange(_ ref: Bytes16, _ table: EntityTable, _ db: any SQLConnection) throws { try noteChange(of: ref, isNew: false, table, db) }

  private func noteChange(_ known: KnownRow, _ table: EntityTable, _ db: any SQLConnection) throws {
    guard let row = view?.rows[known.number] else { return try noteChange(known.ref, table, db) }
    if row.isNoted { return }
    view?.rows[known.number].isNoted = true
    try noteChange(of: known.ref, isNew: row.isNew, table, db)
  }

  /// A row of which the store knows nothing yet has no notes either.
  private func noteChange(of ref: Bytes16, isNew: Bool, _ table: EntityTable, _ db: any SQLConnection) throws {
    try witness?(ref, table)
    let isExtracted = lastExtractNight.map { $0 >= drop.night } ?? false
    if !(isReplay && isExtracted) { try book(ref, isNew: isNew, table, db) }
    guard isExtracted, let extracted = lastExtractNight else { return }
    let values: [SQLValue] = [.text(table.entity.name), ref.sqlValue, .text(extracted.description)], columns = ["entity", "ref", "after_night"]
    if isNew { return _ = try put(values, in: "late_", columns, db) }
    try merge(values, into: "late_", columns, "(entity, ref) DO UPDATE SET after_night = excluded.after_night", db)
  }

  private func book(_ ref: Bytes16, isNew: Bool, _ table: EntityTable, _ db: any SQLConnection) throws {
    if !isNew { return try merge([.text(night), .text(table.entity.name), ref.sqlValue], into: "change_", Self.changeColumns, "DO NOTHING", db) }
    try put(in: "change_", Self.changeColumns, db) {
      $0.begin(columns: 3)
      $0.text(night)
      $0.text(table.entity.name)
      $0.blob(ref)
    }
  }

  private static let changeColumns = ["night", "entity", "ref"]
}

/// Where an assertion comes from.
struct AssertionSource {
  var message: Int
  var mapping: Int
  var path: String
  var occurrence: Int
  var isFallback: Bool
  var entity: Int
  /// What was said, where it counts as something else.
  var moved: MovedRow?
}
