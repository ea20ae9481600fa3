import Core

/// The place of a row in a message: its segment, parent and repetition.
struct SegmentPlace {
  var segment = 0
  var parent = -1
  /// The parent before that one; segments of its group are out of reach.
  var previousParent = -1
  var occurrence = 0
  /// The repetition that the row is made from, where `each:` walks a field.
  var repetition = Piece.none
  /// 0 for none.
  var walkedField: Int32 = 0

  /// The segment that a path means from here, never one of a neighbouring group; -1 for none.
  @inline(__always)
  func segment(at reach: PathCode.Place, _ context: Int32, _ contexts: Span<Int32>) -> Int {
    switch reach {
    case .none: return -1
    case .current: return segment
    case .parent: return parent
    case .remembered: return Int(contexts[Int(context)])
    case .leading:
      let found = Int(contexts[Int(context)])
      return found > previousParent ? found : -1
    case .trailing:
      let found = Int(contexts[Int(context)])
      return found > max(parent, previousParent) ? found : -1
    }
  }
}

extension MapEvaluator {
  /// Maps a whole HL7 v2 message.
  mutating func map(_ table: SegmentTable) {
    guard let header = table.segments.firstIndex(where: { $0.name == SegmentTable.msh }) else { return }
    takeType(table, header)
    orderGroup = OrderGroup(type: scratch)
    switch routes.route(scratch, plan) {
    case .filtered(let rule): filteredBy = rule
    case .held(let code): holdMessage(finding(code, "MSH-9", 1))
    case .mapped(let candidates):
      for candidate in candidates where accepts(candidate, table, header) { readers.append(candidate) }
      takeOffset(table, table.field(header, 7))
      walkBlocks(table)
    }
  }

  /// Maps the segments by the blocks of the mappings that read the message.
  mutating func walkBlocks(_ table: SegmentTable) {
    var marks: UInt64 = 0
    for index in 0..<table.segments.count {
      marks |= SegmentMarks.of(table.segments[index].name)
      if table.segments[index].name == SegmentTable.pid { patients.append(Int32(index)) }
    }
    var batch = CellBatch()
    swap(&batch, &self.batch)
    defer { swap(&batch, &self.batch) }
    batch.begin(table)
    for reader in readers {
      for block in program.mappings[reader].blocks.indices where marks & SegmentMarks.of(program.blocks[block].name) != 0 {
        walk(program.blocks[block], table, &batch)
      }
    }
    requireSubjects()
  }

  /// MSH-9.1 and MSH-9.2 as sent, empty trailing part and its sign left out, into `scratch`.
  private mutating func takeType(_ table: SegmentTable, _ header: Int) {
    let type = table.firstRepetition(Piece(table.field(header, 9)))
    var event = table.part(type, 2, 0)
    oldEvent = event.isEmpty ? self.oldEvent(table, header) : .none
    if event.isEmpty { event = oldEvent }
    scratch.removeAll(keepingCapacity: true)
    scratch += table.bytes[table.part(type, 1, 0).range]
    if event.isEmpty { return }
    scratch.append(UInt8(ascii: "^"))
    scratch += table.bytes[event.range]
  }

  /// EVN-1, where MSH-9 holds the message code alone, as until version 2.2.
  private mutating func oldEvent(_ table: SegmentTable, _ header: Int) -> Piece {
    guard let event = table.segments[header...].firstIndex(where: { $0.name == SegmentTable.evn }) else { return .none }
    return table.part(Piece(table.field(event, 1)), 1, 1)
  }

  private mutating func accepts(_ mapping: Int, _ table: SegmentTable, _ header: Int) -> Bool {
    if !program.mappings[mapping].hasSenders { return true }
    let application = Piece(table.part(table.field(header, 3), 1, by: table.delimiters.component))
    let facility = Piece(table.part(table.field(header, 4), 1, by: table.delimiters.component))
    return plan.compiled[mapping].senders.contains {
      ($0.application.isEmpty || table.equals(application, $0.application)) && ($0.facility.isEmpty || table.equals(facility, $0.facility))
    }
  }

  // MARK: Walking

