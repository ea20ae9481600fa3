import Core

/// What a plan's mappings say of documents, lowered once into flat arrays of trivial structs that name each other by number.
///
/// The evaluator runs over it: nothing in it is retained, hashed or allocated when it is read.
struct NodeProgram: Sendable {
  /// A run of entries of another array.
  typealias Run = Range<Int>

  struct Step: Sendable {
    var axis: CDAPath.Axis
    /// -1 for any.
    var name: Int32
    var predicates: Run
  }

  struct Predicate: Sendable {
    enum Kind: Sendable { case position, exists, equals, begins }
    var kind: Kind
    var isNegated = false
    var position = 0
    var path = 0
    /// In `texts`.
    var text: Run = 0..<0
  }

  struct Path: Sendable {
    var fromRoot: Bool
    var steps: Run
    /// -1 where it ends at an element.
    var attribute: Int32
    /// It only goes down, and asks for nothing on the way.
    var isPlain: Bool
    /// How many elements above the one that gave the value of the field beside it this path starts; -1: at the row's own element.
    var climb = -1
  }

  /// How one field is read; see `FieldRule.NodeReading`.
  struct Rule: Sendable {
    enum Kind: Sendable { case none, nearest, text, narrative, identifier, joined, interval, quantity }
    var kind = Kind.none
    /// The document's id and the number of the statement stand in for an identifier.
    var orEntry = false
    var field = 0
    /// The field whose choice decides; -1 for none.
    var beside = -1
    var paths: Run = 0..<0
    /// The same paths from the elements at which they part from those of the field beside; as many, or none.
    var forks: Run = 0..<0
    /// It identifies a patient.
    var isOfPerson = false
    /// In `texts`.
    var separator: Run = 0..<0
    /// Of `nearest`.
    var entity = 0
  }

  /// What must stand at a path for a row to be made.
  struct When: Sendable {
    var path: Int
    /// Of `choices`.
    var choices: Run
    var allowsAbsent: Bool
    var allowsPresent: Bool
  }

  /// One block of a mapping that reads documents.
  struct Walk: Sendable {
    /// Its number in the plan's program.
    var block: Int
    var isHeader: Bool
    /// What the nearest section must be: a step, or -1.
    var section: Int
    var path: Int
    /// Of `gates`: only entries in which this template stands have such elements; -1 where any may.
    var gate: Int
    /// Blocks with the same chain of event times share its number.
    var clock: Int
    var eventPaths: Run
    /// In the order of the block's rules.
    var rules: Run
    /// What becomes of an element that has a nullFlavor.
    var nullFlavor: Block.EntryNullFlavor
    /// An element whose negationInd is true gives no row.
    var skipsNegated: Bool
    /// The field that takes the entry's own identity where ids are shared; -1 holds such rows.
    var repeatedField: Int
    /// Of `whens`.
    var whens: Run
    /// Of `holds`.
    var holds: Run
    /// Of `actions`.
    var actions: Run
  }

  /// For which value at a path a row is held.
  struct Hold: Sendable {
    var path: Int
    /// In `texts`.
    var value: Run
    var code: FindingCode
  }

  /// What a row does, for a value at a path.
  struct Action: Sendable {
    var path: Int
    /// In `texts`.
    var value: Run
    var action: RowAction
  }

  /// The entities whose identifiers are those of patients.
  private let persons: Set<Int>
  private(set) var steps: [Step] = []
  private(set) var predicates: [Predicate] = []
  private(set) var paths: [Path] = []
  private(set) var texts: [UInt8] = []
  private(set) var rules: [Rule] = []
  private(set) var walks: [Walk] = []
  private(set) var whens: [When] = []
  /// Roots of templates, in `texts`.
  private(set) var gates: [Run] = []
  /// What tells most gates apart at a glance, by gate: see `mark(of:)`.
  private(set) var gateMarks: [UInt32] = []
  private(set) var holds: [Hold] = []
  private(set) var actions: [Action] = []
  /// In `texts`.
  private(set) var choices: [Run] = []
  /// The walks of each mapping.
  private(set) var mappings: [Run] = []
  /// As written, by path.
  private(set) var pathTexts: [String] = []
  private(set) var clocks: [[CDAPath]] = []

