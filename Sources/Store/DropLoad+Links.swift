import Core

extension DropLoad {
  /// The rows of a message that say what another row was replaced by, or that it no longer is.
  func linked(_ message: MappedMessage) -> [Int] {
    let plan = store.links.plan
    return message.rows.rows.indices.filter { row in
      let entity = Int(message.rows.rows[row].entity)
      guard let field = plan.entities[entity].replacedBy else { return false }
      return message.rows.cells[message.rows.cellRange(row: row)].contains { Int($0.field) == field && $0.state != .absent }
    }
  }

  /// What a row counts as where it names one that was replaced; nil where it counts as it was said.
  func moved(_ row: Int, of message: MappedMessage, key: [UInt8]) throws -> MovedRow? {
    if store.links.isEmpty { return nil }
    let entry = message.rows.rows[row], entity = Int(entry.entity)
    let assertion = Assertion(
      eventInstant: entry.eventInstant, sourceRank: sourceRank, action: entry.action, cells: cells(message.rows, row))
    return store.links.moved(entity, assertion)
  }

  /// The same as names.
  func linkNames(_ message: MappedMessage) throws -> [LinkTable.Name] {
    try linked(message).compactMap { row in
      let entity = Int(message.rows.rows[row].entity)
      guard let key = message.rows.key(row: row, entity: store.tables[entity].entity) else { return nil }
      return LinkTable.Name(entity: entity, key: try moved(row, of: message, key: key)?.key ?? key)
    }
  }

  /// As many patients are looked at together.
  private static var patientsAtOnce: Int { 128 }

  /// Brings the links of the named rows up to what is said of them, and moves what was said under keys that now stand for others.
  ///
  /// All links first, then each patient whose rows they may move once: a chain costs what its links and rows cost, however long it is. What was moved
  /// may be links too, so it goes on until nothing changes.
  func followLinks(of names: [LinkTable.Name], _ db: any SQLConnection) throws {
    var waiting = Set(names)
    while !waiting.isEmpty {
      var changed: Set<[UInt8]> = []
      for name in waiting where try refreshLink(name, db) { if let patient = store.links.patient(of: name) { changed.insert(patient) } }
      waiting.removeAll()
      let affected = store.links.affected(by: changed).sorted { $0.lexicographicallyPrecedes($1) }
      for start in stride(from: 0, to: affected.count, by: Self.patientsAtOnce) {
        waiting.formUnion(try resay(Array(affected[start..<min(start + Self.patientsAtOnce, affected.count)]), db))
      }
    }
  }

  /// True where the link of a row is another one now.
  private func refreshLink(_ name: LinkTable.Name, _ db: any SQLConnection) throws -> Bool {
    let entity = store.tables[name.entity].entity.name
    let source = try store.codec.keyIndex(entity: entity, key: name.key)
    var link: RowLink?
    if let known = try find(.init(entity: name.entity, keyIndex: source), db) { link = try self.link(of: known.ref, name, db) }
    if store.links[name] == link { return false }
    store.links[name] = link
    try db.run("DELETE FROM link_ WHERE entity = ? AND source = ?", [entity, source])
    if let link {
      let keys = try store.codec.sealedKeys(RowKey.encode([name.key, link.target]), SiteStore.label(entity, source.bytes))
      try db.run("INSERT INTO link_(entity, source, keys, since, takes_all) VALUES (?, ?, ?, ?, ?)", [entity, source, keys, link.since, link.takesAll])
    }
    return true
  }

