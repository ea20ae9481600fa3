public import Core

/// One revision of a consumer's extract on its way.
public struct DeliveryEntry: Sendable, Equatable {
  public enum State: String, Sendable {
    /// Begun, and perhaps done: the next attempt finds out.
    case sending
    case delivered
    case failed
  }

  public var consumer: String
  public var night: BusinessDate
  public var revision: Int
  /// SHA-256 of the manifest's bytes, hex.
  public var manifest: String
  /// SHA-256 of the plain extract, hex.
  public var sha256: String
  /// Rows of the extract.
  public var lines: Int
  public var state = State.sending
  /// Why it failed; empty otherwise.
  public var code = ""
  public var attempts = 0
  /// The first night in whose statement a missing receipt is a break; nil where none is expected.
  public var overdueFrom: BusinessDate?
  public var answer: ReceiptAnswer?
  /// Rows that the consumer took, and rows that it did not; both zero until it answers.
  public var acknowledged = 0
  public var refused = 0

  public init(consumer: String, night: BusinessDate, revision: Int, manifest: String, sha256: String, lines: Int, overdueFrom: BusinessDate? = nil) {
    (self.consumer, self.night, self.revision, self.manifest) = (consumer, night, revision, manifest)
    (self.sha256, self.lines, self.overdueFrom) = (sha256, lines, overdueFrom)
  }
}

/// What a consumer says of a delivery as a whole.
public enum ReceiptAnswer: String, Sendable, CaseIterable {
  case accepted
  /// Accepted with errors: some rows were refused.
  case partly
  case refused
}

/// What a receipt says, read from its bytes.
public struct ReceiptStatement: Sendable, Equatable {
  /// SHA-256, hex, of the manifest or of the plain file that it answers.
  public var digest: String
  public var acknowledged: Int
  public var refused: Int

  public init(digest: String, acknowledged: Int, refused: Int) {
    (self.digest, self.acknowledged, self.refused) = (digest, acknowledged, refused)
  }
}

extension SiteStore {
  /// Notes that a delivery begins, before anything leaves. The same revision keeps what it has; its attempts are counted.
  public func beginDelivery(_ entry: DeliveryEntry) throws(StoreError) {
    try write { db in
      _ = try db.run(
        """
        INSERT INTO delivery_(consumer, night, revision, manifest, sha256, lines, state, attempts, overdue_from) VALUES (?, ?, ?, ?, ?, ?, 'sending', 1, ?)
        ON CONFLICT(consumer, night, revision) DO UPDATE SET state = 'sending', code = '', attempts = delivery_.attempts + 1,
          manifest = excluded.manifest, sha256 = excluded.sha256, lines = excluded.lines, overdue_from = excluded.overdue_from
        """,
        [entry.consumer, entry.night.description, entry.revision, entry.manifest, entry.sha256, entry.lines, entry.overdueFrom?.description ?? ""])
    }
  }

  /// Notes how it ended, in the delivery and in the extract's ledger row, in one transaction.
  public func endDelivery(_ entry: DeliveryEntry, manifestPath: String) throws(StoreError) {
    try write { db in
      try db.run(
        "UPDATE delivery_ SET state = ?, code = ? WHERE consumer = ? AND night = ? AND revision = ?",
        [entry.state.rawValue, entry.code, entry.consumer, entry.night.description, entry.revision])
      let changed = try db.run(
        "UPDATE extract_ SET delivery = ?, manifest = ? WHERE consumer = ? AND night = ? AND revision = ?",
        [entry.state.rawValue, manifestPath, entry.consumer, entry.night.description, entry.revision])
      guard changed == 1 else { throw StoreError.missing("extract") }
    }
  }

  /// Everything that was ever begun for a consumer, oldest first.
  public func deliveries(consumer: String) throws(StoreError) -> [DeliveryEntry] {
    try reach { db in try Self.deliveries("consumer = ?", [consumer], db) }
  }

  static func deliveries(_ condition: String, _ arguments: SQLValues, _ db: any SQLConnection) throws -> [DeliveryEntry] {
    try db.all(
      """
      SELECT consumer, night, revision, manifest, sha256, lines, state, code, attempts, overdue_from, answer, acknowledged, refused FROM delivery_
      WHERE \(condition) ORDER BY night, revision
      """, arguments
    ).compactMap { row in
      guard let night = BusinessDate(try row[1] as String), let state = DeliveryEntry.State(rawValue: try row[6] as String) else { return nil }
      var entry = try DeliveryEntry(consumer: row[0], night: night, revision: row[2], manifest: row[3], sha256: row[4], lines: row[5])
      entry.state = state
      (entry.code, entry.attempts) = try (row[7], row[8])
      (entry.overdueFrom, entry.answer) = (BusinessDate(try row[9] as String), ReceiptAnswer(rawValue: try row[10] as String))
      (entry.acknowledged, entry.refused) = try (row[11], row[12])
      return entry
    }
  }

