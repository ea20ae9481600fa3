import Core

/// The same by the compiled block and rule, for values that stand in `scratch`: the half that reads documents works with these.
extension MapEvaluator {
  mutating func beginRow(_ block: Block, occurrence: Int, eventInstant: Int?) {
    beginRow(program.blocks[block.number], occurrence: occurrence, eventInstant: eventInstant)
  }

  mutating func fill(_ rule: FieldRule, _ reading: Reading, _ occurrence: Int) -> CellResult {
    let value = scratch
    tail = message.rows.bytes.count
    return fill(program.rules[rule.number], reading == .value ? .piece(Piece(0, value.count)) : reading, value.span, occurrence)
  }

  mutating func giveUp(_ block: Block, _ rule: FieldRule, _ result: CellResult, _ occurrence: Int) {
    giveUp(program.blocks[block.number], program.rules[rule.number], result, occurrence)
  }

  mutating func complete(_ block: Block) { complete(program.blocks[block.number]) }

  mutating func holdRow(_ block: Block, _ held: Finding) { holdRow(program.blocks[block.number], held) }

  mutating func settleRow(_ block: Block, position: Int, occurrence: Int, statement: Int = 0) -> Settlement {
    settleRow(
      program.blocks[block.number],
      RowPlace(position: position, occurrence: occurrence, statement: statement, isShared: block.repeatedField != nil))
  }

  /// For a `beside` rule the path that its field took, -1 for none; nil for other rules.
  func choice(of rule: FieldRule) -> Int? { rule.beside.map { choices[$0] } }

  /// The key of the nearest row of an entity.
  mutating func nearest(_ entity: Int, _ position: Int) -> [UInt8]? { nearestKey(Int32(entity), position).map { Array(aside[$0]) } }

  /// The event time in `scratch`.
  mutating func eventInstant(_ path: String) -> Int? {
    let value = scratch
    return eventInstant(value.span, 0..<value.count, path)
  }
}
