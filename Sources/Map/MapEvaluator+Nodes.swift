import Core

/// The place of a row in a document: its element, and the entry that holds it.
struct NodePlace {
  var element: Int32
  var occurrence: Int
  /// One-based, among the rows that this block makes of one entry.
  var statement: Int
}

/// The event times that a document's header gives, by the number of their chain: they are the same for all its rows.
struct DocumentClock: Sendable {
  /// Nodes that stay to the end of the document.
  var headerNodes: Int32 = 0
  var instants: [Int?] = []

  mutating func begin(_ arena: NodeArena, clocks: Int) {
    headerNodes = Int32(truncatingIfNeeded: arena.nodes.count)
    instants.removeAll(keepingCapacity: true)
    instants += repeatElement(nil, count: clocks)
  }
}

extension MapEvaluator {
  /// Maps the header of a document: it also says which mappings take the document.
  mutating func mapHeader(_ record: SourceRecord) {
    readers = plan.compiled.indices.filter { accepts(plan.compiled[$0], record.arena) }
    documentClock.begin(record.arena, clocks: plan.nodes.clocks.count)
    var reader = NodeReader(plan.nodes, plan.arena, record.arena)
    for mapping in readers {
      for walk in plan.nodes.mappings[mapping] where plan.nodes.walks[walk].isHeader { map(plan.nodes.walks[walk], &reader, record, occurrence: 0) }
    }
    requireSubjects()
  }

  /// Maps one entry of a section.
  mutating func mapEntry(_ record: SourceRecord) {
    var reader = NodeReader(plan.nodes, plan.arena, record.arena)
    openGates(record)
    for mapping in readers {
      for number in plan.nodes.mappings[mapping] {
        let walk = plan.nodes.walks[number]
        guard !walk.isHeader, walk.gate < 0 || openGates[walk.gate], walk.section < 0 || stands(record, in: walk.section, &reader) else { continue }
        map(walk, &reader, record, occurrence: record.occurrence)
      }
    }
  }

  /// Notes which templates stand in an entry, in one pass over it: most blocks have nothing to look for there.
  private mutating func openGates(_ record: SourceRecord) {
    for gate in openGates.indices { openGates[gate] = false }
    let arena = record.arena
    for node in record.focus..<max(arena.end(of: record.focus), record.focus) where arena.nodes[Int(node)].name == plan.arena.templateID {
      if let root = arena.attribute(plan.arena.root, of: node), let gate = plan.nodes.gate(of: arena.value(root)) { openGates[gate] = true }
    }
  }

  private mutating func accepts(_ mapping: Mapping, _ arena: NodeArena) -> Bool {
    guard case .templates(let roots) = mapping.reads, !arena.nodes.isEmpty else { return false }
    if roots.isEmpty { return true }
    var child = arena.nodes[0].firstChild
    while child >= 0 {
      if arena.nodes[Int(child)].name == plan.arena.templateID, let root = arena.attribute(plan.arena.root, of: child),
        roots.contains(where: { arena.value(root).elementsEqual($0) })
      {
        return true
      }
      child = arena.nodes[Int(child)].next
    }
    return false
  }

  /// True where the nearest section above the entry fits.
  private mutating func stands(_ record: SourceRecord, in step: Int, _ reader: inout NodeReader) -> Bool {
    var node = record.focus
    while node >= 0 {
      if record.arena.nodes[Int(node)].name == plan.arena.section { return reader.fits(step: step, node) }
      node = record.arena.nodes[Int(node)].parent
    }
    return false
  }

  // MARK: Rows

  mutating func map(_ walk: NodeProgram.Walk, _ reader: inout NodeReader, _ record: SourceRecord, occurrence: Int) {
    reader.collect(walk.path, from: record.focus)
    for index in reader.found.indices {
      let place = NodePlace(element: reader.found[index], occurrence: occurrence, statement: index + 1)
      mapElement(program.blocks[walk.block], walk, &reader, place)
    }
  }

