import Core

/// Reads the values that compiled paths name in one record of a document.
///
/// - Cost: steps recurse over numbers; nothing is allocated but the value itself.
struct NodeReader {
  /// What is done with an element that a path selects.
  struct Goal {
    enum Kind { case exists, equals, begins, says, collect, read }
    var kind: Kind
    var attribute: Int32
    /// What it must equal.
    var text: NodeProgram.Run = 0..<0
    var rule = NodeProgram.Rule()
  }

  let program: NodeProgram
  let numbers: ArenaNumbers
  let arena: NodeArena
  /// The value at hand.
  var value: [UInt8] = []
  /// Elements collected.
  var found: [Int32] = []
  /// The element that gave the value.
  private(set) var source: Int32 = -1
  /// A value was taken from the time of the Bundle that holds the resource.
  private(set) var readsBundle = false
  /// Why none of the elements met so far has a value.
  private var last = MapEvaluator.Reading.absent

  init(_ program: NodeProgram, _ numbers: ArenaNumbers, _ arena: NodeArena) {
    self.program = program
    self.numbers = numbers
    self.arena = arena
  }

  /// Fills `found` with the elements that a path selects, in document order.
  mutating func collect(_ path: Int, from node: Int32) {
    found.removeAll(keepingCapacity: true)
    _ = select(path, from: node, Goal(kind: .collect, attribute: program.paths[path].attribute))
  }

  /// The first element in document order that has a value; else whether one of them has a nullFlavor.
  mutating func read(_ path: Int, _ rule: NodeProgram.Rule, from node: Int32) -> MapEvaluator.Reading {
    value.removeAll(keepingCapacity: true)
    last = .absent
    let isFound = select(path, from: node, Goal(kind: .read, attribute: program.paths[path].attribute, rule: rule))
    return isFound || (rule.kind == .joined && !value.isEmpty) ? .value : last
  }

  /// True where one of the elements that a path of a resource selects says the text.
  mutating func says(_ path: Int, _ text: NodeProgram.Run, from node: Int32) -> Bool {
    !text.isEmpty && select(path, from: node, Goal(kind: .says, attribute: -1, text: text))
  }

  private mutating func says(_ text: [UInt8], _ wanted: ArraySlice<UInt8>) -> Bool {
    if text.elementsEqual(wanted) { return true }
    return wanted.elementsEqual(HoldRule.negative) && text.span.isNegative(0..<text.count)
  }

  /// The element so many steps above another one.
  func above(_ node: Int32, by count: Int) -> Int32 {
    var node = node
    for _ in 0..<count where arena.nodes[Int(node)].parent >= 0 { node = arena.nodes[Int(node)].parent }
    return node
  }

  /// True where a node fits a step that asks for no position.
  mutating func fits(step: Int, _ node: Int32) -> Bool {
    var position = 0
    return fits(program.steps[step], node, &position)
  }
}

// MARK: - Walking

extension NodeReader {
  private mutating func select(_ path: Int, from node: Int32, _ goal: Goal) -> Bool {
    let path = program.paths[path]
    guard path.fromRoot else { return walk(path.steps.lowerBound, path.steps.upperBound, node, goal) }
    guard !path.steps.isEmpty, !arena.nodes.isEmpty, program.steps[path.steps.lowerBound].axis == .child, fits(step: path.steps.lowerBound, 0) else {
      return false
    }
    return walk(path.steps.lowerBound + 1, path.steps.upperBound, 0, goal)
  }

  /// True as soon as one element meets the goal.
  ///
  /// Like all that is asked for each element it is mutating, though it changes nothing: otherwise each call would copy the reader.
  private mutating func walk(_ index: Int, _ end: Int, _ node: Int32, _ goal: Goal) -> Bool {
    guard index < end else { return meets(goal, node) }
    let step = program.steps[index]
    switch step.axis {
    case .oneself: return walk(index + 1, end, node, goal)
    case .parent:
      let parent = arena.nodes[Int(node)].parent
      return parent >= 0 && walk(index + 1, end, parent, goal)
    case .child: return walkChildren(step, index + 1, end, node, goal)
    case .ancestor: return walkAncestors(step, index + 1, end, node, goal)
    case .descendant: return walkDescendants(step, index + 1, end, node, goal)
    }
  }

  private mutating func walkChildren(_ step: NodeProgram.Step, _ next: Int, _ end: Int, _ node: Int32, _ goal: Goal) -> Bool {
    var child = arena.nodes[Int(node)].firstChild
    var position = 0
    while child >= 0 {
      let node = arena.nodes[Int(child)]
      if step.name < 0 || node.name == step.name, fits(step, child, &position), walk(next, end, child, goal) { return true }
      child = node.next
    }
    return false
  }

