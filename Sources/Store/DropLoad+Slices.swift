import Core

extension DropLoad {
  /// Takes a message in; it is settled with its slice.
  func take(_ message: MappedMessage) throws {
    guard message.rows.rows.allSatisfy({ fits($0) }), message.heldRows.allSatisfy({ store.tables.indices.contains(Int($0.entity)) }),
      message.skipped.allSatisfy({ store.tables.indices.contains($0.entity) && $0.count >= 0 })
    else { throw StoreError.rowsMalformed }
    links += try linkNames(message)
    slice.add(message)
  }

  private func fits(_ row: RowBuffer.Row) -> Bool {
    store.tables.indices.contains(Int(row.entity)) && mappingNumbers.indices.contains(Int(row.mapping)) && rowPaths.indices.contains(Int(row.path))
  }

  /// The messages that were taken in, under the names by which the store knows them. It needs no connection, so rows may be written meanwhile.
  /// Of messages that are likely to be known the rows are named later, where they are new after all.
  func takeSlice() throws -> [NamedMessage] {
    try slice.take().map { message in
      var named = try named(message)
      if !comesAgain { try nameRows(of: &named) }
      return named
    }
  }

  /// Settles the messages of a slice, one after the other. What the slice before said is written meanwhile: what the store holds is looked up
  /// before that begins, and what that slice said is laid over it.
  func settle(_ messages: [NamedMessage], _ db: any SQLConnection) throws {
    if messages.isEmpty { return }
    try orderTies(db)
    var messages = messages
    let next = try look(&messages, db)
    try writeAside()
    view = next
    for message in messages { try settle(message, db) }
  }

  private func writeAside() throws {
    guard let view else { return }
    pending.advance(view.later)
    crowded = view.crowded
    pending = try store.write(aside: pending)
  }

  /// Settles what was taken in and writes all that is not written yet.
  func settleAll(_ db: any SQLConnection) throws {
    try settle(try takeSlice(), db)
    try orderTies(db)
    try writeSlice(db)
  }

  /// Writes what was said since `view` was made.
  func writeSlice(_ db: any SQLConnection) throws {
    guard let view else { return }
    pending.advance(view.later)
    try pending.write(db)
    crowded = view.crowded
    try orderTies(db)
    self.view = nil
  }

  private func named(_ message: MappedMessage) throws -> NamedMessage {
    NamedMessage(
      message: message, mac: try store.codec.messageMac(feed: drop.feed, digest: message.digest),
      control: try store.codec.controlMac(feed: drop.feed, identity: message.controlIdentity), keys: [])
  }

  private func nameRows(of named: inout NamedMessage) throws {
    guard case .rows = named.message.verdict, named.keys.isEmpty else { return }
    for row in named.message.rows.rows.indices { named.keys.append(try name(of: row, named.message)) }
  }

  /// Nil where the key of a row is incomplete.
  func name(of row: Int, _ message: MappedMessage) throws -> NamedRow? {
    let number = Int(message.rows.rows[row].entity)
    guard store.tables.indices.contains(number) else { throw StoreError.rowsMalformed }
    let entity = store.tables[number].entity
    guard let key = message.rows.key(row: row, entity: entity) else { return nil }
    let moved = try moved(row, of: message, key: key)
    return NamedRow(entity: number, key: try store.codec.keyIndex(entity: entity.name, key: moved?.key ?? key), moved: moved)
  }

  // MARK: What the store holds

  private func look(_ messages: inout [NamedMessage], _ db: any SQLConnection) throws -> SliceView {
    var view = SliceView(rowCapacity: messages.reduce(0) { $0 + $1.keys.count })
    try lookForMessages(messages, &view, db)
    let new = messages.indices.filter { number in messages[number].mac.map { !view.macs.contains($0) } ?? true }
    for number in new { try nameRows(of: &messages[number]) }
    comesAgain = new.count < messages.count / 2
    try lookForRows(new.flatMap { asked(messages[$0]) }, &view, db)
    return view
  }

  private func asked(_ named: NamedMessage) -> [AskedRow] {
    let rows = named.message.rows
    return named.keys.enumerated().compactMap { number, name in
      guard let name else { return nil }
      let row = rows.rows[number]
      return AskedRow(
        name: .init(entity: name.entity, keyIndex: name.key), instant: row.eventInstant, rank: Assertion.rank(sourceRank, row.action),
        cells: { name.moved?.cells ?? self.cells(rows, number) })
    }
  }

  /// Which messages are known, and which of their control ids came with other bytes.
  private func lookForMessages(_ messages: [NamedMessage], _ view: inout SliceView, _ db: any SQLConnection) throws {
    let macs = Set(messages.compactMap(\.mac)), asked = macs.map { [SQLValue.blob($0)] }
    try db.find(["mac"], in: "message", by: ["mac"], asked, then: "AND disposition <> 'duplicate' AND held_for_delivery = 0") { view.macs.insert(try $0[0]) }
    if hasHeirs { try db.find(["mac"], in: "heir_", by: ["mac"], asked, then: "") { view.macs.insert(try $0[0]) } }
    let numbered = messages.filter { $0.mac != nil && $0.control != nil }
    let reused = try db.places(in: "message", where: "control_mac", isNot: "mac", numbered.map { [.blob($0.control ?? []), .blob($0.mac ?? [])] })
    for place in reused { if let mac = numbered[place].mac { view.reused.insert(mac) } }
    guard let before = self.view else { return }
    view.macs.formUnion(macs.intersection(before.macs))
    for control in numbered.compactMap(\.control) { view.controls[control] = before.controls[control] }
  }

