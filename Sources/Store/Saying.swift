import Core

/// One message's share in an assertion: where it stands, and how it counts under the links of now.
struct Saying {
  let entity: Int
  /// The assertion's number in its table.
  let id: Int
  /// The row under which it stands.
  let ref: Bytes16
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

  /// All that was said under the numbers of some patients: what stands under them, and what was moved from them.
  func sayings(of patients: [[UInt8]], _ db: any SQLConnection) throws -> [Saying] {
    let indexes = try patients.map { [try store.codec.keyIndex(entity: "patient", key: $0).sqlValue] }
    var shares: [Int: [Share]] = [:]
    for entity in store.tables.indices { shares[entity] = try standing(entity, under: indexes, db) }
    try db.find(["entity", "assertion", "message", "said"], in: "moved_", by: ["patient"], indexes, then: "") { row in
      guard let entity = store.dictionary.index(of: try row[0]) else { throw StoreError.rowsMalformed }
      shares[entity, default: []].append(Share(entity: entity, id: try row[1], message: try row[2], said: try row[3]))
    }
    return try shares.sorted { $0.key < $1.key }.flatMap { try sayings($1.sorted { ($0.id, $0.message) < ($1.id, $1.message) }, store.tables[$0], db) }
  }

  /// What stands under the numbers and was said under them; what was said under another number and counts here is none of it.
  private func standing(_ entity: Int, under indexes: [[SQLValue]], _ db: any SQLConnection) throws -> [Share] {
    let table = store.tables[entity], name = SQLValue.text(table.entity.name), isPatient = entity == store.links.plan.patient
    guard let column = isPatient ? "row_ref" : table.patientColumn else { return [] }
    var places = isPatient ? [] : indexes
    if isPatient { try db.find(["ref"], in: RowTable.name, by: ["entity", "key_index"], indexes.map { [name] + $0 }, then: "") { places.append([.blob(try $0[0])]) } }
    var shares: [Share] = [], moved: Set<[Int]> = []
    try db.find(["id", "message"], in: table.name, by: [column], places, then: "") { shares.append(Share(entity: entity, id: try $0[0], message: try $0[1], said: nil)) }
    let ids = shares.map { [name, .integer($0.id)] }
    try db.find(["assertion", "message"], in: "support", by: ["entity", "assertion"], ids, then: "") {
      shares.append(Share(entity: entity, id: try $0[0], message: try $0[1], said: nil))
    }
    try db.find(["assertion", "message"], in: "moved_", by: ["entity", "assertion"], ids, then: "") { moved.insert(try [$0[0], $0[1]]) }
    return shares.filter { !moved.contains([$0.id, $0.message]) }
  }

  private func sayings(_ shares: [Share], _ table: EntityTable, _ db: any SQLConnection) throws -> [Saying] {
    var records: [Int: SQLRow] = [:]
    let columns = table.selected + ["message", "row_path", "occurrence", "row_ref"]
    try db.find(columns, in: table.name, by: ["id"], Set(shares.map(\.id)).map { [.integer($0)] }, then: "") { records[try $0[0]] = $0 }
    var others: [[SQLValue]] = [], beside: [[Int]: SQLRow] = [:]
    for share in shares where try records[share.id].map({ try $0[table.firstOrigin] != share.message }) ?? true {
      others.append([.text(table.entity.name), .integer(share.id), .integer(share.message)])
    }
    try db.find(["assertion", "message", "mapping", "row_path", "occurrence", "fallback"], in: "support", by: ["entity", "assertion", "message"], others, then: "") {
      beside[try [$0[0], $0[1]]] = $0
    }
    return try shares.map { share in
      guard let record = records[share.id] else { throw StoreError.broken(table.entity.name) }
      return try saying(share, record, beside: beside[[share.id, share.message]], table)
    }
  }

  private func saying(_ share: Share, _ record: SQLRow, beside: SQLRow?, _ table: EntityTable) throws -> Saying {
    let ref: Bytes16 = try record[table.firstOrigin + 3]
    let stands = try store.codec.assertion(record, table: table, ref: ref, classes: Set(table.sealedClasses))
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
      source: try source(share, record, beside, moved, table), isLeaving: counts.cells != stands.cells)
  }

  private func source(_ share: Share, _ record: SQLRow, _ beside: SQLRow?, _ moved: MovedRow?, _ table: EntityTable) throws -> AssertionSource {
    let first = table.firstOrigin
    if try record[first] == share.message {
      return try AssertionSource(
        message: share.message, mapping: record[4], path: record[first + 1], occurrence: record[first + 2], isFallback: record[5], entity: share.entity, moved: moved)
    }
    guard let beside else { throw StoreError.broken(table.entity.name) }
    return try AssertionSource(
      message: share.message, mapping: beside[2], path: beside[3], occurrence: beside[4], isFallback: beside[5], entity: share.entity, moved: moved)
  }
}
