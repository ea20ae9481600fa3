import Core

/// Takes back what one run of ingest brought, inside one write transaction.
///
/// - Statements are taken out of the fold, so what came later stays right. They are kept as past ones: what was believed can still be told.
/// - What another message says too has that one as its source. A message with the same bytes that came later, a duplicate until now, speaks in the
///   place of the one that is undone; the books of its night stay as they are.
/// - Drops are set aside: as they were before the run, but for the mark that keeps the next ingest from loading them.
/// - Rows keep their refs. What consumers have and what is another now is due in their next extract.
final class StoreUndo {
  private static let pageMessages = 512

  let store: SiteStore
  /// The run that is undone.
  let undone: String
  let db: any SQLConnection
  var report: UndoReport
  /// Numbers of the messages that are undone: few ranges, since a load numbers its messages one after the other.
  private(set) var doomed: [ClosedRange<Int>] = []
  private let consumers: [String]
  let notes: DropLoad
  private var tallies: [UndoTally]
  private var sent: [UndoneExtract: Int] = [:]
  /// Rows whose current content is another.
  private var changed: Set<Bytes16> = []
  /// Rows that may have been replaced by others, on the word of what is taken back.
  private var links: [LinkTable.Name] = []

  private struct UndoneExtract: Hashable { var consumer: String, night: String }

  /// - Throws: STO-306 for a run that is none of ingest, STO-307 where nothing stands that it brought.
  init(_ undone: String, _ store: SiteStore, _ db: any SQLConnection) throws {
    (self.store, self.undone, self.db) = (store, undone, db)
    let run = try db.first("SELECT stage, night FROM run WHERE id = ?", [undone])
    guard let run, try run[0] == "ingest", let night = BusinessDate(try run[1] as String) else { throw StoreError.notOfIngest }
    report = UndoReport(run: undone, night: night)
    report.drops = try db.all(
      "SELECT id, feed, coalesce(sha256, ''), received FROM drop_ WHERE run = ? AND state <> 'pending' ORDER BY feed, sha256 NULLS FIRST, id", [undone]
    ).map { try UndoneDrop(id: $0[0], feed: $0[1], sha256: $0[2], messages: $0[3]) }
    guard let first = report.drops.first else { throw StoreError.nothingToUndo }
    consumers = try db.list("SELECT DISTINCT consumer FROM extract_ ORDER BY consumer")
    tallies = Array(repeating: UndoTally(), count: store.tables.count)
    // What it notes of rows is all that is asked of this load; that of a drop which is loaded already does nothing by itself.
    notes = DropLoad(
      store: store, drop: DropEntry(id: first.id, feed: first.feed, night: night, isControl: false, byteCount: 0, state: .loaded, keyedHash: []), run: undone,
      sourceRank: 0, rowPaths: [])
    notes.isReplay = true
    notes.lastExtractNight = try SiteStore.lastExtractNight(db)
    notes.witness = { [unowned self] ref, table in try self.noteChanged(ref, table) }
    try store.readLinks(db)
  }

  /// - Parameter run: the run that undoes; nil where all of it will be taken back.
  func work(as run: String?) throws {
    for table in store.tables { try db.define("CREATE INDEX IF NOT EXISTS replay_\(table.name) ON \(table.name)(message)") }
    try db.define("CREATE INDEX IF NOT EXISTS undo_mac ON message(mac)")
    for drop in report.drops { for number: Int in try db.list("SELECT number FROM message WHERE drop_ = ? ORDER BY number", [drop.id]) { doom(number) } }
    doomed.sort { $0.lowerBound < $1.lowerBound }
    try handToHeirs()
    try eachPage { page in for entity in store.tables.indices { try takeBack(page, entity) } }
    try forgetMoved()
    try notes.followLinks(of: links, db)
    try forgetFirstSights()
    try setAside(as: run)
    try db.define("DROP INDEX undo_mac")
    for table in store.tables { try db.define("DROP INDEX replay_\(table.name)") }
    report.entities = Dictionary(uniqueKeysWithValues: zip(store.tables.map(\.entity.name), tallies).filter { !$1.isEmpty })
    report.deliveries = try deliveries()
  }

  private func doom(_ number: Int) {
    if let last = doomed.last, last.upperBound + 1 == number { doomed[doomed.count - 1] = last.lowerBound...number } else { doomed.append(number...number) }
  }

  private func isDoomed(_ message: Int) -> Bool { doomed.contains { $0.contains(message) } }

  func eachPage(_ body: (ClosedRange<Int>) throws -> Void) throws {
    for range in doomed {
      for start in stride(from: range.lowerBound, through: range.upperBound, by: Self.pageMessages) {
        try body(start...min(start + Self.pageMessages - 1, range.upperBound))
      }
    }
  }

  func countHandedOn(_ entity: Int) { tallies[entity].handedOn += 1 }

  // MARK: Statements

  private func takeBack(_ page: ClosedRange<Int>, _ entity: Int) throws {
    let table = store.tables[entity], bounds: SQLValues = [page.lowerBound, page.upperBound]
    let refs: [Bytes16] = try db.list("SELECT DISTINCT row_ref FROM \(table.name) WHERE message BETWEEN ? AND ?", bounds)
    for ref in refs { try takeBack(ref, table, entity) }
  }

  /// Takes all that is undone out of a row at once, and notes the row where its current content is another.
  private func takeBack(_ ref: Bytes16, _ table: EntityTable, _ entity: Int) throws {
    let row = try TouchedRow(ref, table, notes, db), classes = Set(table.sealedClasses)
    var after = CurrentState(fieldCount: table.entity.fields.count), isLess = false
    for record in try db.all(table.selectKept, [ref]) {
      let assertion = try store.codec.assertion(record, table: table, ref: ref, classes: classes), id: Int = try record[0]
      if isDoomed(try record[table.firstOrigin]) {
        try notes.past.keep(record, ref, table, db)
        guard try StoredStatement.handOn(id, table, db) else {
          try notes.past.delete(id, table, db)
          tallies[entity].withdrawn += 1
          isLess = true
          continue
        }
        try notes.past.begin(id, table, db)
        tallies[entity].handedOn += 1
      }
      _ = after.apply(assertion)
    }
    guard isLess else { return }
    try row.resetLatest(db)
    if let link = row.link { links.append(link) }
    if row.before != after.cells { try notes.noteChange(ref, table, db) }
  }

  /// Of rows that lose something, and of those that move because a link no longer holds.
  private func noteChanged(_ ref: Bytes16, _ table: EntityTable) throws {
    guard changed.insert(ref).inserted, let entity = store.dictionary.index(of: table.entity.name) else { return }
    tallies[entity].changed += 1
    for consumer in consumers {
      let nights: [String] = try db.list(
        "SELECT night FROM outflow WHERE consumer = ? AND ref = ? AND verdict = 'sent' AND night >= ?", [consumer, ref, report.night.description])
      for night in nights { sent[UndoneExtract(consumer: consumer, night: night), default: 0] += 1 }
    }
  }

  private func deliveries() throws -> [UndoneDelivery] {
    try sent.sorted { ($0.key.consumer, $0.key.night) < ($1.key.consumer, $1.key.night) }.compactMap { entry in
      let found = try db.first("SELECT revision, delivery FROM extract_ WHERE consumer = ? AND night = ?", [entry.key.consumer, entry.key.night])
      guard let found, let night = BusinessDate(entry.key.night) else { return nil }
      return try UndoneDelivery(consumer: entry.key.consumer, night: night, revision: found[0], state: found[1], rows: entry.value)
    }
  }
}