  /// A row, and what is to be said of it.
  struct AskedRow {
    var name: SliceView.RowName
    var instant: Int
    var rank: Int
    /// Made when they are asked for: for most rows nobody does.
    var cells: () -> [StoredCell]

    var assertion: Assertion { Assertion(eventInstant: instant, sourceRank: rank, cells: cells()) }
  }

  /// The rows that are named, of these the statements that share event time and rank with what is to be said, and the current content of those
  /// of which something new is to be said.
  func lookForRows(_ named: [AskedRow], _ view: inout SliceView, _ db: any SQLConnection) throws {
    var keys: [Int: Set<Bytes16>] = [:]
    for row in named where try !carry(row.name, into: &view, db) { keys[row.name.entity, default: []].insert(row.name.keyIndex) }
    for (entity, indexes) in keys {
      let asked = indexes.map { [SQLValue.text(store.tables[entity].entity.name), $0.sqlValue] }
      try db.find(["key_index", "ref", "latest_instant", "latest_rank"], in: RowTable.name, by: ["entity", "key_index"], asked, then: "") {
        let known = KnownRow(ref: try $0[1], latestInstant: try $0[2], latestRank: try $0[3])
        view.add(.init(entity: entity, keyIndex: try $0[0]), known)
      }
    }
    if view.rows.isEmpty { return }
    try lookForTies(named, &view, db)
    try lookForCurrents(named, &view, db)
  }

  /// Lays what the slice before knew of a row, and said of it, over what the store holds: that is on its way there. False where it named no such row.
  private func carry(_ name: SliceView.RowName, into view: inout SliceView, _ db: any SQLConnection) throws -> Bool {
    if view.number(of: name) != nil { return true }
    guard let before = self.view, let number = before.number(of: name) else { return false }
    let row = before.rows[number], place = view.add(name, row.known)
    view.rows[place].isNoted = row.isNoted
    // A row of which that slice said nothing new was not folded, and is read as any other where it must be.
    guard row.isNew || row.state != nil || !row.said.isEmpty, store.currents[row.known.ref] == nil else { return true }
    view.rows[place].state = try current(row.known, store.tables[name.entity], db)
    return true
  }

  /// Finds the statements that share event time and rank with what is to be said.
  private func lookForTies(_ named: [AskedRow], _ view: inout SliceView, _ db: any SQLConnection) throws {
    var seen: Set<SliceView.Tie> = [], asked: [Int: [SliceView.Tie]] = [:], numbers: [Bytes16: Int] = [:]
    for row in named {
      guard let number = view.number(of: row.name) else { continue }
      let tie = SliceView.Tie(ref: view.rows[number].known.ref, instant: row.instant, rank: row.rank)
      guard seen.insert(tie).inserted else { continue }
      let before = self.view?.number(of: row.name), carried = before.flatMap { self.view?.rows[$0].statements(at: row.instant, row.rank) } ?? []
      view.rows[number].statements += carried
      if !carried.isEmpty || before.map({ self.view?.rows[$0].isNew == true }) == true { continue }
      asked[row.name.entity, default: []].append(tie)
      numbers[tie.ref] = number
    }
    for (entity, ties) in asked {
      let keys = ties.map { [$0.ref.sqlValue, .integer($0.instant), .integer($0.rank)] }
      let columns = ["row_ref", "event_instant", "source_rank", "content_mac", "id", "message"]
      try db.find(columns, in: store.tables[entity].name, by: ["row_ref", "event_instant", "source_rank"], keys, then: "") {
        guard let number = numbers[try $0[0]] else { return }
        view.rows[number].statements.append(.init(instant: try $0[1], rank: try $0[2], mac: try $0[3], id: try $0[4], message: try $0[5]))
      }
    }
  }

  /// Numbers the statements of one event time and rank by their content, so that a process without all keys can still fold in order.
  private func orderTies(_ db: any SQLConnection) throws {
    for (tie, entity) in crowded { try orderTie(tie, store.tables[entity], db) }
    crowded = [:]
  }

  func orderTie(_ tie: SliceView.Tie, _ table: EntityTable, _ db: any SQLConnection) throws {
    let records = try db.all(table.selectTied, [tie.ref, tie.instant, tie.rank])
    let classes = Set(table.sealedClasses)
    let contents = try records.map { (id: try $0[0] as Int, bytes: try store.codec.assertion($0, table: table, ref: tie.ref, classes: classes).content) }
    for (number, entry) in contents.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }).enumerated() {
      try db.run("UPDATE \(table.name) SET tie = ? WHERE id = ?", [number, entry.id])
    }
  }

  // MARK: What the slice says

  /// Writes a row: with its slice, or at once where there is none. Gives its place among the rows that are still to be written, else -1.
  @discardableResult
  func put(_ values: [SQLValue], in table: String, _ columns: @autoclosure () -> [String], _ db: any SQLConnection) throws -> Int {
    try put(in: table, columns(), db) { $0.append(row: values) }
  }

  @discardableResult
  func put(in table: String, _ columns: @autoclosure () -> [String], _ db: any SQLConnection, _ fill: (inout PackedRows) throws -> Void) throws -> Int {
    if view != nil { return try pending.add(to: table, columns(), fill) }
    var rows = PackedRows(keepsText: store.codec.keepsOpenText)
    try fill(&rows)
    try db.add(rows, to: table, columns())
    return -1
  }

  /// As `put`, for a row that may be there.
  func merge(_ values: [SQLValue], into table: String, _ columns: [String], _ conflict: String, _ db: any SQLConnection) throws {
    if view != nil { return pending.merge(values, into: table, columns, conflict) }
    try db.merge([values], into: table, columns, conflict)
  }
}
