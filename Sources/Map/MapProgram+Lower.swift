import Core

extension MapProgram {
  /// Lowers compiled mappings and numbers their blocks and rules.
  ///
  /// - referred: entities that some rule refers to by position.
  init(_ mappings: inout [Mapping], _ dictionary: CanonicalDictionary, referred: Set<Int>) {
    for mapping in mappings.indices {
      let first = Int32(blocks.count)
      for block in mappings[mapping].blocks.indices {
        add(&mappings[mapping].blocks[block], dictionary.entities[mappings[mapping].blocks[block].entity])
        blocks[blocks.count - 1].isReferred = referred.contains(mappings[mapping].blocks[block].entity)
      }
      self.mappings.append(MappingCode(blocks: Run(first: first, count: Int32(blocks.count) - first), hasSenders: !mappings[mapping].senders.isEmpty))
    }
  }

  private mutating func add(_ block: inout Block, _ entity: CanonicalEntity) {
    block.number = blocks.count
    var code = BlockCode(
      number: Int32(blocks.count), entity: Int32(block.entity), mapping: Int32(block.mapping), rowPath: Int32(block.rowPath),
      fieldCount: Int32(entity.fields.count))
    (code.isSubject, code.isMain, code.isWhole, code.isPatient) = (block.isSubject, block.isMain, block.isWhole, entity.name == "patient")
    code.joinsRepeated = block.joinsRepeated
    code.statusField = Int32(entity.index(of: "status") ?? -1)
    let numbers = block.repeatedNumbers.map { NumberCode(field: Int32($0.field), path: add([$0.path]).first) }
    code.numbers = Self.run(&self.numbers, numbers)
    if case .segments(let name, let parent, let field) = block.walk { (code.name, code.parent, code.field) = (name, parent, Int32(field)) }
    if let test = block.eachTest {
      (code.testField, code.testComponent, code.testText) = (Int32(clamping: test.field), Int32(clamping: test.component), constant(test.text))
    }
    switch block.eventTime {
    case .fields(let paths): code.eventPaths = add(paths)
    case .nodes(let paths): code.eventPaths = add(paths)
    }
    code.eventPicture = constant(block.eventPicture)
    code.keyFields = Self.run(&keyFields, entity.keyFields.map { Int32($0) })
    code.contexts = Self.run(&contexts, block.contexts.map { ContextCode(name: $0.name, staysFirst: $0.reach == .message) })
    code.interest = ([code.name, code.parent, SegmentTable.pid] + block.contexts.map(\.name)).reduce(0) { $0 | SegmentMarks.of($1) }
    code.closers = Self.run(&closers, block.closers ?? [])
    for closer in block.closers ?? [] { code.interest |= SegmentMarks.of(closer) }
    if block.closers == nil { (code.endsAtOthers, code.interest) = (true, ~0) }
    (code.isOutside, code.isOfOrder) = (block.isOutside, code.parent == OrderGroup.obr && block.closers != nil)
    if code.isOfOrder { code.interest |= SegmentMarks.of(OrderGroup.orc) | SegmentMarks.of(OrderGroup.spm) }
    let holds = block.holds.map { add($0) }
    code.holds = Self.run(&self.holds, holds)
    addGuards(block, &code)
    let rules = block.rules.indices.map { index in
      block.rules[index].number = self.rules.count + index
      return add(block.rules[index])
    }
    // Whose path others ask for must say which one it took.
    markAlike(block, rules)
    let asked = Set(block.rules.compactMap(\.beside))
    quickRules += rules.map { asked.contains(Int($0.field)) ? QuickRule() : quick($0) }
    code.rules = Self.run(&self.rules, rules)
    reports += block.rules.map(\.report)
    eachTexts.append(block.each)
    contextLimit = max(contextLimit, block.contexts.count)
    fieldLimit = max(fieldLimit, entity.fields.count)
    blocks.append(code)
  }

  private mutating func markAlike(_ block: Block, _ codes: [RuleCode]) {
    for (rule, code) in zip(block.rules, codes) {
      guard let beside = rule.beside, case .fields(let own, _) = rule.source, let other = block.rules.first(where: { $0.field == beside }),
        case .fields(let others, _) = other.source
      else { continue }
      for (offset, (path, beside)) in zip(own, others).enumerated() { paths[Int(code.paths.first) + offset].isAlike = path.isAlike(beside) }
    }
  }

