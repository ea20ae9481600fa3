import Core

/// The place of a row in a document: its element, and the entry that holds it.
struct NodePlace {
  var element: Int32
  var occurrence: Int
  /// One-based, among the rows that this block makes of one entry.
  var statement: Int
}

extension MapEvaluator {
  /// Maps the header of a document: it also says which mappings take the document.
  mutating func mapHeader(_ record: SourceRecord) {
    readers = plan.compiled.indices.filter { accepts(plan.compiled[$0], record.arena) }
    forEachBlock { evaluator, block in
      guard case .header(let path) = block.walk else { return }
      evaluator.mapElements(block, path, from: record.focus, record.arena, occurrence: 0)
    }
    requireSubjects()
  }

  /// Maps one entry of a section.
  mutating func mapEntry(_ record: SourceRecord) {
    forEachBlock { evaluator, block in
      guard case .entries(let section, let path) = block.walk, evaluator.stands(record, in: section) else { return }
      evaluator.mapElements(block, path, from: record.focus, record.arena, occurrence: record.occurrence)
    }
  }

  private mutating func forEachBlock(_ body: (inout MapEvaluator, Block) -> Void) {
    for reader in readers {
      for block in plan.compiled[reader].blocks { body(&self, block) }
    }
  }

  private func accepts(_ mapping: Mapping, _ arena: NodeArena) -> Bool {
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
  private func stands(_ record: SourceRecord, in section: CDAPath.Step?) -> Bool {
    guard let section else { return true }
    var node = record.focus
    while node >= 0 {
      if record.arena.nodes[Int(node)].name == plan.arena.section { return CDAPath.matches(record.arena, section, node) }
      node = record.arena.nodes[Int(node)].parent
    }
    return false
  }

  private mutating func mapElements(_ block: Block, _ path: CDAPath, from focus: Int32, _ arena: NodeArena, occurrence: Int) {
    var elements: [Int32] = []
    _ = path.select(arena, from: focus) { element in
      elements.append(element)
      return false
    }
    for (index, element) in elements.enumerated() {
      mapElement(block, arena, NodePlace(element: element, occurrence: occurrence, statement: index + 1))
    }
  }

  private mutating func mapElement(_ block: Block, _ arena: NodeArena, _ place: NodePlace) {
    if arena.attribute(plan.arena.nullFlavor, of: place.element) != nil, block.entryNullFlavor != .value {
      subjectsFound.insert(block.entity)
      guard block.entryNullFlavor == .hold || block.isSubject else { return skip(block.entity, "null-flavor") }
      return holdRow(block, finding(.nullFlavor, block.each, place.occurrence))
    }
    if block.negation == .skip, let negation = arena.attribute(plan.arena.negation, of: place.element),
      arena.value(negation).elementsEqual("true".utf8)
    {
      return skip(block.entity, "negated")
    }
    beginRow(block, occurrence: place.occurrence, eventInstant: eventInstant(block, arena, place))
    for rule in block.rules {
      let result = fill(rule, read(rule, arena, place), place.occurrence)
      if result != .filled { return giveUp(block, rule, result, place.occurrence) }
    }
    complete(block)
    if case .shared(let first) = settleRow(block, position: 0, occurrence: place.occurrence, statement: place.statement) {
      separate(block, arena, place, from: first)
    }
  }

  /// An id that different statements of one document share identifies none of them; each gets its entry's own identity.
  private mutating func separate(_ block: Block, _ arena: NodeArena, _ place: NodePlace, from first: KeyedRow) {
    var held = block
    held.repeatedField = nil
    if let field = block.repeatedField, entryIdentifier(arena, place) == .value {
      message.rows.set(field: field, to: scratch)
      note(.idShared, block.each, place.occurrence)
      separateFirst(block, arena, first, field)
    }
    _ = settleRow(held, position: 0, occurrence: place.occurrence)
  }

  /// The first statement with a shared id, whose entry has passed already: its place tells its identity.
  private mutating func separateFirst(_ block: Block, _ arena: NodeArena, _ first: KeyedRow, _ field: Int) {
    let occurrence = Int(message.rows.rows[first.row].occurrence)
    guard renamed[first.row] == nil, entryIdentifier(arena, NodePlace(element: 0, occurrence: occurrence, statement: first.statement)) == .value
    else { return }
    renamed[first.row] = (field, scratch)
    note(.idShared, block.each, occurrence)
  }

  private mutating func eventInstant(_ block: Block, _ arena: NodeArena, _ place: NodePlace) -> Int? {
    guard case .nodes(let paths) = block.eventTime else { return nil }
    for path in paths {
      if read(path, .text, arena, place) == .value, let instant = eventInstant(path.text) { return instant }
    }
    return nil
  }

  // MARK: Reading

  private mutating func read(_ rule: FieldRule, _ arena: NodeArena, _ place: NodePlace) -> Reading {
    switch rule.source {
    case .fields: return .absent
    case .nearest(let entity):
      guard let key = nearest(entity, 0) else { return .absent }
      scratch = key
      return .value
    case .nodes(let paths, let reading):
      let choice = choice(of: rule)
      if choice == -1 { return .absent }
      let result = read(choice.map { paths[$0...$0] } ?? paths[...], reading, arena, place)
      if choice == nil { choices[rule.field] = result == .value ? lastChoice : -1 }
      if result != .value, case .identifier(orEntry: true) = reading { return entryIdentifier(arena, place) }
      return result
    }
  }

  /// The first path of a chain that has a value; else what is known of why none has.
  private mutating func read(_ paths: ArraySlice<CDAPath>, _ reading: FieldRule.NodeReading, _ arena: NodeArena, _ place: NodePlace) -> Reading {
    var last = Reading.absent
    for (index, path) in zip(paths.indices, paths) {
      let result = read(path, reading, arena, place)
      if result == .value {
        lastChoice = index
        return result
      }
      if last == .absent || (last == .nullFlavor && result != .absent) { last = result }
    }
    return last
  }

  /// The first element in document order that has a value; else whether one of them has a nullFlavor.
  private mutating func read(_ path: CDAPath, _ reading: FieldRule.NodeReading, _ arena: NodeArena, _ place: NodePlace) -> Reading {
    var last = Reading.absent
    var found: [UInt8] = []
    var taken = scratch
    scratch = []
    let numbers = plan.arena
    let isFound = path.select(arena, from: place.element) { element in
      taken.removeAll(keepingCapacity: true)
      let result = NodeReader(arena: arena, numbers: numbers).read(path, reading, element, &taken)
      if result != .value {
        if last == .absent { last = result }
        return false
      }
      guard case .joined(let separator) = reading else { return true }
      if !found.isEmpty { found += separator }
      found += taken
      return false
    }
    if case .joined = reading, !found.isEmpty {
      scratch = found
      return .value
    }
    scratch = taken
    return isFound ? .value : last
  }

  /// The document's id with the number of the entry and of the statement in it, for entries that have no id of their own.
  private mutating func entryIdentifier(_ arena: NodeArena, _ place: NodePlace) -> Reading {
    var child = arena.nodes.isEmpty ? -1 : arena.nodes[0].firstChild
    while child >= 0, arena.nodes[Int(child)].name != plan.arena.id { child = arena.nodes[Int(child)].next }
    scratch.removeAll(keepingCapacity: true)
    guard child >= 0, NodeReader(arena: arena, numbers: plan.arena).identifier(child, &scratch) == .value, let cut = scratch.lastIndex(of: 0x1F)
    else { return .absent }
    scratch.insert(contentsOf: "#\(place.occurrence).\(place.statement)".utf8, at: cut)
    return .value
  }
}

/// Reads one element or attribute of a document into bytes.
struct NodeReader {
  let arena: NodeArena
  let numbers: ArenaNumbers

