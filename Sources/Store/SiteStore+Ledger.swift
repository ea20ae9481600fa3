public import Core

extension SiteStore {
  /// The ledger of one night: plain numbers, no keys needed. Feeds and consumers by name, drops ascending by SHA-256.
  ///
  /// - Shape: drops that were pulled but not opened yet stand only in `FeedLedger.dropsPending`; those that could not be opened stand with an empty SHA-256.
  public func night(_ night: BusinessDate) throws(StoreError) -> NightLedger {
    do { return try snapshot { db in try LedgerReader.read(night, db) } } catch { throw .translated(error) }
  }

  /// The exceptions that nights up to and including this one opened, oldest first; at most `limit`.
  public func openExceptions(asOf night: BusinessDate, limit: Int = 10_000) throws(StoreError) -> [ExceptionEntry] {
    try exceptions("e.night <= ?", night, limit)
  }

  /// The exceptions that one night opened, by feed, drop (ascending SHA-256), message and code; at most `limit`.
  public func exceptions(night: BusinessDate, limit: Int = 10_000) throws(StoreError) -> [ExceptionEntry] {
    try exceptions("e.night = ?", night, limit)
  }

  /// The exceptions that one night opened, those of one code at one place of a drop together: by feed, drop (ascending SHA-256), code, entity and
  /// place; at most `limit`.
  public func exceptionGroups(night: BusinessDate, limit: Int = 10_000) throws(StoreError) -> [ExceptionGroup] {
    try reach { db in
      try db.all(
        """
        SELECT e.code, d.feed, d.id, e.entity, e.path, count(*), min(e.ordinal), max(e.ordinal), min(e.occurrence), max(e.occurrence), min(e.at_byte),
          min(\(db.dialect.hexadecimal("e.ref")))
        FROM exception_ e JOIN drop_ d ON d.id = e.drop_ WHERE e.night = ? GROUP BY d.id, e.code, e.entity, e.path
        ORDER BY d.feed, d.sha256 NULLS FIRST, d.id, e.code, e.entity NULLS FIRST, e.path LIMIT ?
        """, [night.description, limit]
      ).compactMap(Self.exceptionGroup)
    }
  }

  private static func exceptionGroup(_ row: SQLRow) throws -> ExceptionGroup? {
    guard let code = FindingCode(rawValue: try row[0] as String) else { return nil }
    let first: Int? = try row[6], last: Int? = try row[7], low: Int = try row[8], high: Int = try row[9]
    return try ExceptionGroup(
      code: code, feed: row[1], dropID: row[2], entity: row[3], path: row[4], count: row[5], messages: first.map { $0...max($0, last ?? $0) },
      occurrences: low...max(low, high), byteOffset: row[10], ref: row[11])
  }

  private func exceptions(_ condition: String, _ night: BusinessDate, _ limit: Int) throws(StoreError) -> [ExceptionEntry] {
    try reach { db in
      try db.all(
        """
        SELECT e.ref, e.code, d.feed, d.id, e.ordinal, e.entity, e.path, e.occurrence, e.repetition, e.at_byte, e.owner, e.night
        FROM exception_ e JOIN drop_ d ON d.id = e.drop_ WHERE \(condition)
        ORDER BY e.night, d.feed, d.sha256 NULLS FIRST, e.ordinal NULLS FIRST, e.code, e.entity NULLS FIRST, e.path, e.occurrence, e.ref LIMIT ?
        """, [night.description, limit]
      ).compactMap(Self.exception)
    }
  }

  private static func exception(_ row: SQLRow) throws -> ExceptionEntry? {
    guard let code = FindingCode(rawValue: try row[1] as String), let night = BusinessDate(try row[11] as String) else { return nil }
    return try ExceptionEntry(
      ref: Hex.text(row[0] as [UInt8]), code: code, feed: row[2], dropID: row[3], messageOrdinal: row[4], entity: row[5],
      position: SourcePosition(path: row[6], occurrence: row[7], repetition: row[8], byteOffset: row[9]), ownerRole: row[10], night: night)
  }

