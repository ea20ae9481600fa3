import Core

/// Counts the places of documents: of the header, and of each kind of section by its LOINC code.
///
/// The table of places is kept from drop to drop, so that a document among thousands costs its own places alone; the counts are the drop's.
///
/// - Limits: 8,192 places a drop that no drop before had, 24 levels below an entry; what is beyond is left out.
struct NodeCoverage: Sendable {
  let rules: CoverageRules
  private(set) var places: NodePlaces
  /// By place.
  private(set) var cells: [Cell] = []
  /// The places that the drop's documents populate, in the order in which they were met.
  private(set) var touched: [Int32] = []
  private var drop: Int32 = 0
  /// The place of each node of the record at hand; -1 for none.
  private var standing: [Int32] = []
  private var headerStanding: [Int32] = []
  private(set) var sections: [String: Section] = [:]
  private(set) var templates: [String: CodeCounts] = [:]
  private var documents = 0
  private(set) var readers: [Int] = []
  private var walks: [NodeProgram.Walk] = []
  private var patient: UInt64 = 0

  /// What the drop's documents have at a place.
  struct Cell: Sendable {
    /// The drop in which it was populated last, and that in which a path took its value from it.
    fileprivate var drop: Int32 = -1
    fileprivate var readIn: Int32 = -1
    var counts = CoverageCell()
    var codes: CodeCounts?
  }

  struct Section: Sendable {
    var messages = 0
    var occurrences = 0
    var most = 0
    fileprivate var inMessage = 0
    fileprivate var last = -1
  }

  private static let codeLimit = 64
  private static let coded: Set<String> = ["@code", "@codeSystem", "@unit", "@nullFlavor", "@negationInd", "@xsi:type"]

  init(_ rules: CoverageRules) {
    self.rules = rules
    places = NodePlaces(own: Set(rules.plan.arenaNames + rules.ignored.flatMap { $0.path.split(separator: "/").map(String.init) }))
  }

  /// Begins a drop: the counts are forgotten, the places are not.
  mutating func begin() {
    drop += 1
    touched.removeAll(keepingCapacity: true)
    if !sections.isEmpty { sections = [:] }
    if !templates.isEmpty { templates = [:] }
    documents = 0
    if places.begin() { cells = [] }
  }

  /// Whether a path of the mappings took its value from a place in this drop.
  func isRead(_ place: Int) -> Bool { cells[place].readIn == drop }

  // MARK: Counting

  /// Looks at one record of a document; the header comes first.
  mutating func look(_ record: SourceRecord, takenBy mappings: [Int]) {
    switch record.part {
    case .header: lookHeader(record, mappings)
    case .entry: lookEntry(record)
    case .section: lookSection(record)
    case .message, .resource: break
    }
  }

  private mutating func lookHeader(_ record: SourceRecord, _ mappings: [Int]) {
    documents += 1
    if readers != mappings {
      readers = mappings
      walks = mappings.flatMap { rules.plan.nodes.mappings[$0].map { rules.plan.nodes.walks[$0] } }
    }
    places.beginDocument()
    patient = Self.patient(record.arena)
    count(record.arena, 0..<Int32(truncatingIfNeeded: record.arena.nodes.count), places.root(of: "header"))
    headerStanding = standing
    var reader = NodeReader(rules.plan.nodes, rules.plan.arena, record.arena)
    for walk in walks where walk.isHeader { mark(walk, &reader, record) }
  }

  private mutating func lookEntry(_ record: SourceRecord) {
    let arena = record.arena
    count(arena, record.focus..<arena.end(of: record.focus), places.root(of: Self.section(arena, record.focus)))
    var reader = NodeReader(rules.plan.nodes, rules.plan.arena, arena)
    for walk in walks where !walk.isHeader && stands(record, walk.section, &reader) { mark(walk, &reader, record) }
  }

  private mutating func lookSection(_ record: SourceRecord) {
    let code = Self.section(record.arena, record.focus)
    var sight = sections[code] ?? Section()
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

  private func stands(_ record: SourceRecord, _ step: Int, _ reader: inout NodeReader) -> Bool {
    if step < 0 { return true }
    var node = record.focus
    while node >= 0, record.arena.nodes[Int(node)].name != rules.plan.arena.section { node = record.arena.nodes[Int(node)].parent }
    return node >= 0 && reader.fits(step: step, node)
  }

  /// Counts the populated attributes and texts of a run of nodes.
  private mutating func count(_ arena: NodeArena, _ run: Range<Int32>, _ root: Int32) {
    standing.removeAll(keepingCapacity: true)
    for _ in 0..<run.upperBound { standing.append(-1) }
    for node in run {
      let entry = arena.nodes[Int(node)]
      let parent = node == run.lowerBound ? root : entry.parent >= 0 ? standing[Int(entry.parent)] : -1
      guard parent >= 0 else { continue }
      if entry.kind == .text {
        if arena.value(node).contains(where: { !MapEvaluator.isBlank($0) }) { add(arena.value(node), at: Int(parent)) }
        continue
      }
      let place = places.place(parent, entry.name, arena.names)
      standing[Int(node)] = place
      if entry.kind == .attribute, entry.count > 0, place >= 0 { add(arena.value(node), at: Int(place)) }
    }
  }

  private mutating func add(_ value: ArraySlice<UInt8>, at place: Int) {
    touch(place)
    cells[place].counts.add(value, message: documents)
    if cells[place].codes != nil { cells[place].codes?.add(value, message: documents, patient: patient) }
  }

  /// Makes the counts of a place those of the drop at hand.
  private mutating func touch(_ place: Int) {
    while cells.count <= place { cells.append(Cell(codes: Self.coded.contains(places.name(cells.count)) ? CodeCounts(limit: Self.codeLimit) : nil)) }
    guard cells[place].drop != drop else { return }
    touched.append(Int32(truncatingIfNeeded: place))
    cells[place].drop = drop
    cells[place].counts = CoverageCell()
    cells[place].codes?.removeAll()
  }

  // MARK: Reading

  private mutating func mark(_ walk: NodeProgram.Walk, _ reader: inout NodeReader, _ record: SourceRecord) {
    reader.forEachTaken(walk, from: record.focus) { reader, path, rule in mark(path, rule, reader) }
  }

  private mutating func mark(_ path: Int, _ rule: NodeProgram.Rule, _ reader: NodeReader) {
    let attribute = rules.plan.nodes.paths[path].attribute
    if rule.kind == .identifier {
      for name in [rules.plan.arena.root, rules.plan.arena.extensions] {
        if let node = reader.arena.attribute(name, of: reader.source) { mark(node) }
      }
    } else if attribute >= 0 {
      if let node = reader.arena.attribute(attribute, of: reader.source) { mark(node) }
    } else {
      let isAmount = rule.kind == .interval || rule.kind == .quantity
      for node in reader.source..<reader.arena.end(of: reader.source) where isAmount || reader.arena.nodes[Int(node)].kind != .attribute { mark(node) }
    }
  }

  private mutating func mark(_ node: Int32) {
    let number = Int(node) < headerStanding.count && headerStanding[Int(node)] >= 0 ? headerStanding[Int(node)] : Int(node) < standing.count ? standing[Int(node)] : -1
    if number >= 0, Int(number) < cells.count { cells[Int(number)].readIn = drop }
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
}
