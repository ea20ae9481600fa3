import Core

/// The names that the reader itself gives, as numbers. No property of FHIR can have them: those are letters and digits.
struct FHIRNames {
  let resolved, fullURL, server, timestamp, type, other: Int32

  init(_ names: inout XMLNames) {
    resolved = names.number(of: "resolve()")
    fullURL = names.number(of: "@fullUrl")
    server = names.number(of: "@server")
    timestamp = names.number(of: "@timestamp")
    type = names.number(of: "@type")
    other = names.number(of: "*")
  }
}

/// Makes a record of one resource: its root named by its type, each property an element of its name, an item of an array each, values as
/// text in the element itself. Under a reference stands, as `resolve()`, the excerpt of what it names.
struct FHIRReader {
  /// A file inside of a resource: base64 in `data` beside a `contentType`.
  struct Embedded {
    var start: Int
    var end: Int
    var mediaType: [UInt8]
  }

  let limits: DecodeLimits
  private let server: [UInt8]
  private var names: XMLNames
  /// As it stands before the first resource: the names that mappings read.
  private let ownNames: XMLNames
  /// A resource has put names into the table since.
  private var isGrown = false
  private let known: FHIRNames
  private(set) var record = SourceRecord()
  private(set) var tokens: JSONTokens
  /// Of excerpts: what a resource names, and what that names.
  private var excerptTokens: [JSONTokens]
  /// References of the resource at hand that nothing known answers, as far as it may still come.
  private(set) var open: [[UInt8]] = []
  /// The excerpts that stand in the resource at hand.
  private(set) var grafted: [[UInt8]] = []
  private(set) var embedded: [Embedded] = []
  private var scratch: [UInt8] = []

  /// Where a resource stands.
  struct Setting {
    var fullURL: [UInt8] = []
    var timestamp: [UInt8] = []
    var index: FHIRIndex?
    /// Not looked into: a whole Bundle is only counted.
    var isBare = false
  }

  init(_ settings: DecodeSettings) {
    limits = settings.limits
    server = Array(settings.server.utf8)
    names = settings.table
    known = FHIRNames(&names)
    names.limit = settings.limits.names
    ownNames = names
    let limit = 4 * settings.limits.entryNodes
    tokens = JSONTokens(depth: settings.limits.depth, tokens: limit)
    excerptTokens = (0..<Self.excerptLevels).map { _ in JSONTokens(depth: settings.limits.depth, tokens: limit) }
    record.part = .resource
    record.arena = NodeArena(names: names.texts)
  }

  /// References of one resource that are looked up.
  private static let graftLimit = 256
  /// A practitioner's role names its practitioner.
  private static let excerptLevels = 2

  mutating func tokenize(_ bytes: [UInt8]) throws(JSONTokens.Fault) { try tokens.read(bytes) }

  /// Fills the record with the resource that stands at a token.
  mutating func fill(_ resource: Int, type: [UInt8], of text: [UInt8], _ setting: Setting) throws(JSONTokens.Fault) {
    record.arena.removeAll()
    (open, grafted, embedded) = ([], [], [])
    var walk = Walk(tokens: tokens, setting: setting, root: resource)
    let root = record.arena.addElement(names.number(of: type[...]), parent: -1)
    for (name, value) in [(known.fullURL, setting.fullURL), (known.server, server), (known.timestamp, setting.timestamp)] where !value.isEmpty {
      _ = record.arena.addLeaf(name, value: value.span, parent: root)
    }
    if !setting.isBare { try members(resource, root, text.span, &walk) }
    if names.isOverLimit { return try fillAgain(resource, type, text, setting) }
    isGrown = true
    if names.texts.count > record.arena.names.count { record.arena.adopt(names: names.texts) }
  }

  /// A table that is full is emptied: a resource is judged by its own names, not by those of the ones before it.
  private mutating func fillAgain(_ resource: Int, _ type: [UInt8], _ text: [UInt8], _ setting: Setting) throws(JSONTokens.Fault) {
    let wasGrown = isGrown
    (names, isGrown) = (ownNames, false)
    record.arena.removeAll()
    record.arena.adopt(names: names.texts)
    guard wasGrown else { throw .limit(at: Int(tokens.items[resource].start)) }
    try fill(resource, type: type, of: text, setting)
  }