  /// Where each assertion of a row comes from, in the order of the fold; empty for an unknown ref. No keys needed.
  public func trace(ref: String) throws(StoreError) -> [TraceEntry] {
    guard let bytes = Hex.bytes(ref), bytes.count == 16 else { return [] }
    return try reach { db in
      guard let entity: String = try db.value("SELECT entity FROM row_ WHERE ref = ?", [bytes]) else { return [] }
      return try db.all(
        """
        SELECT p.id, p.version, p.digest, a.row_path, a.occurrence, a.event_instant, a.fallback, m.ordinal, m.type, m.byte_offset, d.id, d.sha256, d.feed,
          d.night, d.run, a.source_rank,
          (SELECT count(*) FROM moved_ v WHERE v.entity = ? AND v.assertion = a.id AND v.message = a.message)
        FROM \(try self.table(entity).name) a JOIN mapping p ON p.number = a.mapping JOIN message m ON m.number = a.message JOIN drop_ d ON d.id = m.drop_
        WHERE a.row_ref = ? ORDER BY a.event_instant, a.source_rank, a.tie
        """, [entity, bytes]
      ).compactMap { try Self.traceEntry($0, of: entity) }
    }
  }

  static func traceEntry(_ row: SQLRow, of entity: String) throws -> TraceEntry? {
    guard let night = BusinessDate(try row[13] as String) else { return nil }
    return try TraceEntry(
      entity: entity, mapping: MappingRef(id: row[0], version: row[1], digest: row[2]), rowPath: row[3], occurrence: row[4], eventInstant: row[5], isFallback: row[6],
      messageOrdinal: row[7], messageType: row[8], messageByteOffset: row[9], dropID: row[10], sha256: row[11] ?? "", feed: row[12], night: night,
      run: row[14] ?? "", isWithdrawal: Assertion.isWithdrawal(rank: try row[15]), isMoved: row.values.count > 16 && row[16] as Int > 0)
  }
}

/// Gathers one night from the ledger's tables.
private struct LedgerReader {
  private let night: BusinessDate
  private var drops: [String: DropLedger] = [:]
  private var order: [(feed: String, drop: String)] = []
  private var sums: [String: [FieldSum]] = [:]
  private var byFeed: [String: FeedLedger] = [:]

  private init(night: BusinessDate) { self.night = night }

  static func read(_ night: BusinessDate, _ db: any SQLConnection) throws -> NightLedger {
    var reader = LedgerReader(night: night)
    try reader.readDrops(db)
    try reader.readParts(db)
    try reader.readIntake(db)
    var ledger = NightLedger(night: night, feeds: reader.feeds, consumers: try reader.consumers(db), runs: try reader.runs(db))
    ledger.earlierOpen = try reader.earlier(db)
    return ledger
  }

  /// Nights before this one whose drops were pulled and never loaded. A night that was undone says so in its own books.
  private func earlier(_ db: any SQLConnection) throws -> [EarlierNight] {
    try db.all(
      "SELECT night, count(*) FROM drop_ WHERE state = 'pending' AND night < ? AND NOT \(Schema.isSetAside("drop_.id")) GROUP BY night ORDER BY night",
      [night.description]
    ).compactMap { row in
      guard let night = BusinessDate(try row[0] as String) else { return nil }
      return EarlierNight(night: night, drops: try row[1])
    }
  }

  var feeds: [FeedLedger] { byFeed.values.sorted { $0.feed < $1.feed }.map(filled) }

  private func filled(_ feed: FeedLedger) -> FeedLedger {
    var feed = feed
    for entry in order where entry.feed == feed.feed {
      guard let drop = drops[entry.drop] else { continue }
      feed.drops.append(drop)
      for (name, tally) in drop.entities { feed.entities[name, default: EntityTally()] += tally }
    }
    feed.sums = sums[feed.feed] ?? []
    return feed
  }

  private mutating func feed(_ name: String, _ change: (inout FeedLedger) throws -> Void) rethrows {
    try change(&byFeed[name, default: FeedLedger(feed: name)])
  }

  private func each(_ db: any SQLConnection, _ sql: String, _ body: (SQLRow) throws -> Void) throws {
    try db.each(sql, [night.description], body)
  }

