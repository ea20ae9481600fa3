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
      let value = Array(message.rows.value(row: row, field: field)) + [UInt8(ascii: "#")]
      if renamed[first.row] == nil { renamed[first.row] = (field, value + other) }
      message.rows.set(field: field, to: value + own)
      if trace != nil { noteEntryIdentity(field) }
      noteOnce(.idShared, program.eachTexts[Int(block.number)])
    }
    _ = settleRow(block, RowPlace(position: place.segment, occurrence: place.occurrence, statement: place.segment))
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