  /// One pass over the segments: parents and contexts are remembered, each row's segment is mapped where it stands.
  private mutating func walk(_ block: BlockCode, _ table: SegmentTable, _ batch: inout CellBatch) {
    var place = SegmentPlace()
    place.walkedField = block.field
    eventAction = block.events.isEmpty ? .state : action(for: block)
    for number in 0..<Int(block.contexts.count) { contexts[number] = -1 }
    for index in 0..<table.segments.count {
      let name = table.segments[index].name
      if block.interest & SegmentMarks.of(name) == 0 { continue }
      if name == SegmentTable.pid { forgetPatient(block, &place) }
      if block.parent != 0 { follow(name, index, block, &place) }
      if name == block.name {
        place.occurrence += 1
        place.segment = index
        if block.testField == 0 || holds(block.testText, table.field(index, Int(block.testField)), block.testComponent, table) {
          mapSegment(block, table, &place, &batch)
        }
        if block.parent == 0, !orderGroup.isShared { place.previousParent = index }
      }
      remember(Int32(index), name, block)
    }
  }

  /// A parent opens a group, and another segment may end it: what comes then has no parent.
  private mutating func follow(_ name: UInt32, _ index: Int, _ block: BlockCode, _ place: inout SegmentPlace) {
    let isParent = name == block.parent
    if !isParent {
      guard name != block.name, block.endsAtOthers || ends(name, block) else { return }
    }
    if block.isOfOrder || block.parent == OrderGroup.orc || !orderGroup.isShared { place.previousParent = max(place.previousParent, place.parent) }
    place.parent = isParent ? index : -1
  }

  private mutating func ends(_ name: UInt32, _ block: BlockCode) -> Bool {
    if block.isOfOrder { return name == OrderGroup.orc && orderGroup.endsAtOrder || name == OrderGroup.spm && orderGroup.endsAtSpecimen }
    return program.closers[block.closers.indices].contains(name)
  }

  /// A PID opens a group: what belongs to the patient before is out of reach.
  private mutating func forgetPatient(_ block: BlockCode, _ place: inout SegmentPlace) {
    for number in 0..<Int(block.contexts.count) where !program.contexts[Int(block.contexts.first) + number].staysFirst { contexts[number] = -1 }
    place.parent = -1
    place.previousParent = -1
  }

  private mutating func remember(_ index: Int32, _ name: UInt32, _ block: BlockCode) {
    for number in 0..<Int(block.contexts.count) {
      let context = program.contexts[Int(block.contexts.first) + number]
      if context.name == name, !context.staysFirst || contexts[number] < 0 { contexts[number] = index }
    }
  }

  private mutating func mapSegment(_ block: BlockCode, _ table: SegmentTable, _ place: inout SegmentPlace, _ batch: inout CellBatch) {
    if block.isOutside, place.parent >= 0 { return }
    if block.parent != 0, place.parent < 0, !block.isOutside {
      if isReadOutside(block) { return }
      bar(block, place.segment)
      return holdUnkeyed(block, finding(.orphanSegment, program.eachTexts[Int(block.number)], place.occurrence))
    }
    guard block.field > 0 else { return mapRow(block, table, place, &batch) }
    for repetition in Repetitions(table, table.field(place.segment, Int(block.field))) {
      place.repetition = Piece(repetition)
      if !table.isNull(place.repetition), table.hasContent(place.repetition) { mapRow(block, table, place, &batch) }
    }
  }

  /// Another block makes rows of the segments that have no parent for this one.
  private mutating func isReadOutside(_ block: BlockCode) -> Bool {
    for reader in readers {
      for number in program.mappings[reader].blocks.indices where program.blocks[number].isOutside {
        let other = program.blocks[number]
        if other.name == block.name, other.parent == block.parent, other.entity == block.entity { return true }
      }
    }
    return false
  }

  private mutating func mapRow(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace, _ batch: inout CellBatch) {
    if let unmet = unmet(block, table, place) {
      bar(block, place.segment)
      return skip(Int(block.entity), "when:" + program.pathTexts[Int(program.holds[unmet].path)])
    }
    beginRow(block, occurrence: place.occurrence, eventInstant: eventInstant(block, table, place))
    if let held = decided(block, table, place) {
      message.rows.dropLastRow()
      bar(block, place.segment)
      return holdRow(block, held)
    }
    rowPosition = place.segment
    if let (rule, result) = fillRow(block, table, place, &batch) {
      bar(block, place.segment)
      return giveUp(block, rule, result, place.occurrence)
    }
    if let rule = unfindable(block) {
      // What is missing is the number that comes first.
      choices[Int(rule.field)] = -1
      bar(block, place.segment)
      return giveUp(block, rule, .hold(.requiredMissing), place.occurrence)
    }
    if isCancelUnsaid(block) {
      message.rows.dropLastRow()
      bar(block, place.segment)
      return holdRow(block, finding(.cancelHeld, actionPlace, place.occurrence))
    }
    if !block.clears.isEmpty { clear(block) }
    complete(block)
    let rowPlace = RowPlace(position: place.segment, occurrence: place.occurrence, statement: place.segment, isNumbered: !block.numbers.isEmpty)
    if case .shared(let first) = settleRow(block, rowPlace) { separate(block, from: first, table, place) }
  }

