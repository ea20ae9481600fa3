import Core

/// The place of a row in a message: its segment, parent, remembered segments and repetition.
struct SegmentPlace {
  var segment: Int
  var parent = -1
  /// The parent before that one; segments of its group are out of reach.
  var previousParent = -1
  /// By the numbers of the block's contexts; -1 where none was met.
  var contexts: [Int]
  var occurrence = 0
  /// The repetition that the row is made from, where `each:` walks a field.
  var repetition: Range<Int>?
  var walkedField = 0
}

extension MapEvaluator {
  /// Maps a whole HL7 v2 message.
  mutating func map(_ table: SegmentTable) {
    guard let header = table.segments.firstIndex(where: { $0.name == SegmentTable.msh }) else { return }
    let range = table.part(table.field(header, 9), 1, by: table.delimiters.repetition)
    let type = Self.messageType(table, range)
    switch route(type) {
    case .filtered(let rule): filteredBy = rule
    case .held(let code): holdMessage(finding(code, "MSH-9", 1))
    case .mapped(let candidates):
      readers = candidates.filter { accepts(plan.compiled[$0], table, header) }
      for reader in readers {
        for block in plan.compiled[reader].blocks { map(block, table) }
      }
      requireSubjects()
    }
  }

  private mutating func route(_ type: [UInt8]) -> MapPlan.Route {
    if let known = routes[type] { return known }
    let route = plan.route(type)
    if routes.count < 256 { routes[type] = route }
    return route
  }

  /// MSH-9.1 and MSH-9.2 as sent, empty trailing part and its sign left out.
  private static func messageType(_ table: SegmentTable, _ range: Range<Int>) -> [UInt8] {
    let code = table.part(range, 1, by: table.delimiters.component)
    let event = table.part(range, 2, by: table.delimiters.component)
    return event.isEmpty ? Array(table.bytes[code]) : Array(table.bytes[code]) + [UInt8(ascii: "^")] + table.bytes[event]
  }

  private func accepts(_ mapping: Mapping, _ table: SegmentTable, _ header: Int) -> Bool {
    if mapping.senders.isEmpty { return true }
    func first(_ field: Int) -> ArraySlice<UInt8> { table.bytes[table.part(table.field(header, field), 1, by: table.delimiters.component)] }
    let application = first(3)
    let facility = first(4)
    return mapping.senders.contains {
      ($0.application.isEmpty || application.elementsEqual($0.application)) && ($0.facility.isEmpty || facility.elementsEqual($0.facility))
    }
  }

  // MARK: Walking

  /// One pass over the segments: parents and contexts are remembered, each row's segment is mapped where it stands.
  private mutating func map(_ block: Block, _ table: SegmentTable) {
    guard case .segments(let name, let parent, let field) = block.walk else { return }
    var place = SegmentPlace(segment: 0, contexts: [Int](repeating: -1, count: block.contexts.count))
    place.walkedField = field
    var seen = 0
    for index in table.segments.indices {
      let current = table.segments[index].name
      if current == Self.pid { forgetPatient(block, &place) }
      if parent != 0, current == parent {
        (place.previousParent, place.parent) = (place.parent, index)
      }
      if current == name {
        seen += 1
        place.segment = index
        place.occurrence = seen
        mapSegment(block, table, &place, isOrphan: parent != 0 && place.parent < 0)
        if parent == 0 { place.previousParent = index }
      }
      remember(index, current, block, &place)
    }
  }

  private static let pid: UInt32 = 0x504944

  /// A PID opens a group: what belongs to the patient before is out of reach.
  private func forgetPatient(_ block: Block, _ place: inout SegmentPlace) {
    for number in block.contexts.indices where block.contexts[number].reach != .message { place.contexts[number] = -1 }
    place.parent = -1
    place.previousParent = -1
  }

  private func remember(_ index: Int, _ name: UInt32, _ block: Block, _ place: inout SegmentPlace) {
    for number in block.contexts.indices where block.contexts[number].name == name {
      if block.contexts[number].reach == .message, place.contexts[number] >= 0 { continue }
      place.contexts[number] = index
    }
  }

