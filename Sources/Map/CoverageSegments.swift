import Core

/// Counts the places of HL7 v2 messages, by message type.
struct SegmentCoverage: Sendable {
  /// A segment of a message type.
  private struct Part: Sendable {
    var name: UInt32
    var messages = 0
    var occurrences = 0
    var most = 0
    var inMessage = 0
    var lastMessage = -1
    /// Number of the cell by field and component; -1 for none.
    var numbers = [Int32](repeating: -1, count: (SegmentCoverage.fields + 1) * SegmentCoverage.components)
  }

  private struct Scope: Sendable {
    var type: [UInt8]
    /// The mappings that take the type; empty where none does.
    var takers: [Int]
    var messages = 0
    var parts: [Part] = []
    var pairs: [Int32: CodeCounts] = [:]
  }

  private struct Cell: Sendable {
    var scope: Int
    var place: CoverageRules.Place
    var counts = CoverageCell()
    var codes: CodeCounts?
  }

  static let fields = 64
  static let components = 24
  private static let typeLimit = 64
  private static let partLimit = 64
  private static let codeLimit = 64
  private static let pairLimit = 512

  private let rules: CoverageRules
  /// The places that a `code` step reads.
  private let coded: Set<CoverageRules.Place>
  private var scopes: [Scope] = []
  private var cells: [Cell] = []
  private var message = 0
  private var patient: UInt64 = 0

  init(_ rules: CoverageRules) {
    self.rules = rules
    coded = Self.coded(rules.plan)
  }

  private static func coded(_ plan: MapPlan) -> Set<CoverageRules.Place> {
    var places: Set<CoverageRules.Place> = []
    let program = plan.program
    for rule in program.rules where rule.steps.indices.contains(where: { program.steps[$0].kind == .code }) {
      for path in rule.paths.indices {
        guard let place = CoverageRules.place(program.pathTexts[path], plan) else { continue }
        places.insert(CoverageRules.Place(segment: place.segment, field: place.field, component: max(place.component, 1)))
      }
    }
    return places
  }

  /// The first identifier of the first PID, as a hash; 0 where there is none.
  static func patient(_ table: SegmentTable) -> UInt64 {
    guard let segment = table.segments.firstIndex(where: { $0.name == SegmentTable.pid }) else { return 0 }
    let identifier = table.part(table.part(table.field(segment, 3), 1, by: table.delimiters.repetition), 1, by: table.delimiters.component)
    return identifier.isEmpty ? 0 : CodeCounts.hash(table.bytes[identifier])
  }

  // MARK: Counting

  /// Looks at a whole message, place by place.
  mutating func look(_ table: SegmentTable) {
    guard let header = table.segments.firstIndex(where: { $0.name == SegmentTable.msh }) else { return }
    message += 1
    patient = Self.patient(table)
    guard let scope = scope(table, header) else { return }
    scopes[scope].messages += 1
    guard !scopes[scope].takers.isEmpty else { return }
    for segment in table.segments.indices {
      guard let part = part(table.segments[segment].name, scope) else { continue }
      countPart(scope, part)
      for field in 1...max(min(table.fieldCount(segment), Self.fields), 1) where !table.field(segment, field).isEmpty {
        countField(table, segment, field, scope, part)
      }
      if table.segments[segment].name == Self.obx { countPairs(table, segment, scope) }
    }
  }

  private mutating func countPart(_ scope: Int, _ part: Int) {
    scopes[scope].parts[part].occurrences += 1
    if scopes[scope].parts[part].lastMessage != message {
      scopes[scope].parts[part].lastMessage = message
      scopes[scope].parts[part].messages += 1
      scopes[scope].parts[part].inMessage = 0
    }
    scopes[scope].parts[part].inMessage += 1
    scopes[scope].parts[part].most = max(scopes[scope].parts[part].most, scopes[scope].parts[part].inMessage)
  }

  private mutating func countField(_ table: SegmentTable, _ segment: Int, _ field: Int, _ scope: Int, _ part: Int) {
    let range = table.field(segment, field)
    guard !(table.segments[segment].name == SegmentTable.msh && field <= 2) else { return count(table, range, 1, field, scope, part) }
    var component = 1, start = range.lowerBound
    for at in range.lowerBound...range.upperBound {
      let isEnd = at == range.upperBound
      let isRepetition = !isEnd && table.bytes[at] == table.delimiters.repetition
      guard isEnd || isRepetition || table.bytes[at] == table.delimiters.component else { continue }
      if start < at { count(table, start..<at, component, field, scope, part) }
      (component, start) = (isRepetition ? 1 : component + 1, at + 1)
    }
  }

  private mutating func count(_ table: SegmentTable, _ range: Range<Int>, _ component: Int, _ field: Int, _ scope: Int, _ part: Int) {
    guard component <= Self.components else { return }
    let slot = field * Self.components + component - 1
    var number = Int(scopes[scope].parts[part].numbers[slot])
    if number < 0 {
      number = cells.count
      cells.append(cell(scope, CoverageRules.Place(segment: scopes[scope].parts[part].name, field: field, component: component)))
      scopes[scope].parts[part].numbers[slot] = Int32(number)
    }
    cells[number].counts.add(table.bytes[range], message: message)
    if cells[number].codes != nil { cells[number].codes?.add(table.bytes[Self.scalar(table, range)], message: message, patient: patient) }
  }

  private func cell(_ scope: Int, _ place: CoverageRules.Place) -> Cell {
    let isCoded = coded.contains(place) || StandardPlaces.isCoded(place)
    return Cell(scope: scope, place: place, codes: isCoded ? CodeCounts(limit: Self.codeLimit) : nil)
  }

