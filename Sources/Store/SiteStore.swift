public import Core

/// The canonical store and ledger of one site: one writer under the site's lock.
///
/// - Calls run on the calling thread. An instance belongs to one thread.
/// - A sealed class whose key is not loaded stays sealed; what needs it throws `STO-501`.
/// - Every write checks the epoch in its own transaction and refuses (`STO-102`) when a later run has taken over.
public final class SiteStore {
  /// The data dictionary that the tables are made from: the newest one, or an earlier one where nobody could bring the store up yet.
  public let dictionary: CanonicalDictionary
  let siteID: String
  let codec: RowCodec
  let tables: [EntityTable]
  /// Where the digest may spill sealed sort runs: the store's own folder.
  let folder: String
  /// True while a drop is loaded or an extract produced: no other write may begin.
  var isHeldOpen = false
  var currents = CurrentCache()
  /// A row that is said of each night has thousands of statements. A load reads so many of its newest, and all of them only where these do not decide.
  var newestFirst = 8
  /// As a load or replay has read them.
  var links: LinkTable
  /// Where the links stand; nil where they have to be read anew.
  var linksVersion: Int?
  private let connection: OverlappedConnection
  private let epoch: Int?

  /// Makes the store's place and its tables. Calling it again, also after a kill, completes what is missing.
  ///
  /// A store of an earlier dictionary stays at it until a run that holds all keys opens it.
  /// - Throws: STO-401 when it belongs to another site or dictionary, STO-2xx when the disk or the server refuses.
  public static func create(at place: StorePlace, siteID: String, dictionary: CanonicalDictionary) throws(StoreError) {
    let tables = try entityTables(dictionary)
    do {
      let db = try place.make()
      try db.exclusively {
        try Schema.migrate(db, tables: tables)
        try db.run("INSERT INTO meta(one, site, dictionary_version, dictionary_digest, epoch) VALUES (1, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
          [siteID, dictionary.version, dictionary.digest])
        _ = try verified(db, siteID: siteID, dictionary: dictionary)
      }
      db.close()
    } catch { throw .translated(error) }
  }

  /// Opens a store that `create` made. Where it is at an earlier dictionary, a caller that writes and holds all keys brings it up, in one
  /// transaction; anyone else reads it as it is.
  ///
  /// - Parameter epoch: the number of the run that writes, from the lock file; nil opens for reading only.
  /// - Throws: STO-204 when there is no such store, STO-401 and STO-402 when it is not this site's, STO-405 when the dictionary
  ///   would lose something of what the store holds.
  public init(at place: StorePlace, siteID: String, dictionary: CanonicalDictionary, keys: StoreKeys, epoch: Int?) throws(StoreError) {
    self.siteID = siteID
    self.epoch = epoch
    folder = place.folder
    do {
      let db = try place.open(readOnly: epoch == nil)
      codec = try RowCodec(siteID: siteID, keys: keys, keepsOpenText: db.dialect.keepsOpenText)
      let codec = codec
      connection = OverlappedConnection(db)
      self.dictionary = try db.exclusively {
        // A store of an earlier version is brought up by the first run that writes to it.
        if epoch != nil { try Schema.migrate(db, tables: try Self.entityTables(dictionary)) }
        let found = try Self.verified(db, siteID: siteID, dictionary: dictionary)
        guard let epoch, found.version < dictionary.version else { return found }
        return try DictionaryMigration(from: found, to: dictionary, codec: codec).run(db, epoch: epoch)
      }
      tables = try Self.entityTables(self.dictionary)
      links = LinkTable(LinkPlan(self.dictionary))
    } catch { throw .translated(error) }
  }

  static func entityTables(_ dictionary: CanonicalDictionary) throws(StoreError) -> [EntityTable] {
    var tables: [EntityTable] = []
    for entity in dictionary.entities { tables.append(try EntityTable(entity)) }
    return tables
  }