  /// Fills the cells of the row begun last; gives the rule that could not fill its own, and why. Where each repetition makes a row, nothing is quick.
  @inline(__always)
  private mutating func fillRow(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace, _ batch: inout CellBatch) -> (RuleCode, CellResult)? {
    let rules = block.rules.indices
    var number = rules.lowerBound
    batch.removeAll()
    while true {
      let stop = block.field == 0 ? batch.gather(number..<rules.upperBound, of: program.quickRules.span, table, place, contexts.span) : CellBatch.Stop(rule: number)
      number = stop.rule + 1
      if stop.rule < rules.upperBound, block.field == 0, takeAside(program.quickRules[stop.rule], stop.piece, table, place.segment, &batch) { continue }
      batch.flush(table.bytes.span, aside, into: &message.rows)
      if stop.rule >= rules.upperBound { return nil }
      let result = fillCell(stop.rule, stop.piece.isEmpty ? nil : .piece(stop.piece), table, place)
      if case .filled = result { continue }
      if !isNeedless(program.rules[stop.rule], block) { return (program.rules[stop.rule], result) }
    }
  }

  /// Runs a rule in full, or its steps over what it has read already. Apart, so that the way of most cells stays short.
  @inline(never)
  private mutating func fillCell(_ number: Int, _ reading: Reading?, _ table: SegmentTable, _ place: SegmentPlace) -> CellResult {
    let rule = program.rules[number]
    tail = message.rows.bytes.count
    return fill(rule, reading ?? read(rule, table, place), table.bytes.span, place.occurrence)
  }

  private mutating func eventInstant(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    if !block.eventPicture.isEmpty { return picturedInstant(block, table, place) }
    let paths = block.eventPaths.indices
    for path in paths {
      guard let instant = eventInstant(path, table, place) else { continue }
      return eventEnd > instant && path + 1 < paths.upperBound ? refined(instant, by: path + 1..<paths.upperBound, table, place) : instant
    }
    return nil
  }

  /// An event time coarser than a second spans a time: where the next path of the chain lies in it, it says when; one before or behind it, that it was the
  /// begin or the end. So messages of one such time follow each other as they were sent.
  @inline(never)
  private mutating func refined(_ instant: Int, by paths: Range<Int>, _ table: SegmentTable, _ place: SegmentPlace) -> Int {
    let end = eventEnd
    for path in paths {
      if let finer = eventInstant(path, table, place) { return min(max(finer, instant), end) }
    }
    return instant
  }

  private mutating func eventInstant(_ path: Int, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    let code = program.paths[path]
    // Blocks have the same paths under different numbers; a row made from a repetition may read its own.
    guard code.selector == .plain, code.component == 0, place.walkedField == 0, code.follows == 0, code.testField == 0 else {
      return readEventInstant(path, table, place)
    }
    let segment = place.segment(at: code.place, code.context, contexts.span)
    if segment < 0 { return nil }
    if eventMemo.segment != segment || eventMemo.field != code.field { swap(&eventMemo, &olderEventMemo) }
    if eventMemo.segment != segment || eventMemo.field != code.field {
      eventMemo = EventMemo(segment: segment, field: code.field, instant: readEventInstant(path, table, place), end: eventEnd)
    }
    eventEnd = eventMemo.end
    return eventMemo.instant
  }

  private mutating func readEventInstant(_ path: Int, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    tail = message.rows.bytes.count
    switch readScalar(path, table, place) {
    case .piece(let piece): return eventInstant(table.bytes.span, piece.range, program.pathTexts[path])
    case .value:
      let value = Array(message.rows.bytes[tail...])
      message.rows.truncate(to: tail)
      return eventInstant(value.span, 0..<value.count, program.pathTexts[path])
    case .absent, .null, .nullFlavor, .failed: return nil
    }
  }
}
