import Core

/// What decides of whole rows: `when`, `hold`, `events`, `events_by_status`, `events_by` and `clears`.
extension MapEvaluator {
  /// The `when` that the row does not meet; nil where it meets all of them.
  @inline(__always)
  mutating func unmet(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    if block.whens.isEmpty { return nil }
    return firstUnmet(block, table, place)
  }

  @inline(never)
  private mutating func firstUnmet(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    for when in block.whens.indices {
      if choice(of: program.holds[when], table, place) == nil { return when }
    }
    return nil
  }

  /// Says what the row begun last does, and gives why it is held; nil where it is not.
  @inline(__always)
  mutating func decided(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace) -> Finding? {
    for hold in block.holds.indices {
      guard let choice = choice(of: program.holds[hold], table, place) else { continue }
      return finding(program.holdValues[choice].code, program.pathTexts[Int(program.holds[hold].path)], place.occurrence)
    }
    if eventAction == .state, block.status.isEmpty { return nil }
    return acted(block, table, place)
  }

  /// The stronger of what the trigger event and the status say; held where the store knows no effect for it yet.
  @inline(never)
  private mutating func acted(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace) -> Finding? {
    var action = eventAction
    actionPath = -1
    for status in block.status.indices {
      guard let choice = choice(of: program.holds[status], table, place), program.holdValues[choice].action > action else { continue }
      (action, actionPath) = (program.holdValues[choice].action, Int(program.holds[status].path))
    }
    message.rows.setAction(action)
    return action.heldAs.map { finding($0, actionPlace, place.occurrence) }
  }

  /// Where it stands what the row begun last does.
  var actionPlace: String { actionPath < 0 ? "MSH-9" : program.pathTexts[actionPath] }

  /// What the trigger event of the message at hand, the last part of its type, says.
  @inline(never)
  mutating func action(for block: BlockCode) -> RowAction {
    guard let cut = scratch.firstIndex(of: UInt8(ascii: "^")) else { return .state }
    for value in block.events.indices where program.constants[program.holdValues[value].text.indices].elementsEqual(scratch[(cut + 1)...]) {
      return program.holdValues[value].action
    }
    return .state
  }

  /// What the trigger event clears is cleared, whatever the message says of it: a discharge that is cancelled leaves no time of discharge.
  @inline(never)
  mutating func clear(_ block: BlockCode) {
    guard let cut = scratch.firstIndex(of: UInt8(ascii: "^")) else { return }
    for number in block.clears.indices where program.constants[program.clears[number].event.indices].elementsEqual(scratch[(cut + 1)...]) {
      message.rows.setNull(field: Int(program.clears[number].field))
      if trace != nil { noteCleared(Int(program.clears[number].field)) }
    }
  }

  /// A row that cancels something says what became of it in its status; else nobody knows the effect, and it is held.
  ///
  /// Mutating, as what is asked for each row: a helper that is not would be lent a copy of the evaluator.
  mutating func isCancelUnsaid(_ block: BlockCode) -> Bool {
    let row = message.rows.rows.count - 1
    guard message.rows.rows[row].action == .cancel else { return false }
    return block.statusField < 0 || message.rows.cell(row: row, field: Int(block.statusField)).state != .value
  }

  /// The rule of the key that took a number of the message itself, where the row corrects or takes back what another message said: by that
  /// nobody finds it. Nil for every other row.
  mutating func unfindable(_ block: BlockCode) -> RuleCode? {
    guard let action = message.rows.rows.last?.action, action == .correct || action == .cancel || action == .withdraw else { return nil }
    for number in block.rules.indices {
      let rule = program.rules[number]
      guard rule.reading == .identifier, program.keyFields[block.keyFields.indices].contains(rule.field), choices[Int(rule.field)] >= 0 else { continue }
      if program.paths[Int(rule.paths.first) + choices[Int(rule.field)]].isHeader { return rule }
    }
    return nil
  }

  /// Of a row that is taken back the key alone counts: what else cannot be read holds nothing.
  mutating func isNeedless(_ rule: RuleCode, _ block: BlockCode) -> Bool {
    message.rows.rows.last?.action == .withdraw && !program.keyFields[block.keyFields.indices].contains(rule.field)
  }

  /// Which of the values stands at the path; nil where none of them does.
  private mutating func choice(of hold: HoldCode, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    tail = message.rows.bytes.count
    defer { message.rows.truncate(to: tail) }
    switch readScalar(Int(hold.path), table, place) {
    case .piece(let piece): return program.choice(of: hold, table.bytes.span, piece.range, plan.format)
    case .value: return program.choice(of: hold, message.rows.bytes.span, tail..<message.rows.bytes.count, plan.format)
    case .absent, .null, .nullFlavor, .failed: return hold.values.indices.first { program.holdValues[$0].text.count == -1 }
    }
  }

  static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte - 0x20 : byte }
}

extension MapProgram {
  /// Senders of HL7 v2 write codes in either case, as the steps `upper` of the lines that read them expect; a value that is written just so goes
  /// first.
  func choice(of hold: HoldCode, _ source: Span<UInt8>, _ range: Range<Int>, _ format: SourceFormat) -> Int? {
    var other: Int?
    for value in hold.values.indices {
      let wanted = holdValues[value].text
      if wanted.count == -2, !range.isEmpty { return other ?? value }
      if wanted.count == -3, source.isNegative(range) { return value }
      guard Int(wanted.count) == range.count else { continue }
      var isEqual = true, isAlike = format == .hl7v2
      for (left, right) in zip(wanted.indices, range) where constants[left] != source[right] {
        isEqual = false
        if MapEvaluator.upper(constants[left]) != MapEvaluator.upper(source[right]) { isAlike = false }
      }
      if isEqual { return value }
      if isAlike, other == nil { other = value }
    }
    return other
  }
}
