import Core

/// What rows of one key agree that a field holds; absent where they differ.
struct SaidCell: Sendable, Equatable {
  var state = CellState.absent
  var bytes: [UInt8] = []
}

/// The first row of a key and event time.
struct KeyedRow: Sendable {
  var row: Int
  /// One-based, among the rows that its block made of its entry; in HL7 v2 the index of its segment.
  var statement: Int
  /// Its block makes one row of all that have its key, whichever comes first.
  var joins = false
}

extension MapEvaluator {
  /// What became of the row begun last.
  enum Settlement {
    /// It stays, was merged or is held.
    case settled
    /// A row with its key stands before it, and the block gives such rows an identity of their own.
    case shared(with: KeyedRow)
  }

  /// Where a row stands in what it was made from.
  struct RowPlace {
    /// Index of its segment; 0 in documents.
    var position: Int
    var occurrence: Int
    /// One-based, among the rows that its block makes of its entry; in HL7 v2 the index of its segment.
    var statement = 0
    /// Rows of one key and other content get an identity of their own.
    var isShared = false
    /// Rows of one key may be told apart by numbers of their segments.
    var isNumbered = false
  }

  /// Keeps the row begun last. Where its key and event time stand in this message already, equal content is merged and other content
  /// holds all rows of that key: nobody can say which one is meant.
  @inline(never)
  mutating func settleRow(_ block: BlockCode, _ place: RowPlace) -> Settlement {
    let row = message.rows.rows.count - 1
    guard let hash = hash(of: row, block, lateness: message.rows.rows[row].action.latenessInMessage) else {
      message.rows.dropLastRow()
      bar(block, place.position)
      holdUnkeyed(block, finding(.requiredMissing, program.eachTexts[Int(block.number)], place.occurrence))
      return .settled
    }
    let known = known(hash, KeyedRow(row: row, statement: place.statement, joins: block.joinsRepeated), block)
    if message.rows.rows[row].action == .withdraw || holdsWithdrawals { weigh(known?.row ?? row, block, place) }
    guard let known else {
      anchor(block, place.position, row)
      return .settled
    }
    if place.isNumbered { return .shared(with: known) }
    if message.rows.hasEqualContent(known.row, row, Int(block.fieldCount)) {
      message.rows.dropLastRow()
      anchor(block, place.position, known.row)
      skip(Int(block.entity), "repeated")
    } else if block.joinsRepeated || known.joins {
      join(row, into: known.row, block, place.occurrence)
      message.rows.dropLastRow()
      anchor(block, place.position, known.row)
      skip(Int(block.entity), "repeated")
    } else if place.isShared {
      return .shared(with: known)
    } else if block.isSubject {
      message.rows.dropLastRow()
      holdRow(block, finding(.keyRepeated, program.eachTexts[Int(block.number)], place.occurrence))
    } else {
      anchor(block, place.position, row)
      contradicted.formUnion([known.row, row])
    }
    return .settled
  }

  /// The row of the message that has the key and event time of a new one; nil where none has, and then the new one stands in its place.
  ///
  /// No closure looks at the rows: it would take a copy of the evaluator.
  private mutating func known(_ hash: UInt64, _ row: KeyedRow, _ block: BlockCode) -> KeyedRow? {
    var slot = keys.start(of: hash)
    while let known = keys.next(hash, at: &slot) {
      if message.rows.hasEqualKeys(known.row, row.row, program, block), message.rows.hasEqualPlace(known.row, row.row) { return known }
      keys.step(&slot)
    }
    keys.put(row, hash, at: slot)
    return nil
  }

  /// A row that is withdrawn and said in one message, at one event time: said after it, it stands and the withdrawal falls away, as where a sender
  /// replaces what he sent (D, then A); said before it, nobody knows which one is meant, and all of them are held.
  @inline(never)
  private mutating func weigh(_ row: Int, _ block: BlockCode, _ place: RowPlace) {
    guard message.rows.rows[row].action == .withdraw else {
      if let withdrawal = first(like: row, lateness: RowAction.withdraw.lateness, block), !contradicted.contains(withdrawal) { replaced.insert(withdrawal) }
      return
    }
    holdsWithdrawals = true
    for lateness in 0..<RowAction.withdraw.lateness {
      guard let said = first(like: row, lateness: lateness, block) else { continue }
      contradicted.formUnion([said, row])
      if block.isSubject { holdRow(block, finding(.keyRepeated, program.eachTexts[Int(block.number)], place.occurrence)) }
    }
  }

  /// The first row of the message that has the key and event time of another one and comes at another place there; nil where none has.
  private mutating func first(like row: Int, lateness: Int, _ block: BlockCode) -> Int? {
    guard let hash = hash(of: row, block, lateness: lateness) else { return nil }
    var slot = keys.start(of: hash)
    while let known = keys.next(hash, at: &slot) {
      if message.rows.rows[known.row].action.latenessInMessage == lateness, message.rows.hasEqualKeys(known.row, row, program, block) { return known.row }
      keys.step(&slot)
    }
    return nil
  }

