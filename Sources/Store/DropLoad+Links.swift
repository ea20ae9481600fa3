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
      eventInstant: entry.eventInstant, sourceRank: sourceRank, action: entry.action, cells: Self.cells(message.rows, row, store.tables[entity]))
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

  /// Brings the links of the named rows up to what is said of them, and moves what was said under keys that now stand for others.
  func followLinks(of names: [LinkTable.Name], _ db: any SQLConnection) throws {
    var waiting = names
    while let name = waiting.popLast() {
      guard try refreshLink(name, db), let patient = store.links.patient(of: name) else { continue }
      for number in store.links.affected(by: patient) { waiting += try resay(number, db) }
    }
  }

  /// True where the link of a row is another one now.
  private func refreshLink(_ name: LinkTable.Name, _ db: any SQLConnection) throws -> Bool {
    let entity = store.tables[name.entity].entity.name
    let source = try store.codec.keyIndex(entity: entity, key: name.key)
    var link: RowLink?
    if let known = try find(.init(entity: name.entity, keyIndex: source), db) { link = try self.link(of: known.ref, name.entity, db) }
    if store.links[name] == link { return false }
    store.links[name] = link
    try db.run("DELETE FROM link_ WHERE entity = ? AND source = ?", [entity, source])
    if let link {
      let keys = try store.codec.sealedKeys(RowKey.encode([name.key, link.target]), SiteStore.label(entity, source))
      try db.run("INSERT INTO link_(entity, source, keys, since, takes_all) VALUES (?, ?, ?, ?, ?)", [entity, source, keys, link.since, link.takesAll])
    }
    return true
  }

  /// What a row was replaced by, as the last statement says that says anything of it. Deleting a row does not undo its link.
  private func link(of ref: [UInt8], _ entity: Int, _ db: any SQLConnection) throws -> RowLink? {
    let table = store.tables[entity], plan = store.links.plan.entities[entity], classes = Set(table.sealedClasses)
    guard let field = plan.replacedBy else { return nil }
    var last: Assertion?
    try db.each(table.select, [ref]) { record in
      let assertion = try store.codec.assertion(record, table: table, ref: ref, classes: classes)
      if !assertion.isWithdrawal, assertion.cells[field] != .absent { last = assertion }
    }
    guard let last, let target = last.cells[field].bytes else { return nil }
    return RowLink(target: target, since: last.eventInstant, takesAll: plan.replacedAs.map { last.cells[$0].bytes == LinkPlan.renumbered } ?? false)
  }

  /// The name of a row that may be replaced by another; nil for any other row.
  func linkable(_ ref: [UInt8], _ table: EntityTable, _ db: any SQLConnection) throws -> LinkTable.Name? {
    guard let entity = store.dictionary.index(of: table.entity.name), store.links.plan.entities[entity].replacedBy != nil,
      let record = try db.first(table.select, [ref])
    else { return nil }
    let assertion = try store.codec.assertion(record, table: table, ref: ref, classes: Set(table.sealedClasses))
    return store.links.plan.key(entity, assertion.cells).map { .init(entity: entity, key: $0) }
  }

  // MARK: What was said under a number

  /// Says anew what was said of one patient and counts elsewhere now; gives the names, before and now, of those that are links.
  private func resay(_ patient: [UInt8], _ db: any SQLConnection) throws -> [LinkTable.Name] {
    var links: [LinkTable.Name] = []
    var touched: [TouchedRow] = []
    for (ref, sayings) in Dictionary(grouping: try sayings(of: patient, db), by: \.ref).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let leaving = sayings.filter { $0.isLeaving }
      guard let first = leaving.first else { continue }
      let table = store.tables[first.entity]
      if !touched.contains(where: { $0.ref == ref }) { touched.append(try TouchedRow(ref, table, self, db)) }
      try rename(ref, leaving, table, db)
      for saying in leaving {
        try take(saying, table, db)
        try dated(saying.entity, db) { _ = try say(saying.assertion, .init(entity: saying.entity, keyIndex: try index(saying)), table, saying.source, db) }
        guard store.links.plan.isLink(saying.entity, saying.assertion.cells) else { continue }
        links += [saying.stood, store.links.plan.key(saying.entity, saying.assertion.cells)].compactMap { $0.map { .init(entity: saying.entity, key: $0) } }
      }
    }
    for row in touched { try row.resetLatest(db) }
    if !touched.isEmpty { store.currents.removeAll() }
    for row in touched { try row.settle(self, db) }
    return links
  }

  private func index(_ saying: Saying) throws -> [UInt8] {
    guard let key = store.links.plan.key(saying.entity, saying.assertion.cells) else { throw StoreError.rowsMalformed }
    return try store.codec.keyIndex(entity: store.tables[saying.entity].entity.name, key: key)
  }

  /// A row that leaves whole, for a key under which there is none, keeps its ref: to those who have it, it is the same row.
  private func rename(_ ref: [UInt8], _ leaving: [Saying], _ table: EntityTable, _ db: any SQLConnection) throws {
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
    try db.run(
      "INSERT INTO moved_(entity, assertion, message, patient, said) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      [table.entity.name, assertion, source.message, try store.codec.keyIndex(entity: "patient", key: moved.patient), said])
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

  /// Reads the links anew: another process may have written since.
  func readLinks(_ db: any SQLConnection) throws {
    var table = LinkTable(links.plan)
    for row in try db.all("SELECT entity, source, keys, since, takes_all FROM link_") {
      let entity: String = try row[0], source: [UInt8] = try row[1]
      let keys = RowKey.parts(try codec.openedKeys(row[2], Self.label(entity, source), of: entity)) ?? []
      guard let number = dictionary.index(of: entity), keys.count == 2 else { throw StoreError.broken(entity) }
      table[.init(entity: number, key: keys[0])] = RowLink(target: keys[1], since: try row[3], takesAll: try row[4])
    }
    links = table
  }
}