  /// The first subcomponent.
  private static func scalar(_ table: SegmentTable, _ range: Range<Int>) -> Range<Int> { table.part(range, 1, by: table.delimiters.subcomponent) }

  private mutating func scope(_ table: SegmentTable, _ header: Int) -> Int? {
    let field = table.part(table.field(header, 9), 1, by: table.delimiters.repetition)
    let code = table.part(field, 1, by: table.delimiters.component), event = table.part(field, 2, by: table.delimiters.component)
    let type = Array(table.bytes[code]) + (event.isEmpty ? [] : [UInt8(ascii: "^")] + table.bytes[event])
    if let known = scopes.firstIndex(where: { $0.type == type }) { return known }
    guard scopes.count < Self.typeLimit else { return nil }
    var takers: [Int] = []
    if case .mapped(let mappings) = rules.plan.route(type) { takers = mappings }
    scopes.append(Scope(type: type, takers: takers))
    return scopes.count - 1
  }

  private mutating func part(_ name: UInt32, _ scope: Int) -> Int? {
    if let known = scopes[scope].parts.firstIndex(where: { $0.name == name }) { return known }
    guard scopes[scope].parts.count < Self.partLimit, SegmentName.isNormal(name) else { return nil }
    scopes[scope].parts.append(Part(name: name))
    return scopes[scope].parts.count - 1
  }

  // MARK: Pairs

  private static let obx: UInt32 = 0x4F4258

  /// A test has its unit and value type: a change of either changes what the number means.
  private mutating func countPairs(_ table: SegmentTable, _ segment: Int, _ scope: Int) {
    let test = table.part(table.field(segment, 3), 1, by: table.delimiters.component)
    guard !test.isEmpty else { return }
    for field in [2, 6] {
      let other = table.part(table.field(segment, field), 1, by: table.delimiters.component)
      guard !other.isEmpty else { continue }
      scopes[scope].pairs[Int32(field), default: CodeCounts(limit: Self.pairLimit)].add(
        table.bytes[test] + [0x20] + table.bytes[other], message: message, patient: patient)
    }
  }

  // MARK: The tally

  func write(into tally: inout FeedTally) {
    for scope in scopes { write(scope, into: &tally) }
    for cell in cells {
      let place = cell.place
      let verdict = rules.fate(of: place, takenBy: scopes[cell.scope].takers)
      let item = FeedTally.Item(.field, scope: Self.text(scopes[cell.scope].type), path: StandardPlaces.text(place))
      var sight = cell.counts.sight
      (sight.fate, sight.reason, sight.isOpen) = (verdict.fate, verdict.reason, cell.codes?.isOpen ?? false)
      tally.sights[item, default: .init()].merge(sight)
      cell.codes?.forEach { value, sight in tally.sights[.init(.code, scope: item.scope, path: item.path, value: value), default: .init()].merge(sight) }
    }
  }

  private func write(_ scope: Scope, into tally: inout FeedTally) {
    let name = Self.text(scope.type)
    var sight = FeedTally.Sight()
    (sight.messages, sight.occurrences) = (scope.messages, scope.messages)
    tally.sights[.init(.type, path: name), default: .init()].merge(sight)
    for part in scope.parts {
      (sight.messages, sight.occurrences, sight.most) = (part.messages, part.occurrences, part.most)
      tally.sights[.init(.part, scope: name, path: SegmentName.text(part.name)), default: .init()].merge(sight)
    }
    for (field, counts) in scope.pairs where !counts.isOpen {
      counts.forEach { value, sight in tally.sights[.init(.pair, scope: name, path: "OBX-\(field) by OBX-3", value: value), default: .init()].merge(sight) }
    }
  }

  /// A type that is not of the standard's form could be anything.
  private static func text(_ type: [UInt8]) -> String { MessageType.isNormal(type) ? String(decoding: type, as: UTF8.self) : "other" }
}

/// Segment names as text.
enum SegmentName {
  static func text(_ name: UInt32) -> String {
    String(decoding: [UInt8(truncatingIfNeeded: name >> 16), UInt8(truncatingIfNeeded: name >> 8), UInt8(truncatingIfNeeded: name)], as: UTF8.self)
  }

  /// Three capital letters or digits.
  static func isNormal(_ name: UInt32) -> Bool {
    [16, 8, 0].allSatisfy { shift in
      let byte = UInt8(truncatingIfNeeded: name >> UInt32(shift))
      return (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
    }
  }
}

/// What the standard says of a place.
enum StandardPlaces {
  /// `PID-5.1`; `PID-7` where the standard gives the field no components.
  static func text(_ place: CoverageRules.Place) -> String {
    let segment = SegmentName.text(place.segment)
    let type = HL7Dictionary.standard.field(place.field, of: segment)?.type ?? ""
    let isSimple = place.component == 1 && HL7Dictionary.standard.components(of: type).isEmpty
    return isSimple ? "\(segment)-\(place.field)" : "\(segment)-\(place.field).\(place.component)"
  }

  /// True where the data type is one of codes: ID and IS, the name space of HD, and the first component of CE, CNE and CWE.
  static func isCoded(_ place: CoverageRules.Place) -> Bool {
    guard let type = HL7Dictionary.standard.field(place.field, of: SegmentName.text(place.segment))?.type else { return false }
    if ["CE", "CNE", "CWE"].contains(type), place.component == 1 { return true }
    let components = HL7Dictionary.standard.components(of: type)
    let leaf = components.isEmpty ? (place.component == 1 ? type : "") : place.component <= components.count ? components[place.component - 1].type : ""
    return ["ID", "IS", "CE", "CNE", "CWE", "HD"].contains(leaf)
  }
}
