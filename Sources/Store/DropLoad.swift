public import Core

/// The load of one drop: one transaction, from `SiteStore.openLoad` to `finish` or `rollback`.
///
/// - Order: messages in the order of the drop. A message whose bytes are known in this feed is a duplicate, messages of this drop included.
/// - Errors: any error takes back the whole drop; a load that is dropped without `finish` leaves nothing.
/// - Memory: three slices (taken in, settled, being written) of at most 128 messages and, but for the last one, 1 MB, the assertions of one row, and 6 MB of current contents.
///   Not bounded: the current contents of the rows that two slices name, where these are large.
public final class DropLoad {
  /// True when the drop was loaded before: everything said to this load is ignored.
  public let isAlreadyLoaded: Bool
  let store: SiteStore
  let drop: DropEntry
  let run: String
  /// The night of the drop, as the tables name it.
  let night: String
  let sourceRank: Int
  let rowPaths: [String]
  let rules: LoadRules
  var mappingNumbers: [Int] = []
  var nextMessage = 1
  /// The number of the next assertion, by entity.
  var nextAssertions: [Int: Int] = [:]
  /// The newest night of which some consumer has an extract.
  var lastExtractNight: BusinessDate?
  var tally: LoadTally
  /// True where messages speak in the place of one that was undone: their bytes are known too.
  var hasHeirs = false
  /// True where a drop that is loaded is said anew.
  var isReplay = false
  /// Rows that messages of the drop name as replaced, or no longer so. They are followed when the drop ends, all at once.
  var links: [LinkTable.Name] = []
  /// What people decided of pairs of patients, by each of a pair; nil until it is asked for. It is read once: a decision is made outside of a load.
  var decided: [Bytes16: [DecidedPair]]?
  /// Most messages of the slice before were known: what was sent again comes in runs.
  var comesAgain = false
  /// Messages that are taken in and not settled yet.
  var slice = LoadSlice()
  /// What the slice at hand looks at; nil where the load looks into the store itself, as a replay does.
  var view: SliceView?
  /// What the slice at hand has said.
  var pending: PendingRows
  /// Where more than one statement shares event time and rank now, by entity: of the slice that is written, still to be put in order.
  var crowded: [SliceView.Tie: Int] = [:]
  /// Where what is taken back goes.
  lazy var past = PastStatements(store)
  /// Told of each row whose current content changes, where somebody asks.
  var witness: ((Bytes16, EntityTable) throws -> Void)?
  private var batches = 0
  private var isOver: Bool

  init(store: SiteStore, drop: DropEntry, run: String, sourceRank: Int, rowPaths: [String], rules: LoadRules = LoadRules()) {
    self.store = store
    self.drop = drop
    self.run = run
    night = drop.night.description
    self.sourceRank = sourceRank
    self.rowPaths = rowPaths
    self.rules = rules
    pending = PendingRows(keepsText: store.codec.keepsOpenText)
    tally = LoadTally(entityCount: store.dictionary.entities.count)
    isAlreadyLoaded = drop.state == .loaded
    isOver = isAlreadyLoaded
  }

  deinit { if !isOver { rollback() } }

  /// Loads one message: its disposition and those of its rows are settled, and stored, with the slice that it falls into, at the latest by `finish`.
  ///
  /// - Throws: STO-303 when its rows do not fit the dictionary or the mappings of this load; STO-2xx from the disk.
  public func load(_ message: MappedMessage) throws(StoreError) {
    var full: [NamedMessage] = []
    try prepare {
      try self.take(message)
      if self.slice.isFull { full = try self.takeSlice() }
    }
    if !full.isEmpty { try step { db in try self.settle(full, db) } }
  }

  /// Notes one trailer, or a header without one, or the count of a control file.
  public func batch(_ total: BatchTotal) throws(StoreError) {
    try step { db in
      try db.run(
        "INSERT INTO batch(drop_, number, unit, ordinal, declared, counted, agrees, has_trailer, has_header) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
          self.drop.id, self.batches, total.unit.rawValue, total.ordinal, total.declared, total.counted, total.agrees, total.hasTrailer, total.hasHeader,
        ])
      self.batches += 1
    }
  }

  /// Notes a finding about the drop as a whole.
  public func finding(_ finding: Finding) throws(StoreError) {
    try step { db in
      try self.settleAll(db)
      try self.note(finding, ordinal: nil, entity: nil, db)
    }
  }

  /// Writes the ledger row with its tallies and commits.
  ///
  /// - Parameter messagesDeclared: how many of the messages stand in a unit that declares a count.
  /// - Throws: STO-301 when the counts do not balance; nothing of the drop is stored then.
  public func finish(messagesDeclared: Int) throws(StoreError) {
    try step { db in
      try self.settleAll(db)
      try self.followLinks(of: self.links, db)
      try Self.forgetUnused(self.drop.id, db)
      try self.tally.write(drop: self.drop.id, dictionary: self.store.dictionary, db)
      try Self.close(self.drop.id, state: .loaded, run: self.run, declared: messagesDeclared, self.tally.dispositions, db)
      try db.commit()
    }
    end()
  }

  /// Takes everything back; the drop stays as it was.
  public func rollback() {
    guard !isOver else { return }
    // Always: an engine that took the transaction back by itself, as for a full disk, still has the error of a row to forget.
    try? store.reach { db in try db.rollback() }
    store.currents.removeAll()
    store.linksVersion = nil
    (slice, view) = (LoadSlice(), nil)
    crowded = [:]
    pending.removeAll()
    end()
  }

  private func end() {
    isOver = true
    store.isHeldOpen = false
  }

  func step(_ body: (any SQLConnection) throws -> Void) throws(StoreError) { try prepare { try self.store.reach(body) } }

  /// As `step`, for what needs no connection and so does not wait for rows that are written.
  private func prepare(_ body: () throws -> Void) throws(StoreError) {
    if isAlreadyLoaded { return }
    if isOver { throw .loadIsOver }
    do { try body() } catch {
      rollback()
      throw .translated(error)
    }
  }

  /// Writes the seven counts and the state; the constraints compare them with the messages.
  static func close(_ drop: String, state: DropEntry.State, run: String, declared: Int, _ tally: DispositionTally, _ db: any SQLConnection) throws {
    let counts = Disposition.allCases.map { "\($0.rawValue) = \(tally[$0])" }.joined(separator: ", ")
    try db.run(
      "UPDATE drop_ SET state = ?, run = ?, declared = ?, received = ?, \(counts) WHERE id = ?",
      [state.rawValue, run, declared, tally.received, drop])
  }
}

