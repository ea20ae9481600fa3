import Core

/// The first row of a key and event time.
struct KeyedRow: Sendable {
  var row: Int
  /// One-based, among the rows that its block made of its entry; 0 in HL7 v2.
  var statement: Int
}

extension MapEvaluator {
  /// What became of the row begun last.
  enum Settlement {
    /// It stays, was merged or is held.
    case settled
    /// A row with its key and other content stands before it, and the block gives such rows an identity of their own.
    case shared(with: KeyedRow)
  }

  /// Keeps the row begun last. Where its key and event time stand in this message already, equal content is merged and other content
  /// holds all rows of that key: nobody can say which one is meant.
  mutating func settleRow(_ block: Block, position: Int, occurrence: Int, statement: Int = 0) -> Settlement {
    let row = message.rows.rows.count - 1
    guard let key = message.rows.key(row: row, entity: plan.dictionary.entities[block.entity]) else {
      message.rows.dropLastRow()
      holdUnkeyed(block, finding(.requiredMissing, block.each, occurrence))
      return .settled
    }
    let identity = identity(of: row, key)
    guard let known = keys[identity] else {
      keys[identity] = KeyedRow(row: row, statement: statement)
      anchor(block.entity, position, key)
      return .settled
    }
    if hasEqualContent(known.row, row) {
      message.rows.dropLastRow()
      anchor(block.entity, position, key)
      skip(block.entity, "repeated")
    } else if block.repeatedField != nil {
      return .shared(with: known)
    } else if block.isSubject {
      message.rows.dropLastRow()
      holdRow(block, finding(.keyRepeated, block.each, occurrence))
    } else {
      anchor(block.entity, position, key)
      contradicted.formUnion([known.row, row])
    }
    return .settled
  }

  /// Key, event time and entity of a row.
  private func identity(of row: Int, _ key: [UInt8]) -> [UInt8] {
    let place = message.rows.rows[row]
    return RowKey.encode([key, withUnsafeBytes(of: place.eventInstant.bigEndian) { Array($0) }, [UInt8(truncatingIfNeeded: place.entity)]])
  }

  private func hasEqualContent(_ left: Int, _ right: Int) -> Bool {
    plan.dictionary.entities[Int(message.rows.rows[left].entity)].fields.indices.allSatisfy { field in
      message.rows.cell(row: left, field: field).state == message.rows.cell(row: right, field: field).state
        && message.rows.value(row: left, field: field) == message.rows.value(row: right, field: field)
    }
  }

  /// Takes the contradicted rows out and gives the renamed ones their value: the buffer is written anew, once.
  mutating func settleKeys() {
    if contradicted.isEmpty, renamed.isEmpty { return }
    let old = message.rows
    message.rows = RowBuffer()
    for row in old.rows.indices {
      if contradicted.contains(row) {
        let place = old.rows[row]
        let held = finding(.keyRepeated, plan.rowPaths[Int(place.path)], Int(place.occurrence))
        message.heldRows.append(MappedMessage.HeldRow(entity: Int(place.entity), finding: held))
      } else {
        copy(row, of: old)
      }
    }
  }

  private mutating func copy(_ row: Int, of old: RowBuffer) {
    let place = old.rows[row]
    let fields = plan.dictionary.entities[Int(place.entity)].fields.indices
    message.rows.beginRow(
      entity: Int(place.entity), fieldCount: fields.count, mapping: Int(place.mapping), path: Int(place.path), occurrence: Int(place.occurrence),
      eventInstant: place.eventInstant, fallback: place.eventTimeIsFallback)
    for field in fields {
      switch old.cell(row: row, field: field).state {
      case .absent: break
      case .null: message.rows.setNull(field: field)
      case .value: message.rows.set(field: field, to: old.value(row: row, field: field))
      }
    }
    if let change = renamed[row] { message.rows.set(field: change.field, to: change.value) }
  }
}
