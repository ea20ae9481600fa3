import Core

/// Counts the places of documents: of the header, and of each kind of section by its LOINC code.
///
/// - Limits: 8,192 places in all, 24 levels below an entry; what is beyond is left out.
struct NodeCoverage: Sendable {
  private struct Place: Sendable {
    var parent: Int32
    var name: String
    var depth: Int32
    var cell: CoverageCell?
    var codes: CodeCounts?
    var isRead = false
  }

  private struct Key: Hashable, Sendable {
    var parent: Int32
    var name: Int32
  }

  private static let placeLimit = 8_192
  private static let deepest = 24
  private static let codeLimit = 64
  /// Attributes that say what kind of element it is.
  private static let structure: Set<String> = ["@classCode", "@moodCode", "@typeCode", "@contextControlCode", "@contextConductionInd", "@ID"]
  private static let coded: Set<String> = ["@code", "@codeSystem", "@unit", "@nullFlavor", "@negationInd", "@xsi:type"]

  private let rules: CoverageRules
  private var places: [Place] = []
  private var numbers: [Key: Int32] = [:]
  private var names: [String: Int32] = [:]
  /// The names of the document at hand, by its own numbers; -1 where not looked up yet.
  private var known: [Int32] = []
  /// The place of each node of the record at hand; -1 for none.
  private var standing: [Int32] = []
  private var headerStanding: [Int32] = []
  private var roots: [String: Int32] = [:]
  private var sections: [String: (messages: Int, occurrences: Int, most: Int, inMessage: Int, last: Int)] = [:]
  private var templates: [String: CodeCounts] = [:]
  private var documents = 0
  private var readers: [Int] = []
  private var patient: UInt64 = 0

  init(_ rules: CoverageRules) { self.rules = rules }

  // MARK: Counting

  /// Looks at one record of a document; the header comes first.
  mutating func look(_ record: SourceRecord, takenBy mappings: [Int]) {
    switch record.part {
    case .header: lookHeader(record, mappings)
    case .entry: lookEntry(record)
    case .section: lookSection(record)
    case .message: break
    }
  }

  private mutating func lookHeader(_ record: SourceRecord, _ mappings: [Int]) {
    documents += 1
    readers = mappings
    known = []
    patient = Self.patient(record.arena)
    count(record.arena, 0..<Int32(truncatingIfNeeded: record.arena.nodes.count), root(of: "header"))
    headerStanding = standing
    var reader = NodeReader(rules.plan.nodes, rules.plan.arena, record.arena)
    for walk in walks() where walk.isHeader { mark(walk, &reader, record) }
  }

  private mutating func lookEntry(_ record: SourceRecord) {
    let arena = record.arena
    count(arena, record.focus..<arena.end(of: record.focus), root(of: Self.section(arena, record.focus)))
    var reader = NodeReader(rules.plan.nodes, rules.plan.arena, arena)
    for walk in walks() where !walk.isHeader && stands(record, walk.section, &reader) { mark(walk, &reader, record) }
  }

  private mutating func lookSection(_ record: SourceRecord) {
    let code = Self.section(record.arena, record.focus)
    var sight = sections[code] ?? (0, 0, 0, 0, -1)
    if sight.last != documents { (sight.messages, sight.inMessage, sight.last) = (sight.messages + 1, 0, documents) }
    sight.occurrences += 1
    sight.inMessage += 1
    sight.most = max(sight.most, sight.inMessage)
    sections[code] = sight
    var child = record.arena.nodes[Int(record.focus)].firstChild
    while child >= 0 {
      if record.arena.nodes[Int(child)].name == rules.plan.arena.templateID, let root = record.arena.attribute(rules.plan.arena.root, of: child) {
        templates[code, default: CodeCounts(limit: Self.codeLimit)].add(record.arena.value(root), message: documents, patient: patient)
      }
      child = record.arena.nodes[Int(child)].next
    }
  }

  private func walks() -> [NodeProgram.Walk] { readers.flatMap { rules.plan.nodes.mappings[$0].map { rules.plan.nodes.walks[$0] } } }

  private func stands(_ record: SourceRecord, _ step: Int, _ reader: inout NodeReader) -> Bool {
    if step < 0 { return true }
    var node = record.focus
    while node >= 0, record.arena.nodes[Int(node)].name != rules.plan.arena.section { node = record.arena.nodes[Int(node)].parent }
    return node >= 0 && reader.fits(step: step, node)
  }

