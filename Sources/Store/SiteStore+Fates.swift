public import Core
import FoundationEssentials
import GRDB

/// What became of one message of a loaded drop.
public struct MessageFate: Sendable, Equatable {
  /// The message's number in this store.
  public var number: Int
  public var disposition: Disposition
  /// Held only because of the file or batch that it came in.
  public var isHeldForDelivery: Bool

  /// A message that another version of its mappings would be asked about: not a repetition, and not held for what it came in.
  public var isMapped: Bool { disposition != .duplicate && !isHeldForDelivery }
}

extension SiteStore {
  /// The loaded drops of a feed, control files left out: ascending by night, then SHA-256.
  public func loadedDrops(feed: String, from first: BusinessDate, through last: BusinessDate) throws(StoreError) -> [DropEntry] {
    try reach { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, night, bytes, sha256, keyed_hash FROM drop_ WHERE feed = ? AND night BETWEEN ? AND ? AND control = 0 AND state = 'loaded'
          ORDER BY night, sha256
          """, arguments: [feed, first.description, last.description]
      ).compactMap { row in
        BusinessDate(row[1] as String).map {
          DropEntry(id: row[0], feed: feed, night: $0, isControl: false, byteCount: row[2], state: .loaded, sha256: row[3], keyedHash: [UInt8](row[4] as Data))
        }
      }
    }
  }

  /// The last night of which a feed has a drop that is not waiting to be loaded; nil where there is none.
  public func lastLoadedNight(feed: String) throws(StoreError) -> BusinessDate? {
    try reach { db in
      try String.fetchOne(db, sql: "SELECT max(night) FROM drop_ WHERE feed = ? AND state <> 'pending'", arguments: [feed]).flatMap { BusinessDate($0) }
    }
  }

  /// What became of the messages of a drop, in their order.
  public func fates(drop: String) throws(StoreError) -> [MessageFate] {
    try reach { db in
      try Row.fetchAll(db, sql: "SELECT number, disposition, held_for_delivery FROM message WHERE drop_ = ? ORDER BY ordinal", arguments: [drop]).compactMap { row in
        Disposition(rawValue: row[1] as String).map { MessageFate(number: row[0], disposition: $0, isHeldForDelivery: row[2]) }
      }
    }
  }
}
