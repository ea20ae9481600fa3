public import Core

/// One consumer's extract of one night: its candidates, the verdict on each, and the ledger row, in one transaction.
///
/// - Eligible: rows whose current content changed in the night, and rows whose last verdict on an earlier night was to withhold.
/// - Reruns: what an earlier run of the same night wrote is replaced, so that the same state gives the same verdicts.
/// - A session that is dropped without `commit` leaves nothing.
public final class OutflowSession {
  private static let pageRows = 500

  private let store: SiteStore
  private let consumer: String
  private let night: BusinessDate
  private let table: EntityTable
  private let fields: [Int]
  private let reader: RowReader
  private var counts: [String: Int] = [:]
  private var isOver = false

  init(store: SiteStore, consumer: String, night: BusinessDate, table: EntityTable, fields: [Int]) {
    self.store = store
    self.consumer = consumer
    self.night = night
    self.table = table
    self.fields = fields
    reader = RowReader(codec: store.codec, table: table, classes: Set(fields.map { table.entity.fields[$0].dataClass }))
  }

  deinit { if !isOver { rollback() } }

  /// Every eligible row once, in an order of no meaning; the verdict that `body` gives is stored.
  ///
  /// - Memory: one page of 500 refs and one row.
  /// - Throws: errors of the store, and what `body` throws, both after taking the session back.
  public func forEachCandidate(_ body: (OutflowCandidate) throws -> OutflowVerdict) throws {
    if isOver { throw StoreError.loadIsOver }
    do {
      var after: Bytes16?
      while true {
        let page = try self.page(after: after)
        for ref in page {
          guard let candidate = try store.reach({ db in try self.candidate(ref, db) }) else { continue }
          try record(candidate.isWithdrawn ? .withhold(reason: OutflowCandidate.withdrawnReason) : try body(candidate), ref)
        }
        guard let last = page.last, page.count == Self.pageRows else { return }
        after = last
      }
    } catch {
      rollback()
      throw error
    }
  }

  /// Notes that a patient's data goes to the consumer (45 CFR 164.528); once a patient and night.
  public func disclose(_ disclosure: Disclosure) throws(StoreError) {
    guard !isOver, let patient = Hex.bytes(disclosure.patientRef) else { throw .loadIsOver }
    try store.reach { db in
      _ = try db.run(
        """
        INSERT INTO disclosure(consumer, night, patient, purpose, description) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT(patient, night, consumer) DO UPDATE SET purpose = excluded.purpose, description = excluded.description
        """, [self.consumer, self.night.description, patient, disclosure.purpose, disclosure.description])
    }
  }

  /// Writes the extract's ledger row and commits. The same content as an earlier run of the night keeps its revision and its delivery.
  ///
  /// - Throws: STO-301 when the counts do not balance; everything is taken back then.
  @discardableResult
  public func commit(_ entry: ExtractEntry) throws(StoreError) -> ExtractEntry {
    if isOver { throw .loadIsOver }
    do {
      let stored = try store.reach { db in
        let stored = try self.write(entry, db)
        try db.commit()
        return stored
      }
      end()
      return stored
    } catch {
      rollback()
      throw error
    }
  }

  /// Takes everything back.
  public func rollback() {
    guard !isOver else { return }
    try? store.reach { db in if db.isInTransaction { try db.rollback() } }
    end()
  }

  private func end() {
    isOver = true
    store.isHeldOpen = false
  }