extension SiteStore {
  /// Begins the load of a drop whose hash is known: one transaction until `finish`. A drop that is loaded already gives a load that ignores everything.
  ///
  /// - Parameters:
  ///   - sourceRank: decides between assertions of one event time; the higher one comes later in the fold.
  ///   - mappings: the plan's mappings, as rows name them by index.
  ///   - rowPaths: the plan's row paths, as rows name them by index.
  ///   - rules: what the site says of fields and numbers.
  /// - Throws: STO-302 for an unknown drop, STO-501 when a column key or the index key is missing, STO-102 when a later run has taken over.
  public func openLoad(drop: String, run: String, sourceRank: Int = 0, mappings: [MappingRef] = [], rowPaths: [String] = [], rules: LoadRules = LoadRules())
    throws(StoreError) -> DropLoad
  {
    for table in tables { try codec.demandAll(of: table) }
    if isHeldOpen { throw .loadIsOpen }
    let load = try reach { db in
      let load = DropLoad(store: self, drop: try Self.entry(drop, db), run: run, sourceRank: sourceRank, rowPaths: rowPaths, rules: rules)
      if load.isAlreadyLoaded { return load }
      try self.beginFenced(db)
      do {
        try db.lookUpByIndex()
        self.currents.keep(onlyFor: try db.dataVersion())
        try self.readLinks(db)
        try Self.clear(drop, db)
        for mapping in mappings { load.mappingNumbers.append(try Self.number(of: mapping, db)) }
        load.lastExtractNight = try Self.lastExtractNight(db)
        load.hasHeirs = try db.first("SELECT 1 FROM heir_ LIMIT 1") != nil
        load.nextMessage = try db.value("SELECT coalesce(max(number), 0) + 1 FROM message") ?? 1
      } catch {
        load.rollback()
        throw error
      }
      return load
    }
    isHeldOpen = !load.isAlreadyLoaded
    return load
  }

  /// Holds a whole drop whose decoder stopped (or whose sealed bytes cannot be read): one message received and held. A later load of it replaces this.
  public func recordCrash(drop: String, run: String, code: FindingCode = .decoderCrashed) throws(StoreError) {
    try write { db in
      let entry = try Self.entry(drop, db)
      guard entry.state == .pending else { return }
      try Self.clear(drop, db)
      let number = try db.value("SELECT coalesce(max(number), 0) + 1 FROM message") ?? 1
      try db.run(
        "INSERT INTO message(number, drop_, ordinal, byte_offset, byte_count, type, batch, disposition) VALUES (?, ?, 0, 0, ?, 'other', -1, 'held')",
        [number, drop, entry.byteCount])
      try db.fill(ExceptionTable.name, ExceptionTable.columns) { try $0(try LoadTally.exception(Finding(code), drop: entry, ordinal: 0, entity: nil)) }
      try db.run("INSERT INTO finding(drop_, code, count) VALUES (?, ?, 1)", [drop, code.rawValue])
      var counts = DispositionTally()
      counts[.held] = 1
      try DropLoad.close(drop, state: .crashed, run: run, declared: 0, counts, db)
    }
  }

  /// The newest night of which some consumer has an extract.
  static func lastExtractNight(_ db: any SQLConnection) throws -> BusinessDate? {
    let night: String? = try db.value("SELECT max(night) FROM extract_")
    return night.flatMap { BusinessDate($0) }
  }

  private static func entry(_ drop: String, _ db: any SQLConnection) throws -> DropEntry {
    guard
      let row = try db.first("SELECT id, feed, night, control, bytes, state, sha256, keyed_hash FROM drop_ WHERE id = ?", [drop]),
      let night = BusinessDate(try row[2] as String)
    else { throw StoreError.missing("drop") }
    return try DropEntry(
      id: row[0], feed: row[1], night: night, isControl: row[3], byteCount: row[4], state: DropEntry.State(rawValue: row[5]) ?? .pending, sha256: row[6],
      keyedHash: row[7])
  }

  /// Takes away what a crash left of a drop in the ledger.
  static func clear(_ drop: String, _ db: any SQLConnection) throws {
    for name in ["coverage", "attachment", "exception_", "finding", "batch", "tally", "skip", "sum_", "message"] {
      try db.run("DELETE FROM \(name) WHERE drop_ = ?", [drop])
    }
  }
}