  func read(_ path: CDAPath, _ reading: FieldRule.NodeReading, _ element: Int32, _ out: inout [UInt8]) -> MapEvaluator.Reading {
    if case .identifier = reading { return identifier(element, &out) }
    guard path.attribute < 0 else {
      guard let attribute = arena.attribute(path.attribute, of: element) else { return emptiness(element) }
      appendTrimmed(arena.value(attribute), &out)
      return out.isEmpty ? emptiness(element) : .value
    }
    collapse(arena.text(of: element), &out)
    if out.isEmpty, case .narrative = reading { resolve(element, &out) }
    return out.isEmpty ? emptiness(element) : .value
  }

  private func emptiness(_ element: Int32) -> MapEvaluator.Reading { arena.attribute(numbers.nullFlavor, of: element) == nil ? .absent : .nullFlavor }

  /// `@extension`, 0x1F, `@root`; a root alone is a whole identifier, an extension alone is none.
  func identifier(_ element: Int32, _ out: inout [UInt8]) -> MapEvaluator.Reading {
    guard arena.attribute(numbers.nullFlavor, of: element) == nil else { return .nullFlavor }
    guard let rootNode = arena.attribute(numbers.root, of: element) else {
      return arena.attribute(numbers.extensions, of: element) == nil ? .absent : .failed(.requiredMissing)
    }
    var root: [UInt8] = []
    appendTrimmed(arena.value(rootNode), &root)
    if let node = arena.attribute(numbers.extensions, of: element) { appendTrimmed(arena.value(node), &out) }
    guard !root.isEmpty else { return out.isEmpty ? .absent : .failed(.requiredMissing) }
    if out.isEmpty { out += root }
    out.append(0x1F)
    out += root
    return .value
  }