  /// Three indexed scans that stop at a page each: changed this night, withheld with no later verdict before it, and changed
  /// by an older night that ran again after it had been extracted. A consumer that had no extract by then came later: such a row is none of its.
  private func page(after last: Bytes16?) throws -> [Bytes16] {
    try store.reach { db in
      let night = night.description, entity = table.entity.name, after = last?.bytes ?? [], count = Self.pageRows
      return try db.list(
        """
        SELECT ref FROM (SELECT ref FROM change_ WHERE night = ? AND entity = ? AND ref > ? ORDER BY ref LIMIT ?) AS changed
        UNION SELECT ref FROM (
          SELECT DISTINCT o.ref FROM outflow o JOIN row_ r ON r.ref = o.ref
          WHERE o.consumer = ? AND o.verdict = 'withheld' AND o.night < ? AND o.ref > ? AND r.entity = ?
            AND NOT EXISTS (SELECT 1 FROM outflow p WHERE p.consumer = o.consumer AND p.ref = o.ref AND p.night > o.night AND p.night < ?)
          ORDER BY o.ref LIMIT ?) AS withheld
        UNION SELECT ref FROM (
          SELECT l.ref FROM late_ l
          WHERE l.entity = ? AND l.after_night < ? AND l.ref > ?
            AND EXISTS (SELECT 1 FROM extract_ e WHERE e.consumer = ? AND e.night <= l.after_night)
            AND NOT EXISTS (SELECT 1 FROM outflow p WHERE p.consumer = ? AND p.ref = l.ref AND p.night > l.after_night AND p.night < ?)
          ORDER BY l.ref LIMIT ?) AS late
        ORDER BY ref LIMIT ?
        """,
        [night, entity, after, count] + [consumer, night, after, entity, night, count] + [entity, night, after, consumer, consumer, night, count] + [count])
    }
  }

  /// Nil for a row that a message or a replay took back before the consumer ever had it.
  private func candidate(_ ref: Bytes16, _ db: any SQLConnection) throws -> OutflowCandidate? {
    let row = try reader.row(ref, db)
    let mark: [UInt8]? = try db.value(
      "SELECT mark FROM outflow WHERE consumer = ? AND ref = ? AND night <> ? AND verdict = 'sent' ORDER BY night DESC LIMIT 1",
      [consumer, ref, night.description])
    if row.current == nil, mark == nil { return nil }
    let cells = row.current?.cells ?? []
    return OutflowCandidate(
      isWithdrawn: row.current == nil, ref: row.ref, cells: fields.map { cells.indices.contains($0) ? cells[$0] : .absent },
      subjectRef: row.subjectRef, lastSentMark: mark)
  }

  private func record(_ verdict: OutflowVerdict, _ ref: Bytes16) throws {
    let (name, reason, mark): (String, String, [UInt8]?) =
      switch verdict {
      case .send(let mark): ("sent", "", mark)
      case .withhold(let reason): ("withheld", reason, nil)
      case .suppress: ("suppressed", "", nil)
      }
    counts[name, default: 0] += 1
    try store.reach { db in
      _ = try db.run(
        "INSERT INTO outflow(consumer, ref, night, verdict, reason, mark) VALUES (?, ?, ?, ?, ?, ?)",
        [self.consumer, ref, self.night.description, name, reason, mark])
    }
  }

  private func write(_ entry: ExtractEntry, _ db: any SQLConnection) throws -> ExtractEntry {
    var entry = entry
    (entry.sent, entry.withheld, entry.suppressed) = (counts["sent", default: 0], counts["withheld", default: 0], counts["suppressed", default: 0])
    entry.eligible = counts.values.reduce(0, +)
    let earlier = try SiteStore.extractEntry(consumer, night, db)
    // A refusal produces nothing: the first extract of a night is its first revision, however often it was refused before.
    entry.revision = (earlier?.revision ?? 0) + (entry.refusal == nil ? 1 : 0)
    if let earlier, earlier.sha256 == entry.sha256, earlier.refusal == entry.refusal {
      (entry.revision, entry.delivery) = (earlier.revision, earlier.delivery)
      if entry.manifest.isEmpty { entry.manifest = earlier.manifest }
    }
    try db.run("DELETE FROM extract_ WHERE consumer = ? AND night = ?", [consumer, night.description])
    try db.run(
      "INSERT INTO extract_ VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        consumer, night.description, entry.revision, entry.sha256, entry.eligible, entry.sent, entry.withheld, entry.suppressed, entry.sentCents,
        entry.withheldCents, entry.refusal, entry.delivery, entry.manifest, entry.receiptExpected,
      ])
    return entry
  }
}

