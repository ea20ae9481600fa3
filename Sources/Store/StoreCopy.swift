/// Takes a whole store over into an empty one on another engine, or in another place: every table, row by row, sealed bytes as they are.
///
/// - One snapshot of the source and one transaction of the target: all of it or nothing. Memory: a page of rows.
/// - Refs, keyed hashes and seals stay, so the same keys open the copy, and its digest is that of the source.
public struct StoreCopy {
  private let source: any SQLConnection
  private let target: any SQLConnection

  /// Copies a store; gives how many rows were taken over.
  ///
  /// - Parameter place: where `SiteStore.create` may make a store; one that holds anything is refused.
  /// - Throws: STO-210 when the target is not empty, STO-2xx from either engine.
  public static func run(from store: SiteStore, to place: StorePlace) throws(StoreError) -> Int {
    try SiteStore.create(at: place, siteID: store.siteID, dictionary: store.dictionary)
    do {
      let target = try place.open(readOnly: false)
      return try store.snapshot { source in
        try target.exclusively { try target.transaction(.write) { try StoreCopy(source: source, target: target).run(store.tables) } }
      }
    } catch { throw .translated(error) }
  }

  private func run(_ tables: [EntityTable]) throws -> Int {
    for name in ["run", "drop_", "row_"] where try target.first("SELECT 1 FROM \(name) LIMIT 1") != nil { throw StoreError.notEmpty }
    try target.run("DELETE FROM meta")
    var count = 0
    for name in Schema.copyOrder.flatMap({ $0 == "row_" ? [$0] + tables.map(\.name) : [$0] }) { count += try copy(name) }
    // The messages are there now, so that the guards can count them.
    for drop in try source.all("SELECT state, id FROM drop_ WHERE state <> 'pending'") {
      try target.run("UPDATE drop_ SET state = ? WHERE id = ?", [drop.values[0], drop.values[1]])
    }
    return count
  }

  private func copy(_ table: String) throws -> Int {
    let columns = try source.columns(of: table).filter { $0 != "rowid" }
    let state = table == "drop_" ? columns.firstIndex(of: "state") : nil
    let order = Schema.ordered.contains(table) ? " ORDER BY rowid" : ""
    var count = 0
    try target.fill(table, columns) { take in
      try source.stream("SELECT \(columns.joined(separator: ", ")) FROM \(table)\(order)") { row in
        var values = zip(columns, row.values).map { $0.hasPrefix("f_") ? open($1) : $1 }
        if let state { values[state] = .text("pending") }
        try take(values)
        count += 1
      }
    }
    return count
  }

  /// An open column of a row in the target's form.
  private func open(_ value: SQLValue) -> SQLValue {
    switch value {
    case .text(let text) where !target.dialect.keepsOpenText: .blob(Array(text.utf8))
    case .blob(let bytes) where target.dialect.keepsOpenText: SQLValue.open(bytes, keepsText: true)
    default: value
    }
  }
}

extension SQLValue {
  /// An open column: text where the engine keeps it and the bytes are one.
  static func open(_ bytes: [UInt8], keepsText: Bool) -> SQLValue {
    if keepsText, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) { return .text(text) }
    return .blob(bytes)
  }
}

extension Schema {
  /// Every table but those of the rows: what is referred to stands first.
  static let copyOrder = [
    "meta", "run", "mapping", "drop_", "duplicate_name", "look", "message", "batch", "finding", "exception_", "tally", "skip", "sum_", "row_", "change_",
    "late_", "outflow", "extract_", "disclosure", "attachment", "support", "replay_", "coverage", "code_seen", "tag_key", "night_versions", "frozen_", "link_", "moved_",
    "past_", "since_", "undo_", "heir_", "identity_", "delivery_", "receipt_", "arrived_", "missing_",
  ]

  /// Those whose order of insertion is asked for.
  static let ordered: Set<String> = ["run", "exception_"]
}