  /// What a row was replaced by, as the last statement says that says anything of it, or a later decision. Deleting a row does not undo its link.
  private func link(of ref: Bytes16, _ name: LinkTable.Name, _ db: any SQLConnection) throws -> RowLink? {
    let table = store.tables[name.entity], plan = store.links.plan.entities[name.entity], classes = Set(table.sealedClasses)
    guard let field = plan.replacedBy else { return nil }
    var last: Assertion?
    try db.each(table.select, [ref]) { record in
      let assertion = try store.codec.assertion(record, table: table, ref: ref, classes: classes)
      if !assertion.isWithdrawal, assertion.cells[field] != .absent { last = assertion }
    }
    if let decided = try decidedLink(of: name, ref, db), last.map({ $0.eventInstant < decided.since }) ?? true { return decided }
    guard let last, let target = last.cells[field].bytes else { return nil }
    return RowLink(target: target, since: last.eventInstant, takesAll: plan.replacedAs.map { last.cells[$0].bytes == LinkPlan.renumbered } ?? false)
  }

  /// The name of a row that may be replaced by another; nil for any other row.
  func linkable(_ ref: Bytes16, _ table: EntityTable, _ db: any SQLConnection) throws -> LinkTable.Name? {
    guard let entity = store.dictionary.index(of: table.entity.name), store.links.plan.entities[entity].replacedBy != nil,
      let record = try db.first(table.select, [ref])
    else { return nil }
    let assertion = try store.codec.assertion(record, table: table, ref: ref, classes: Set(table.sealedClasses))
    return store.links.plan.key(entity, assertion.cells).map { .init(entity: entity, key: $0) }
  }

  // MARK: What was said under a number

  /// Says anew what was said of some patients and counts elsewhere now; gives the names, before and now, of those that are links.
  private func resay(_ patients: [[UInt8]], _ db: any SQLConnection) throws -> [LinkTable.Name] {
    // In the order of their keys, since the first that comes to a key without a row keeps its ref: refs are random, and who was sent a row knows it by that.
    let leaving = Dictionary(grouping: try sayings(of: patients, db).filter(\.isLeaving), by: \.ref).sorted { Self.precedes($0.value[0], $1.value[0]) }
    if leaving.isEmpty { return [] }
    var touched: [TouchedRow] = []
    for (ref, sayings) in leaving {
      let table = store.tables[sayings[0].entity]
      touched.append(try TouchedRow(ref, table, self, db))
      try rename(ref, sayings, table, db)
      for saying in sayings { try take(saying, table, db) }
    }
    let sayings = leaving.flatMap(\.value)
    try sayAnew(sayings, db)
    for row in touched { try row.resetLatest(db) }
    store.currents.removeAll()
    for row in touched { try row.settle(self, db) }
    return sayings.filter { store.links.plan.isLink($0.entity, $0.assertion.cells) }.flatMap { saying in
      [saying.stood, store.links.plan.key(saying.entity, saying.assertion.cells)].compactMap { $0.map { .init(entity: saying.entity, key: $0) } }
    }
  }

  private static func precedes(_ left: Saying, _ right: Saying) -> Bool {
    if left.entity != right.entity { return left.entity < right.entity }
    return (left.stood ?? []).lexicographicallyPrecedes(right.stood ?? [])
  }

  /// As a slice of a load does it: what the store holds of all that is named is asked at once, and what is said is written at once.
  private func sayAnew(_ sayings: [Saying], _ db: any SQLConnection) throws {
    let names = try sayings.map { SliceView.RowName(entity: $0.entity, keyIndex: try index($0)) }
    var view = SliceView()
    let asked = zip(names, sayings).map { name, saying in
      AskedRow(name: name, instant: saying.assertion.eventInstant, rank: saying.assertion.sourceRank, cells: { saying.assertion.cells })
    }
    try lookForRows(asked, &view, db)
    self.view = view
    for (name, saying) in zip(names, sayings) {
      try dated(saying.entity, db) { _ = try say(saying.assertion, name, store.tables[saying.entity], saying.source, db) }
    }
    try writeSlice(db)
  }

  private func index(_ saying: Saying) throws -> Bytes16 {
    guard let key = store.links.plan.key(saying.entity, saying.assertion.cells) else { throw StoreError.rowsMalformed }
    return try store.codec.keyIndex(entity: store.tables[saying.entity].entity.name, key: key)
  }

