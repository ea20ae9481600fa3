public import Core

/// One rule of a mapping that reads a place: where an analyst finds it.
public struct CoverageReader: Sendable, Equatable {
  /// Index of the mapping in its plan.
  public var mapping: Int
  /// `patient.family`; `event_time` and `hold` where no field is filled.
  public var target: String
  /// The path as written.
  public var path: String
}

/// What a plan reads and what its files ignore, theirs and those of the mappings that they stand over: worked out once.
public struct CoverageRules: Sendable {
  /// A place of an HL7 v2 message; field 0 is the whole segment, component 0 the whole field.
  struct Place: Hashable, Sendable {
    var segment: UInt32
    var field = 0
    var component = 0
  }

  /// A line of `ignore:`.
  struct Ignored: Sendable {
    var mapping: Int
    /// As written.
    var path: String
    /// Nil in documents.
    var place: Place?
    var reason: String
  }

  public let plan: MapPlan
  /// By mapping.
  let readers: [[Place: CoverageReader]]
  let ignored: [Ignored]
  /// By mapping: its file, and where the lines of its targets are written; of an overlay those of the mapping below are with them.
  private let lines: [(file: String, targets: [String: Line])]

  private struct Line: Sendable {
    var file: String
    var number: Int
  }

  /// Without the lines of the files: for who counts and shows nothing.
  public init(_ plan: MapPlan) { self.init(plan, lines: []) }

  /// - Throws: what reading a mapping file throws; a plan that was built from the same library gives no error.
  public init(_ plan: MapPlan, _ library: MappingLibrary) throws(ConfigurationError) {
    var lines: [(file: String, targets: [String: Line])] = []
    for mapping in plan.mappings {
      let root = try MappingOverlay.read(library, mapping.id, version: mapping.version, isWhole: false).root
      lines.append((root.file, Self.targets(root, plan.dictionary)))
    }
    self.init(plan, lines: lines)
  }

  private init(_ plan: MapPlan, lines: [(file: String, targets: [String: Line])]) {
    self.plan = plan
    readers = plan.mappings.indices.map { Self.readers(of: $0, plan) }
    ignored = plan.ignored.map { Ignored(mapping: $0.mapping, path: $0.path, place: Self.place($0.path, plan), reason: $0.reason) }
    self.lines = lines
  }

  private static func targets(_ root: OutlineNode, _ dictionary: CanonicalDictionary) -> [String: Line] {
    var targets: [String: Line] = [:]
    if let time = root["event_time"] { targets["event_time"] = Line(file: time.file, number: time.line) }
    for entity in root.entries where dictionary.index(of: entity.key) != nil {
      for line in entity.value["set"]?.entries ?? [] { targets["\(entity.key).\(line.key)"] = Line(file: line.value.file, number: line.keyLine) }
    }
    return targets
  }

  /// File and line of a target of a mapping, `Mappings/hl7v2/pid-patient/1.yaml:17`; the file alone where no line is its own.
  public func place(of target: String, in mapping: Int) -> String {
    guard lines.indices.contains(mapping) else { return "" }
    return lines[mapping].targets[target].map { "\($0.file):\($0.number)" } ?? lines[mapping].file
  }

  /// Who reads a place of messages of a type; nil for documents, and where nobody does.
  public func reader(of path: String, in type: String) -> CoverageReader? {
    guard var place = Self.place(path, plan) else { return nil }
    var takers = Array(plan.mappings.indices)
    if plan.format == .hl7v2 {
      guard case .mapped(let mappings) = plan.route(Array(type.utf8)) else { return nil }
      takers = mappings
    }
    place.component = max(place.component, 1)
    return fate(of: place, takenBy: takers).reader
  }

  /// `PID`, `PID-10` or `PID-10.2`, the name of a column; nil for what is none.
  static func place(_ text: String, _ plan: MapPlan) -> Place? {
    if plan.format == .csv { return plan.layout?.field(named: text).map { Place(segment: RowLayout.segment, field: $0, component: 1) } }
    if text.utf8.count == 3 { return Place(segment: SegmentTable.name(text.utf8)) }
    return HL7Path(text).map { Place(segment: $0.segment, field: $0.field, component: $0.component) }
  }

  private static func readers(of mapping: Int, _ plan: MapPlan) -> [Place: CoverageReader] {
    var places: [Place: CoverageReader] = [:]
    for (target, path) in paths(of: mapping, plan) {
      guard let place = place(path, plan) else { continue }
      if places[place] == nil { places[place] = CoverageReader(mapping: mapping, target: target, path: path) }
    }
    return places
  }

  /// Every path of a mapping with the field that it fills.
  static func paths(of mapping: Int, _ plan: MapPlan) -> [(target: String, path: String)] {
    let program = plan.program
    var paths: [(String, String)] = []
    for block in program.mappings[mapping].blocks.indices.map({ program.blocks[$0] }) {
      let entity = plan.dictionary.entities[Int(block.entity)]
      for rule in block.rules.indices.map({ program.rules[$0] }) {
        let target = "\(entity.name).\(entity.fields[Int(rule.field)].name)"
        let parts = rule.paths.indices.flatMap { program.paths[$0].parts.indices }
        for path in Array(rule.paths.indices) + parts + Array(rule.otherwise.indices) { paths.append((target, program.pathTexts[path])) }
      }
      for path in block.eventPaths.indices { paths.append(("event_time", program.pathTexts[path])) }
      for hold in block.holds.indices { paths.append(("hold", program.pathTexts[Int(program.holds[hold].path)])) }
      for status in block.status.indices { paths.append(("status", program.pathTexts[Int(program.holds[status].path)])) }
      for when in block.whens.indices { paths.append(("when", program.pathTexts[Int(program.holds[when].path)])) }
      for number in block.numbers.indices { paths.append(("repeated", program.pathTexts[Int(program.numbers[number].path)])) }
    }
    return paths
  }

  // MARK: HL7 v2

  /// What the program itself reads of every message: delimiters, sender, type, control id and character set.
  private static let ownFields: Set<Int> = [1, 2, 3, 4, 9, 10, 18]

  /// The fate of a place in messages that some mappings take, and by whom or why.
  func fate(of place: Place, takenBy mappings: [Int]) -> (fate: FeedTally.Fate, reader: CoverageReader?, reason: String) {
    if place.segment == SegmentTable.msh, Self.ownFields.contains(place.field) { return (.read, nil, "") }
    let wider = [place, Place(segment: place.segment, field: place.field)]
    for mapping in mappings {
      for candidate in wider { if let reader = readers[mapping][candidate] { return (.read, reader, "") } }
    }
    let reasons = wider + [Place(segment: place.segment)]
    if let line = ignored.first(where: { line in mappings.contains(line.mapping) && line.place.map(reasons.contains) == true }) {
      return (.ignored, nil, line.reason)
    }
    return (.unread, nil, "")
  }
}