  private mutating func mapSegment(_ block: Block, _ table: SegmentTable, _ place: inout SegmentPlace, isOrphan: Bool) {
    if isOrphan { return holdUnkeyed(block, finding(.orphanSegment, block.each, place.occurrence)) }
    guard place.walkedField > 0 else { return mapRow(block, table, place) }
    let range = table.field(place.segment, place.walkedField)
    for repetition in Repetitions(table, range) {
      guard case .value = table.value(repetition), hasContent(repetition, table) else { continue }
      place.repetition = repetition
      mapRow(block, table, place)
    }
  }

  /// False for a repetition of delimiters alone.
  private func hasContent(_ range: Range<Int>, _ table: SegmentTable) -> Bool {
    table.bytes[range].contains { $0 != table.delimiters.component && $0 != table.delimiters.subcomponent && !Self.isBlank($0) }
  }

  private mutating func mapRow(_ block: Block, _ table: SegmentTable, _ place: SegmentPlace) {
    beginRow(block, occurrence: place.occurrence, eventInstant: eventInstant(block, table, place))
    for hold in block.holds {
      guard read([hold.path][...], .scalar, table, place) == .value, let code = hold.values[scratch] else { continue }
      message.rows.dropLastRow()
      return holdRow(block, finding(code, hold.path.text, place.occurrence))
    }
    for rule in block.rules {
      let result = fill(rule, read(rule, table, place), place.occurrence)
      if result != .filled { return giveUp(block, rule, result, place.occurrence) }
    }
    complete(block)
    _ = settleRow(block, position: place.segment, occurrence: place.occurrence)
  }

  private mutating func eventInstant(_ block: Block, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    guard case .fields(let paths) = block.eventTime else { return nil }
    for path in paths {
      if read([path][...], .scalar, table, place) == .value, let instant = eventInstant(path.text) { return instant }
    }
    return nil
  }

  // MARK: Reading

  private mutating func read(_ rule: FieldRule, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    switch rule.source {
    case .fields(let paths, let reading):
      if let choice = choice(of: rule) { return choice < 0 ? .absent : read(paths[choice...choice], reading, table, place) }
      let result = read(paths[...], reading, table, place)
      choices[rule.field] = result == .value || result == .null ? lastChoice : -1
      return result
    case .nodes: return .absent
    case .nearest(let entity):
      guard let key = nearest(entity, place.segment) else { return .absent }
      scratch = key
      return .value
    }
  }

  /// The first path of a chain that has a value; else the first that was sent without one, or as null.
  private mutating func read(_ paths: ArraySlice<HL7Path>, _ reading: FieldRule.FieldReading, _ table: SegmentTable, _ place: SegmentPlace) -> Reading
  {
    var last = Reading.absent
    for (index, path) in zip(paths.indices, paths) {
      guard let segment = segment(of: path, place) else { continue }
      let result = read(path, reading, table, segment, place)
      if result == .value {
        lastChoice = index
        return result
      }
      if result == .null, last == .absent { lastChoice = index }
      if result != .absent, last == .absent || last == .null { last = result }
    }
    return last
  }

  /// The segment that a path means for this row: never one of a neighbouring group.
  private func segment(of path: HL7Path, _ place: SegmentPlace) -> Int? {
    switch path.place {
    case .current: return place.segment
    case .parent: return place.parent >= 0 ? place.parent : nil
    case .unresolved: return nil
    case .context(let number, let reach):
      let found = place.contexts[number]
      guard found >= 0 else { return nil }
      switch reach {
      case .message, .patient: return found
      case .leading: return found > place.previousParent ? found : nil
      case .trailing: return found > max(place.parent, place.previousParent) ? found : nil
      }
    }
  }

