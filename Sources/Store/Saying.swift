import Core

/// One message's share in an assertion: where it stands, and how it counts under the links of now.
struct Saying {
  let entity: Int
  /// The assertion's number in its table.
  let id: Int
  /// The row under which it stands.
  let ref: [UInt8]
  /// The key of that row.
  let stood: [UInt8]?
  /// As it counts now.
  let assertion: Assertion
  let source: AssertionSource
  /// True where that is not where, or not as what, it stands.
  let isLeaving: Bool
}

extension DropLoad {
  /// Who says which assertion, and under which sealed words where it was moved.
  private struct Share {
    var entity: Int
    var id: Int
    var message: Int
    var said: [UInt8]?
  }

  /// All that was said under a patient's number: what stands under it, and what was moved from it.
  func sayings(of patient: [UInt8], _ db: any SQLConnection) throws -> [Saying] {
    let index = try store.codec.keyIndex(entity: "patient", key: patient)
    var shares: [Share] = []
    for (entity, table) in store.tables.enumerated() {
      guard let column = entity == store.links.plan.patient ? "row_ref" : table.patientColumn else { continue }
      let place: [UInt8]? = column == "row_ref" ? try find(.init(entity: entity, keyIndex: index), db)?.ref : index
      guard let place else { continue }
      let own = "SELECT a.id, a.message FROM \(table.name) a WHERE a.\(column) = ?"
      let beside = "SELECT a.id, s.message FROM \(table.name) a JOIN support s ON s.assertion = a.id AND s.entity = ? WHERE a.\(column) = ?"
      let found = try db.all(own, [place]) + db.all(beside, [table.entity.name, place])
      shares += try found.map { Share(entity: entity, id: try $0[0], message: try $0[1], said: nil) }
    }
    var moved: [Share] = []
    for row in try db.all("SELECT entity, assertion, message, said FROM moved_ WHERE patient = ?", [index]) {
      guard let entity = store.dictionary.index(of: try row[0]) else { throw StoreError.rowsMalformed }
      moved.append(Share(entity: entity, id: try row[1], message: try row[2], said: try row[3]))
    }
    return try shares.filter { try !isMoved($0, db) }.map { try saying($0, db) } + moved.map { try saying($0, db) }
  }

  /// True for what was said under another number and counts here.
  private func isMoved(_ share: Share, _ db: any SQLConnection) throws -> Bool {
    try db.first("SELECT 1 FROM moved_ WHERE entity = ? AND assertion = ? AND message = ?", [store.tables[share.entity].entity.name, share.id, share.message]) != nil
  }

  private func saying(_ share: Share, _ db: any SQLConnection) throws -> Saying {
    let table = store.tables[share.entity], classes = Set(table.sealedClasses)
    guard let record = try db.first(table.selectSaid, [share.id]) else { throw StoreError.broken(table.entity.name) }
    let ref: [UInt8] = try record[table.firstOrigin + 3]
    let stands = try store.codec.assertion(record, table: table, ref: ref, classes: classes)
    var said = stands
    if let sealed = share.said {
      let plain = try store.codec.openedKeys(sealed, SiteStore.label(table.entity.name, share.id, share.message), of: table.entity.name)
      guard let cells = StoredCell.decode(plain, count: stands.cells.count) else { throw StoreError.broken(table.entity.name) }
      said.cells = cells
    }
    let moved = store.links.moved(share.entity, said)
    var counts = said
    if let moved { counts.cells = moved.cells }
    return Saying(
      entity: share.entity, id: share.id, ref: ref, stood: store.links.plan.key(share.entity, stands.cells), assertion: counts,
      source: try source(share, record, moved, db), isLeaving: counts.cells != stands.cells)
  }

  private func source(_ share: Share, _ record: SQLRow, _ moved: MovedRow?, _ db: any SQLConnection) throws -> AssertionSource {
    let table = store.tables[share.entity], first = table.firstOrigin
    if try record[first] == share.message {
      return try AssertionSource(
        message: share.message, mapping: record[4], path: record[first + 1], occurrence: record[first + 2], isFallback: record[5], entity: share.entity, moved: moved)
    }
    let beside = try db.first(
      "SELECT mapping, row_path, occurrence, fallback FROM support WHERE entity = ? AND assertion = ? AND message = ?",
      [table.entity.name, share.id, share.message])
    guard let beside else { throw StoreError.broken(table.entity.name) }
    return try AssertionSource(
      message: share.message, mapping: beside[0], path: beside[1], occurrence: beside[2], isFallback: beside[3], entity: share.entity, moved: moved)
  }
}