extension SiteStore {
  /// Begins a consumer's extract of a night: one transaction until `commit`.
  ///
  /// - Parameter fields: the names of the fields that candidates carry; none when all are to be withheld.
  /// - Throws: STO-302 for an unknown entity or field, STO-102 when a later run has taken over.
  public func openOutflow(consumer: String, entity: String, night: BusinessDate, fields: [String]) throws(StoreError) -> OutflowSession {
    let table = try table(entity)
    var indexes: [Int] = []
    for field in fields {
      guard let index = table.entity.index(of: field) else { throw .missing("field") }
      indexes.append(index)
    }
    if isHeldOpen { throw .loadIsOpen }
    try reach { db in
      try self.beginFenced(db)
      do {
        for name in ["outflow", "disclosure"] {
          try db.run("DELETE FROM \(name) WHERE consumer = ? AND night = ?", [consumer, night.description])
        }
      } catch {
        try? db.rollback()
        throw error
      }
    }
    isHeldOpen = true
    return OutflowSession(store: self, consumer: consumer, night: night, table: table, fields: indexes)
  }

  /// What the ledger says of a consumer's extract of a night; nil when there is none.
  public func extractEntry(consumer: String, night: BusinessDate) throws(StoreError) -> ExtractEntry? {
    try reach { db in try Self.extractEntry(consumer, night, db) }
  }

  static func extractEntry(_ consumer: String, _ night: BusinessDate, _ db: any SQLConnection) throws -> ExtractEntry? {
    try db.first(
      """
      SELECT sha256, sent_cents, withheld_cents, refusal, delivery, manifest, receipt_expected, revision, eligible, sent, withheld, suppressed
      FROM extract_ WHERE consumer = ? AND night = ?
      """, [consumer, night.description]
    ).map { row in
      var entry = try ExtractEntry(
        sha256: row[0], sentCents: row[1], withheldCents: row[2], refusal: row[3], delivery: row[4], manifest: row[5], receiptExpected: row[6])
      (entry.revision, entry.eligible, entry.sent, entry.withheld, entry.suppressed) = try (row[7], row[8], row[9], row[10], row[11])
      return entry
    }
  }

  /// True when the consumer has an extract of a later night: then this one stays as it was sent.
  public func hasLaterExtract(consumer: String, than night: BusinessDate) throws(StoreError) -> Bool {
    try reach { db in
      try db.first("SELECT 1 FROM extract_ WHERE consumer = ? AND night > ? LIMIT 1", [consumer, night.description]) != nil
    }
  }

  /// Earlier nights whose extract was produced and never handed over, oldest first.
  public func undelivered(consumer: String, before night: BusinessDate) throws(StoreError) -> [BusinessDate] {
    let nights: [String] = try reach { db in
      try db.list(
        "SELECT night FROM extract_ WHERE consumer = ? AND night < ? AND refusal IS NULL AND delivery NOT IN ('delivered', 'not-due') ORDER BY night",
        [consumer, night.description])
    }
    return nights.compactMap { BusinessDate($0) }
  }

  /// The accounting of disclosures of one patient, oldest first: consumer, night, purpose and description (45 CFR 164.528).
  public func disclosures(patientRef: String) throws(StoreError) -> [(consumer: String, night: BusinessDate, disclosure: Disclosure)] {
    guard let patient = Hex.bytes(patientRef) else { return [] }
    return try reach { db in
      try db.all(
        "SELECT consumer, night, purpose, description FROM disclosure WHERE patient = ? ORDER BY night, consumer", [patient]
      ).compactMap { row in
        guard let night = BusinessDate(try row[1] as String) else { return nil }
        return (try row[0], night, Disclosure(patientRef: patientRef, purpose: try row[2], description: try row[3]))
      }
    }
  }
}
