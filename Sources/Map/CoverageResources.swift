import Core

/// Counts the places of FHIR resources by their type: `name.given` of `Patient`.
///
/// - Limits: 8,192 places in all, 24 levels; what is beyond is left out, as are narratives and what the decoder itself put into a resource.
struct ResourceCoverage: Sendable {
  private struct Place: Sendable {
    var parent: Int
    var name: String
    var depth: Int
    var cell: CoverageCell?
    var codes: CodeCounts?
    var isRead = false
    /// The mappings that read the type.
    var readers: [Int] = []
  }

  private struct Key: Hashable, Sendable {
    var parent: Int
    var name: String
  }

  private static let placeLimit = 8_192
  private static let deepest = 24
  private static let codeLimit = 64
  private static let coded: Set<String> = ["code", "system", "status", "use", "intent", "url", "resourceType", "gender", "unit", "mode", "criticality"]

  private let rules: CoverageRules
  private var places: [Place] = []
  private var numbers: [Key: Int] = [:]
  /// The place of each node of the resource at hand; -1 for none.
  private var standing: [Int] = []
  private var resources = 0

  /// What a mapping reads or ignores; with the names of the standard these alone are shown.
  private let own: Set<String>

  init(_ rules: CoverageRules) {
    self.rules = rules
    own = Set(rules.plan.arenaNames + rules.ignored.flatMap { $0.path.split(separator: ".").map(String.init) })
  }

  /// Looks at one resource that the evaluator has taken.
  mutating func look(_ record: SourceRecord, takenBy mappings: [Int]) {
    resources += 1
    count(record.arena, mappings)
    var reader = NodeReader(rules.plan.nodes, rules.plan.arena, record.arena)
    for walk in mappings.flatMap({ rules.plan.nodes.mappings[$0].map { rules.plan.nodes.walks[$0] } }) {
      reader.forEachTaken(walk, from: record.focus) { reader, _, _ in mark(reader) }
    }
  }

  // MARK: Counting

  private mutating func count(_ arena: NodeArena, _ mappings: [Int]) {
    standing = [Int](repeating: -1, count: arena.nodes.count)
    let patient = Self.patient(arena)
    for index in arena.nodes.indices {
      let node = arena.nodes[index], name = arena.names[Int(node.name)]
      standing[index] = index == 0 ? root(name, mappings) : node.parent < 0 ? -1 : place(standing[Int(node.parent)], name)
      let place = standing[index]
      guard place >= 0, node.count > 0 else { continue }
      let value = arena.value(Int32(truncatingIfNeeded: index))
      if places[place].cell == nil { places[place].cell = CoverageCell() }
      places[place].cell?.add(value, message: resources)
      places[place].codes?.add(value, message: resources, patient: patient)
    }
  }

  private mutating func root(_ type: String, _ mappings: [Int]) -> Int {
    let name = FHIRTypes.holds(type) ? type : "other", key = Key(parent: -1, name: name)
    let number = numbers[key] ?? places.count
    if number == places.count {
      places.append(Place(parent: -1, name: name, depth: 0, readers: mappings))
      numbers[key] = number
    }
    return number
  }

  private mutating func place(_ parent: Int, _ name: String) -> Int {
    guard parent >= 0 else { return -1 }
    if let known = numbers[Key(parent: parent, name: name)] { return known }
    let isOwn = name.hasPrefix("@") || name == "resolve()" || (name == "div" && places[parent].name == "text")
    guard places.count < Self.placeLimit, places[parent].depth < Self.deepest, !isOwn else { return -1 }
    // Any other name may be a person's.
    let shown = own.contains(name) || FHIRProperties.holds(name) ? name : "*", key = Key(parent: parent, name: shown)
    if let known = numbers[key] { return known }
    places.append(Place(parent: parent, name: shown, depth: places[parent].depth + 1))
    if Self.coded.contains(name) { places[places.count - 1].codes = CodeCounts(limit: Self.codeLimit) }
    numbers[key] = places.count - 1
    return places.count - 1
  }

  /// The reference to the patient, or the first number of one, as a hash; 0 where there is none.
  static func patient(_ arena: NodeArena) -> UInt64 {
    let wanted = ["subject", "patient", "beneficiary", "identifier"]
    for index in arena.nodes.indices where arena.nodes[index].parent > 0 && arena.nodes[index].count > 0 {
      let name = arena.names[Int(arena.nodes[index].name)], above = arena.names[Int(arena.nodes[Int(arena.nodes[index].parent)].name)]
      guard wanted.contains(above), name == "reference" || name == "value" else { continue }
      return CodeCounts.hash(arena.value(Int32(truncatingIfNeeded: index)))
    }
    return 0
  }

  // MARK: Reading

  /// Of an element that is read as a whole, all that stands below it but the units of amounts: those a line of its own must read.
  private mutating func mark(_ reader: NodeReader) {
    guard reader.source > 0 else { return markIdentity(reader.arena) }
    for node in Int(reader.source)..<max(Int(reader.arena.end(of: reader.source)), Int(reader.source) + 1) where standing[node] >= 0 {
      if node > Int(reader.source), isUnit(node, reader.arena) { continue }
      places[standing[node]].isRead = true
    }
  }

  /// True for the unit of a Quantity, and for its code.
  private func isUnit(_ node: Int, _ arena: NodeArena) -> Bool {
    let name = arena.names[Int(arena.nodes[node].name)]
    guard name == "unit" || name == "code", arena.nodes[node].parent >= 0 else { return false }
    var child = arena.nodes[Int(arena.nodes[node].parent)].firstChild
    while child >= 0, arena.names[Int(arena.nodes[Int(child)].name)] != "value" { child = arena.nodes[Int(child)].next }
    return child >= 0
  }

  /// A resource's own identity is read from its id and its identifiers.
  private mutating func markIdentity(_ arena: NodeArena) {
    let wanted = ["id", "identifier"]
    for node in arena.nodes.indices where standing[node] >= 0 {
      let above = Int(arena.nodes[node].parent)
      let isOwn = above == 0 && wanted.contains(arena.names[Int(arena.nodes[node].name)])
      let isNumber = above > 0 && arena.nodes[above].parent == 0 && arena.names[Int(arena.nodes[above].name)] == "identifier"
        && ["value", "system"].contains(arena.names[Int(arena.nodes[node].name)])
      if isOwn || isNumber { places[standing[node]].isRead = true }
    }
  }

  // MARK: The tally

  func write(into tally: inout FeedTally) {
    for number in places.indices {
      guard let cell = places[number].cell else { continue }
      let (scope, readers, path) = path(of: number)
      var sight = cell.sight
      let line = places[number].isRead ? nil : rules.ignored.first { readers.contains($0.mapping) && ("." + path + ".").contains("." + $0.path + ".") }
      (sight.fate, sight.reason, sight.isOpen) = (places[number].isRead ? .read : line == nil ? .unread : .ignored, line?.reason ?? "", places[number].codes?.isOpen ?? false)
      tally.sights[.init(.field, scope: scope, path: path), default: .init()].merge(sight)
      places[number].codes?.forEach { value, sight in tally.sights[.init(.code, scope: scope, path: path, value: value), default: .init()].merge(sight) }
    }
  }

  private func path(of number: Int) -> (scope: String, readers: [Int], path: String) {
    var names: [String] = []
    var place = number
    while places[place].parent >= 0 {
      names.append(places[place].name)
      place = places[place].parent
    }
    return (places[place].name, places[place].readers, names.reversed().joined(separator: "."))
  }
}
