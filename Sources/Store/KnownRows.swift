public import Core

/// Reads what was believed of a row when a night had closed: the statements that were known then, those among them that were taken back since.
struct KnownRows {
  let reader: RowReader
  /// Of the last run of that night.
  let epoch: Int
  /// The store's and those before it: what was taken back stays as it was sealed.
  let dictionary: CanonicalDictionary

  private struct Known {
    var assertion: Assertion
    var content: [UInt8]
    var mapping: Int
    var isFallback: Bool
    var subject: [UInt8]?
  }

  func row(_ ref: Bytes16, _ db: any SQLConnection) throws -> VersionedRow {
    var known: [Known] = []
    try db.each(reader.table.selectDated, [reader.table.entity.name, ref, epoch]) { known.append(try statement($0, reader.table, ref)) }
    try db.each(
      """
      SELECT row_ref, event_instant, source_rank, content_mac, mapping, fallback, cleared, dictionary, body FROM past_
      WHERE row_ref = ? AND known_from <= ? AND known_to > ?
      """, [ref, epoch, epoch]) { known.append(try past($0, ref)) }
    known.sort(by: Self.precedes)
    guard let last = known.last else { return .withdrawn(ref: Hex.text(ref.bytes), entity: reader.table.entity.name) }
    let source = RowReader.Source(mapping: last.mapping, isFallback: last.isFallback, subject: known.last { $0.subject != nil }?.subject)
    return try reader.folded(ref, known.map(\.assertion), source, db)
  }

  private func statement(_ record: SQLRow, _ table: EntityTable, _ ref: Bytes16) throws -> Known {
    let assertion = try reader.codec.assertion(record, table: table, ref: ref, classes: Set(table.sealedClasses))
    return try Known(
      assertion: assertion, content: assertion.content, mapping: record[4], isFallback: record[5],
      subject: table.subjectReference.flatMap { try record[table.firstIndex + $0] })
  }

  private func past(_ record: SQLRow, _ ref: Bytes16) throws -> Known {
    let version: Int = try record[7], body: [UInt8] = try record[8], name = reader.table.entity.name
    guard let values = PastStatements.values(of: body) else { throw StoreError.broken(name) }
    let whole = SQLRow(values: Array(record.values[0..<7]) + values)
    if version == dictionary.version { return try statement(whole, reader.table, ref) }
    guard let old = dictionary.earlier.first(where: { $0.version == version }), let before = old[name], let after = dictionary[name] else {
      throw StoreError.broken(name)
    }
    let move = try EntityMove(before, after, DictionaryStep(old: old, new: dictionary))
    var known = try statement(whole, move.old, ref)
    known.assertion.cells = try move.cells(known.assertion.cells)
    known.content = known.assertion.content
    return known
  }

  private static func precedes(_ one: Known, _ other: Known) -> Bool {
    let left = (one.assertion.eventInstant, one.assertion.sourceRank), right = (other.assertion.eventInstant, other.assertion.sourceRank)
    return left == right ? one.content.lexicographicallyPrecedes(other.content) : left < right
  }
}

extension SiteStore {
  /// The epoch of the last run that a night had before a later one began: what was believed when it had closed. A night that never ran knows what
  /// the one before it knew.
  ///
  /// Replays and undos are of no night in this: what they did is known to the nights that ran after them. So is what an earlier night brought late.
  /// - Throws: STO-305 where no such run is known.
  func knownEpoch(_ night: BusinessDate, _ db: any SQLConnection) throws -> Int {
    let ran: String? = try db.value("SELECT max(night) FROM run WHERE night <= ? AND \(Self.isOfNight)", [night.description])
    guard let ran, let first: Int = try db.value("SELECT min(epoch) FROM run WHERE night = ? AND \(Self.isOfNight)", [ran]) else { throw StoreError.nothingKnown }
    let next = try db.value("SELECT min(epoch) FROM run WHERE night > ? AND epoch > ? AND \(Self.isOfNight)", [night.description, first]) ?? Int.max
    return try db.value("SELECT max(epoch) FROM run WHERE night = ? AND epoch < ? AND \(Self.isOfNight)", [ran, next]) ?? first
  }

  private static let isOfNight = "stage NOT IN ('replay', 'undo', 'identity')"

  /// Where each assertion that was known when a night had closed comes from, in the order of event times; empty for an unknown ref. No keys needed.
  public func trace(ref: String, asKnownOn night: BusinessDate) throws(StoreError) -> [TraceEntry] {
    guard let bytes = Hex.bytes(ref), bytes.count == 16 else { return [] }
    return try reach { db in
      guard let entity: String = try db.value("SELECT entity FROM row_ WHERE ref = ?", [bytes]) else { return [] }
      let epoch = try self.knownEpoch(night, db), table = try self.table(entity)
      let standing = try db.all(
        """
        SELECT \(Self.tracedMapping), m.ordinal, m.type, m.byte_offset, d.id, d.sha256, d.feed, d.night, d.run, a.source_rank
        FROM \(table.name) a JOIN mapping p ON p.number = a.mapping JOIN message m ON m.number = a.message JOIN drop_ d ON d.id = m.drop_
          LEFT JOIN run r ON r.id = d.run LEFT JOIN since_ s ON s.entity = ? AND s.assertion = a.id
        WHERE a.row_ref = ? AND coalesce(s.epoch, r.epoch, 0) <= ? ORDER BY a.event_instant, a.source_rank, a.tie
        """, [entity, bytes, epoch])
      let past = try db.all(
        """
        SELECT \(Self.tracedMapping), a.ordinal, a.type, a.byte_offset, d.id, d.sha256, d.feed, d.night, a.run, a.source_rank
        FROM past_ a JOIN mapping p ON p.number = a.mapping JOIN drop_ d ON d.id = a.drop_
        WHERE a.row_ref = ? AND a.known_from <= ? AND a.known_to > ? ORDER BY a.event_instant, a.source_rank, a.number
        """, [bytes, epoch, epoch])
      let entries = try (standing + past).compactMap { row in
        try Self.traceEntry(row, of: entity).map { (entry: $0, rank: try row[15] as Int) }
      }
      return entries.sorted { ($0.entry.eventInstant, $0.rank) < ($1.entry.eventInstant, $1.rank) }.map(\.entry)
    }
  }

  private static let tracedMapping = "p.id, p.version, p.digest, a.row_path, a.occurrence, a.event_instant, a.fallback"
}