  /// The tokens that are being walked.
  private struct Walk {
    var tokens: JSONTokens
    var setting: Setting
    /// The resource in which `#id` names a contained one.
    var root: Int
    /// 0 for the resource itself, 1 and 2 for excerpts.
    var level = 0
    /// Only these members stand in an excerpt of a contained resource.
    var isExcerpt = false
  }
}

// MARK: - Members

extension FHIRReader {
  private mutating func members(_ object: Int, _ node: Int32, _ text: Span<UInt8>, _ walk: inout Walk) throws(JSONTokens.Fault) {
    let more = try companions(object, text, walk.tokens)
    let file = embeddedFile(object, text, walk.tokens)
    var at = object + 1
    while at < walk.tokens.items[object].next {
      let name = walk.tokens.items[at], value = at + 1
      at = Int(walk.tokens.items[value].next)
      guard !Self.isCompanion(name, text) else { continue }
      let companion = more.first { Self.belongs(walk.tokens.items[$0], to: name, text) }
      let isFile = value == file
      if isFile, walk.level == 0 { addFile(value, of: object, text, walk.tokens) }
      try member(number(name, text), value, companion.map { $0 + 1 }, node, text, &walk, isFile: isFile)
    }
    for companion in more where !hasPlain(companion, object, text, walk.tokens) {
      let name = walk.tokens.items[companion]
      try member(number(name, text, from: 1), companion + 1, nil, node, text, &walk)
    }
    if let reference = walk.tokens.member("reference", of: object, text), let address = walk.tokens.value(reference, text) {
      let isTyped = addType(address, node)
      try graft(address, node, isTyped, text, &walk)
    } else if walk.tokens.member("identifier", of: object, text) != nil, let type = walk.tokens.member("type", of: object, text) {
      addSaidType(type, node, text, walk.tokens)
    }
  }

  /// The type that the address itself names: `Type/id`, `https://server/Type/id`, `Type?…`.
  private mutating func addType(_ address: [UInt8], _ node: Int32) -> Bool {
    let path = address.prefix { $0 != UInt8(ascii: "?") }
    let parts = FHIRAddress.withoutVersion(Array(path)).split(separator: UInt8(ascii: "/"))
    guard let type = path.count < address.count ? parts.last : parts.dropLast().last, FHIRTypes.holds(String(decoding: type, as: UTF8.self)) else { return false }
    _ = record.arena.addLeaf(known.type, value: type.span, parent: node)
    return true
  }

  /// `_birthDate` beside `birthDate`: id and extensions of a value that is no object (FHIR R4, JSON, 2.6.2).
  private static func isCompanion(_ name: JSONTokens.Token, _ text: Span<UInt8>) -> Bool {
    guard !name.hasEscape else { return spelled(name, text).count > 1 && spelled(name, text)[0] == UInt8(ascii: "_") }
    return name.end > name.start + 1 && text[Int(name.start)] == UInt8(ascii: "_")
  }

  private static func spelled(_ name: JSONTokens.Token, _ text: Span<UInt8>) -> [UInt8] {
    var spelled: [UInt8] = []
    JSONTokens.append(name, of: text, to: &spelled)
    return spelled
  }

  private func companions(_ object: Int, _ text: Span<UInt8>, _ tokens: JSONTokens) throws(JSONTokens.Fault) -> [Int] {
    var found: [Int] = []
    var at = object + 1
    while at < tokens.items[object].next {
      if Self.isCompanion(tokens.items[at], text) { found.append(at) }
      at = Int(tokens.items[at + 1].next)
    }
    if found.count > Self.companionLimit { throw .limit(at: Int(tokens.items[object].start)) }
    return found
  }

  private static let companionLimit = 64

  private static func belongs(_ companion: JSONTokens.Token, to name: JSONTokens.Token, _ text: Span<UInt8>) -> Bool {
    if companion.hasEscape || name.hasEscape { return spelled(companion, text).dropFirst().elementsEqual(spelled(name, text)) }
    let count = Int(name.end - name.start)
    guard Int(companion.end - companion.start) == count + 1 else { return false }
    for offset in 0..<count where text[Int(companion.start) + 1 + offset] != text[Int(name.start) + offset] { return false }
    return true
  }

  private func hasPlain(_ companion: Int, _ object: Int, _ text: Span<UInt8>, _ tokens: JSONTokens) -> Bool {
    var at = object + 1
    while at < tokens.items[object].next {
      if Self.belongs(tokens.items[companion], to: tokens.items[at], text) { return true }
      at = Int(tokens.items[at + 1].next)
    }
    return false
  }