  /// A row that leaves whole, for a key under which there is none, keeps its ref: to those who have it, it is the same row.
  private func rename(_ ref: Bytes16, _ leaving: [Saying], _ table: EntityTable, _ db: any SQLConnection) throws {
    let targets = Set(try leaving.map(index))
    guard targets.count == 1, let target = targets.first, try find(.init(entity: leaving[0].entity, keyIndex: target), db) == nil else { return }
    let own = try db.value("SELECT count(*) FROM \(table.name) WHERE row_ref = ?", [ref]) ?? 0
    let others = try db.value("SELECT count(*) FROM support s JOIN \(table.name) a ON a.id = s.assertion WHERE s.entity = ? AND a.row_ref = ?", [table.entity.name, ref]) ?? 0
    guard own + others == leaving.count else { return }
    try db.run("UPDATE row_ SET key_index = ? WHERE ref = ?", [target, ref])
  }

  private func take(_ saying: Saying, _ table: EntityTable, _ db: any SQLConnection) throws {
    guard let statement = try StoredStatement.one(saying.id, of: saying.source.message, entity: saying.entity, table, db) else { return }
    let isSaid = try keepingPast(statement, table, db) { try statement.leave(to: table, message: saying.source.message, db) }
    if !isSaid { try past.delete(saying.id, table, db) }
    store.currents.removeAll()
  }

  /// Notes under which key a message said what counts under another one.
  func noteMoved(_ assertion: Int, _ table: EntityTable, _ source: AssertionSource, _ db: any SQLConnection) throws {
    guard let moved = source.moved else { return }
    let said = try store.codec.sealedKeys(StoredCell.encode(moved.said), SiteStore.label(table.entity.name, assertion, source.message))
    let values: [SQLValue] = [
      .text(table.entity.name), .integer(assertion), .integer(source.message), try store.codec.keyIndex(entity: "patient", key: moved.patient).sqlValue, .blob(said),
    ]
    try merge(values, into: "moved_", ["entity", "assertion", "message", "patient", "said"], "DO NOTHING", db)
  }
}

extension LinkTable {
  /// What an assertion counts as; nil where it counts as it was said.
  func moved(_ entity: Int, _ said: Assertion) -> MovedRow? {
    guard let cells = moved(entity, said.cells, at: said.eventInstant, isWithdrawal: said.isWithdrawal), let key = plan.key(entity, cells),
      let patient = plan.patient(entity, said.cells)
    else { return nil }
    return MovedRow(cells: cells, key: key, said: said.cells, patient: patient)
  }
}

extension SiteStore {
  static func label(_ entity: String, _ source: [UInt8]) -> [[UInt8]] { [Array("link".utf8), Array(entity.utf8), source] }

  static func label(_ entity: String, _ assertion: Int, _ message: Int) -> [[UInt8]] {
    [Array("moved".utf8), Array(entity.utf8), Array("\(assertion)".utf8), Array("\(message)".utf8)]
  }

  /// Reads the links anew where another process may have written since. On PostgreSQL that is a run of another epoch, which would have ended ours.
  func readLinks(_ db: any SQLConnection) throws {
    let version = db.dialect.seesOtherWriters ? try db.dataVersion() : ownEpoch
    if version == linksVersion { return }
    linksVersion = nil
    var table = LinkTable(links.plan)
    for row in try db.all("SELECT entity, source, keys, since, takes_all FROM link_") {
      let entity: String = try row[0], source: [UInt8] = try row[1]
      let keys = RowKey.parts(try codec.openedKeys(row[2], Self.label(entity, source), of: entity)) ?? []
      guard let number = dictionary.index(of: entity), keys.count == 2 else { throw StoreError.broken(entity) }
      table[.init(entity: number, key: keys[0])] = RowLink(target: keys[1], since: try row[3], takesAll: try row[4])
    }
    links = table
    linksVersion = version
  }
}