  private mutating func read(_ path: HL7Path, _ reading: FieldRule.FieldReading, _ table: SegmentTable, _ segment: Int, _ place: SegmentPlace)
    -> Reading
  {
    let field = table.field(segment, path.field)
    scratch.removeAll(keepingCapacity: true)
    if field.isEmpty { return .absent }
    let repetition = table.delimiters.repetition
    if path.segment == SegmentTable.msh, path.field <= 2 { return value(field, table, path) }
    switch path.selector {
    case .plain:
      if path.place == .current, path.field == place.walkedField, let current = place.repetition { return one(current, path, reading, table, place) }
      if case .typed(let kind) = reading { return typed(field, by: kind, table, place) }
      return one(table.part(field, 1, by: repetition), path, reading, table, place)
    case .number(let number): return one(table.part(field, number, by: repetition), path, reading, table, place)
    case .all:
      if case .typed(let kind) = reading { return typed(field, by: kind, table, place) }
      return all(field, path, reading, table)
    case .first, .matching: return search(field, path, reading, table, place)
    }
  }

  /// The first repetition that fits and has a value.
  private mutating func search(_ field: Range<Int>, _ path: HL7Path, _ reading: FieldRule.FieldReading, _ table: SegmentTable, _ place: SegmentPlace)
    -> Reading
  {
    var last = Reading.absent
    for repetition in Repetitions(table, field) {
      if case .matching(let component, let text) = path.selector,
        !table.bytes[table.part(repetition, component, by: table.delimiters.component)].elementsEqual(text)
      {
        continue
      }
      let result = one(repetition, path, reading, table, place)
      if result == .value { return result }
      if last == .absent { last = result }
    }
    return last
  }

  private mutating func all(_ field: Range<Int>, _ path: HL7Path, _ reading: FieldRule.FieldReading, _ table: SegmentTable) -> Reading {
    guard case .joined(let separator) = reading else { return .absent }
    if table.value(field) == .null { return .null }
    var isFirst = true
    var isSent = false
    for repetition in Repetitions(table, field) {
      isSent = isSent || hasContent(repetition, table)
      let part = part(repetition, path, table)
      guard case .value(let range) = table.value(part) else { continue }
      if !isFirst { scratch += separator }
      isFirst = false
      append(range, table, path)
    }
    return isFirst ? isSent ? .null : .absent : .value
  }

  /// One repetition: where it was sent and the component that the path names is empty, the component is cleared.
  private mutating func one(
    _ repetition: Range<Int>, _ path: HL7Path, _ reading: FieldRule.FieldReading, _ table: SegmentTable, _ place: SegmentPlace
  ) -> Reading {
    let result = content(repetition, path, reading, table, place)
    return result == .absent && hasContent(repetition, table) ? .null : result
  }

  private mutating func content(
    _ repetition: Range<Int>, _ path: HL7Path, _ reading: FieldRule.FieldReading, _ table: SegmentTable, _ place: SegmentPlace
  ) -> Reading {
    scratch.removeAll(keepingCapacity: true)
    if table.value(repetition) == .null { return .null }
    switch reading {
    case .text, .joined, .typed: return value(part(repetition, path, table), table, path)
    case .scalar, .amount:
      let component = table.part(repetition, max(path.component, 1), by: table.delimiters.component)
      if case .amount = reading, isForeign(component, table) { return .failed(.moneyInvalid) }
      let result = value(table.part(component, max(path.subcomponent, 1), by: table.delimiters.subcomponent), table, path)
      trim()
      return result == .value && scratch.isEmpty ? .absent : result
    case .identifier(let otherwise): return identifier(repetition, path, otherwise, table, place)
    }
  }

  /// True where a money component names a currency that is not the mapping's.
  private func isForeign(_ component: Range<Int>, _ table: SegmentTable) -> Bool {
    let currency = table.bytes[table.part(component, 2, by: table.delimiters.subcomponent)]
    return !currency.isEmpty && !currency.elementsEqual("USD".utf8)
  }

  /// The part that a path names, as a whole.
  private func part(_ repetition: Range<Int>, _ path: HL7Path, _ table: SegmentTable) -> Range<Int> {
    guard path.component > 0 else { return repetition }
    let component = table.part(repetition, path.component, by: table.delimiters.component)
    return path.subcomponent > 0 ? table.part(component, path.subcomponent, by: table.delimiters.subcomponent) : component
  }