  private mutating func mapElement(_ block: BlockCode, _ walk: NodeProgram.Walk, _ reader: inout NodeReader, _ place: NodePlace) {
    if walk.nullFlavor != .value, reader.arena.attribute(plan.arena.nullFlavor, of: place.element) != nil {
      subjectsFound.insert(Int(block.entity))
      guard walk.nullFlavor == .hold || block.isSubject else { return skip(Int(block.entity), "null-flavor") }
      return holdRow(block, finding(.nullFlavor, program.eachTexts[walk.block], place.occurrence))
    }
    if walk.skipsNegated, let negation = reader.arena.attribute(plan.arena.negation, of: place.element) {
      switch Self.truth(reader.arena.value(negation)) {
      case true: return skip(Int(block.entity), "negated")
      case false: break
      case nil: return holdRow(block, finding(.codeUnmapped, program.eachTexts[walk.block] + "/@negationInd", place.occurrence))
      }
    }
    for when in walk.whens where !isMet(plan.nodes.whens[when], &reader, place) {
      return skip(Int(block.entity), "when:" + plan.nodes.pathTexts[plan.nodes.whens[when].path])
    }
    let action = action(walk, &reader, place)
    if let held = namedHold(walk, action, &reader, place) {
      subjectsFound.insert(Int(block.entity))
      return holdRow(block, held)
    }
    beginRow(block, occurrence: place.occurrence, eventInstant: eventInstant(walk, &reader, place))
    if let action { message.rows.setAction(plan.nodes.actions[action].action) }
    for index in 0..<walk.rules.count {
      let rule = program.rules[Int(block.rules.first) + index]
      let reading = read(plan.nodes.rules[walk.rules.lowerBound + index], &reader, place)
      tail = message.rows.bytes.count
      let result = fill(rule, reading == .value ? .piece(Piece(0, reader.value.count)) : reading, reader.value.span, place.occurrence)
      if result != .filled, !isNeedless(rule, block) { return giveUp(block, rule, result, place.occurrence) }
    }
    if let action, isCancelUnsaid(block) {
      message.rows.dropLastRow()
      return holdRow(block, finding(.cancelHeld, plan.nodes.pathTexts[plan.nodes.actions[action].path], place.occurrence))
    }
    complete(block)
    let rowPlace = RowPlace(position: 0, occurrence: place.occurrence, statement: place.statement, isShared: walk.repeatedField >= 0)
    if case .shared(let first) = settleRow(block, rowPlace) { separate(block, walk.repeatedField, &reader, place, from: first) }
  }

  /// What one of the values at the path of `events_by_status` says that the row does: the strongest of them, by number; nil where none says anything.
  private mutating func action(_ walk: NodeProgram.Walk, _ reader: inout NodeReader, _ place: NodePlace) -> Int? {
    var strongest: Int?
    for number in walk.actions {
      let action = plan.nodes.actions[number]
      if let strongest, plan.nodes.actions[strongest].action >= action.action { continue }
      if reader.says(action.path, action.value, from: place.element) { strongest = number }
    }
    return strongest
  }

  /// Why the row is held by what it says itself; nil where it is not.
  private mutating func namedHold(_ walk: NodeProgram.Walk, _ action: Int?, _ reader: inout NodeReader, _ place: NodePlace) -> Finding? {
    for number in walk.holds {
      let hold = plan.nodes.holds[number]
      if reader.says(hold.path, hold.value, from: place.element) { return finding(hold.code, plan.nodes.pathTexts[hold.path], place.occurrence) }
    }
    guard let action, let code = plan.nodes.actions[action].action.heldAs else { return nil }
    return finding(code, plan.nodes.pathTexts[plan.nodes.actions[action].path], place.occurrence)
  }

  /// A Boolean of XML Schema (part 2, 3.2.2); CDA knows the words alone. Nil for anything else: a denial must not pass for its opposite.
  private static func truth(_ text: ArraySlice<UInt8>) -> Bool? {
    if text.elementsEqual("true".utf8) || text.elementsEqual("1".utf8) { return true }
    return text.elementsEqual("false".utf8) || text.elementsEqual("0".utf8) ? false : nil
  }

  /// An id that different statements of one document share identifies none of them; each gets its entry's own identity.
  private mutating func separate(_ block: BlockCode, _ field: Int, _ reader: inout NodeReader, _ place: NodePlace, from first: KeyedRow) {
    if entryIdentifier(&reader, place.occurrence, place.statement) == .value {
      message.rows.set(field: field, to: reader.value)
      if trace != nil { noteEntryIdentity(field) }
      note(.idShared, program.eachTexts[Int(block.number)], place.occurrence)
      separateFirst(block, &reader, first, field)
    }
    _ = settleRow(block, RowPlace(position: 0, occurrence: place.occurrence))
  }