  /// As it is written, six bytes an escape.
  private static let longestName = 400

  /// The number of a property's name, as it is spelled behind its escapes; what has not the form of one stands as `*`.
  private mutating func number(_ name: JSONTokens.Token, _ text: Span<UInt8>, from: Int = 0) -> Int32 {
    guard name.end - name.start <= Self.longestName else { return known.other }
    scratch.removeAll(keepingCapacity: true)
    JSONTokens.append(name, of: text, to: &scratch)
    let spelled = scratch.dropFirst(from)
    guard !spelled.isEmpty, spelled.count <= 64, spelled.allSatisfy({ HL7Delimiters.isAlphanumeric($0) }) else { return known.other }
    return names.number(of: spelled)
  }

  private mutating func member(
    _ name: Int32, _ value: Int, _ companion: Int?, _ parent: Int32, _ text: Span<UInt8>, _ walk: inout Walk, isFile: Bool = false
  ) throws(JSONTokens.Fault) {
    guard walk.tokens.items[value].kind == .array else { return try element(name, isFile ? nil : value, companion, parent, text, &walk, at: value) }
    var at = value + 1, other = companion.flatMap { walk.tokens.items[$0].kind == .array ? $0 + 1 : nil }
    while at < walk.tokens.items[value].next {
      let twin = other.flatMap { $0 < Int(walk.tokens.items[companion ?? 0].next) ? $0 : nil }
      if walk.tokens.items[at].kind == .array { try member(name, at, nil, parent, text, &walk) } else { try element(name, at, twin, parent, text, &walk, at: at) }
      at = Int(walk.tokens.items[at].next)
      other = twin.map { Int(walk.tokens.items[$0].next) }
    }
  }

  private mutating func element(
    _ name: Int32, _ value: Int?, _ companion: Int?, _ parent: Int32, _ text: Span<UInt8>, _ walk: inout Walk, at place: Int
  ) throws(JSONTokens.Fault) {
    let node = value.map { addLeaf(name, walk.tokens.items[$0], text, parent) } ?? record.arena.addElement(name, parent: parent)
    guard record.arena.nodes.count <= limits.entryNodes, record.arena.bytes.count <= limits.entryBytes else {
      throw .limit(at: walk.level == 0 ? Int(walk.tokens.items[place].start) : 0)
    }
    for object in [value, companion].compactMap({ $0 }) where walk.tokens.items[object].kind == .object { try members(object, node, text, &walk) }
  }

  /// Objects and null hold no text of their own.
  private mutating func addLeaf(_ name: Int32, _ token: JSONTokens.Token, _ text: Span<UInt8>, _ parent: Int32) -> Int32 {
    switch token.kind {
    case .object, .array, .null: return record.arena.addElement(name, parent: parent)
    case .string where token.hasEscape:
      scratch.removeAll(keepingCapacity: true)
      JSONTokens.append(token, of: text, to: &scratch)
      let scratch = scratch
      return record.arena.addLeaf(name, value: scratch.span, parent: parent)
    case .string, .number, .word: return record.arena.addLeaf(name, value: text.extracting(Int(token.start)..<Int(token.end)), parent: parent)
    }
  }
}

// MARK: - Files

extension FHIRReader {
  /// The `data` of an Attachment or a Binary; nil where the object is none.
  private func embeddedFile(_ object: Int, _ text: Span<UInt8>, _ tokens: JSONTokens) -> Int? {
    guard let data = tokens.member("data", of: object, text), let type = tokens.member("contentType", of: object, text),
      tokens.items[data].kind == .string, tokens.items[type].kind == .string
    else { return nil }
    return data
  }

  private mutating func addFile(_ data: Int, of object: Int, _ text: Span<UInt8>, _ tokens: JSONTokens) {
    let type = tokens.member("contentType", of: object, text).flatMap { tokens.value($0, text) } ?? []
    embedded.append(Embedded(start: Int(tokens.items[data].start), end: Int(tokens.items[data].end), mediaType: type))
  }
}

// MARK: - References

