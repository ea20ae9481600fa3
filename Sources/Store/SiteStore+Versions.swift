public import Core
import GRDB

/// What the ledger remembers of versions: which ones each night of a feed was loaded under, and the bytes of the files that they were read from.
extension SiteStore {
  /// Notes what a feed's drops of a night are about to be loaded under, in one transaction.
  ///
  /// - names: sets and mappings with versions, in the feed's order; they replace what an earlier run of the night noted.
  /// - files: path below the folder of mappings to SHA-256, hex. A path that is known keeps its digest.
  public func note(versions names: [String], files: [String: String], feed: String, night: BusinessDate) throws(StoreError) {
    try write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO night_versions(feed, night, names) VALUES (?, ?, ?)", arguments: [feed, night.description, names.joined(separator: " ")])
      try Self.note(files, db)
    }
  }

  /// Notes the files that stored drops are about to be run under again: path below the folder of mappings to SHA-256, hex.
  public func note(files: [String: String]) throws(StoreError) { try write { db in try Self.note(files, db) } }

  private static func note(_ files: [String: String], _ db: Database) throws {
    for (path, digest) in files.sorted(by: { $0.key < $1.key }) {
      try db.execute(sql: "INSERT OR IGNORE INTO frozen_(path, sha256) VALUES (?, ?)", arguments: [path, digest])
    }
  }

  /// The versions that each night of a feed was loaded under, ascending by night; nights of before the ledger noted them are missing.
  public func versions(feed: String) throws(StoreError) -> [(night: BusinessDate, names: [String])] {
    try reach { db in
      guard try Self.isThere("night_versions", db) else { return [] }
      return try Row.fetchAll(db, sql: "SELECT night, names FROM night_versions WHERE feed = ? ORDER BY night", arguments: [feed]).compactMap { row in
        BusinessDate(row[0] as String).map { (night: $0, names: (row[1] as String).split(separator: " ").map(String.init)) }
      }
    }
  }

  /// The files that some night was loaded under, by path: SHA-256, hex.
  public func frozenFiles() throws(StoreError) -> [String: String] {
    try reach { db in
      guard try Self.isThere("frozen_", db) else { return [:] }
      return Dictionary(uniqueKeysWithValues: try Row.fetchAll(db, sql: "SELECT path, sha256 FROM frozen_").map { ($0[0] as String, $0[1] as String) })
    }
  }

  /// The mappings that rows of this store were mapped by, with the digests of their files.
  public func knownMappings() throws(StoreError) -> [MappingRef] {
    try reach { db in
      try Row.fetchAll(db, sql: "SELECT id, version, digest FROM mapping ORDER BY number").map { MappingRef(id: $0[0], version: $0[1], digest: $0[2]) }
    }
  }

  /// A reader may open a store that no run has written to since these tables came.
  private static func isThere(_ table: String, _ db: Database) throws -> Bool {
    try Bool.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", arguments: [table]) ?? false
  }
}