  private static func run<Entry>(_ table: inout [Entry], _ entries: [Entry]) -> Run {
    table += entries
    return Run(first: Int32(table.count - entries.count), count: Int32(entries.count))
  }

  mutating func constant(_ text: [UInt8]) -> Run { Self.run(&constants, text) }

  private mutating func add(_ hold: HoldRule) -> HoldCode {
    let values = hold.values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { HoldValue(text: $0.key == HoldRule.negative ? Run(first: 0, count: -3) : constant($0.key), code: $0.value) }
    return HoldCode(path: add([hold.path]).first, values: Self.run(&holdValues, values))
  }

  // MARK: Rules

  private mutating func add(_ rule: FieldRule) -> RuleCode {
    var code = RuleCode(
      number: Int32(rule.number), field: Int32(rule.field), mayStayAbsent: !rule.isRequired && rule.fallback == nil, isRequired: rule.isRequired, mayBeAbsent: rule.mayBeAbsent, nullFlavor: rule.nullFlavor,
      beside: Int32(rule.beside ?? -1))
    code.keepsEmpty = rule.keepsEmpty
    switch rule.source {
    case .nearest(let entity): (code.source, code.entity) = (.nearest, Int32(entity))
    case .nodes(let paths, _): code.paths = add(paths)
    case .fields(let paths, let reading):
      code.source = .fields
      code.paths = add(paths)
      set(reading, &code)
    }
    let suffixes = rule.suffixes.map { SuffixCode(text: constant($0.text), path: add([$0.path]).first) }
    code.suffixes = Self.run(&self.suffixes, suffixes)
    if let fallback = rule.fallback { code.fallback = constant(fallback) }
    let steps = rule.transforms.map { add($0) }
    code.steps = Self.run(&self.steps, steps)
    return code
  }

  private func quick(_ rule: RuleCode) -> QuickRule {
    var code = QuickRule()
    (code.field, code.mayStayAbsent) = (rule.field, rule.mayStayAbsent)
    if rule.source == .nearest {
      if rule.steps.isEmpty { (code.kind, code.piece) = (.nearest, rule.entity) }
      return code
    }
    guard rule.source == .fields, rule.reading == .text || rule.reading == .scalar, rule.paths.count == 1, rule.beside < 0, rule.suffixes.isEmpty, !rule.keepsEmpty else { return code }
    let path = paths[Int(rule.paths.first)]
    guard path.selector == .plain, path.subcomponent <= 1, !path.isDelimiters, !path.isEvent, path.follows == 0, path.testField == 0 else { return code }
    code.kind = quickKind(rule)
    code.isScalar = rule.reading == .scalar
    code.endsAtSubcomponent = code.isScalar || path.subcomponent == 1
    (code.place, code.context, code.component) = (path.place, path.context, path.component)
    // Field 1 of a header is the separator itself.
    code.piece = path.field - (path.isHeader ? 1 : 0)
    return code
  }

  private func quickKind(_ rule: RuleCode) -> QuickRule.Kind {
    if rule.steps.isEmpty { return .piece }
    guard rule.steps.count == 1 else { return .steps }
    switch steps[Int(rule.steps.first)].kind {
    case .date: return .date
    case .time: return .time
    default: return .steps
    }
  }

  private mutating func set(_ reading: FieldRule.FieldReading, _ code: inout RuleCode) {
    switch reading {
    case .text: code.reading = .text
    case .scalar: code.reading = .scalar
    case .amount: code.reading = .amount
    case .identifier(let otherwise, let orFeed): (code.reading, code.otherwise, code.orFeed) = (.identifier, add(otherwise), orFeed)
    case .typed(let kind): (code.reading, code.otherwise) = (.typed, add([kind]))
    case .joined(let separator): (code.reading, code.separator) = (.joined, constant(separator))
    case .telephone: (code.reading, code.keepsEmpty) = (.telephone, true)
    case .attachment: code.reading = .attachment
    }
  }