  /// Ids of the receipts of a consumer that have a fate.
  public func knownReceipts(consumer: String) throws(StoreError) -> Set<String> {
    try reach { db in Set(try db.list("SELECT id FROM receipt_ WHERE consumer = ?", [consumer])) }
  }

  /// Gives a receipt its fate and, where it settles a delivery, the delivery its answer; in one transaction, once.
  ///
  /// - Parameters:
  ///   - id: the sealed receipt's own, hex.
  ///   - statement: nil where it cannot be read.
  ///   - night: the night in which it came.
  @discardableResult
  public func record(receipt id: String, of consumer: String, says statement: ReceiptStatement?, night: BusinessDate) throws(StoreError) -> ReceiptFate {
    try write { db in
      var fate = ReceiptFate.unreadable
      var found: DeliveryEntry?
      if let statement {
        // Two nights may send the same bytes: the answer is for the older one that has none.
        let all = try Self.deliveries("consumer = ? AND (manifest = ? OR sha256 = ?)", [consumer, statement.digest, statement.digest], db)
        found = all.first { $0.answer == nil } ?? all.last
        fate = found.map { Self.fate(of: statement, for: $0) } ?? .unknown
      }
      if fate == .settled, let statement, let found { try Self.settle(found, statement, db) }
      try db.run(
        """
        INSERT INTO receipt_(consumer, id, night, fate, of_night, revision, acknowledged, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT(consumer, id) DO NOTHING
        """,
        [
          consumer, id, night.description, fate.rawValue, found?.night.description ?? "", found?.revision ?? 0, statement?.acknowledged ?? 0,
          statement?.refused ?? 0,
        ])
      return fate
    }
  }

  private static func fate(of statement: ReceiptStatement, for delivery: DeliveryEntry) -> ReceiptFate {
    let (sum, isTooMuch) = statement.acknowledged.addingReportingOverflow(statement.refused)
    guard !isTooMuch, statement.acknowledged >= 0, statement.refused >= 0, sum == delivery.lines else { return .differs }
    guard delivery.answer != nil else { return .settled }
    return delivery.acknowledged == statement.acknowledged ? .again : .differs
  }

  /// Whoever answers has it, whatever our own record of the delivery says.
  private static func settle(_ delivery: DeliveryEntry, _ statement: ReceiptStatement, _ db: any SQLConnection) throws {
    let answer: ReceiptAnswer = statement.refused == 0 ? .accepted : statement.acknowledged == 0 ? .refused : .partly
    try db.run(
      "UPDATE delivery_ SET answer = ?, acknowledged = ?, refused = ? WHERE consumer = ? AND night = ? AND revision = ?",
      [answer.rawValue, statement.acknowledged, statement.refused, delivery.consumer, delivery.night.description, delivery.revision])
    try db.run(
      "UPDATE extract_ SET delivery = 'delivered' WHERE consumer = ? AND night = ? AND revision = ? AND refusal IS NULL",
      [delivery.consumer, delivery.night.description, delivery.revision])
  }

  /// Parties over whose connection something goes.
  public enum Party: Sendable { case feeds, consumers }

  /// The last night in which something of each feed came, or something was handed over to each consumer.
  public func lastNights(_ party: Party) throws(StoreError) -> [String: BusinessDate] {
    let query =
      switch party {
      case .feeds: "SELECT feed, max(night) FROM drop_ GROUP BY feed"
      case .consumers: "SELECT consumer, max(night) FROM extract_ WHERE delivery = 'delivered' GROUP BY consumer"
      }
    return try reach { db in
      var nights: [String: BusinessDate] = [:]
      for row in try db.all(query, []) { nights[try row[0]] = BusinessDate(try row[1] as String) }
      return nights
    }
  }

  /// What waits longest: the night of the oldest drop that was pulled and not loaded, and of the oldest delivery that expects a receipt and has none.
  public func oldestWaiting() throws(StoreError) -> (drop: BusinessDate?, delivery: BusinessDate?) {
    try reach { db in
      let drop: String? = try db.value("SELECT min(night) FROM drop_ WHERE state <> 'loaded'", [])
      let delivery: String? = try db.value("SELECT min(night) FROM delivery_ WHERE overdue_from <> '' AND answer = ''", [])
      return (drop.flatMap { BusinessDate($0) }, delivery.flatMap { BusinessDate($0) })
    }
  }
}