  init(_ mappings: [Mapping], _ numbers: ArenaNumbers, persons: Set<Int>) {
    self.persons = persons
    for mapping in mappings {
      let first = walks.count
      for block in mapping.blocks { add(block, numbers) }
      self.mappings.append(first..<walks.count)
    }
  }
}

// MARK: - Gates

extension NodeProgram {
  /// The length of a root and its last two bytes: the roots of one guide differ at their ends.
  static func mark(of root: ArraySlice<UInt8>) -> UInt32 {
    var mark = UInt32(truncatingIfNeeded: root.count)
    for byte in root.suffix(2) { mark = mark << 8 | UInt32(byte) }
    return mark
  }

  /// The number of the gate of a template's root; nil where no block asks for it.
  func gate(of root: ArraySlice<UInt8>) -> Int? {
    let mark = Self.mark(of: root)
    for gate in gates.indices where gateMarks[gate] == mark && texts[gates[gate]].elementsEqual(root) { return gate }
    return nil
  }
}

// MARK: - Lowering

extension NodeProgram {
  private mutating func add(_ block: Block, _ numbers: ArenaNumbers) {
    guard case .nodes(let eventTime) = block.eventTime else { return }
    var section = -1
    let path: CDAPath
    switch block.walk {
    case .segments: return
    case .header(let each): path = each
    case .entries(let wanted, let each):
      path = each
      if let wanted { section = add([wanted]).lowerBound }
    }
    let clock = clocks.firstIndex(of: eventTime) ?? clocks.count
    if clock == clocks.count { clocks.append(eventTime) }
    var isHeader = false
    if case .header = block.walk { isHeader = true }
    let lowered = block.rules.map { rule in
      var lowered = lower(rule)
      lowered.isOfPerson = persons.contains(block.entity)
      lowered.forks = forks(of: rule, block)
      return lowered
    }
    walks.append(
      Walk(
        block: block.number, isHeader: isHeader, section: section, path: add([path]).lowerBound, gate: isHeader ? -1 : gate(of: path, numbers), clock: clock, eventPaths: add(eventTime),
        rules: rules.count..<rules.count + lowered.count, nullFlavor: block.entryNullFlavor, skipsNegated: block.negation == .skip,
        repeatedField: block.repeatedField ?? -1, whens: add(block.whens), holds: add(block.nodeHolds), actions: add(block.nodeStatuses)))
    rules += lowered
  }

  /// The gate of `.//h:name[h:templateId/@root='…']`.
  private mutating func gate(of path: CDAPath, _ numbers: ArenaNumbers) -> Int {
    guard path.steps.count == 1, path.steps[0].axis == .descendant else { return -1 }
    for case .equals(let test, let root) in path.steps[0].predicates {
      guard !test.fromRoot, test.attribute == numbers.root, test.steps.count == 1, test.steps[0].axis == .child, test.lastName == numbers.templateID else { continue }
      if let known = gates.firstIndex(where: { texts[$0].elementsEqual(root) }) { return known }
      gates.append(add(root))
      gateMarks.append(Self.mark(of: root[...]))
      return gates.count - 1
    }
    return -1
  }

  private mutating func add(_ rules: [WhenRule]) -> Run {
    let first = whens.count
    for rule in rules {
      guard case .node(let path) = rule.path else { continue }
      let texts = rule.values.map { add($0) }
      choices += texts
      whens.append(When(path: add([path]).lowerBound, choices: choices.count - texts.count..<choices.count, allowsAbsent: rule.allowsAbsent, allowsPresent: rule.allowsPresent))
    }
    return first..<whens.count
  }

