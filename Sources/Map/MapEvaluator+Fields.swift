import Core

extension MapEvaluator {
  /// What a rule's source gives.
  mutating func read(_ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    switch rule.source {
    case .nodes: return .absent
    case .nearest:
      guard let key = nearestKey(rule.entity, place.segment) else { return .absent }
      message.rows.bytes += aside[key]
      return .value
    case .fields:
      guard rule.suffixes.isEmpty else { return suffixed(readChain(rule, table, place), rule, table, place) }
      guard rule.beside >= 0 else { return readChain(rule, table, place) }
      let choice = choices[Int(rule.beside)]
      return choice < 0 || rule.beside == cutUnit ? .absent : readBeside(Int(rule.paths.first) + choice, rule, table, place)
    }
  }

  /// The path in the place of the one that the field beside took, in the repetition that gave its value where both look for the same.
  private mutating func readBeside(_ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let piece = chosenPieces[Int(rule.beside)]
    guard !piece.isEmpty, program.paths[number].isAlike, rule.reading != .typed, rule.reading != .attachment else { return read(number, rule, table, place) }
    return one(piece, number, rule, table, place)
  }

  /// The first path of a chain that has a value; else the first that was sent without one, or as null.
  private mutating func readChain(_ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    var last = Reading.absent
    var chosen = -1
    chosenPieces[Int(rule.field)] = .none
    for path in rule.paths.indices {
      foundPiece = .none
      let result = read(path, rule, table, place)
      switch result {
      case .value, .piece:
        (choices[Int(rule.field)], chosenPieces[Int(rule.field)]) = (path - Int(rule.paths.first), foundPiece)
        return result
      case .absent, .nullFlavor: break
      case .null:
        if case .absent = last { (last, chosen, chosenPieces[Int(rule.field)]) = (result, path - Int(rule.paths.first), foundPiece) }
      case .failed:
        if case .failed = last { break }
        (last, chosen) = (result, -1)
      }
      message.rows.truncate(to: tail)
    }
    choices[Int(rule.field)] = chosen
    return last
  }

  /// A path's first component and subcomponent, blanks around it cut.
  mutating func readScalar(_ path: Int, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    read(path, Self.scalar, table, place)
  }

  private static let scalar = RuleCode(
    number: -1, field: 0, mayStayAbsent: true, reading: .scalar, isRequired: false, mayBeAbsent: false, nullFlavor: .absent, beside: -1)

  /// The segment that a path means for this row, never one of a neighbouring group; -1 for none.
  ///
  /// Like all that a value passes through it is mutating, though it changes nothing: otherwise each call would copy the evaluator.
  mutating func segment(of path: PathCode, _ place: SegmentPlace) -> Int {
    path.follows == 0 ? place.segment(at: path.place, path.context, contexts.span) : followed
  }

  private mutating func read(_ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let path = program.paths[number]
    if path.follows != 0 { return readFollowing(number, rule, table, place) }
    return readField(number, rule, table, place)
  }

  /// The field of the segment that the path means.
  mutating func readField(_ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let path = program.paths[number]
    let segment = segment(of: path, place)
    guard segment >= 0, path.testField == 0 || fits(path, segment, table) else { return .absent }
    if path.field == 0 { return ordinal(segment, table) }
    if path.isEvent, !oldEvent.isEmpty, let event = readOldEvent(path, rule, table, number) { return event }
    let field = Piece(table.field(segment, Int(path.field)))
    if field.isEmpty { return path.selector == .record ? searchRecord(field, number, rule, table, place) : .absent }
    if path.isDelimiters { return delimiters(field, table, number) }
    if rule.reading == .attachment { return attachment(segment, table, number) }
    switch path.selector {
    case .plain:
      let isWalked = path.place == .current && path.follows == 0 && path.field == place.walkedField && !place.repetition.isEmpty
      if isWalked { return one(place.repetition, number, rule, table, place) }
      if rule.reading == .typed { return typed(field, rule, table, place) }
      return one(field, number, rule, table, place)
    case .number: return one(table.repetition(field, path.number), number, rule, table, place)
    case .all: return rule.reading == .typed ? typed(field, rule, table, place) : all(field, number, rule, table)
    case .first, .matching: return search(field, number, rule, table, place)
    case .record: return searchRecord(field, number, rule, table, place)
    }
  }

  /// MSH-1 or MSH-2, in which an escape character may stand for itself.
  private mutating func delimiters(_ field: Piece, _ table: SegmentTable, _ number: Int) -> Reading {
    if table.isNull(field) { return .null }
    if table.appendText(field.range, to: &message.rows.bytes) > 0 { noteOnce(.escapeUnknown, program.pathTexts[number]) }
    return message.rows.bytes.count == tail ? .absent : .value
  }

