import Core

/// Passes the rows of one entity from one table to the other, one row at a time.
struct EntityMover {
  let move: EntityMove
  let codec: RowCodec

  /// How many rows are asked for at once.
  private static let page = 512

  /// One assertion in its new form, with all that stays as it was.
  private struct Kept {
    var id: Int
    var assertion: Assertion
    var content: [UInt8]
    var mapping: Int
    var isFallback: Bool
    var message: Int
    var path: String
    var occurrence: Int
  }

  func run(_ db: any SQLConnection) throws {
    try db.define(move.new.definition)
    var after: Bytes16?
    while true {
      let refs: [Bytes16] = try db.list("SELECT ref FROM row_ WHERE entity = ? AND ref > ? ORDER BY ref LIMIT \(Self.page)", [move.new.entity.name, after?.bytes ?? []])
      guard let last = refs.last else { break }
      for ref in refs { try pass(ref, db) }
      after = last
    }
    try db.define("DROP TABLE \(move.old.name)")
    try db.define("ALTER TABLE \(move.new.name) RENAME TO \(move.old.name)")
    if let index = move.new.patientIndex { try db.define(index) }
  }

  /// A row that came apart from another one meanwhile has nothing in the old table.
  private func pass(_ ref: Bytes16, _ db: any SQLConnection) throws {
    let assertions = try assertions(ref, db)
    guard let last = assertions.last else { return }
    guard move.keyGrows else { return try write(assertions, ref, db) }
    let keys = try assertions.map { try move.key($0.assertion.cells) }
    let current = keys[keys.count - 1]
    for key in Set(keys) {
      let own = zip(keys, assertions).filter { $0.0 == key }.map(\.1)
      let name = key == current ? ref : try codec.newRef()
      try settle(name, key: key, own.last ?? last, isNew: key != current, db)
      try write(own, name, db)
      if Set(keys).count > 1 { try noteChange(name, own, db) }
    }
  }

  /// In the order of the fold.
  private func assertions(_ ref: Bytes16, _ db: any SQLConnection) throws -> [Kept] {
    let classes = Set(move.old.sealedClasses), origin = move.old.firstOrigin
    var kept: [Kept] = []
    try db.each(move.old.selectKept, [ref]) { record in
      var assertion = try codec.assertion(record, table: move.old, ref: ref, classes: classes)
      assertion.cells = try move.cells(assertion.cells)
      kept.append(
        try Kept(
          id: record[0], assertion: assertion, content: assertion.content, mapping: record[4], isFallback: record[5], message: record[origin],
          path: record[origin + 1], occurrence: record[origin + 2]))
    }
    return kept.sorted(by: Self.precedes)
  }

  private static func precedes(_ one: Kept, _ other: Kept) -> Bool {
    let left = (one.assertion.eventInstant, one.assertion.sourceRank), right = (other.assertion.eventInstant, other.assertion.sourceRank)
    return left == right ? one.content.lexicographicallyPrecedes(other.content) : left < right
  }

  private func write(_ assertions: [Kept], _ ref: Bytes16, _ db: any SQLConnection) throws {
    var tie = 0
    for (index, kept) in assertions.enumerated() {
      let assertion = kept.assertion
      let before = index > 0 ? assertions[index - 1].assertion : nil
      tie = before?.eventInstant == assertion.eventInstant && before?.sourceRank == assertion.sourceRank ? tie + 1 : 0
      let mac = try codec.contentMac(assertion, entity: move.new.entity.name, ref: ref)
      let head: SQLValues = [
        kept.id, tie, ref, assertion.eventInstant, assertion.sourceRank, mac, kept.message, kept.mapping, kept.path, kept.occurrence,
        kept.isFallback, codec.cleared(assertion, table: move.new),
      ]
      let columns = try codec.columns(assertion, table: move.new, ref: ref, mac: mac)
      try db.run(move.new.insertKept, head + columns.map { $0 })
    }
  }

  /// Names the row by its grown key; what stood together with it under the old one becomes a row of its own.
  private func settle(_ ref: Bytes16, key: [UInt8], _ latest: Kept, isNew: Bool, _ db: any SQLConnection) throws {
    let name = move.new.entity.name
    let values: SQLValues = [
      try codec.keyIndex(entity: name, key: key), latest.assertion.eventInstant, latest.assertion.sourceRank, ref, name,
    ]
    let sql =
      isNew
      ? "INSERT INTO row_(key_index, latest_instant, latest_rank, ref, entity) VALUES (?, ?, ?, ?, ?)"
      : "UPDATE row_ SET key_index = ?, latest_instant = ?, latest_rank = ? WHERE ref = ? AND entity = ?"
    try db.run(sql, values)
  }

  /// A row that came apart was changed in the nights of its messages; where an extract has been made since, it is due in the next one.
  private func noteChange(_ ref: Bytes16, _ assertions: [Kept], _ db: any SQLConnection) throws {
    let name = move.new.entity.name
    for kept in assertions {
      try db.run(
        """
        INSERT INTO change_(night, entity, ref) SELECT night, ?, ? FROM drop_ JOIN message ON drop_.id = message.drop_ WHERE number = ?
        ON CONFLICT DO NOTHING
        """, [name, ref, kept.message])
    }
    try db.run(
      """
      INSERT INTO late_(entity, ref, after_night) SELECT ?, ?, max(night) FROM extract_ HAVING max(night) IS NOT NULL
      ON CONFLICT(entity, ref) DO UPDATE SET after_night = excluded.after_night
      """, [name, ref])
  }
}
