public import Core
import FoundationEssentials
import GRDB
import Glibc

/// The canonical store and ledger of one site on the embedded SQLite: one file, one writer under the site's lock.
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
  private let queue: DatabaseQueue
  private let epoch: Int?

  /// Makes the store's file (mode 0600) and its tables. Calling it again, also after a kill, completes what is missing.
  ///
  /// A store of an earlier dictionary stays at it until a run that holds all keys opens it.
  /// - Throws: STO-401 when the file belongs to another site or dictionary, STO-2xx when the disk refuses.
  public static func create(path: String, siteID: String, dictionary: CanonicalDictionary) throws(StoreError) {
    try makeFile(path)
    let tables = try entityTables(dictionary)
    do {
      let queue = try openQueue(path, readOnly: false)
      try queue.writeWithoutTransaction { db in
        try Schema.migrate(db, tables: tables)
        try db.execute(
          sql: "INSERT OR IGNORE INTO meta(one, site, dictionary_version, dictionary_digest, epoch) VALUES (1, ?, ?, ?, 0)",
          arguments: [siteID, dictionary.version, dictionary.digest])
        _ = try verified(db, siteID: siteID, dictionary: dictionary)
      }
      try queue.close()
    } catch { throw .translated(error) }
  }

  /// Opens a store that `create` made. Where it is at an earlier dictionary, a caller that writes and holds all keys brings it up, in one
  /// transaction; anyone else reads it as it is.
  ///
  /// - Parameter epoch: the number of the run that writes, from the lock file; nil opens for reading only.
  /// - Throws: STO-204 when there is no such file, STO-401 and STO-402 when it is not this site's, STO-405 when the dictionary
  ///   would lose something of what the store holds.
  public init(path: String, siteID: String, dictionary: CanonicalDictionary, keys: StoreKeys, epoch: Int?) throws(StoreError) {
    self.siteID = siteID
    self.epoch = epoch
    folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard unsafe access(path, F_OK) == 0 else { throw .unusable("it does not exist") }
    do {
      codec = try RowCodec(siteID: siteID, keys: keys)
      queue = try Self.openQueue(path, readOnly: epoch == nil)
      let codec = codec
      self.dictionary = try queue.writeWithoutTransaction { db in
        // A store of an earlier version is brought up by the first run that writes to it.
        if epoch != nil { try Schema.migrate(db, tables: try Self.entityTables(dictionary)) }
        let found = try Self.verified(db, siteID: siteID, dictionary: dictionary)
        guard let epoch, found.version < dictionary.version else { return found }
        return try DictionaryMigration(from: found, to: dictionary, codec: codec).run(db, epoch: epoch)
      }
      tables = try Self.entityTables(self.dictionary)
    } catch { throw .translated(error) }
  }

  static func entityTables(_ dictionary: CanonicalDictionary) throws(StoreError) -> [EntityTable] {
    var tables: [EntityTable] = []
    for entity in dictionary.entities { tables.append(try EntityTable(entity)) }
    return tables
  }

  private static func makeFile(_ path: String) throws(StoreError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unusable("errno \(errno)") }
    let failed = fchmod(descriptor, 0o600) != 0
    close(descriptor)
    if failed { throw .unusable("its mode cannot be set") }
  }

  /// Rollback journal, never WAL: on SQLite before 3.51.3 a WAL reset can corrupt the file (security.md, finding 8).
  private static func openQueue(_ path: String, readOnly: Bool) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(2)
    configuration.allowsUnsafeTransactions = true
    configuration.prepareDatabase { db in
      for pragma in ["synchronous = EXTRA", "temp_store = MEMORY", "secure_delete = ON", "mmap_size = 0", "cache_size = -16000", "trusted_schema = OFF"] {
        try db.execute(sql: "PRAGMA " + pragma)
      }
      // A reader must still be able to roll back the journal of a killed writer, so the file is opened for writing and writes are refused.
      try db.execute(sql: readOnly ? "PRAGMA query_only = ON" : "PRAGMA journal_mode = DELETE")
    }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  /// The dictionary that the store is at: the newest one or one before it.
  private static func verified(_ db: Database, siteID: String, dictionary: CanonicalDictionary) throws -> CanonicalDictionary {
    let schema = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard schema == Schema.version else { throw StoreError.schema(schema, known: Schema.version) }
    let meta = try Row.fetchOne(db, sql: "SELECT site, dictionary_version, dictionary_digest FROM meta")
    guard let meta else { throw StoreError.unusable("it is empty") }
    guard meta[0] == siteID else { throw StoreError.otherSite("site") }
    guard let known = (dictionary.earlier + [dictionary]).first(where: { meta[1] == $0.version && meta[2] == $0.digest }) else {
      throw StoreError.otherDictionary(meta[1], newest: dictionary.version)
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
  /// Runs calls to SQLite, on this thread; errors come out translated.
  func reach<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    do { return try queue.unsafeReentrantWrite(body) } catch { throw .translated(error) }
  }

  /// One snapshot for several reads; `body` may throw errors of its own.
  func snapshot<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do {
      return try queue.unsafeReentrantWrite { db in
        if db.isInsideTransaction { return try body(db) }
        try db.beginTransaction(.deferred)
        defer { if db.isInsideTransaction { try? db.rollback() } }
        return try body(db)
      }
    } catch let error as DatabaseError { throw StoreError.translated(error) }
  }

  /// One write transaction: begun at once, fenced by the epoch, taken back whole when anything fails.
  func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    if isHeldOpen { throw .loadIsOpen }
    return try reach { db in
      try self.beginFenced(db)
      do {
        let result = try body(db)
        try db.commit()
        return result
      } catch {
        try? db.rollback()
        throw error
      }
    }
  }

  /// Begins a write transaction that stays open over several calls.
  func beginFenced(_ db: Database) throws {
    guard let epoch else { throw StoreError.readOnly }
    try db.beginTransaction(.immediate)
    do {
      let stored = try Int.fetchOne(db, sql: "SELECT epoch FROM meta") ?? 0
      guard stored <= epoch else { throw StoreError.fenced(stored: stored, own: epoch) }
      if stored < epoch { try db.execute(sql: "UPDATE meta SET epoch = ?", arguments: [epoch]) }
    } catch {
      try? db.rollback()
      throw error
    }
  }

  var ownEpoch: Int { epoch ?? 0 }

  /// The epoch of the last run that wrote: a lock file that was lost starts above it.
  public func storedEpoch() throws(StoreError) -> Int {
    try reach { db in try Int.fetchOne(db, sql: "SELECT epoch FROM meta") ?? 0 }
  }
}
