import Core

/// Segments that stand behind the one a row is made from: `its RXR-1`, `OBR its SPM-2`.
extension MapEvaluator {
  /// The field of the first such segment; of all of them where the path takes all repetitions, and of the first that holds a sealed file
  /// where the file is asked for.
  @inline(never)
  mutating func readFollowing(_ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let path = program.paths[number]
    defer { followed = -1 }
    let anchor = place.segment(at: path.place, path.context, contexts.span)
    guard anchor >= 0 else { return .absent }
    var at = anchor
    guard path.selector == .all || rule.reading == .attachment else {
      followed = firstFollowing(number, anchor, table)
      return followed < 0 ? .absent : readField(number, rule, table, place)
    }
    guard rule.reading == .attachment else { return readAll(path, anchor, number, rule, table, place) }
    while let next = segment(following: path, anchor, after: at, table) {
      (at, followed) = (next, next)
      if table.isDetached(next) { return readField(number, rule, table, place) }
    }
    return .absent
  }

  /// The first segment behind the anchor that the path means, -1 for none; looked for once for all rows of that anchor.
  private mutating func firstFollowing(_ number: Int, _ anchor: Int, _ table: SegmentTable) -> Int {
    if followings.isEmpty { followings = [Followed](repeating: Followed(), count: program.paths.count) }
    if followings[number].message == messageNumber, followings[number].anchor == anchor { return followings[number].segment }
    let found = segment(following: program.paths[number], anchor, after: anchor, table) ?? -1
    followings[number] = Followed(message: messageNumber, anchor: anchor, segment: found)
    return found
  }

  /// The values of all segments that follow, with the rule's separator or a line feed between them.
  private mutating func readAll(_ path: PathCode, _ anchor: Int, _ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let whole = tail
    defer { tail = whole }
    var at = anchor, result = Reading.absent
    while let next = segment(following: path, anchor, after: at, table) {
      (at, followed) = (next, next)
      let end = message.rows.bytes.count
      if result.isValue { message.rows.bytes += rule.reading == .joined ? Array(program.constants[rule.separator.indices]) : [0x0A] }
      tail = message.rows.bytes.count
      let reading = readField(number, rule, table, place)
      switch reading {
      case .piece(let piece): append(table.bytes.span, piece)
      case .value: break
      case .absent, .null, .nullFlavor, .failed:
        message.rows.truncate(to: end)
        if case .absent = result { result = reading }
        continue
      }
      result = .value
    }
    return result
  }

  /// The next segment of the path's name behind another one and before whatever opens the next group: a segment of the anchor's own name, an
  /// order or a patient. A note belongs to what stands right before it.
  private mutating func segment(following path: PathCode, _ anchor: Int, after index: Int, _ table: SegmentTable) -> Int? {
    var at = index + 1
    while at < table.segments.count {
      let name = table.segments[at].name
      if name == path.follows {
        if fits(path, at, table) { return at }
      } else if name == table.segments[anchor].name || name == SegmentTable.orc || path.follows == SegmentTable.nte {
        return nil
      } else if name == SegmentTable.pid, hasPatient(before: anchor, table) {
        return nil
      }
      at += 1
    }
    return nil
  }

  /// False for what stands before all patients, as SCH: the resources of an appointment stand behind them (v2.5.1, 10.4).
  private func hasPatient(before anchor: Int, _ table: SegmentTable) -> Bool { table.segments[...anchor].contains { $0.name == SegmentTable.pid } }

  /// True where the segment holds what the path wants there.
  mutating func fits(_ path: PathCode, _ index: Int, _ table: SegmentTable) -> Bool {
    if path.testField == 0 { return true }
    if !oldEvent.isEmpty, path.testField == 9, path.testComponent == 2, table.segments[index].name == SegmentTable.msh {
      return holds(path.testText, oldEvent.range, 1, table)
    }
    return holds(path.testText, table.field(index, Int(path.testField)), path.testComponent, table)
  }

  /// True where the component of a field is that text; codes of HL7 v2 in either case, as in `when` and `events_by`.
  mutating func holds(_ text: MapProgram.Run, _ field: Range<Int>, _ component: Int32, _ table: SegmentTable) -> Bool {
    let part = table.part(Piece(field), component, 1)
    guard part.count == Int(text.count) else { return false }
    for (left, right) in zip(text.indices, part.range) where program.constants[left] != table.bytes[right] {
      guard plan.format == .hl7v2, Self.upper(program.constants[left]) == Self.upper(table.bytes[right]) else { return false }
    }
    return true
  }

  /// The trigger event in the place of an empty MSH-9.2; nil where the path asks for something else.
  @inline(never)
  mutating func readOldEvent(_ path: PathCode, _ rule: RuleCode, _ table: SegmentTable, _ number: Int) -> Reading? {
    if path.selector == .matching {
      guard path.number == 2 else { return nil }
      if !table.equals(oldEvent, program.constants[path.text.indices]) { return .absent }
    }
    let found = value(oldEvent, table, number)
    return rule.reading == .scalar ? trimmed(found, table) : found
  }
}