  /// The first statement with a shared id, whose entry has passed already: its place tells its identity.
  private mutating func separateFirst(_ block: BlockCode, _ reader: inout NodeReader, _ first: KeyedRow, _ field: Int) {
    let occurrence = Int(message.rows.rows[first.row].occurrence)
    guard renamed[first.row] == nil, entryIdentifier(&reader, occurrence, first.statement) == .value else { return }
    renamed[first.row] = (field, reader.value)
    note(.idShared, program.eachTexts[Int(block.number)], occurrence)
  }

  // MARK: Reading

  /// In a document the first value decides, in a resource any of them.
  private mutating func isMet(_ when: NodeProgram.When, _ reader: inout NodeReader, _ place: NodePlace) -> Bool {
    if plan.format == .fhir, when.choices.contains(where: { reader.says(when.path, plan.nodes.choices[$0], from: place.element) }) { return true }
    guard reader.read(when.path, NodeProgram.Rule(kind: .text), from: place.element) == .value else { return when.allowsAbsent }
    return when.allowsPresent || when.choices.contains { reader.value.elementsEqual(plan.nodes.texts[plan.nodes.choices[$0]]) }
  }

  private mutating func eventInstant(_ walk: NodeProgram.Walk, _ reader: inout NodeReader, _ place: NodePlace) -> Int? {
    if let known = documentClock.instants[walk.clock] { return known }
    let text = NodeProgram.Rule(kind: .text)
    for path in walk.eventPaths where reader.read(path, text, from: place.element) == .value {
      guard let instant = eventInstant(reader.value.span, 0..<reader.value.count, plan.nodes.pathTexts[path]) else { continue }
      let isOfHeader = plan.nodes.paths[path].fromRoot && plan.nodes.paths[path].isPlain && reader.source < documentClock.headerNodes
      if isOfHeader, path == walk.eventPaths.lowerBound { documentClock.instants[walk.clock] = instant }
      return instant
    }
    return nil
  }

  /// What a rule's source gives; its value is the reader's.
  private mutating func read(_ rule: NodeProgram.Rule, _ reader: inout NodeReader, _ place: NodePlace) -> Reading {
    switch rule.kind {
    case .none: return .absent
    case .nearest:
      guard let key = nearestKey(Int32(rule.entity), 0) else { return .absent }
      reader.value.removeAll(keepingCapacity: true)
      reader.value += aside[key]
      return .value
    case .text, .narrative, .identifier, .joined, .interval, .quantity:
      let result = rule.beside < 0 ? readChain(rule, &reader, place) : readBeside(rule, &reader, place)
      return result != .value && rule.orEntry ? entryIdentifier(&reader, place.occurrence, place.statement) : result
    }
  }

  /// The path in the place of the one that the field beside took, below the element that gave its value.
  private mutating func readBeside(_ rule: NodeProgram.Rule, _ reader: inout NodeReader, _ place: NodePlace) -> Reading {
    let choice = choices[rule.beside]
    if choice == -1 { return .absent }
    if !rule.forks.isEmpty {
      let fork = rule.forks.lowerBound + choice, climb = plan.nodes.paths[fork].climb
      if climb >= 0 { return reader.read(fork, rule, from: reader.above(chosenNodes[rule.beside], by: climb)) }
    }
    return reader.read(rule.paths.lowerBound + choice, rule, from: place.element)
  }

  /// The first path of a chain that has a value; else what is known of why none has.
  private mutating func readChain(_ rule: NodeProgram.Rule, _ reader: inout NodeReader, _ place: NodePlace) -> Reading {
    var last = Reading.absent
    choices[rule.field] = -1
    for path in rule.paths {
      let result = reader.read(path, rule, from: place.element)
      if result == .value {
        (choices[rule.field], chosenNodes[rule.field]) = (path - rule.paths.lowerBound, reader.source)
        return result
      }
      if last == .absent || (last == .nullFlavor && result != .absent) { last = result }
    }
    return last
  }

  /// The document's id with the number of the entry and of the statement in it, for entries that have no id of their own.
  private mutating func entryIdentifier(_ reader: inout NodeReader, _ occurrence: Int, _ statement: Int) -> Reading {
    let nodes = reader.arena.nodes
    var child = nodes.isEmpty ? -1 : nodes[0].firstChild
    while child >= 0, nodes[Int(child)].name != plan.arena.id { child = nodes[Int(child)].next }
    reader.value.removeAll(keepingCapacity: true)
    guard child >= 0, reader.identifier(child) == .value, let cut = reader.value.lastIndex(of: 0x1F) else { return .absent }
    reader.value.insert(contentsOf: "#\(occurrence).\(statement)".utf8, at: cut)
    return .value
  }
}