extension FHIRReader {
  private mutating func graft(_ address: [UInt8], _ node: Int32, _ isTyped: Bool, _ text: Span<UInt8>, _ walk: inout Walk) throws(JSONTokens.Fault) {
    guard walk.level < Self.excerptLevels else { return }
    if address.first == UInt8(ascii: "#") { return try graftContained(address.dropFirst(), node, text, &walk) }
    guard let index = walk.setting.index, grafted.count < Self.graftLimit else { return }
    guard let excerpt = index.excerpt(address, from: walk.setting.fullURL) else {
      if FHIRIndex.mayCome(address) { open.append(address) }
      return
    }
    grafted.append(excerpt)
    let level = walk.level
    try excerptTokens[level].read(excerpt)
    var inner = Walk(tokens: excerptTokens[level], setting: walk.setting, root: 0, level: level + 1)
    if !isTyped { addOwnType(excerpt.span, inner.tokens, node) }
    let root = record.arena.addElement(known.resolved, parent: node)
    try members(0, root, excerpt.span, &inner)
  }

  /// `Reference.type` beside an identifier; the type of an Identifier is no text.
  private mutating func addSaidType(_ token: Int, _ node: Int32, _ text: Span<UInt8>, _ tokens: JSONTokens) {
    guard tokens.items[token].kind == .string, let type = tokens.value(token, text), FHIRTypes.holds(String(decoding: type, as: UTF8.self)) else { return }
    _ = record.arena.addLeaf(known.type, value: type.span, parent: node)
  }

  /// The type that a resource itself says, where the address that names it says none: `urn:uuid:…`, `#p`.
  private mutating func addOwnType(_ excerpt: Span<UInt8>, _ tokens: JSONTokens, _ node: Int32) {
    guard let own = tokens.member("resourceType", of: 0, excerpt), let type = tokens.value(own, excerpt) else { return }
    _ = record.arena.addLeaf(known.type, value: type.span, parent: node)
  }

  /// `#id` names a resource inside of this one (FHIR R4, References, 2.3.0.5).
  private mutating func graftContained(_ id: ArraySlice<UInt8>, _ node: Int32, _ text: Span<UInt8>, _ walk: inout Walk) throws(JSONTokens.Fault) {
    guard walk.level == 0, let list = walk.tokens.member("contained", of: walk.root, text), walk.tokens.items[list].kind == .array else { return }
    var at = list + 1
    while at < walk.tokens.items[list].next {
      defer { at = Int(walk.tokens.items[at].next) }
      guard let own = walk.tokens.member("id", of: at, text), let value = walk.tokens.value(own, text), value.elementsEqual(id) else { continue }
      let excerpt = Self.excerpt(at, fullURL: [], text, walk.tokens)
      guard excerpt.count <= FHIRIndex.longestExcerpt else { return }
      try excerptTokens[0].read(excerpt)
      var inner = Walk(tokens: excerptTokens[0], setting: walk.setting, root: 0, level: 1)
      addOwnType(excerpt.span, inner.tokens, node)
      let root = record.arena.addElement(known.resolved, parent: node)
      return try members(0, root, excerpt.span, &inner)
    }
  }

  private static let excerptMembers: [StaticString] = [
    "resourceType", "id", "identifier", "masterIdentifier", "accessionIdentifier", "name", "code", "birthDate", "gender", "practitioner", "organization",
    "collection", "type", "implicitRules", "modifierExtension",
  ]

  /// What others may want of a resource, as a JSON object; the address of its entry stands in it as `fullUrl`.
  static func excerpt(_ resource: Int, fullURL: [UInt8], _ text: Span<UInt8>, _ tokens: JSONTokens) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "{")]
    for name in excerptMembers {
      guard let value = tokens.member(name, of: resource, text) else { continue }
      let item = tokens.items[value], isString = item.kind == .string
      if out.count > 1 { out.append(UInt8(ascii: ",")) }
      out += Array("\"\(name)\":".utf8)
      for at in (Int(item.start) - (isString ? 1 : 0))..<(Int(item.end) + (isString ? 1 : 0)) { out.append(text[at]) }
      if out.count > FHIRIndex.longestExcerpt { break }
    }
    if !fullURL.isEmpty {
      out += Array((out.count > 1 ? ",\"fullUrl\":" : "\"fullUrl\":").utf8)
      out += JSONValue.string(String(decoding: fullURL, as: UTF8.self)).canonical
    }
    out.append(UInt8(ascii: "}"))
    return out
  }
}
