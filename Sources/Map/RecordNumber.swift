import Core

/// How near a number of PID-3 is to the record of the patient, by its type (HL7 table 0203), the nearest first.
///
/// - A number of a person's papers (social security, driver's license, passport), of money (account, tax, bank card) or of one visit names the record
///   only where nothing else was sent: other people, or the same one elsewhere, may bear it.
enum RecordNumber: CaseIterable {
  /// MR (many senders write MRN), PI and PT, in either case; no type; any other; a number of something else.
  case medical, house, visitor, untyped, other, foreign

  init(_ table: SegmentTable, _ repetition: Piece) {
    let type = Piece(table.bytes.span.trimmed(table.part(repetition, 5, 1).range))
    if type.isEmpty || table.isNull(type) {
      self = .untyped
      return
    }
    var letters: [UInt8] = []
    for at in type.range { letters.append((0x61...0x7A).contains(table.bytes[at]) ? table.bytes[at] - 0x20 : table.bytes[at]) }
    switch String(decoding: letters, as: UTF8.self) {
    case "MR", "MRN": self = .medical
    case "PI": self = .house
    case "PT": self = .visitor
    case let code: self = Self.foreignTypes.contains(code) ? .foreign : .other
    }
  }

  private static let foreignTypes: Set<String> = [
    "SS", "SSN", "DL", "DLN", "PPN", "TAX", "AN", "ANON", "ANC", "AND", "ANT", "VN", "BA", "BC", "BCT", "AM", "DI", "DS", "MS", "VS", "CZ", "SB", "GN",
  ]
}

extension MapEvaluator {
  /// `PID-3[record]`: the first repetition of the nearest kind that has a value. Where none has, an identifier that goes on with other values takes
  /// PID-2, else PID-4, as the patient's own does.
  mutating func searchRecord(_ field: Piece, _ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    var last = Reading.absent
    for rank in RecordNumber.allCases {
      let result = search(field, number, rule, table, place, of: rank)
      if result.isValue { return result }
      if case .absent = last { last = result }
      message.rows.truncate(to: tail)
    }
    guard !program.paths[number].parts.isEmpty else { return last }
    return olderNumber(number, rule, table, place) ?? last
  }

  /// The number of a patient that stands outside of PID-3, as it might until version 2.3 (v2.3.1, 3.3.2.2 and 3.3.2.4).
  private mutating func olderNumber(_ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading? {
    let segment = segment(of: program.paths[number], place)
    guard segment >= 0, table.segments[segment].name == SegmentTable.pid else { return nil }
    for field in [2, 4] {
      let result = one(Piece(table.field(segment, field)), number, rule, table, place)
      if result.isValue { return result }
      message.rows.truncate(to: tail)
    }
    return nil
  }
}
