public import Core

/// Stored drops said anew: what each of their messages asserted is replaced by what it asserts under other mappings.
///
/// - The messages of the night, their dispositions and the night's tallies stay: they belong to the night. The replay has ledger rows of its own.
/// - An assertion that another message makes too stays, with that one as its source.
/// - A row that nobody speaks of any more keeps its ref and has no versions.
/// - A file that a message carries is noted with it when the message had none before; files that are sealed stay as they are.
/// - Another layout may find messages in a drop where its night had none: they are added beside the night's, and its books do not count them.
/// - Apply: one transaction a drop. Dry: one over all drops, taken back at the end, so that the counts are those that applying gives.
public final class StoreReplay {
  let store: SiteStore
  private let run: String
  private let sourceRank: Int
  private let rowPaths: [String]
  private let mappings: [MappingRef]
  private let rules: LoadRules
  let isDry: Bool
  var load: DropLoad?
  /// Sealed for the message at hand, not noted yet.
  var files: [(AttachmentHead, AttachmentTail)] = []
  private var fates = DropFates([])
  /// The night's messages that the drop still has, by number.
  private var said: Set<Int> = []
  private var endings: [MessageEnding: Int] = [:]
  private var tallies: [ReplayTally] = []
  private var isOpen = false

  init(store: SiteStore, run: String?, sourceRank: Int, mappings: [MappingRef], rowPaths: [String], rules: LoadRules) {
    (self.store, self.run, self.sourceRank, self.mappings, self.rowPaths, self.rules, isDry) = (store, run ?? "", sourceRank, mappings, rowPaths, rules, run == nil)
  }

  deinit { close() }

  /// Begins a drop that is loaded.
  public func begin(_ drop: DropEntry) throws(StoreError) {
    guard drop.state == .loaded else { throw .missing("loaded drop") }
    tallies = Array(repeating: ReplayTally(), count: store.tables.count)
    (said, endings) = ([], [:])
    try store.reach { db in
      if !db.isInTransaction {
        try self.store.beginFenced(db)
        try db.lookUpByIndex()
      }
      self.store.isHeldOpen = true
      self.isOpen = true
      self.store.currents.removeAll()
      for table in self.store.tables { try db.define("CREATE INDEX IF NOT EXISTS replay_\(table.name) ON \(table.name)(message)") }
      try self.store.readLinks(db)
      let load = DropLoad(store: self.store, drop: drop, run: self.run, sourceRank: self.sourceRank, rowPaths: self.rowPaths, rules: self.rules)
      load.isReplay = true
      for mapping in self.mappings { load.mappingNumbers.append(try SiteStore.number(of: mapping, db)) }
      self.fates = try SiteStore.fates(drop: drop.id, db)
      load.nextMessage = try db.value("SELECT coalesce(max(number), 0) + 1 FROM message") ?? 1
      load.lastExtractNight = try SiteStore.lastExtractNight(db)
      self.load = load
    }
  }

  /// Replaces what one message of the drop says, the one that begins at the same byte. A repetition, and a message of a batch that the feed
  /// holds, says nothing; one that its night does not know is added.
  public func replace(_ message: MappedMessage) throws(StoreError) {
    defer { files.removeAll() }
    guard let load else { return }
    let fate = fates[byteOffset: message.byteOffset]
    if let fate { said.insert(fate.number) }
    guard fate?.isMapped ?? true else { return }
    endings[MessageEnding(before: MessageEnding.text(fate), after: MessageEnding.text(message)), default: 0] += 1
    try store.reach { db in
      guard let number = try fate?.number ?? self.add(message, load, db) else { return }
      try self.replace(message, number, load, db)
    }
  }

  /// What became of the messages of the present drop: as its night left them, and as they end now.
  public var messages: [MessageEnding: Int] { endings }

  /// A message that the drop has only by another layout; nil where it says nothing.
  private func add(_ message: MappedMessage, _ load: DropLoad, _ db: any SQLConnection) throws -> Int? {
    guard case .rows = message.verdict else { return nil }
    let number = load.nextMessage
    load.nextMessage += 1
    let isTaken = try db.first("SELECT 1 FROM message WHERE drop_ = ? AND ordinal = ?", [load.drop.id, message.ordinal]) != nil
    let next = try db.value("SELECT max(ordinal) + 1 FROM message WHERE drop_ = ?", [load.drop.id]) ?? 0
    try db.run(
      """
      INSERT INTO message(number, drop_, ordinal, byte_offset, byte_count, type, batch, disposition, held_for_delivery)
      VALUES (?, ?, ?, ?, ?, ?, ?, 'held', ?)
      """,
      [
          number, load.drop.id, isTaken ? next : message.ordinal, message.byteOffset, message.byteCount, message.type.isEmpty ? "other" : message.type, message.batch,
          MessageMark.replayed,
        ])
    return number
  }

  /// What the drop no longer has by this layout is no longer said.
  private func silence(_ load: DropLoad) throws(StoreError) {
    for fate in fates.fates where fate.isMapped && !said.contains(fate.number) {
      if fate.isOfTheNight { endings[MessageEnding(before: MessageEnding.text(fate), after: MessageEnding.none), default: 0] += 1 }
      try store.reach { db in try self.replace(MappedMessage(), fate.number, load, db) }
    }
  }

