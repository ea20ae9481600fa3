import Core

extension MapEvaluator {
  /// The value types of OBX-2 that are not plain text, as the numbers of their letters.
  private enum ValueType {
    static let numeric: UInt32 = 0x4E4D, structured: UInt32 = 0x534E, data: UInt32 = 0x4544, pointer: UInt32 = 0x5250
    static let date: UInt32 = 0x4454, stamp: UInt32 = 0x5453, time: UInt32 = 0x0044_544D
  }

  /// OBX-5 as text by its value type; repetitions are joined by line feeds. Nothing of a value is lost but embedded files.
  mutating func typed(_ field: Piece, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    if table.isNull(field) { return .null }
    let kind = Int(rule.otherwise.first)
    guard let type = valueType(program.paths[kind], table, place) else { return .absent }
    if type == ValueType.data || type == ValueType.pointer {
      let isSealed = table.isDetached(segment(of: program.paths[kind], place))
      if !isSealed { note(.valueTypeUnsupported, program.pathTexts[kind], place.occurrence) }
      return .absent
    }
    let first = table.firstRepetition(field)
    if first == field, Self.isPlain(type), !table.holdsEscape(field) { return table.bytes.span.trimmed(field.range).isEmpty ? .absent : .piece(field) }
    for repetition in Repetitions(table, field.range) {
      if repetition.lowerBound > Int(field.lower) { message.rows.bytes.append(0x0A) }
      append(Piece(repetition), type, rule, table, place)
    }
    return message.rows.bytes.span.trimmed(tail..<message.rows.bytes.count).isEmpty ? .absent : .value
  }

  private static func isPlain(_ type: UInt32) -> Bool {
    switch type {
    case ValueType.numeric, ValueType.structured, ValueType.date, ValueType.stamp, ValueType.time: false
    default: true
    }
  }

  /// The letters of a value type of at most three; nil where the segment that holds it is out of reach.
  private mutating func valueType(_ path: PathCode, _ table: SegmentTable, _ place: SegmentPlace) -> UInt32? {
    let segment = segment(of: path, place)
    guard segment >= 0 else { return nil }
    let code = table.part(table.field(segment, Int(path.field)), 1, by: table.delimiters.component)
    return code.count > 3 ? 0 : code.reduce(0) { $0 << 8 | UInt32(table.bytes[$1]) }
  }

  private mutating func append(_ repetition: Piece, _ type: UInt32, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) {
    let start = message.rows.bytes.count, kind = Int(rule.otherwise.first)
    switch type {
    case ValueType.structured: for number in 1...4 { appendText(table.part(repetition, Int32(number), 0), table, kind) }
    case ValueType.date, ValueType.stamp, ValueType.time:
      appendText(table.part(repetition, 1, 0), table, kind)
      rewriteTime(from: start, place)
    case ValueType.numeric:
      appendText(repetition, table, kind)
      trimNumber(from: start, place)
    default: appendText(repetition, table, kind)
    }
  }

  /// A time gets its canonical form; what is none stays as it was sent.
  private mutating func rewriteTime(from start: Int, _ place: SegmentPlace) {
    let end = message.rows.bytes.count
    guard var time = ClinicalTime(message.rows.bytes.span, start..<end) else {
      return end > start ? note(.timeInvalid, "OBX-5", place.occurrence) : ()
    }
    settleZone(&time)
    if time.isOffsetShort { note(.timeOffsetShort, "OBX-5", place.occurrence) }
    message.rows.truncate(to: start)
    time.append(to: &message.rows.bytes)
  }

  /// Blanks around a number are no part of it; what is no number stays as it was sent.
  private mutating func trimNumber(from start: Int, _ place: SegmentPlace) {
    let number = message.rows.bytes.span.trimmed(start..<message.rows.bytes.count)
    if number.isEmpty { return }
    guard DecimalForm(message.rows.bytes.span, number) != nil else { return note(.numberInvalid, "OBX-5", place.occurrence) }
    trimTail(from: start)
  }
}