  mutating func readDrops(_ db: any SQLConnection) throws {
    let counts = Disposition.allCases.map(\.rawValue).joined(separator: ", ")
    let sql = """
      SELECT id, feed, sha256, bytes, control, resubmission, CASE WHEN state = 'pending' AND \(Schema.isSetAside("drop_.id")) THEN 'withdrawn' ELSE state END,
        declared, received, \(counts) FROM drop_ WHERE night = ?
      ORDER BY feed, sha256 NULLS FIRST, id
      """
    for row in try db.all(sql, [night.description]) { try read(drop: row) }
  }

  private mutating func read(drop row: SQLRow) throws {
    let isPending = try row[6] == "pending", isSetAside = try row[6] == "withdrawn", isAgain = try row[5] as Bool, sha256 = try row[2] as String?
    feed(try row[1]) { feed in
      if isPending { feed.dropsPending += 1 }
      if isSetAside { feed.dropsWithdrawn += 1 }
      if isAgain { feed.dropsResubmitted += 1 }
    }
    // A drop that could not be opened has no hash; it stands in the books all the same, held.
    guard !isSetAside, !isPending || sha256 != nil else { return }
    var drop = DropLedger(sha256: sha256 ?? "", id: try row[0])
    (drop.byteCount, drop.isControlFile, drop.messagesDeclared, drop.messages, drop.isResubmission) = try (row[3], row[4], row[7], row[8], isAgain)
    for (offset, disposition) in Disposition.allCases.enumerated() { drop.dispositions[disposition] = try row[9 + offset] }
    drops[drop.id] = drop
    order.append((try row[1], drop.id))
  }

  mutating func readParts(_ db: any SQLConnection) throws {
    let types = """
      SELECT d.id, m.type, count(*) FROM drop_ d JOIN message m ON m.drop_ = d.id
      WHERE d.night = ? AND m.held_for_delivery <> \(MessageMark.replayed) GROUP BY 1, 2
      """
    try each(db, types) { try drops[$0[0]]?.byType[$0[1]] = $0[2] }
    try each(db, "SELECT d.id, f.code, f.count FROM drop_ d JOIN finding f ON f.drop_ = d.id WHERE d.night = ?") {
      if let code = FindingCode(rawValue: try $0[1] as String) { try drops[$0[0]]?.findings[code] = $0[2] }
    }
    try each(db, "SELECT d.id, a.instant FROM drop_ d JOIN arrived_ a ON a.drop_ = d.id WHERE d.night = ?") { try drops[$0[0]]?.arrived = $0[1] }
    try each(db, "SELECT t.* FROM drop_ d JOIN tally t ON t.drop_ = d.id WHERE d.night = ?") {
      var tally = EntityTally()
      (tally.found, tally.mapped, tally.held, tally.skipped) = try ($0[2], $0[3], $0[4], $0[5])
      (tally.inserted, tally.updated, tally.unchanged, tally.superseded) = try ($0[6], $0[7], $0[8], $0[9])
      try drops[$0[0]]?.entities[$0[1]] = tally
    }
    let added = """
      SELECT d.feed, s.entity, s.field, CAST(sum(s.cents) AS BIGINT) FROM drop_ d JOIN sum_ s ON s.drop_ = d.id WHERE d.night = ?
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      """
    try each(db, added) { try sums[$0[0], default: []].append(FieldSum(entity: $0[1], field: $0[2], cents: $0[3])) }
    try each(db, "SELECT b.* FROM drop_ d JOIN batch b ON b.drop_ = d.id WHERE d.night = ? ORDER BY b.drop_, b.number") {
      guard let unit = BatchTotal.Unit(rawValue: try $0[2] as String) else { return }
      try drops[$0[0]]?.batches.append(
        BatchTotal(unit: unit, ordinal: $0[3], declared: $0[4], counted: $0[5], agrees: $0[6], hasTrailer: $0[7], hasHeader: $0[8]))
    }
  }