  private mutating func add(_ transform: FieldRule.Transform) -> StepCode {
    switch transform {
    case .trim: return StepCode(kind: .trim)
    case .upper: return StepCode(kind: .upper)
    case .lower: return StepCode(kind: .lower)
    case .split(let separator, let part): return StepCode(kind: .split, number: Int32(clamping: part), text: constant(separator))
    case .date: return StepCode(kind: .date)
    case .time: return StepCode(kind: .time)
    case .picture(let picture, let isTime): return StepCode(kind: .picture, number: isTime ? 1 : 0, text: constant(picture))
    case .decimal: return StepCode(kind: .decimal)
    case .integer: return StepCode(kind: .integer)
    case .money: return StepCode(kind: .money)
    case .code(let set, .hold): return StepCode(kind: .code, number: Int32(set))
    case .code(let set, .pass): return StepCode(kind: .code, unmapped: .pass, number: Int32(set))
    case .code(let set, .fallback(let text)): return StepCode(kind: .code, unmapped: .fallback, number: Int32(set), text: constant(text))
    case .shape(let shape): return StepCode(kind: .shape, text: constant(shape))
    case .sign(let field): return StepCode(kind: .sign, number: Int32(field))
    case .except(let text): return StepCode(kind: .except, text: constant(text))
    case .mark(let text): return StepCode(kind: .mark, text: constant(text))
    case .unit(.hold, let set): return StepCode(kind: .unit, number: Int32(set ?? -1))
    case .unit(.pass, let set): return StepCode(kind: .unit, unmapped: .pass, number: Int32(set ?? -1))
    case .unit(.fallback(let text), let set): return StepCode(kind: .unit, unmapped: .fallback, number: Int32(set ?? -1), text: constant(text))
    case .reference(let parts): return StepCode(kind: .reference, text: Self.run(&keyParts, parts.map { Int32($0) }))
    }
  }

  // MARK: Paths

  private mutating func add(_ paths: [CDAPath]) -> Run {
    pathTexts += paths.map(\.text)
    return Self.run(&self.paths, paths.map { _ in PathCode() })
  }

  mutating func add(_ paths: [HL7Path]) -> Run {
    let parts = paths.map { $0.parts.isEmpty ? Run() : add($0.parts) }
    pathTexts += paths.map(\.text)
    var codes = paths.map { code($0) }
    for index in codes.indices { codes[index].parts = parts[index] }
    return Self.run(&self.paths, codes)
  }

  private mutating func code(_ path: HL7Path) -> PathCode {
    var code = PathCode()
    code.isHeader = SegmentTable.isHeader(path.segment)
    code.isDelimiters = path.segment == SegmentTable.msh && path.field <= 2
    code.isEvent = path.segment == SegmentTable.msh && path.field == 9 && path.component == 2 && path.subcomponent <= 1
    code.form = path.form
    if path.follows != nil { code.follows = path.segment }
    if let test = path.test {
      (code.testField, code.testComponent, code.testText) = (Int32(clamping: test.field), Int32(clamping: test.component), constant(test.text))
    }
    code.field = Int32(clamping: path.field)
    (code.component, code.subcomponent) = (Int32(clamping: path.component), Int32(clamping: path.subcomponent))
    switch path.place {
    case .unresolved: break
    case .current: code.place = .current
    case .parent: code.place = .parent
    case .context(let number, let reach):
      code.context = Int32(number)
      code.place = reach == .leading ? .leading : reach == .trailing ? .trailing : .remembered
    }
    switch path.selector {
    case .plain: break
    case .number(let number): (code.selector, code.number) = (.number, Int32(clamping: number))
    case .all: code.selector = .all
    case .first: code.selector = .first
    case .record: code.selector = .record
    case .matching(let component, let text):
      (code.selector, code.number, code.text) = (.matching, Int32(clamping: component), constant(text))
    }
    return code
  }
}

extension SegmentTable {
  /// `PID`, which opens a patient group.
  static let pid: UInt32 = 0x504944
  /// `EVN`, which names the trigger event in old versions.
  static let evn: UInt32 = 0x45564E
  /// `ORC`, which opens an order.
  static let orc: UInt32 = 0x4F5243
  /// `NTE`, which belongs to what stands right before it.
  static let nte: UInt32 = 0x4E5445
}