  private mutating func walkAncestors(_ step: NodeProgram.Step, _ next: Int, _ end: Int, _ node: Int32, _ goal: Goal) -> Bool {
    var above = arena.nodes[Int(node)].parent
    var position = 0
    while above >= 0 {
      if fits(step, above, &position), walk(next, end, above, goal) { return true }
      above = arena.nodes[Int(above)].parent
    }
    return false
  }

  /// What is below an element stands right behind it, in document order.
  private mutating func walkDescendants(_ step: NodeProgram.Step, _ next: Int, _ end: Int, _ root: Int32, _ goal: Goal) -> Bool {
    var position = 0
    let nodes = arena.nodes
    for node in root + 1..<max(arena.end(of: root), root + 1) where step.name < 0 || nodes[Int(node)].name == step.name {
      if fits(step, node, &position), walk(next, end, node, goal) { return true }
    }
    return false
  }

  private mutating func fits(_ step: NodeProgram.Step, _ node: Int32, _ position: inout Int) -> Bool {
    guard step.name < 0 || arena.nodes[Int(node)].name == step.name, arena.nodes[Int(node)].kind == .element else { return false }
    var counted = false
    for index in step.predicates {
      let predicate = program.predicates[index]
      guard predicate.kind == .position, !predicate.isNegated else {
        if holds(predicate, node) == predicate.isNegated { return false }
        continue
      }
      position += counted ? 0 : 1
      counted = true
      if position != predicate.position { return false }
    }
    return true
  }

  private mutating func holds(_ predicate: NodeProgram.Predicate, _ node: Int32) -> Bool {
    guard predicate.kind != .position else { return true }
    let kind: Goal.Kind = predicate.kind == .exists ? .exists : predicate.kind == .equals ? .equals : .begins
    let goal = Goal(kind: kind, attribute: program.paths[predicate.path].attribute, text: predicate.text)
    return select(predicate.path, from: node, goal)
  }

  private mutating func meets(_ goal: Goal, _ element: Int32) -> Bool {
    switch goal.kind {
    case .exists: return goal.attribute < 0 || arena.attribute(goal.attribute, of: element) != nil
    case .equals: return carries(goal, element)
    case .begins: return begins(goal, element)
    case .says: return says(text(element), program.texts[goal.text])
    case .collect:
      found.append(element)
      return false
    case .read: return take(goal, element)
    }
  }

  private mutating func carries(_ goal: Goal, _ element: Int32) -> Bool {
    let text = program.texts[goal.text]
    if numbers.resource != nil { return arena.value(element).elementsEqual(text) }
    guard goal.attribute >= 0 else { return arena.text(of: element).elementsEqual(text) }
    guard let attribute = arena.attribute(goal.attribute, of: element) else { return false }
    return isEqual(attribute, goal.text)
  }

  private mutating func begins(_ goal: Goal, _ element: Int32) -> Bool {
    let text = program.texts[goal.text]
    guard goal.attribute >= 0 else { return arena.text(of: element).starts(with: text) }
    guard let attribute = arena.attribute(goal.attribute, of: element) else { return false }
    return arena.value(attribute).starts(with: text)
  }

  private mutating func isEqual(_ attribute: Int32, _ text: NodeProgram.Run) -> Bool {
    let node = arena.nodes[Int(attribute)]
    guard Int(node.count) == text.count else { return false }
    for index in 0..<text.count where arena.bytes[Int(node.start) + index] != program.texts[text.lowerBound + index] { return false }
    return true
  }
}

// MARK: - Values

extension NodeReader {
  /// True where the element has the value that ends the search.
  private mutating func take(_ goal: Goal, _ element: Int32) -> Bool {
    let start = value.count
    if goal.rule.kind == .joined, start > 0 { value += program.texts[goal.rule.separator] }
    let begin = value.count
    let result = takeValue(goal, element)
    guard result == .value else {
      value.removeLast(value.count - start)
      if last == .absent { last = result }
      return false
    }
    if value.count == begin { value.removeLast(value.count - start) }
    source = element
    if let names = numbers.resource, arena.nodes[Int(element)].name == names.timestamp { readsBundle = true }
    return goal.rule.kind != .joined
  }