  private mutating func value(_ range: Range<Int>, _ table: SegmentTable, _ path: HL7Path) -> Reading {
    switch table.value(range) {
    case .absent: return .absent
    case .null: return .null
    case .value(let range):
      append(range, table, path)
      return scratch.isEmpty ? .absent : .value
    }
  }

  private mutating func append(_ range: Range<Int>, _ table: SegmentTable, _ path: HL7Path) {
    guard table.appendText(range, to: &scratch) > 0 else { return }
    noteOnce(.escapeUnknown, path.text)
  }

  /// Value, 0x1F, assigner, both from one repetition; an identifier without an assigner is none (`REQUIRED-MISSING`).
  private mutating func identifier(_ repetition: Range<Int>, _ path: HL7Path, _ otherwise: [HL7Path], _ table: SegmentTable, _ place: SegmentPlace)
    -> Reading
  {
    func component(_ number: Int, _ sub: Int) -> Range<Int> {
      table.part(table.part(repetition, number, by: table.delimiters.component), sub, by: table.delimiters.subcomponent)
    }
    let result = value(component(1, 1), table, path)
    trim()
    guard result == .value, !scratch.isEmpty else { return result == .null ? .null : .absent }
    let id = scratch
    let assigners = path.isEntityIdentifier ? [component(2, 1), component(3, 1)] : [component(4, 1), component(4, 2)]
    for range in assigners {
      scratch.removeAll(keepingCapacity: true)
      if value(range, table, path) == .value { return compose(id) }
    }
    for path in otherwise {
      if read([path][...], .scalar, table, place) == .value { return compose(id) }
    }
    return .failed(.requiredMissing)
  }

  private mutating func compose(_ id: [UInt8]) -> Reading {
    trim()
    scratch = id + [0x1F] + scratch
    return .value
  }

  // MARK: OBX-5

  /// OBX-5 as text by its value type; repetitions are joined by line feeds. Nothing of a value is lost but embedded files.
  private mutating func typed(_ field: Range<Int>, by kind: HL7Path, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    if table.value(field) == .null { return .null }
    guard let segment = segment(of: kind, place) else { return .absent }
    let code = table.part(table.field(segment, kind.field), 1, by: table.delimiters.component)
    let type = String(decoding: table.bytes[code], as: UTF8.self)
    if type == "ED" || type == "RP" {
      note(.valueTypeUnsupported, kind.text, place.occurrence)
      return .absent
    }
    var isFirst = true
    for repetition in Repetitions(table, field) {
      if !isFirst { scratch.append(0x0A) }
      isFirst = false
      appendTyped(repetition, type, kind, table, place)
    }
    return scratch.allSatisfy(Self.isBlank) ? .absent : .value
  }

  private mutating func appendTyped(_ range: Range<Int>, _ type: String, _ kind: HL7Path, _ table: SegmentTable, _ place: SegmentPlace) {
    let start = scratch.count
    switch type {
    case "SN":
      for number in 1...4 { append(table.part(range, number, by: table.delimiters.component), table, kind) }
    case "DT", "TS", "DTM":
      append(table.part(range, 1, by: table.delimiters.component), table, kind)
      if let time = ClinicalTime(scratch[start...], zone: plan.zone) {
        scratch.replaceSubrange(start..., with: time.canonical.utf8)
      } else if scratch.count > start {
        note(.timeInvalid, "OBX-5", place.occurrence)
      }
    case "NM":
      append(range, table, kind)
      trimNumber(from: start, place)
    default: append(range, table, kind)
    }
  }

  /// Blanks around a number are no part of it; what is no number stays as it was sent.
  private mutating func trimNumber(from start: Int, _ place: SegmentPlace) {
    guard let first = scratch[start...].firstIndex(where: { !Self.isBlank($0) }),
      let last = scratch[start...].lastIndex(where: { !Self.isBlank($0) })
    else { return }
    guard DecimalNumber(scratch[first...last]) != nil else { return note(.numberInvalid, "OBX-5", place.occurrence) }
    scratch.removeSubrange((last + 1)...)
    scratch.removeSubrange(start..<first)
  }
}