  /// Ends the drop; gives what was done, by entity. Apply: writes the ledger rows and commits, if `accept` agrees; else the drop is taken back.
  public func end(accept: ([String: ReplayTally]) -> Bool = { _ in true }) throws(StoreError) -> [String: ReplayTally]? {
    guard let load else { throw .loadIsOver }
    try silence(load)
    try store.reach { db in try load.followLinks(of: load.links, db) }
    let done = Dictionary(uniqueKeysWithValues: zip(store.tables.map(\.entity.name), tallies).filter { !$1.isEmpty })
    self.load = nil
    if isDry { return done }
    guard accept(done) else {
      rollback()
      return nil
    }
    try store.reach { db in
      for (entity, tally) in done {
        try db.run(
          """
          INSERT INTO replay_(run, drop_, entity, kept, inserted, withdrawn, held) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT(run, drop_, entity) DO UPDATE
          SET kept = excluded.kept, inserted = excluded.inserted, withdrawn = excluded.withdrawn, held = excluded.held
          """, [self.run, load.drop.id, entity, tally.kept, tally.inserted, tally.withdrawn, tally.held])
      }
      try db.commit()
    }
    finish()
    return done
  }

  /// Takes back what is open: the present drop, or in a dry run everything.
  public func rollback() {
    guard isOpen else { return }
    try? store.reach { db in if db.isInTransaction { try db.rollback() } }
    finish()
  }

  /// Ends the replay.
  public func close() {
    rollback()
    guard !isDry else { return }
    try? store.write { db in for table in self.store.tables { try db.define("DROP INDEX IF EXISTS replay_\(table.name)") } }
  }

  private func finish() {
    (load, isOpen, store.isHeldOpen) = (nil, false, false)
    store.linksVersion = nil
    files.removeAll()
    store.currents.removeAll()
  }

  // MARK: One message

  private func replace(_ message: MappedMessage, _ number: Int, _ load: DropLoad, _ db: any SQLConnection) throws {
    var old: [StoredStatement] = []
    for entity in store.tables.indices { old += try StoredStatement.list(message: number, entity: entity, store.tables[entity], db) }
    for held in message.heldRows where tallies.indices.contains(Int(held.entity)) { tallies[Int(held.entity)].held += 1 }
    var pending: [Int] = []
    if case .rows = message.verdict {
      for row in message.rows.rows.indices where !(try keep(row, of: message, number, load, &old, db)) { pending.append(row) }
    }
    let touched = try withdraw(old, number, load, db)
    var said = message.rows.rows.count - pending.count
    for row in pending where try say(row, of: message, number, load, db) { said += 1 }
    try touched.forEach { try $0.settle(load, db) }
    load.links += try load.linkNames(message) + touched.compactMap(\.link)
    if case .rows = message.verdict, said > 0 || (pending.isEmpty && message.heldRows.isEmpty) { try noteFiles(of: message, load, db) }
  }

  /// True where the message has said this before; the statement then only learns which mapping says it now.
  private func keep(_ row: Int, of message: MappedMessage, _ number: Int, _ load: DropLoad, _ old: inout [StoredStatement], _ db: any SQLConnection) throws -> Bool {
    guard let said = try load.identity(row, of: message, db) else { return false }
    guard let index = old.firstIndex(where: { $0.entity == said.entity && $0.ref == said.ref && $0.mac == said.mac }) else { return false }
    try old.remove(at: index).settle(said, number, store.tables[said.entity], db)
    tallies[said.entity].kept += 1
    return true
  }

  private func withdraw(_ statements: [StoredStatement], _ number: Int, _ load: DropLoad, _ db: any SQLConnection) throws -> [TouchedRow] {
    var touched: [TouchedRow] = []
    for statement in statements {
      let table = store.tables[statement.entity]
      tallies[statement.entity].withdrawn += 1
      let isSaid = try load.keepingPast(statement, table, db) { try statement.leave(to: table, message: number, db) }
      if isSaid { continue }
      if !touched.contains(where: { $0.ref == statement.ref }) {
        touched.append(try TouchedRow(statement.ref, table, load, db))
      }
      try load.past.delete(statement.id, table, db)
    }
    for row in touched { try row.resetLatest(db) }
    if !touched.isEmpty { store.currents.removeAll() }
    return touched
  }

  /// False where the row is held.
  private func say(_ row: Int, of message: MappedMessage, _ number: Int, _ load: DropLoad, _ db: any SQLConnection) throws -> Bool {
    let entity = Int(message.rows.rows[row].entity)
    let outcome = try load.dated(entity, db) { try load.loadRow(row, of: message, as: load.name(of: row, message), number: number, db) }
    guard case .held = outcome else {
      tallies[entity].inserted += 1
      return true
    }
    tallies[entity].held += 1
    return false
  }
}

extension SiteStore {
  /// Begins a replay of loaded drops under mappings; nothing is written before a drop ends.
  ///
  /// - Parameter run: the run that applies it; nil runs it dry.
  /// - Throws: STO-501 when a column key or the index key is missing, STO-102 when a later run has taken over.
  public func openReplay(run: String?, sourceRank: Int, mappings: [MappingRef], rowPaths: [String], rules: LoadRules = LoadRules()) throws(StoreError) -> StoreReplay {
    for table in tables { try codec.demandAll(of: table) }
    if isHeldOpen { throw .loadIsOpen }
    return StoreReplay(store: self, run: run, sourceRank: sourceRank, mappings: mappings, rowPaths: rowPaths, rules: rules)
  }
}