  /// The dictionary that the store is at: the newest one or one before it.
  private static func verified(_ db: any SQLConnection, siteID: String, dictionary: CanonicalDictionary) throws -> CanonicalDictionary {
    let schema = try db.schemaVersion()
    guard schema == Schema.version else { throw StoreError.schema(schema, known: Schema.version) }
    let meta = try db.first("SELECT site, dictionary_version, dictionary_digest FROM meta")
    guard let meta else { throw StoreError.unusable("it is empty") }
    guard try meta[0] == siteID else { throw StoreError.otherSite("site") }
    let version: Int = try meta[1], digest: String = try meta[2]
    if version == dictionary.version, digest == dictionary.digest { return dictionary }
    guard let known = dictionary.earlier.first(where: { version == $0.version && digest == $0.digest }) else {
      throw StoreError.otherDictionary(version, newest: dictionary.version)
    }
    return known
  }

  /// The version of the dictionary that the store is at, where that is before `newest`; nil where there is nothing to bring up.
  ///
  /// - Throws: STO-405 when `newest` would lose something of what the store may hold.
  public func dictionaryBehind(_ newest: CanonicalDictionary) throws(StoreError) -> Int? {
    guard dictionary.version < newest.version else { return nil }
    _ = try DictionaryMigration(from: dictionary, to: newest, codec: codec)
    return dictionary.version
  }

  func table(_ entity: String) throws(StoreError) -> EntityTable {
    guard let index = dictionary.index(of: entity) else { throw .missing("entity") }
    return tables[index]
  }
}

extension SiteStore {
  /// Runs calls to the engine, on this thread; errors come out translated.
  func reach<Result>(_ body: (any SQLConnection) throws -> Result) throws(StoreError) -> Result {
    do { return try connection.exclusively { try body(connection) } } catch { throw .translated(error) }
  }

  /// Writes rows on a thread of their own, in the transaction that is open; whatever is asked next of the engine waits for them. Gives empty ones.
  func write(aside rows: PendingRows) throws(StoreError) -> PendingRows { try connection.write(aside: rows) }

  /// One snapshot for several reads; `body` may throw errors of its own.
  func snapshot<Result>(_ body: (any SQLConnection) throws -> Result) throws -> Result {
    let db = connection
    return try db.exclusively { db.isInTransaction ? try body(db) : try db.transaction(.read) { try body(db) } }
  }

  /// One write transaction: begun at once, fenced by the epoch, taken back whole when anything fails. `body` may run more than once.
  func write<Result>(_ body: (any SQLConnection) throws -> Result) throws(StoreError) -> Result {
    if isHeldOpen { throw .loadIsOpen }
    if epoch == nil { throw .readOnly }
    var attempt = 1
    while true {
      do { return try writeOnce(body) } catch {
        guard error.code == StoreError.retried, attempt < Self.attempts else { throw error }
        attempt += 1
      }
    }
  }

  /// How often a transaction is tried that the engine takes back for its own reasons; all of them begin anew.
  private static let attempts = 3

  private func writeOnce<Result>(_ body: (any SQLConnection) throws -> Result) throws(StoreError) -> Result {
    try reach { db in
      try db.transaction(.write) {
        try self.fence(db)
        return try body(db)
      }
    }
  }

  /// Begins a write transaction that stays open over several calls.
  func beginFenced(_ db: any SQLConnection) throws {
    if epoch == nil { throw StoreError.readOnly }
    try db.begin(.write)
    do { try fence(db) } catch {
      try? db.rollback()
      throw error
    }
  }

  private func fence(_ db: any SQLConnection) throws {
    let stored = try db.value("SELECT epoch FROM meta") ?? 0
    guard stored <= ownEpoch else { throw StoreError.fenced(stored: stored, own: ownEpoch) }
    if stored < ownEpoch { try db.run("UPDATE meta SET epoch = ?", [ownEpoch]) }
  }

  var ownEpoch: Int { epoch ?? 0 }

  /// The epoch of the last run that wrote: a lock file that was lost starts above it.
  public func storedEpoch() throws(StoreError) -> Int {
    try reach { db in try db.value("SELECT epoch FROM meta") ?? 0 }
  }
}