  private func appendTrimmed(_ value: ArraySlice<UInt8>, _ out: inout [UInt8]) {
    let start = value.firstIndex { !MapEvaluator.isBlank($0) } ?? value.endIndex
    let end = value.lastIndex { !MapEvaluator.isBlank($0) }.map { $0 + 1 } ?? value.endIndex
    if start < end { out += value[start..<end] }
  }

  /// Runs of blanks become one, none at the ends: white space in XML text is layout.
  private func collapse(_ text: [UInt8], _ out: inout [UInt8]) {
    var pending = false
    for byte in text {
      if MapEvaluator.isBlank(byte) {
        pending = !out.isEmpty
      } else {
        if pending { out.append(0x20) }
        pending = false
        out.append(byte)
      }
    }
  }

  /// The text of the element of the nearest section whose `@ID` the reference names.
  private func resolve(_ element: Int32, _ out: inout [UInt8]) {
    guard let name = referred(element) else { return }
    var section = element
    while section >= 0, arena.nodes[Int(section)].name != numbers.section { section = arena.nodes[Int(section)].parent }
    guard section >= 0 else { return }
    for index in Int(section)..<arena.nodes.count where arena.nodes[index].kind == .attribute && arena.nodes[index].name == numbers.anchor {
      let attribute = Int32(index)
      if arena.value(attribute).elementsEqual(name) { return collapse(arena.text(of: arena.nodes[index].parent), &out) }
    }
  }

  /// What the element's own `@value`, or that of its `reference`, names after the `#`.
  private func referred(_ element: Int32) -> ArraySlice<UInt8>? {
    var holder = element
    if arena.nodes[Int(element)].name != numbers.reference {
      holder = arena.nodes[Int(element)].firstChild
      while holder >= 0, arena.nodes[Int(holder)].name != numbers.reference { holder = arena.nodes[Int(holder)].next }
    }
    guard holder >= 0, let attribute = arena.attribute(numbers.value, of: holder) else { return nil }
    let value = arena.value(attribute)
    guard value.first == UInt8(ascii: "#"), value.count > 1 else { return nil }
    return value.dropFirst()
  }
}
