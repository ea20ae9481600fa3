public import Core

/// What the ledger remembers of versions: which ones each night of a feed was loaded under, and the bytes of the files that they were read from.
/// A reader may open a store that no run has written to since these tables came.
extension SiteStore {
  /// Notes what a feed's drops of a night are about to be loaded under, in one transaction.
  ///
  /// - names: sets and mappings with versions, in the feed's order; they replace what an earlier run of the night noted.
  /// - files: path below the folder of mappings to SHA-256, hex. A path that is known keeps its digest.
  public func note(versions names: [String], files: [String: String], feed: String, night: BusinessDate) throws(StoreError) {
    try write { db in
      try db.run(
        "INSERT INTO night_versions(feed, night, names) VALUES (?, ?, ?) ON CONFLICT(feed, night) DO UPDATE SET names = excluded.names",
        [feed, night.description, names.joined(separator: " ")])
      try Self.note(files, db)
    }
  }

  /// Notes the files that stored drops are about to be run under again: path below the folder of mappings to SHA-256, hex.
  public func note(files: [String: String]) throws(StoreError) { try write { db in try Self.note(files, db) } }

  private static func note(_ files: [String: String], _ db: any SQLConnection) throws {
    for (path, digest) in files.sorted(by: { $0.key < $1.key }) {
      try db.run("INSERT INTO frozen_(path, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING", [path, digest])
    }
  }

  /// The versions that each night of a feed was loaded under, ascending by night; nights of before the ledger noted them are missing.
  public func versions(feed: String) throws(StoreError) -> [(night: BusinessDate, names: [String])] {
    try reach { db in
      guard try db.hasTable("night_versions") else { return [] }
      return try db.all("SELECT night, names FROM night_versions WHERE feed = ? ORDER BY night", [feed]).compactMap { row in
        guard let night = BusinessDate(try row[0] as String) else { return nil }
        return (night: night, names: try (row[1] as String).split(separator: " ").map(String.init))
      }
    }
  }

  /// The files that some night was loaded under, by path: SHA-256, hex.
  public func frozenFiles() throws(StoreError) -> [String: String] {
    try reach { db in
      guard try db.hasTable("frozen_") else { return [:] }
      return Dictionary(uniqueKeysWithValues: try db.all("SELECT path, sha256 FROM frozen_").map { (try $0[0] as String, try $0[1] as String) })
    }
  }

  /// The mappings that rows of this store were mapped by, with the digests of their files.
  public func knownMappings() throws(StoreError) -> [MappingRef] {
    try reach { db in
      try db.all("SELECT id, version, digest FROM mapping ORDER BY number").map { try MappingRef(id: $0[0], version: $0[1], digest: $0[2]) }
    }
  }
}
