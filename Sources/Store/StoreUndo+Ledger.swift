import Core

/// What of a run lies in the ledger.
extension StoreUndo {
  /// A message that is undone, and the first of those that came later with the same bytes.
  private struct Heir {
    var message: Int
    var mac: [UInt8]
    var drop: String
    var ordinal: Int
    var number: Int
  }

  /// Before anything is taken back: what the bytes of a message say stays where they came again, and so do its work for people and its files.
  func handToHeirs() throws {
    var heirs: [Heir] = []
    for drop in report.drops { heirs += try self.heirs(of: drop.id) }
    try eachPage { page in try db.run("DELETE FROM heir_ WHERE message BETWEEN ? AND ?", [page.lowerBound, page.upperBound]) }
    for heir in heirs {
      try handStatements(to: heir)
      try handWork(to: heir)
    }
    report.heirs = heirs.count
    try eachPage { page in try db.run("DELETE FROM support WHERE message BETWEEN ? AND ?", [page.lowerBound, page.upperBound]) }
  }

  private func heirs(of drop: String) throws -> [Heir] {
    try db.all(
      """
      SELECT m.number, m.mac, m.drop_, m.ordinal, min(h.number) FROM message m JOIN message h ON h.mac = m.mac JOIN drop_ p ON p.id = h.drop_
      WHERE m.drop_ = ? AND h.disposition = 'duplicate' AND p.state = 'loaded' AND coalesce(p.run, '') <> ? AND h.number <> m.number
        AND ((m.disposition <> 'duplicate' AND m.held_for_delivery = 0) OR EXISTS (SELECT 1 FROM heir_ x WHERE x.mac = m.mac AND x.message = m.number))
      GROUP BY m.number, m.mac, m.drop_, m.ordinal ORDER BY m.number
      """, [drop, undone]
    ).map { try Heir(message: $0[0], mac: $0[1], drop: $0[2], ordinal: $0[3], number: $0[4]) }
  }

  private func handStatements(to heir: Heir) throws {
    for (entity, table) in store.tables.enumerated() {
      let statements = try db.all("SELECT id, row_ref FROM \(table.name) WHERE message = ?", [heir.message])
      for statement in statements {
        let id: Int = try statement[0]
        if let record = try db.first(table.selectSaid, [id]) { try notes.past.keep(record, try statement[1], table, db) }
        try db.run("UPDATE \(table.name) SET message = ? WHERE id = ?", [heir.number, id])
        try notes.past.begin(id, table, db)
        countHandedOn(entity)
      }
    }
    try db.run("UPDATE support SET message = ? WHERE message = ?", [heir.number, heir.message])
    for moved in try db.all("SELECT entity, assertion, said FROM moved_ WHERE message = ?", [heir.message]) {
      let entity: String = try moved[0], id: Int = try moved[1]
      let said = try store.codec.openedKeys(try moved[2], SiteStore.label(entity, id, heir.message), of: entity)
      try db.run(
        "UPDATE moved_ SET message = ?, said = ? WHERE entity = ? AND assertion = ? AND message = ?",
        [heir.number, try store.codec.sealedKeys(said, SiteStore.label(entity, id, heir.number)), entity, id, heir.message])
    }
  }

  /// Under which keys undone messages said what counted under others.
  func forgetMoved() throws {
    try eachPage { page in try db.run("DELETE FROM moved_ WHERE message BETWEEN ? AND ?", [page.lowerBound, page.upperBound]) }
  }

  private func handWork(to heir: Heir) throws {
    try db.run("INSERT INTO heir_(mac, message) VALUES (?, ?) ON CONFLICT(mac) DO UPDATE SET message = excluded.message", [heir.mac, heir.number])
    guard let place = try db.first("SELECT m.drop_, m.ordinal, d.night FROM message m JOIN drop_ d ON d.id = m.drop_ WHERE m.number = ?", [heir.number]) else { return }
    let drop: String = try place[0], ordinal: Int = try place[1], night: String = try place[2]
    let codes = try db.all("SELECT code, count(*) FROM exception_ WHERE drop_ = ? AND ordinal = ? GROUP BY code", [heir.drop, heir.ordinal])
    for code in codes {
      try db.run(
        "INSERT INTO finding(drop_, code, count) VALUES (?, ?, ?) ON CONFLICT(drop_, code) DO UPDATE SET count = finding.count + excluded.count",
        [drop, code.values[0], code.values[1]])
    }
    try db.run("UPDATE exception_ SET drop_ = ?, ordinal = ?, night = ? WHERE drop_ = ? AND ordinal = ?", [drop, ordinal, night, heir.drop, heir.ordinal])
    try db.run("UPDATE attachment SET drop_ = ?, ordinal = ? WHERE drop_ = ? AND ordinal = ?", [drop, ordinal, heir.drop, heir.ordinal])
  }