  /// Counts the populated attributes and texts of a run of nodes.
  private mutating func count(_ arena: NodeArena, _ run: Range<Int32>, _ root: Int32) {
    standing = [Int32](repeating: -1, count: Int(run.upperBound))
    for node in run {
      let entry = arena.nodes[Int(node)]
      let parent = node == run.lowerBound ? root : entry.parent >= 0 ? standing[Int(entry.parent)] : -1
      guard parent >= 0 else { continue }
      if entry.kind == .text {
        if arena.value(node).contains(where: { !MapEvaluator.isBlank($0) }) { add(arena.value(node), at: parent) }
        continue
      }
      let name = intern(arena, entry.name)
      standing[Int(node)] = place(parent, name, arena.names[Int(entry.name)])
      if entry.kind == .attribute, entry.count > 0, standing[Int(node)] >= 0 { add(arena.value(node), at: standing[Int(node)]) }
    }
  }

  private mutating func add(_ value: ArraySlice<UInt8>, at number: Int32) {
    let place = Int(number)
    if places[place].cell == nil { places[place].cell = CoverageCell() }
    places[place].cell?.add(value, message: documents)
    if places[place].codes != nil { places[place].codes?.add(value, message: documents, patient: patient) }
  }

  private mutating func intern(_ arena: NodeArena, _ name: Int32) -> Int32 {
    while known.count <= Int(name) { known.append(-1) }
    if known[Int(name)] < 0 {
      let text = arena.names[Int(name)]
      let number = names[text] ?? Int32(names.count)
      names[text] = number
      known[Int(name)] = number
    }
    return known[Int(name)]
  }

  private mutating func place(_ parent: Int32, _ name: Int32, _ text: String) -> Int32 {
    if let known = numbers[Key(parent: parent, name: name)] { return known }
    let isNarrativeOrTemplate = places[Int(parent)].name == "h:text" || places[Int(parent)].name == "h:templateId"
    guard places.count < Self.placeLimit, places[Int(parent)].depth < Self.deepest, !Self.structure.contains(text), !isNarrativeOrTemplate else { return -1 }
    places.append(Place(parent: parent, name: Self.isOfStandard(text) ? text : "*", depth: places[Int(parent)].depth + 1))
    if Self.coded.contains(text) { places[places.count - 1].codes = CodeCounts(limit: Self.codeLimit) }
    numbers[Key(parent: parent, name: name)] = Int32(places.count - 1)
    return Int32(places.count - 1)
  }