  /// Over entity, event time, place there and key; nil where a key field has no value.
  private mutating func hash(of row: Int, _ block: BlockCode, lateness: Int) -> UInt64? {
    var hash = RowHash(seed: keys.seed)
    hash.add(UInt64(truncatingIfNeeded: message.rows.rows[row].eventInstant))
    hash.add(UInt64(truncatingIfNeeded: block.entity))
    hash.add(UInt64(truncatingIfNeeded: lateness))
    for index in block.keyFields.indices {
      let cell = message.rows.cell(row: row, field: Int(program.keyFields[index]))
      guard cell.state == .value else { return nil }
      hash.add(message.rows.bytes.span, Int(cell.start)..<Int(cell.start + cell.count))
    }
    return hash.value
  }

  /// Takes the contradicted and replaced rows out and gives the renamed ones their value: the buffer is written anew, once.
  mutating func settleKeys() {
    if contradicted.isEmpty, renamed.isEmpty, joined.isEmpty, replaced.isEmpty { return }
    let old = message.rows
    message.rows = RowBuffer()
    settleSources(kept: old.rows.indices.filter { !contradicted.contains($0) && !replaced.contains($0) })
    for row in old.rows.indices {
      if contradicted.contains(row) {
        let place = old.rows[row]
        let held = finding(.keyRepeated, plan.rowPaths[Int(place.path)], Int(place.occurrence))
        message.heldRows.append(MappedMessage.HeldRow(entity: Int(place.entity), finding: held))
      } else if replaced.contains(row) {
        skip(Int(old.rows[row].entity), "replaced")
      } else {
        message.rows.append(row, of: old, with: joined[row])
        if let change = renamed[row] { message.rows.set(field: change.field, to: change.value) }
      }
    }
  }

  /// Adds what a row says to an earlier one of its key; where the two differ, the field is left as it is known.
  private mutating func join(_ row: Int, into first: Int, _ block: BlockCode, _ occurrence: Int) {
    for cell in message.rows.cells[message.rows.cellRange(row: row)] {
      let new = SaidCell(state: cell.state, bytes: Array(message.rows.bytes[Int(cell.start)..<Int(cell.start + cell.count)]))
      let known = joined[first]?[cell.field] ?? said(first, cell.field)
      if let known, known == new || known.state == .absent || new.state == .null { continue }
      guard let known, known.state == .value else {
        joined[first, default: [:]][cell.field] = new
        if trace != nil { noteJoined(cell.field, to: first) }
        continue
      }
      joined[first, default: [:]][cell.field] = SaidCell()
      note(.fieldsDiffer, program.eachTexts[Int(block.number)], occurrence)
    }
  }

  /// What the row itself says of a field; nil where it says nothing.
  private func said(_ row: Int, _ field: Int32) -> SaidCell? {
    let cell = message.rows.cell(row: row, field: Int(field))
    guard cell.state != .absent else { return nil }
    return SaidCell(state: cell.state, bytes: Array(message.rows.bytes[Int(cell.start)..<Int(cell.start + cell.count)]))
  }

  // MARK: References

  /// Remembers where a row stands and its key, encoded as `RowKey` does, if some rule refers to its entity.
  private mutating func anchor(_ block: BlockCode, _ position: Int, _ row: Int) {
    guard block.isReferred else { return }
    put(Anchor(position: Int32(position), key: encodedKey(block, row)), Int(block.entity))
  }

  /// The key of a row, encoded as `RowKey` does, in `aside`.
  private mutating func encodedKey(_ block: BlockCode, _ row: Int) -> MapProgram.Run {
    let start = Int32(aside.count)
    for index in block.keyFields.indices {
      let field = Int(program.keyFields[index])
      let value = renamed.isEmpty ? message.rows.value(row: row, field: field) : settledValue(row, field)
      for shift in stride(from: 24, through: 0, by: -8) { aside.append(UInt8(truncatingIfNeeded: value.count >> shift)) }
      aside += value
    }
    return MapProgram.Run(first: start, count: Int32(aside.count) - start)
  }

  private func settledValue(_ row: Int, _ field: Int) -> ArraySlice<UInt8> {
    if let change = renamed[row], change.field == field { return change.value[...] }
    return message.rows.value(row: row, field: field)
  }

  /// A row that was renamed is known by its new key.
  mutating func anchorAnew(_ block: BlockCode, _ first: KeyedRow) {
    let entity = Int(block.entity), key = encodedKey(block, first.row)
    for index in anchors[entity].indices where anchors[entity][index].position == Int32(first.statement) { anchors[entity][index].key = key }
  }

