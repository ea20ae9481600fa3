public import Core

/// What became of one message of a loaded drop.
public struct MessageFate: Sendable, Equatable {
  /// The message's number in this store.
  public var number: Int
  /// Where it begins in the drop: what names it, whatever layout the drop is read by.
  public var byteOffset: Int
  public var disposition: Disposition
  /// Why it was held or rejected, where one reason says so.
  public var code: FindingCode?
  /// False for one that a replay added: the books of the night do not know it.
  public var isOfTheNight = true

  /// A message that another version of its mappings would be asked about: not a repetition, and not held by a rule of the feed for its batch.
  public var isMapped: Bool { isHeir || (disposition != .duplicate && code != .batchHeld) }
  /// A duplicate in the books of its night that speaks since the message with the same bytes, which came before it, was undone.
  public var isHeir = false
}

/// The messages of one loaded drop, as the books have them.
public struct DropFates: Sendable, Equatable {
  /// Ascending by byte offset.
  public let fates: [MessageFate]

  init(_ fates: [MessageFate]) { self.fates = fates.sorted { $0.byteOffset < $1.byteOffset } }

  /// The message that begins at a byte; nil where the books have none there.
  public subscript(byteOffset offset: Int) -> MessageFate? {
    var low = 0, high = fates.count
    while low < high {
      let middle = (low + high) / 2
      if fates[middle].byteOffset < offset { low = middle + 1 } else { high = middle }
    }
    return low < fates.count && fates[low].byteOffset == offset ? fates[low] : nil
  }

  /// True where another version may be asked about the message at a byte: the books have none there, or one that was mapped.
  public func isMapped(byteOffset offset: Int) -> Bool { self[byteOffset: offset]?.isMapped ?? true }
}

extension SiteStore {
  /// The loaded drops of a feed, control files left out: ascending by night, then SHA-256.
  public func loadedDrops(feed: String, from first: BusinessDate, through last: BusinessDate) throws(StoreError) -> [DropEntry] {
    try reach { db in
      try db.all(
        """
        SELECT id, night, bytes, sha256, keyed_hash FROM drop_ WHERE feed = ? AND night BETWEEN ? AND ? AND control = 0 AND state = 'loaded'
        ORDER BY night, sha256
        """, [feed, first.description, last.description]
      ).compactMap { row in
        guard let night = BusinessDate(try row[1] as String) else { return nil }
        return DropEntry(
          id: try row[0], feed: feed, night: night, isControl: false, byteCount: try row[2], state: .loaded, sha256: try row[3], keyedHash: try row[4])
      }
    }
  }

  /// The last night of which a feed has a drop that is not waiting to be loaded; nil where there is none.
  public func lastLoadedNight(feed: String) throws(StoreError) -> BusinessDate? {
    try reach { db in
      let night: String? = try db.value("SELECT max(night) FROM drop_ WHERE feed = ? AND state <> 'pending'", [feed])
      return night.flatMap { BusinessDate($0) }
    }
  }

  /// What became of the messages of a drop.
  public func fates(drop: String) throws(StoreError) -> DropFates { try reach { db in try Self.fates(drop: drop, db) } }

  static func fates(drop: String, _ db: any SQLConnection) throws -> DropFates {
    let reasons = try reasons(drop: drop, db)
    let sql = """
      SELECT number, ordinal, byte_offset, disposition, held_for_delivery, (SELECT count(*) FROM heir_ h WHERE h.mac = m.mac AND h.message = m.number)
      FROM message m WHERE drop_ = ? ORDER BY byte_offset, ordinal
      """
    return DropFates(
      try db.all(sql, [drop]).compactMap { row in
        guard let disposition = Disposition(rawValue: try row[3] as String) else { return nil }
        let isRefused = disposition == .held || disposition == .rejected
        return try MessageFate(
          number: row[0], byteOffset: row[2], disposition: disposition, code: isRefused ? reasons[row[1] as Int] : nil,
          isOfTheNight: row[4] as Int != MessageMark.replayed, isHeir: row[5])
      })
  }

  /// By message, the reason that was noted last: what holds or rejects it as a whole comes behind what was found in it.
  private static func reasons(drop: String, _ db: any SQLConnection) throws -> [Int: FindingCode] {
    var reasons: [Int: FindingCode] = [:]
    let sql = "SELECT ordinal, code FROM exception_ WHERE drop_ = ? AND ordinal IS NOT NULL ORDER BY ordinal, entity IS NULL, rowid"
    try db.each(sql, [drop]) { row in reasons[try row[0]] = FindingCode(rawValue: try row[1] as String) }
    return reasons
  }
}

/// What the column `held_for_delivery` of a message says.
enum MessageMark {
  static let ordinary = 0
  /// Held only because of the file or batch that it came in.
  static let heldForDelivery = 1
  /// Added by a replay that reads the drop by another layout; the books of the night do not count it.
  static let replayed = 2
}