  /// A name of the standard's form; any other could say anything, and stands as `*`.
  private static func isOfStandard(_ name: String) -> Bool {
    guard ["h:", "sdtc:", "@"].contains(where: { name.hasPrefix($0) }), name.utf8.count <= 48 else { return false }
    return name.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: ".") }
  }

  private mutating func root(of scope: String) -> Int32 {
    if let known = roots[scope] { return known }
    places.append(Place(parent: -1, name: "", depth: 0))
    roots[scope] = Int32(places.count - 1)
    return Int32(places.count - 1)
  }

  // MARK: Reading

  /// Runs the paths of a block and marks the places that they take a value from; all of a chain, not the first alone.
  private mutating func mark(_ walk: NodeProgram.Walk, _ reader: inout NodeReader, _ record: SourceRecord) {
    reader.collect(walk.path, from: record.focus)
    for element in reader.found {
      for path in walk.eventPaths { mark(path, NodeProgram.Rule(kind: .text), &reader, element) }
      for number in walk.rules {
        let rule = rules.plan.nodes.rules[number]
        guard rule.kind != .none, rule.kind != .nearest else { continue }
        for path in rule.paths { mark(path, rule, &reader, element) }
      }
    }
  }

  private mutating func mark(_ path: Int, _ rule: NodeProgram.Rule, _ reader: inout NodeReader, _ element: Int32) {
    guard reader.read(path, rule, from: element) == .value, reader.source >= 0 else { return }
    let attribute = rules.plan.nodes.paths[path].attribute
    if rule.kind == .identifier {
      for name in [rules.plan.arena.root, rules.plan.arena.extensions] {
        if let node = reader.arena.attribute(name, of: reader.source) { mark(node) }
      }
    } else if attribute >= 0 {
      if let node = reader.arena.attribute(attribute, of: reader.source) { mark(node) }
    } else {
      for node in reader.source..<reader.arena.end(of: reader.source) where reader.arena.nodes[Int(node)].kind != .attribute { mark(node) }
    }
  }

  private mutating func mark(_ node: Int32) {
    let number = Int(node) < headerStanding.count && headerStanding[Int(node)] >= 0 ? headerStanding[Int(node)] : Int(node) < standing.count ? standing[Int(node)] : -1
    if number >= 0 { places[Int(number)].isRead = true }
  }

  /// The LOINC code of the nearest section; `other` where it has none.
  private static func section(_ arena: NodeArena, _ focus: Int32) -> String {
    var node = focus
    while node >= 0, arena.names[Int(arena.nodes[Int(node)].name)] != "h:section" { node = arena.nodes[Int(node)].parent }
    guard node >= 0 else { return "other" }
    var child = arena.nodes[Int(node)].firstChild
    while child >= 0 {
      if arena.nodes[Int(child)].kind == .element, arena.names[Int(arena.nodes[Int(child)].name)] == "h:code", let name = arena.nameID("@code"),
        let code = arena.attribute(name, of: child), MessageType.isDocumentCode(Array(arena.value(code)))
      {
        return String(decoding: arena.value(code), as: UTF8.self)
      }
      child = arena.nodes[Int(child)].next
    }
    return "other"
  }

  /// The first identifier of the first patient, as a hash; 0 where there is none.
  static func patient(_ arena: NodeArena) -> UInt64 {
    guard let role = arena.nameID("h:patientRole"), let id = arena.nameID("h:id"), let part = arena.nameID("@extension") else { return 0 }
    guard
      let node = arena.nodes.firstIndex(where: { $0.kind == .element && $0.name == id && $0.parent >= 0 && arena.nodes[Int($0.parent)].name == role }),
      let value = arena.attribute(part, of: Int32(node))
    else { return 0 }
    return CodeCounts.hash(arena.value(value))
  }

  // MARK: The tally

  func write(into tally: inout FeedTally) {
    for (code, seen) in sections {
      var sight = FeedTally.Sight()
      (sight.messages, sight.occurrences, sight.most) = (seen.messages, seen.occurrences, seen.most)
      tally.sights[.init(.part, scope: "document", path: code), default: .init()].merge(sight)
    }
    for (code, counts) in templates {
      counts.forEach { value, sight in tally.sights[.init(.code, scope: code, path: "h:section/h:templateId/@root", value: value), default: .init()].merge(sight) }
    }
    let scopes = Dictionary(uniqueKeysWithValues: roots.map { ($0.value, $0.key) })
    for number in places.indices {
      guard let cell = places[number].cell else { continue }
      let (scope, path) = path(of: number, scopes)
      let item = FeedTally.Item(.field, scope: scope, path: path)
      var sight = cell.sight
      let line = places[number].isRead ? nil : rules.ignored.first { readers.contains($0.mapping) && Self.covers($0.path, path) }
      (sight.fate, sight.reason, sight.isOpen) = (places[number].isRead ? .read : line == nil ? .unread : .ignored, line?.reason ?? "", places[number].codes?.isOpen ?? false)
      tally.sights[item, default: .init()].merge(sight)
      places[number].codes?.forEach { value, sight in tally.sights[.init(.code, scope: scope, path: path, value: value), default: .init()].merge(sight) }
    }
  }

  private func path(of number: Int, _ scopes: [Int32: String]) -> (scope: String, path: String) {
    var names: [String] = []
    var place = number
    while places[place].parent >= 0 {
      names.append(places[place].name)
      place = Int(places[place].parent)
    }
    return (scopes[Int32(place)] ?? "other", names.reversed().joined(separator: "/"))
  }

  /// A line of `ignore:` names an element or attribute by the end of its path; what is below an element goes with it.
  private static func covers(_ line: String, _ path: String) -> Bool {
    let line = line.hasPrefix("//") ? String(line.dropFirst(2)) : line
    return ("/" + path + "/").utf8.contains(subsequence: "/" + line + "/")
  }
}

extension String.UTF8View {
  fileprivate func contains(subsequence text: String) -> Bool {
    let wanted = Array(text.utf8), own = Array(self)
    guard wanted.count <= own.count else { return false }
    return (0...(own.count - wanted.count)).contains { own[$0..<($0 + wanted.count)].elementsEqual(wanted) }
  }
}
