import Core

extension MapEvaluator {
  /// What became of one cell.
  enum CellResult: Equatable {
    case filled
    case hold(FindingCode)
    case skipNullFlavor
  }

  mutating func beginRow(_ block: BlockCode, occurrence: Int, eventInstant: Int?) {
    if eventInstant == nil { noteOnce(.eventTimeMissing, block.eventPaths.isEmpty ? "" : program.pathTexts[Int(block.eventPaths.first)]) }
    message.rows.beginRow(
      entity: Int(block.entity), mapping: Int(block.mapping), path: Int(block.rowPath), occurrence: occurrence,
      eventInstant: eventInstant ?? fallbackInstant, fallback: eventInstant == nil)
    subjectsFound.insert(Int(block.entity))
    for field in 0..<Int(block.fieldCount) { choices[field] = -1 }
    cutUnit = -1
    if trace != nil { trace?.sources[message.rows.rows.count - 1] = nil }
  }

  /// Takes back the row begun last, whose rule could not fill its cell: it is held or skipped, and counted so. Without a key field nobody
  /// can say which row it is.
  mutating func giveUp(_ block: BlockCode, _ rule: RuleCode, _ result: CellResult, _ occurrence: Int) {
    message.rows.dropLastRow()
    switch result {
    case .filled: break
    case .skipNullFlavor: skip(Int(block.entity), "null-flavor")
    case .hold(let code):
      var held = finding(code, path(of: rule), occurrence)
      if isPatientOfResource(block, rule) { held.code = .subjectMissing }
      let isUnkeyed = code == .requiredMissing && program.keyFields[block.keyFields.indices].contains(rule.field)
      if isUnkeyed { holdUnkeyed(block, held) } else { holdRow(block, held) }
    }
  }

  /// A resource names its patient by a reference: one that cannot be settled leaves the whole message without a subject.
  private func isPatientOfResource(_ block: BlockCode, _ rule: RuleCode) -> Bool {
    let field = plan.dictionary.entities[Int(block.entity)].fields[Int(rule.field)]
    return plan.format == .fhir && field.isKey && field.kind == .reference(entity: "patient")
  }

  /// Where a row is a whole statement, what it does not say is no longer so.
  mutating func complete(_ block: BlockCode) {
    guard block.isWhole else { return }
    let cells = message.rows.cellRange(row: message.rows.rows.count - 1)
    for cell in cells { isSaid[Int(message.rows.cells[cell].field)] = true }
    for rule in block.rules.indices where !isSaid[Int(program.rules[rule].field)] { message.rows.setNullOfAbsent(field: program.rules[rule].field) }
    for cell in cells { isSaid[Int(message.rows.cells[cell].field)] = false }
  }

  /// The path that gave the value at hand; the first of the chain where none did.
  func path(of rule: RuleCode) -> String {
    let choice = choices[Int(rule.beside >= 0 ? rule.beside : rule.field)]
    guard choice >= 0, choice < Int(rule.paths.count) else { return program.reports[Int(rule.number)] }
    return program.pathTexts[Int(rule.paths.first) + choice]
  }

  /// The instant of an event time, in UTC; what has no offset, a day too, takes that of the message, else of the feed's zone. Nil, with a finding, where it is no time.
  mutating func eventInstant(_ bytes: Span<UInt8>, _ range: Range<Int>, _ path: String) -> Int? {
    guard var time = ClinicalTime(bytes, range) else {
      if noted.insert(Note(code: .timeInvalid, path: path)).inserted { note(.timeInvalid, path, 0) }
      return nil
    }
    settleZone(&time)
    if let doubt = time.doubt { noteOnce(doubt == .gap ? .timeInGap : .timeAmbiguous, path) }
    if time.isOffsetShort { noteOnce(.timeOffsetShort, path) }
    let isLocal = time.offsetMinutes == nil && hasZone
    let instant = time.instant - (isLocal ? sentOffset ?? clock.offset(atLocal: time.localSeconds).minutes : 0) * 60_000_000
    eventEnd = time.precision < .second ? lastInstant(of: time, isLocal: isLocal) : instant
    return instant
  }

  /// The last microsecond of the year, month, day, hour or minute that was written.
  private mutating func lastInstant(of time: ClinicalTime, isLocal: Bool) -> Int {
    let seconds = time.localSeconds + time.spanSeconds
    let offset = isLocal ? sentOffset ?? clock.offset(atLocal: seconds).minutes : time.offsetMinutes ?? 0
    return (seconds - offset * 60) * 1_000_000 - 1
  }

  /// The message's offset, else the feed's zone, stands in for an offset that was not written.
  mutating func settleZone(_ time: inout ClinicalTime) {
    guard hasZone, time.needsZone else { return }
    if let sentOffset { time.settle((sentOffset, nil)) } else { time.settle(clock.offset(atLocal: time.localSeconds)) }
  }

  /// The offset of MSH-7 is that of the whole message (HL7 v2.5.1, 2.15.9.7). Where the feed's zone has it at that moment, the zone stands, which knows its summer time too.
  mutating func takeOffset(_ table: SegmentTable, _ field: Range<Int>) {
    let bytes = table.bytes.span
    var sign = field.lowerBound
    while sign < field.upperBound, bytes[sign] != UInt8(ascii: "+"), bytes[sign] != UInt8(ascii: "-") { sign += 1 }
    guard hasZone, sign < field.upperBound else { return }
    let sent = table.part(table.firstRepetition(Piece(field)), 1, 0).range
    guard let time = ClinicalTime(bytes, bytes.trimmed(sent)), let offset = time.offsetMinutes else { return }
    let local = clock.offset(atLocal: time.localSeconds)
    let usual = local.doubt == nil ? local.minutes : clock.rules.offset(atUTC: time.localSeconds - offset * 60) / 60
    if usual != offset { sentOffset = offset }
  }
}