  mutating func readIntake(_ db: any SQLConnection) throws {
    let arguments: SQLValues = [night.description]
    for row in try db.all("SELECT feed, count(*) FROM duplicate_name WHERE night = ? GROUP BY feed", arguments) {
      try feed(row[0]) { $0.dropsDuplicate = try row[1] }
    }
    for row in try db.all("SELECT feed, arriving, skipped, unreadable FROM look WHERE night = ?", arguments) {
      try feed(row[0]) { ($0.looked, $0.dropsArriving, $0.dropsSkipped, $0.dropsUnreadable) = try (true, row[1], row[2], row[3]) }
    }
    for row in try db.all("SELECT feed, files FROM missing_ WHERE night = ? AND files > 0", arguments) { try feed(row[0]) { $0.dropsMissing = try row[1] } }
  }

  func consumers(_ db: any SQLConnection) throws -> [ConsumerLedger] {
    let arguments: SQLValues = [night.description]
    var consumers = try db.all(
      """
      SELECT consumer, eligible, sent, suppressed, sent_cents, withheld_cents, refusal, delivery, manifest, sha256, receipt_expected FROM extract_
      WHERE night = ? ORDER BY consumer
      """, arguments
    ).map { row in
      var consumer = ConsumerLedger(consumer: try row[0])
      (consumer.eligible, consumer.sent, consumer.suppressed, consumer.sentCents, consumer.withheldCents) = try (row[1], row[2], row[3], row[4], row[5])
      (consumer.refusal, consumer.delivery, consumer.manifest, consumer.sha256, consumer.receiptExpected) = try (row[6], row[7], row[8], row[9], row[10])
      return consumer
    }
    let reasons = "SELECT reason, count(*) FROM outflow WHERE consumer = ? AND night = ? AND verdict = 'withheld' GROUP BY reason"
    for index in consumers.indices {
      for row in try db.all(reasons, [consumers[index].consumer, night.description]) { try consumers[index].withheld[row[0]] = row[1] }
      try addAnswers(to: &consumers[index], db)
    }
    return consumers
  }

  /// What the consumer said of this night's delivery, which answers are overdue on this night, and the receipts that came in it.
  private func addAnswers(to consumer: inout ConsumerLedger, _ db: any SQLConnection) throws {
    let arguments: SQLValues = [consumer.consumer, night.description]
    let ofRevision = "consumer = ? AND night = ? AND revision = (SELECT revision FROM extract_ e WHERE e.consumer = delivery_.consumer AND e.night = delivery_.night)"
    if let delivery = try SiteStore.deliveries(ofRevision, arguments, db).last {
      (consumer.acknowledged, consumer.refused, consumer.attempts) = (delivery.acknowledged, delivery.refused, delivery.attempts)
    }
    let late = try SiteStore.deliveries("consumer = ? AND overdue_from <> '' AND overdue_from <= ? AND answer = '' AND state = 'delivered'", arguments, db)
    consumer.overdue = late.map { DeliveryLedger(night: $0.night, revision: $0.revision, lines: $0.lines) }
    let receipts = """
      SELECT r.fate, r.of_night, r.revision, r.acknowledged, r.refused, coalesce(d.lines, 0) FROM receipt_ r
      LEFT JOIN delivery_ d ON d.consumer = r.consumer AND d.night = r.of_night AND d.revision = r.revision
      WHERE r.consumer = ? AND r.night = ? ORDER BY r.of_night, r.revision, r.fate, r.id
      """
    consumer.receipts = try db.all(receipts, arguments).compactMap { row in
      guard let fate = ReceiptFate(rawValue: try row[0] as String) else { return nil }
      let night = BusinessDate(try row[1] as String)
      return ReceiptLedger(
        fate: fate, of: try night.map { DeliveryLedger(night: $0, revision: try row[2], lines: try row[5]) }, acknowledged: try row[3], refused: try row[4])
    }
  }

  func runs(_ db: any SQLConnection) throws -> [RunEntry] {
    try db.all(
      "SELECT id, stage, epoch, started, ended, exit FROM run WHERE night = ? ORDER BY epoch, started, rowid", [night.description]
    ).map { try RunEntry(id: $0[0], stage: $0[1], epoch: $0[2], started: $0[3], ended: $0[4], exit: $0[5]) }
  }
}