  /// Remembers that a row would stand here and does not.
  mutating func bar(_ block: BlockCode, _ position: Int) {
    if block.isReferred { put(Anchor(position: Int32(position), key: MapProgram.Run(first: Int32(aside.count), count: 0)), Int(block.entity)) }
  }

  /// Blocks of one entity pass the segments one after the other: what comes late is put in its place.
  private mutating func put(_ anchor: Anchor, _ entity: Int) {
    anchors[entity].insert(anchor, at: firstAnchor(behind: anchor.position, entity))
  }

  private mutating func firstAnchor(behind position: Int32, _ entity: Int) -> Int {
    var low = 0, high = anchors[entity].count
    if high > 0, anchors[entity][high - 1].position <= position { return high }
    while low < high {
      let middle = (low + high) / 2
      if anchors[entity][middle].position <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The place in `aside` of the key of the nearest row of an entity at or before a position, in the same patient group or before all of them; else
  /// of the only one. In a document there must be one key only.
  mutating func nearestKey(_ entity: Int32, _ position: Int) -> Range<Int>? {
    guard plan.format != .cda, plan.format != .fhir else { return onlyKey(entity) }
    var at = firstAnchor(behind: Int32(position), Int(entity)) - 1
    // What stands before the patient, as RF1 of a referral (v2.5.1, 11.6.1), belongs to the only one that the message has.
    guard at >= 0 else { return onlyKey(entity) }
    let place = anchors[Int(entity)][at].position
    guard patients.count < 2 || patient(before: place) < 0 || patient(before: place) == patient(before: Int32(position)) else { return nil }
    while at >= 0, anchors[Int(entity)][at].position == place {
      if anchors[Int(entity)][at].key.count > 0 { return anchors[Int(entity)][at].key.indices }
      at -= 1
    }
    return nil
  }

  /// The number of the patient group in which a segment stands; -1 before all of them.
  private mutating func patient(before position: Int32) -> Int {
    var low = 0, high = patients.count
    while low < high {
      let middle = (low + high) / 2
      if patients[middle] <= position { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }

  private mutating func onlyKey(_ entity: Int32) -> Range<Int>? {
    var found: Range<Int>?
    for anchor in anchors[Int(entity)] {
      if anchor.key.count == 0 { return nil }
      if let found, !aside[found].elementsEqual(aside[anchor.key.indices]) { return nil }
      found = anchor.key.indices
    }
    return found
  }
}

extension RowBuffer {
  /// True where two rows come at one place of their event time: a correction is another one than what it corrects.
  func hasEqualPlace(_ left: Int, _ right: Int) -> Bool { rows[left].action.latenessInMessage == rows[right].action.latenessInMessage }

  /// True where two rows are of one entity and event time and equal in the block's key fields.
  func hasEqualKeys(_ left: Int, _ right: Int, _ program: MapProgram, _ block: BlockCode) -> Bool {
    guard rows[left].entity == rows[right].entity, rows[left].eventInstant == rows[right].eventInstant else { return false }
    return block.keyFields.indices.allSatisfy { hasEqualCell(left, right, Int(program.keyFields[$0])) }
  }

  func hasEqualContent(_ left: Int, _ right: Int, _ fieldCount: Int) -> Bool {
    cellRange(row: left).count == cellRange(row: right).count && (0..<fieldCount).allSatisfy { hasEqualCell(left, right, $0) }
  }

  private func hasEqualCell(_ left: Int, _ right: Int, _ field: Int) -> Bool {
    let one = cell(row: left, field: field), other = cell(row: right, field: field)
    guard one.state == other.state, one.count == other.count else { return false }
    let bytes = bytes.span
    for offset in 0..<Int(one.count) where bytes[Int(one.start) + offset] != bytes[Int(other.start) + offset] { return false }
    return true
  }

  /// Appends a row of another buffer; what was joined to it stands before what it says itself.
  mutating func append(_ row: Int, of old: RowBuffer, with joined: [Int32: SaidCell]?) {
    let place = old.rows[row]
    beginRow(
      entity: Int(place.entity), mapping: Int(place.mapping), path: Int(place.path), occurrence: Int(place.occurrence),
      eventInstant: place.eventInstant, fallback: place.eventTimeIsFallback)
    setAction(place.action)
    for cell in old.cells[old.cellRange(row: row)] where joined?[cell.field] == nil {
      let start = bytes.count
      bytes += old.bytes[Int(cell.start)..<Int(cell.start + cell.count)]
      if cell.state == .value { commit(field: cell.field, from: start) } else { setNull(field: Int(cell.field)) }
    }
    for (field, cell) in (joined ?? [:]).sorted(by: { $0.key < $1.key }) {
      if cell.state == .value { set(field: Int(field), to: cell.bytes) } else if cell.state == .null { setNull(field: Int(field)) }
    }
  }
}