  /// A code that the run was the first to bring is first seen where it came next, in the order of loads; nowhere where it did not.
  func forgetFirstSights() throws {
    for feed in Set(report.drops.map(\.feed)).sorted() {
      let own = report.drops.filter { $0.feed == feed }.map(\.id)
      var gone: Set<FeedTally.Item> = []
      for drop in own { for tally in try tallies("c.drop_ = ?", [drop]) { gone.formUnion(tally.tally.list(.unmapped).map(\.0)) } }
      if gone.isEmpty { continue }
      let bound: SQLValues = [feed, report.night.description]
      let marked = try db.all("SELECT code_set, path, tag FROM code_seen WHERE feed = ? AND night = ?", bound).map {
        FeedTally.Item(.unmapped, scope: try $0[0], path: try $0[1], value: try $0[2])
      }
      gone.formIntersection(marked)
      for tally in try tallies("d.feed = ?", [feed]) where !gone.isEmpty && !own.contains(tally.drop) {
        for item in Set(tally.tally.list(.unmapped).map(\.0)).intersection(gone) {
          try mark(item, feed, seen: tally.night)
          gone.remove(item)
        }
      }
      for item in gone { try mark(item, feed, seen: nil) }
    }
  }

  private func mark(_ item: FeedTally.Item, _ feed: String, seen night: String?) throws {
    let own = "feed = ? AND code_set = ? AND path = ? AND tag = ?", values: SQLValues = [feed, item.scope, item.path, item.value]
    guard let night else {
      try db.run("DELETE FROM code_seen WHERE " + own, values)
      return
    }
    try db.run("UPDATE code_seen SET night = ? WHERE " + own, [night] + values)
  }

  private func tallies(_ condition: String, _ values: SQLValues) throws -> [(drop: String, night: String, tally: FeedTally)] {
    try db.all(
      """
      SELECT c.drop_, d.night, c.tally FROM coverage c JOIN drop_ d ON d.id = c.drop_ LEFT JOIN run r ON r.id = d.run WHERE \(condition)
      ORDER BY coalesce(r.epoch, 0), d.night, d.sha256
      """, values
    ).compactMap { row in
      var reader = ByteReader(try row[2] as [UInt8])
      guard let tally = try? FeedTally(from: &reader) else { return nil }
      return (drop: try row[0] as String, night: try row[1] as String, tally: tally)
    }
  }

  /// The drops as they were before the run, with the mark.
  func setAside(as run: String?) throws {
    let zero = Disposition.allCases.map { "\($0.rawValue) = 0" }.joined(separator: ", ")
    for drop in report.drops {
      try db.run("UPDATE drop_ SET state = 'pending', run = NULL, declared = 0, received = 0, \(zero) WHERE id = ?", [drop.id])
      try SiteStore.clear(drop.id, db)
      guard let run else { continue }
      try db.run("INSERT INTO undo_(run, drop_, undone, messages) VALUES (?, ?, ?, ?)", [run, drop.id, undone, drop.messages])
    }
  }
}

extension SiteStore {
  /// Takes back what a run of ingest brought: one transaction, all of it or nothing.
  ///
  /// - Parameters:
  ///   - undone: the run's id, as statements and traces print it.
  ///   - run: the run that does it; nil to learn what it would do, and to leave everything as it is.
  ///   - accept: asked before the commit; where it says no, everything is taken back and nil comes out.
  /// - Throws: STO-306 for a run that is none of ingest, STO-307 where nothing stands that it brought, STO-501 unless all keys are loaded.
  public func undo(_ undone: String, as run: String?, accept: (UndoReport) -> Bool = { _ in true }) throws(StoreError) -> UndoReport? {
    for table in tables { try codec.demandAll(of: table) }
    if isHeldOpen { throw .loadIsOpen }
    currents.removeAll()
    defer {
      currents.removeAll()
      linksVersion = nil
    }
    return try reach { db in
      try self.beginFenced(db)
      do {
        try db.lookUpByIndex()
        let work = try StoreUndo(undone, self, db)
        try work.work(as: run)
        let isAccepted = run != nil && accept(work.report)
        if isAccepted { try db.commit() } else { try db.rollback() }
        return isAccepted || run == nil ? work.report : nil
      } catch {
        if db.isInTransaction { try? db.rollback() }
        throw error
      }
    }
  }

  /// Lets the next ingest of their night load the drops again that an undo of a run set aside; gives how many.
  ///
  /// - Throws: STO-308 where none is set aside.
  public func release(undone: String) throws(StoreError) -> Int {
    try write { db in
      let count = try db.run("UPDATE undo_ SET again = 1 WHERE undone = ? AND again = 0", [undone])
      guard count > 0 else { throw StoreError.nothingSetAside }
      return count
    }
  }

  /// How many drops of an undone run are set aside.
  public func dropsSetAside(undone: String) throws(StoreError) -> Int {
    try reach { db in try db.value("SELECT count(*) FROM undo_ WHERE undone = ? AND again = 0", [undone]) ?? 0 }
  }
}