  /// The first repetition that fits and has a value.
  mutating func search(
    _ field: Piece, _ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace, of rank: RecordNumber? = nil
  ) -> Reading {
    let path = program.paths[number]
    var last = Reading.absent
    for repetition in Repetitions(table, field.range) {
      if let rank, rank != RecordNumber(table, Piece(repetition)) { continue }
      if path.selector == .matching {
        let component = table.part(Piece(repetition), path.number, 0)
        if !table.equals(component, program.constants[path.text.indices]) { continue }
      }
      let result = one(Piece(repetition), number, rule, table, place)
      if result.isValue {
        if rule.number >= 0 { foundPiece = Piece(repetition) }
        return result
      }
      message.rows.truncate(to: tail)
      guard case .absent = last else { continue }
      last = result
      if case .null = result, rule.number >= 0 { foundPiece = Piece(repetition) }
    }
    return last
  }

  private mutating func all(_ field: Piece, _ number: Int, _ rule: RuleCode, _ table: SegmentTable) -> Reading {
    guard rule.reading == .joined else { return .absent }
    if table.isNull(field) { return .null }
    let path = program.paths[number]
    var isFirst = true
    var isSent = false
    for repetition in Repetitions(table, field.range) {
      isSent = isSent || table.hasContent(Piece(repetition))
      let part = table.part(Piece(repetition), path.component, path.subcomponent)
      if table.isNull(part) || table.bytes.span.trimmed(part.range).isEmpty { continue }
      if !isFirst { message.rows.bytes += program.constants[rule.separator.indices] }
      isFirst = false
      appendText(part, table, number)
    }
    if !isFirst, !isBlank(from: tail) { return .value }
    message.rows.truncate(to: tail)
    return isSent ? .null : .absent
  }

  /// The repetition that begins where `rest` does: where it was sent and the component that the path names is empty, the component is cleared.
  mutating func one(_ rest: Piece, _ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let result = content(rest, number, rule, table, place)
    guard case .absent = result, !rule.keepsEmpty, program.paths[number].parts.isEmpty, table.hasContent(table.firstRepetition(rest)) else { return result }
    return .null
  }

  private mutating func content(_ rest: Piece, _ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    if table.isNullRepetition(rest) { return .null }
    let path = program.paths[number]
    switch rule.reading {
    case .text, .joined, .typed: return value(table.part(rest, path.component, path.subcomponent), table, number)
    case .scalar, .amount:
      if rule.reading == .amount, Self.isForeign(table.part(rest, max(path.component, 1), 2), table) { return .failed(.moneyInvalid) }
      return trimmed(value(table.part(rest, max(path.component, 1), max(path.subcomponent, 1)), table, number), table)
    case .identifier: return identifier(rest, number, rule, table, place)
    case .telephone: return telephone(rest, number, table)
    case .attachment: return .absent
    }
  }

  /// True where a money component names a currency that is not the mapping's.
  private static func isForeign(_ currency: Piece, _ table: SegmentTable) -> Bool { !currency.isEmpty && !table.equals(currency, "USD".utf8) }

  /// The value without the blanks at its ends; absent where nothing is left.
  mutating func trimmed(_ reading: Reading, _ table: SegmentTable) -> Reading {
    switch reading {
    case .piece(let piece):
      let kept = Piece(table.bytes.span.trimmed(piece.range))
      return kept.isEmpty ? .absent : .piece(kept)
    case .value:
      trimTail()
      return message.rows.bytes.count == tail ? .absent : .value
    case .absent, .null, .nullFlavor, .failed: return reading
    }
  }

  /// A part as one of the three states; blanks alone say nothing. What needs unescaping is a value in the row buffer.
  mutating func value(_ part: Piece, _ table: SegmentTable, _ number: Int) -> Reading {
    if part.isEmpty { return .absent }
    if table.isNull(part) { return .null }
    if !table.holdsEscape(part) { return Self.isBlank(table.bytes[Int(part.lower)]) && table.bytes.span.trimmed(part.range).isEmpty ? .absent : .piece(part) }
    let start = message.rows.bytes.count
    appendText(part, table, number)
    if !isBlank(from: start) { return .value }
    message.rows.truncate(to: start)
    return .absent
  }

  /// True where the value in the row buffer says nothing.
  private mutating func isBlank(from start: Int) -> Bool {
    message.rows.bytes.span.trimmed(start..<message.rows.bytes.count).isEmpty
  }

  /// Appends a part with its escapes resolved.
  mutating func appendText(_ part: Piece, _ table: SegmentTable, _ path: Int) {
    if !table.holdsEscape(part) { return append(table.bytes.span, part) }
    if table.appendText(part.range, to: &message.rows.bytes) > 0 { noteOnce(.escapeUnknown, program.pathTexts[path]) }
  }
}
