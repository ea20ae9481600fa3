import Core

/// `repeated: {order: OBR-4, sub: OBX-1}`: statements of a message that share a key are told apart by what their segments bear.
extension MapEvaluator {
  /// Settles the row begun last, whose key another row of the message has: where their numbers differ, each puts its own behind the field that the
  /// block names, the first of them that does. What has the same numbers too is settled as ever.
  @inline(never)
  mutating func separate(_ block: BlockCode, from first: KeyedRow, _ table: SegmentTable, _ place: SegmentPlace) {
    for number in block.numbers.indices where separate(block, program.numbers[number], from: first, table, place) { break }
    _ = settleRow(block, RowPlace(position: place.segment, occurrence: place.occurrence, statement: place.segment))
  }

  private mutating func separate(_ block: BlockCode, _ number: NumberCode, from first: KeyedRow, _ table: SegmentTable, _ place: SegmentPlace) -> Bool {
    let row = message.rows.rows.count - 1, field = Int(number.field)
    let own = self.number(number, block, table, place.segment), other = self.number(number, block, table, first.statement)
    guard own != other else { return false }
    let value = Array(message.rows.value(row: row, field: field)), isSent = !isFallback(value, number.field, block)
    if renamed[first.row] == nil {
      renamed[first.row] = (field, numbered(isSent ? value : [], other))
      if block.isReferred { anchorAnew(block, first) }
    }
    message.rows.set(field: field, to: numbered(isSent ? value : [], own))
    if trace != nil { noteEntryIdentity(field) }
    if isSent { noteOnce(.idShared, program.eachTexts[Int(block.number)]) }
    return true
  }

  /// The value with `#` and the number behind it; of an identifier it stands before the assigner.
  private func numbered(_ value: [UInt8], _ number: [UInt8]) -> [UInt8] {
    let cut = value.firstIndex(of: 0x1F) ?? value.count
    return value[..<cut] + [UInt8(ascii: "#")] + number + value[cut...]
  }

  /// True where the field says what its line puts in the place of a number that nobody sent.
  private func isFallback(_ value: [UInt8], _ field: Int32, _ block: BlockCode) -> Bool {
    guard let rule = block.rules.indices.first(where: { program.rules[$0].field == field }), program.rules[rule].fallback.count >= 0 else { return false }
    return program.constants[program.rules[rule].fallback.indices].elementsEqual(value)
  }

  /// Empty where none was sent; of a field `with` others all of them, `#` between.
  private mutating func number(_ number: NumberCode, _ block: BlockCode, _ table: SegmentTable, _ segment: Int) -> [UInt8] {
    var place = SegmentPlace()
    place.segment = segment
    if block.parent != 0 { place.parent = table.segments[..<segment].lastIndex { $0.name == block.parent } ?? -1 }
    tail = message.rows.bytes.count
    switch readScalar(Int(number.path), table, place) {
    case .piece(let piece): append(table.bytes.span, piece)
    case .value: break
    case .absent, .null, .nullFlavor, .failed: return []
    }
    defer { message.rows.truncate(to: tail) }
    let parts = program.paths[Int(number.path)].parts
    guard parts.isEmpty || appendParts(parts, table, place) else { return [] }
    return Array(message.rows.bytes[tail...])
  }
}