  private mutating func takeValue(_ goal: Goal, _ element: Int32) -> MapEvaluator.Reading {
    if let names = numbers.resource { return goal.rule.kind == .identifier ? resourceIdentifier(element, names) : leaf(element) }
    if goal.rule.kind == .identifier { return identifier(element, isOfPerson: goal.rule.isOfPerson) }
    let start = value.count
    if goal.attribute >= 0 {
      guard let attribute = arena.attribute(goal.attribute, of: element) else { return emptiness(element) }
      appendTrimmed(attribute)
      return value.count == start ? emptiness(element) : .value
    }
    if goal.rule.kind == .interval || goal.rule.kind == .quantity, takeInterval(element, withUnit: goal.rule.kind == .quantity) { return .value }
    collapse(element)
    if value.count == start, goal.rule.kind != .text, goal.rule.kind != .joined, let anchor = anchor(element) { collapse(anchor) }
    return value.count == start ? emptiness(element) : .value
  }

  private mutating func emptiness(_ element: Int32) -> MapEvaluator.Reading { arena.attribute(numbers.nullFlavor, of: element) == nil ? .absent : .nullFlavor }

  /// `@extension`, 0x1F, `@root`; a root alone is a whole identifier, an extension alone is none, nor is a word that says that there is none.
  mutating func identifier(_ element: Int32, isOfPerson: Bool = false) -> MapEvaluator.Reading {
    guard arena.attribute(numbers.nullFlavor, of: element) == nil else { return .nullFlavor }
    guard let root = arena.attribute(numbers.root, of: element) else {
      return arena.attribute(numbers.extensions, of: element) == nil ? .absent : .failed(.requiredMissing)
    }
    let start = value.count
    if let node = arena.attribute(numbers.extensions, of: element) { appendTrimmed(node) }
    let cut = value.count
    if NoIdentifier.holds(value[start..<cut]) {
      value.removeLast(cut - start)
      return .nullFlavor
    }
    appendTrimmed(root)
    guard value.count > cut else { return cut == start ? .absent : .failed(.requiredMissing) }
    if cut == start {
      // An empty extension says that the number is missing; under a root that is no UUID everybody without a number would be one person.
      let isSent = arena.attribute(numbers.extensions, of: element) != nil
      guard !isSent, !isOfPerson || isUUID(start..<value.count) else {
        value.removeLast(value.count - start)
        return .failed(.requiredMissing)
      }
      if isNilUUID(start..<value.count) {
        value.removeLast(value.count - start)
        return .nullFlavor
      }
      appendTrimmed(root)
    }
    value.insert(0x1F, at: cut == start ? start + (value.count - start) / 2 : cut)
    return .value
  }

  /// Hexadecimal digits in groups of 8, 4, 4, 4 and 12 (RFC 9562, 4).
  private func isUUID(_ range: Range<Int>) -> Bool {
    let groups = value[range].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.joined().allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) }
  }

  /// The UUID of zeros alone, which says that there is none (RFC 9562, 5.9).
  private func isNilUUID(_ range: Range<Int>) -> Bool { value[range].allSatisfy { $0 == 0x30 || $0 == 0x2D } && isUUID(range) }

  mutating func appendTrimmed(_ attribute: Int32) {
    let node = arena.nodes[Int(attribute)]
    var start = Int(node.start)
    var end = start + Int(node.count)
    while start < end, MapEvaluator.isBlank(arena.bytes[start]) { start += 1 }
    while end > start, MapEvaluator.isBlank(arena.bytes[end - 1]) { end -= 1 }
    let bytes = arena.bytes
    value.append(addingCapacity: end - start) { out in
      for at in start..<end { out.append(bytes[at]) }
    }
  }

  /// All text below an element; runs of blanks become one, none at the ends: white space in XML text is layout.
  private mutating func collapse(_ element: Int32) {
    let start = value.count
    var isPending = false
    for index in Int(element)..<Int(arena.end(of: element)) where arena.nodes[index].kind == .text {
      let node = arena.nodes[index]
      for place in Int(node.start)..<Int(node.start) + Int(node.count) {
        let byte = arena.bytes[place]
        if MapEvaluator.isBlank(byte) {
          isPending = value.count > start
        } else {
          if isPending { value.append(0x20) }
          isPending = false
          value.append(byte)
        }
      }
    }
  }

  /// The element whose `@ID` the reference names: of the nearest section, else of one around it.
  private mutating func anchor(_ element: Int32) -> Int32? {
    guard let name = referred(element) else { return nil }
    var section = element
    while section >= 0 {
      if arena.nodes[Int(section)].name == numbers.section, let found = arena.anchor(name, from: section) { return found }
      section = arena.nodes[Int(section)].parent
    }
    return nil
  }

  /// What the element's own `@value`, or that of its `reference`, names after the `#`.
  private mutating func referred(_ element: Int32) -> ArraySlice<UInt8>? {
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