  private mutating func add(_ rules: [NodeHold]) -> Run {
    let first = holds.count
    for rule in rules {
      let path = add([rule.path]).lowerBound
      for entry in rule.values { holds.append(Hold(path: path, value: add(entry.value), code: entry.code)) }
    }
    return first..<holds.count
  }

  private mutating func add(_ statuses: [NodeStatus]) -> Run {
    let first = actions.count
    for status in statuses {
      let path = add([status.path]).lowerBound
      for entry in status.actions { actions.append(Action(path: path, value: add(entry.value), action: entry.action)) }
    }
    return first..<actions.count
  }

  private mutating func lower(_ rule: FieldRule) -> Rule {
    var lowered = Rule(field: rule.field, beside: rule.beside ?? -1)
    switch rule.source {
    case .fields: break
    case .nearest(let entity): (lowered.kind, lowered.entity) = (.nearest, entity)
    case .nodes(let paths, let reading):
      lowered.paths = add(paths)
      switch reading {
      case .text: lowered.kind = .text
      case .narrative: lowered.kind = .narrative
      case .interval(let withUnit): lowered.kind = withUnit ? .quantity : .interval
      case .identifier(let orEntry): (lowered.kind, lowered.orEntry) = (.identifier, orEntry)
      case .joined(let separator): (lowered.kind, lowered.separator) = (.joined, add(separator))
      }
    }
    return lowered
  }

  /// What two paths have in common is walked once: what is read beside a value stands below the same element, not below the next one that fits.
  private mutating func forks(of rule: FieldRule, _ block: Block) -> Run {
    guard let beside = rule.beside, case .nodes(let own, _) = rule.source, let other = block.rules.first(where: { $0.field == beside }),
      case .nodes(let others, let reading) = other.source, own.count == others.count
    else { return 0..<0 }
    // Where all elements were joined, no one of them gave the value.
    if case .joined = reading { return 0..<0 }
    let first = paths.count
    for (path, beside) in zip(own, others) {
      var fork = path, climb = -1
      if let found = path.fork(from: beside) { (fork.fromRoot, fork.steps, climb) = (false, Array(path.steps.dropFirst(found.shared)), found.climb) }
      let number = add([fork]).lowerBound
      paths[number].climb = climb
    }
    return first..<paths.count
  }

  private mutating func add(_ text: [UInt8]) -> Run {
    texts += text
    return texts.count - text.count..<texts.count
  }

  private mutating func add(_ chain: [CDAPath]) -> Run {
    let lowered = chain.map { lower($0) }
    paths += lowered
    pathTexts += chain.map(\.text)
    return paths.count - lowered.count..<paths.count
  }

  private mutating func lower(_ path: CDAPath) -> Path {
    let isPlain = path.steps.allSatisfy { $0.axis == .child && $0.predicates.isEmpty }
    return Path(fromRoot: path.fromRoot, steps: add(path.steps), attribute: path.attribute, isPlain: isPlain)
  }

  private mutating func add(_ path: [CDAPath.Step]) -> Run {
    let lowered = path.map { Step(axis: $0.axis, name: $0.name, predicates: add($0.predicates)) }
    steps += lowered
    return steps.count - lowered.count..<steps.count
  }

  private mutating func add(_ tests: [CDAPath.Predicate]) -> Run {
    let lowered = tests.map { lower($0) }
    predicates += lowered
    return predicates.count - lowered.count..<predicates.count
  }

  private mutating func lower(_ test: CDAPath.Predicate) -> Predicate {
    switch test {
    case .position(let number): return Predicate(kind: .position, position: number)
    case .exists(let path): return Predicate(kind: .exists, path: add([path]).lowerBound)
    case .equals(let path, let text): return Predicate(kind: .equals, path: add([path]).lowerBound, text: add(text))
    case .begins(let path, let text): return Predicate(kind: .begins, path: add([path]).lowerBound, text: add(text))
    case .not(let inner):
      var lowered = lower(inner)
      lowered.isNegated.toggle()
      return lowered
    }
  }
}
