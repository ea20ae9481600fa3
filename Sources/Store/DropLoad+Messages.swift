import Core

extension DropLoad {
  /// Settles one message: known bytes, then its verdict, then its rows.
  func settle(_ named: NamedMessage, _ db: any SQLConnection) throws {
    let message = named.message, number = nextMessage
    nextMessage += 1
    var disposition = Disposition.duplicate
    if named.mac.map({ view?.macs.contains($0) == true }) != true {
      if try isReused(named, db) { try note(Finding(.controlIdReused), ordinal: message.ordinal, entity: nil, db) }
      disposition = try settle(message, keys: named.keys, number: number, db)
    }
    try insert(named, number: number, disposition, db)
    tally.dispositions[disposition] += 1
  }

  /// A message held only because of the file or batch it came in has no fate of its own: when it comes again in a whole one, it is loaded.
  private static func isHeldForDelivery(_ message: MappedMessage) -> Bool {
    guard case .held(let finding) = message.verdict else { return false }
    return [.batchHeld, .dropTruncated, .envelopeUnclosed, .columnMissing, .columnRepeated, .recordMisplaced].contains(finding.code)
  }

  /// Other bytes came under its control id. Asked a message, one answer each: a sender may give all its messages one control id.
  private func isReused(_ named: NamedMessage, _ db: any SQLConnection) throws -> Bool {
    guard let control = named.control, let mac = named.mac else { return false }
    if let view { return view.controls[control]?.contains(where: { $0 != mac }) == true || view.reused.contains(mac) }
    return try db.first("SELECT 1 FROM message WHERE control_mac = ? AND mac <> ? LIMIT 1", [control, mac]) != nil
  }

  private func settle(_ message: MappedMessage, keys: [NamedRow?], number: Int, _ db: any SQLConnection) throws -> Disposition {
    for finding in message.findings { try note(finding, ordinal: message.ordinal, entity: nil, db) }
    for held in message.heldRows { try hold(held.finding, entity: Int(held.entity), ordinal: message.ordinal, db) }
    for skip in message.skipped { tally.skip(entity: skip.entity, rule: skip.rule, count: skip.count) }
    switch message.verdict {
    case .filtered: return .filtered
    case .held(let finding): return try refuse(message, finding, as: .held, db)
    case .rejected(let finding): return try refuse(message, finding, as: .rejected, db)
    case .rows: return try loadRows(of: message, keys: keys, number: number, db)
    }
  }

  /// A message that is held or rejected whole: none of its rows is stored, each that it still carries counts as held.
  private func refuse(_ message: MappedMessage, _ finding: Finding, as disposition: Disposition, _ db: any SQLConnection) throws -> Disposition {
    try note(finding, ordinal: message.ordinal, entity: nil, db)
    for row in message.rows.rows { tally.count(.held(finding.code), entity: Int(row.entity)) }
    return disposition
  }

  private func loadRows(of message: MappedMessage, keys: [NamedRow?], number: Int, _ db: any SQLConnection) throws -> Disposition {
    var mapped = 0, changed = 0, older = 0, held = message.heldRows.count
    for row in message.rows.rows.indices {
      let entity = Int(message.rows.rows[row].entity)
      let outcome = try loadRow(row, of: message, as: keys[row], number: number, db)
      switch outcome {
      case .inserted, .updated: (mapped, changed) = (mapped + 1, changed + 1)
      case .superseded: (mapped, older) = (mapped + 1, older + 1)
      case .unchanged: mapped += 1
      case .held(let code):
        held += 1
        try hold(Finding(code, at: position(of: message.rows.rows[row])), entity: entity, ordinal: message.ordinal, db)
        continue
      }
      tally.count(outcome, entity: entity)
    }
    if mapped == 0, held > 0 { return .held }
    return changed > 0 ? .loaded : older > 0 ? .superseded : .unchanged
  }

  func position(of row: RowBuffer.Row) -> SourcePosition {
    SourcePosition(path: rowPaths.indices.contains(Int(row.path)) ? rowPaths[Int(row.path)] : "", occurrence: Int(row.occurrence))
  }

  private func hold(_ finding: Finding, entity: Int, ordinal: Int, _ db: any SQLConnection) throws {
    tally.count(.held(finding.code), entity: entity)
    try note(finding, ordinal: ordinal, entity: store.dictionary.entities[entity].name, db)
  }

  /// Counts a finding and, where a person has to look, opens an exception.
  func note(_ finding: Finding, ordinal: Int?, entity: String?, _ db: any SQLConnection) throws {
    tally.findings[finding.code, default: 0] += 1
    guard finding.code.isException else { return }
    try put(try LoadTally.exception(finding, drop: drop, ordinal: ordinal, entity: entity), in: ExceptionTable.name, ExceptionTable.columns, db)
  }

  private func insert(_ named: NamedMessage, number: Int, _ disposition: Disposition, _ db: any SQLConnection) throws {
    let message = named.message
    var rule = ""
    if case .filtered(let name) = message.verdict { rule = name }
    let isHeldForDelivery = disposition == .held && Self.isHeldForDelivery(message)
    let values: SQLValues = [
      number, drop.id, message.ordinal, message.byteOffset, message.byteCount, message.type.isEmpty ? "other" : message.type, message.batch,
      disposition.rawValue, rule, named.mac, named.control, isHeldForDelivery,
    ]
    try put(values.map { $0?.sqlValue ?? .null }, in: "message", Self.messageColumns, db)
    guard let mac = named.mac else { return }
    if disposition != .duplicate, !isHeldForDelivery { view?.macs.insert(mac) }
    if let control = named.control { view?.remember(mac, under: control) }
  }

  private static let messageColumns = [
    "number", "drop_", "ordinal", "byte_offset", "byte_count", "type", "batch", "disposition", "rule", "mac", "control_mac", "held_for_delivery",
  ]
}
