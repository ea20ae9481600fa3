import Core

/// `repeated: {sub: OBX-1}`: statements of a message that share a key are told apart by a number that their segments bear.
extension MapEvaluator {
  /// Settles the row begun last, whose key another row of the message has: where their numbers differ, each puts its own behind the field that the
  /// block names. What has the same number too is settled as ever.
  @inline(never)
  mutating func separate(_ block: BlockCode, from first: KeyedRow, _ table: SegmentTable, _ place: SegmentPlace) {
    let row = message.rows.rows.count - 1, field = Int(block.numberField)
    let own = number(block, table, place.segment), other = number(block, table, first.statement)
    if own != other {
      let value = Array(message.rows.value(row: row, field: field)), isSent = !isFallback(value, block)
      if renamed[first.row] == nil {
        renamed[first.row] = (field, numbered(isSent ? value : [], other))
        if block.isReferred { anchorAnew(block, first) }
      }
      message.rows.set(field: field, to: numbered(isSent ? value : [], own))
      if trace != nil { noteEntryIdentity(field) }
      if isSent { noteOnce(.idShared, program.eachTexts[Int(block.number)]) }
    }
    _ = settleRow(block, RowPlace(position: place.segment, occurrence: place.occurrence, statement: place.segment))
  }

  /// The value with `#` and the number behind it; of an identifier it stands before the assigner.
  private func numbered(_ value: [UInt8], _ number: [UInt8]) -> [UInt8] {
    let cut = value.firstIndex(of: 0x1F) ?? value.count
    return value[..<cut] + [UInt8(ascii: "#")] + number + value[cut...]
  }

  /// True where the field says what its line puts in the place of a number that nobody sent.
  private func isFallback(_ value: [UInt8], _ block: BlockCode) -> Bool {
    guard let rule = block.rules.indices.first(where: { program.rules[$0].field == block.numberField }), program.rules[rule].fallback.count >= 0 else { return false }
    return program.constants[program.rules[rule].fallback.indices].elementsEqual(value)
  }

  /// Empty where none was sent.
  private mutating func number(_ block: BlockCode, _ table: SegmentTable, _ segment: Int) -> [UInt8] {
    var place = SegmentPlace()
    place.segment = segment
    tail = message.rows.bytes.count
    switch readScalar(Int(block.numberPath), table, place) {
    case .piece(let piece): return Array(table.bytes[piece.range])
    case .value:
      defer { message.rows.truncate(to: tail) }
      return Array(message.rows.bytes[tail...])
    case .absent, .null, .nullFlavor, .failed: return []
    }
  }
}
