import Core

extension DropLoad {
  /// Takes a message in; it is settled with its slice.
  func take(_ message: MappedMessage, _ db: any SQLConnection) throws {
    guard message.rows.rows.allSatisfy({ fits($0) }), message.heldRows.allSatisfy({ store.tables.indices.contains(Int($0.entity)) }),
      message.skipped.allSatisfy({ store.tables.indices.contains($0.entity) && $0.count >= 0 })
    else { throw StoreError.rowsMalformed }
    links += try linkNames(message)
    slice.add(message)
    if slice.isFull { try settleSlice(db) }
  }

  private func fits(_ row: RowBuffer.Row) -> Bool {
    store.tables.indices.contains(Int(row.entity)) && mappingNumbers.indices.contains(Int(row.mapping)) && rowPaths.indices.contains(Int(row.path))
  }

  /// Settles the messages that were taken in, one after the other, and writes what they say.
  func settleSlice(_ db: any SQLConnection) throws {
    let messages = try slice.take().map { try named($0) }
    if messages.isEmpty { return }
    view = try look(messages, db)
    for message in messages { try settle(message, db) }
    try writeSlice(db)
  }

  /// Writes what was said since `view` was made.
  func writeSlice(_ db: any SQLConnection) throws {
    try pending.write(db)
    try orderTies(db)
    let later = (view?.later ?? [:]).map { [SQLValue.integer($1.latestInstant), .integer($1.latestRank), .blob($0)] }
    try db.amend(RowTable.name, set: ["latest_instant", "latest_rank"], by: "ref", later)
    view = nil
  }

  private func named(_ message: MappedMessage) throws -> NamedMessage {
    var named = NamedMessage(
      message: message, mac: try store.codec.messageMac(feed: drop.feed, digest: message.digest),
      control: try store.codec.controlMac(feed: drop.feed, identity: message.controlIdentity), keys: [])
    guard case .rows = message.verdict else { return named }
    for row in message.rows.rows.indices { named.keys.append(try name(of: row, message)) }
    return named
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

  private func look(_ messages: [NamedMessage], _ db: any SQLConnection) throws -> SliceView {
    var view = SliceView()
    try db.find(["mac"], in: "message", by: ["mac"], Set(messages.compactMap(\.mac)).map { [.blob($0)] }, and: "disposition <> 'duplicate' AND held_for_delivery = 0") {
      view.macs.insert(try $0[0])
    }
    if hasHeirs { try db.find(["mac"], in: "heir_", by: ["mac"], Set(messages.compactMap(\.mac)).map { [.blob($0)] }, and: "") { view.macs.insert(try $0[0]) } }
    let numbered = messages.filter { $0.mac != nil && $0.control != nil }
    let reused = try db.places(in: "message", where: "control_mac", isNot: "mac", numbered.map { [.blob($0.control ?? []), .blob($0.mac ?? [])] })
    for place in reused { if let mac = numbered[place].mac { view.reused.insert(mac) } }
    let new = messages.filter { message in message.mac.map { !view.macs.contains($0) } ?? true }
    let named = new.flatMap { message in
      zip(message.message.rows.rows, message.keys).compactMap { row, key in
        key.map { AskedRow(name: .init(entity: $0.entity, keyIndex: $0.key), instant: row.eventInstant, rank: Assertion.rank(sourceRank, row.action)) }
      }
    }
    try lookForRows(named, &view, db)
    return view
  }

  /// A row, and the event time and rank of what is to be said of it.
  struct AskedRow {
    var name: SliceView.RowName
    var instant: Int
    var rank: Int
  }

  /// The rows that are named, and of these the statements that share event time and rank with what is to be said.
  func lookForRows(_ named: [AskedRow], _ view: inout SliceView, _ db: any SQLConnection) throws {
    var keys: [Int: Set<[UInt8]>] = [:]
    for row in named { keys[row.name.entity, default: []].insert(row.name.keyIndex) }
    for (entity, indexes) in keys {
      let asked = indexes.map { [SQLValue.text(store.tables[entity].entity.name), .blob($0)] }
      try db.find(["key_index", "ref", "latest_instant", "latest_rank"], in: RowTable.name, by: ["entity", "key_index"], asked, and: "") {
        view.rows[.init(entity: entity, keyIndex: try $0[0])] = KnownRow(ref: try $0[1], latestInstant: try $0[2], latestRank: try $0[3])
      }
    }
    if view.rows.isEmpty { return }
    try fold(view.rows, into: &view, db)
    var ties: [Int: Set<SliceView.Tie>] = [:]
    for row in named {
      guard let known = view.rows[row.name] else { continue }
      ties[row.name.entity, default: []].insert(.init(ref: known.ref, instant: row.instant, rank: row.rank))
    }
    for (entity, asked) in ties {
      let keys = asked.map { [SQLValue.blob($0.ref), .integer($0.instant), .integer($0.rank)] }
      let columns = ["row_ref", "event_instant", "source_rank", "content_mac", "id", "message"]
      try db.find(columns, in: store.tables[entity].name, by: ["row_ref", "event_instant", "source_rank"], keys, and: "") {
        view.ties[.init(ref: try $0[0], instant: try $0[1], rank: try $0[2]), default: []].append(.init(mac: try $0[3], id: try $0[4], message: try $0[5]))
      }
    }
  }

  /// Folds what the store says of rows that it knows.
  private func fold(_ rows: [SliceView.RowName: KnownRow], into view: inout SliceView, _ db: any SQLConnection) throws {
    var refs: [Int: [[SQLValue]]] = [:]
    for (name, row) in rows where store.currents[row.ref] == nil { refs[name.entity, default: []].append([.blob(row.ref)]) }
    var states: [[UInt8]: CurrentState] = [:]
    for (entity, asked) in refs {
      let table = store.tables[entity], classes = Set(table.sealedClasses), columns = table.selected + ["row_ref"]
      try db.find(columns, in: table.name, by: ["row_ref"], asked, and: "") { record in
        let ref: [UInt8] = try record[columns.count - 1]
        _ = states[ref, default: CurrentState(fieldCount: table.entity.fields.count)].apply(
          try store.codec.assertion(record, table: table, ref: ref, classes: classes))
      }
    }
    view.states = states
  }

  /// Numbers the statements of one event time and rank by their content, so that a process without all keys can still fold in order.
  private func orderTies(_ db: any SQLConnection) throws {
    for (tie, entity) in view?.crowded ?? [:] { try orderTie(tie, store.tables[entity], db) }
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
