public import Core
import Trust

extension SiteStore {
  /// Notes that a stage begins; gives the run's random id. `started` is UTC, ISO 8601.
  public func beginRun(stage: String, night: BusinessDate, started: String) throws(StoreError) -> String {
    let id = Hex.text(try Self.random(16))
    try write { db in
      _ = try db.run(
        "INSERT INTO run(id, stage, night, epoch, started) VALUES (?, ?, ?, ?, ?)", [id, stage, night.description, self.ownEpoch, started])
    }
    return id
  }

  /// Notes how a run ended; `exit` is the number of its exit code.
  public func endRun(_ run: String, ended: String, exit: Int) throws(StoreError) {
    try write { db in
      guard try db.run("UPDATE run SET ended = ?, exit = ? WHERE id = ?", [ended, exit, run]) == 1 else { throw StoreError.missing("run") }
    }
  }

  /// Does what no run may do that another one has overtaken, such as putting files in place: under the store's write lock and this run's epoch.
  ///
  /// - Parameter body: calls no store. It may run again where the engine took the transaction back.
  /// - Throws: STO-101 and STO-102 before anything is done; what `body` throws.
  public func asWriter(_ body: () throws -> Void) throws {
    try write { _ in Result { try body() } }.get()
  }

  /// Makes mappings known, so that rows can name them. Known ones stay as they are; `openLoad` does this for its own.
  public func register(mappings: [MappingRef]) throws(StoreError) {
    try write { db in for mapping in mappings { _ = try Self.number(of: mapping, db) } }
  }

  static func number(of mapping: MappingRef, _ db: any SQLConnection) throws -> Int {
    let values: SQLValues = [mapping.id, mapping.version, mapping.digest], known = "SELECT number FROM mapping WHERE id = ? AND version = ? AND digest = ?"
    if let number: Int = try db.value(known, values) { return number }
    let number = try db.value("SELECT coalesce(max(number), 0) + 1 FROM mapping") ?? 1
    try db.run("INSERT INTO mapping(id, version, digest, number) VALUES (?, ?, ?, ?)", values + [number])
    return number
  }

  /// Takes over what the pull journal says, in one transaction. What is known already stays as it is, so a journal may be given again whole.
  public func intake(_ drops: [DropIntake], duplicates: [DuplicateName] = [], looks: [FeedLook] = []) throws(StoreError) {
    try write { db in
      for drop in drops {
        try db.run(
          "INSERT INTO drop_(id, feed, night, control, bytes, resubmission, keyed_hash) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
          [drop.id, drop.feed, drop.night.description, drop.isControl, drop.byteCount, drop.isResubmission, drop.keyedHash])
        if let arrived = drop.arrived { try db.run("INSERT INTO arrived_(drop_, instant) VALUES (?, ?) ON CONFLICT DO NOTHING", [drop.id, arrived]) }
      }
      for name in duplicates {
        try db.run(
          "INSERT INTO duplicate_name(feed, night, keyed_name, keyed_hash) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
          [name.feed, name.night.description, name.keyedName, name.keyedHash])
      }
      for look in looks {
        try db.run(
          """
          INSERT INTO look(feed, night, arriving, skipped, unreadable) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT(night, feed) DO UPDATE SET arriving = excluded.arriving, skipped = excluded.skipped, unreadable = excluded.unreadable
          """, [look.feed, look.night.description, look.arriving, look.skipped, look.unreadable])
        try db.run(
          "INSERT INTO missing_(feed, night, files) VALUES (?, ?, ?) ON CONFLICT(night, feed) DO UPDATE SET files = excluded.files",
          [look.feed, look.night.description, look.missing])
      }
    }
  }

  /// The drops of a night, of one feed or of all; ascending by feed, then SHA-256, those without one last.
  public func drops(night: BusinessDate, feed: String? = nil) throws(StoreError) -> [DropEntry] {
    try reach { db in
      let own = feed == nil ? "" : "AND feed = ?", values: SQLValues = feed.map { [night.description, $0] } ?? [night.description]
      return try db.all(
        """
        SELECT id, feed, control, bytes, CASE WHEN state = 'pending' AND \(Schema.isSetAside("drop_.id")) THEN 'withdrawn' ELSE state END, sha256, keyed_hash
        FROM drop_ WHERE night = ? \(own)
        ORDER BY feed, sha256 IS NULL, sha256, id
        """, values
      ).map { row in
        try DropEntry(
          id: row[0], feed: row[1], night: night, isControl: row[2], byteCount: row[3], state: DropEntry.State(rawValue: row[4]) ?? .pending, sha256: row[5],
          keyedHash: row[6])
      }
    }
  }

  /// The drops of this id or SHA-256 (hex): one, none, or, where the same bytes came to several feeds, several.
  public func drops(named name: String) throws(StoreError) -> [DropEntry] {
    let nights: [String] = try reach { db in try db.list("SELECT DISTINCT night FROM drop_ WHERE id = ? OR sha256 = ?", [name, name]) }
    var found: [DropEntry] = []
    for night in nights.compactMap({ BusinessDate($0) }) { found += try drops(night: night).filter { $0.id == name || $0.sha256 == name } }
    return found
  }

  /// Notes the SHA-256 (hex) of a drop's plain bytes once it was opened whole. Saying the same again changes nothing.
  ///
  /// - Throws: STO-302 when the drop is unknown or has another one, STO-301 when another drop of the feed has this one.
  public func setHash(drop: String, sha256: String) throws(StoreError) {
    try setHashes([(drop, sha256)])
  }

  /// As `setHash`, for the drops of a whole night in one transaction.
  public func setHashes(_ hashes: [(drop: String, sha256: String)]) throws(StoreError) {
    try write { db in
      for (drop, sha256) in hashes {
        let changed = try db.run("UPDATE drop_ SET sha256 = ? WHERE id = ? AND (sha256 IS NULL OR sha256 = ?)", [sha256, drop, sha256])
        guard changed == 1 else { throw StoreError.missing("drop with this hash") }
      }
    }
  }

  static func random(_ count: Int) throws(StoreError) -> [UInt8] {
    do { return try RandomBytes.make(count) } catch { throw .translated(error) }
  }
}
