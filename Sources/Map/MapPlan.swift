public import Core

/// One mapping as a row remembers it.
public struct MappingIdentity: Sendable, Hashable {
  public let id: String
  public let version: Int
  /// SHA-256 of the file's bytes, hex.
  public let digest: String

  public init(id: String, version: Int, digest: String) {
    self.id = id
    self.version = version
    self.digest = digest
  }
}

/// Mappings, code sets and rules, compiled once for a feed; pure and fit for any number of evaluators.
public struct MapPlan: Sendable {
  public let dictionary: CanonicalDictionary
  /// In the order in which they are applied; a row's `mapping` is an index here.
  public let mappings: [MappingIdentity]
  /// The `each:` paths; a row's `path` is an index here.
  public let rowPaths: [String]
  /// The names that node arenas must be seeded with (`NodeArena(names:)`), so that compiled paths know them by number.
  public let arenaNames: [String]

  /// How files of rows are laid out, for the decoder; nil for other formats.
  public let layout: RowLayout?

  /// What the decoder is to take for the feed's `server`: that of the example at hand; empty elsewhere.
  public internal(set) var server = ""

  let format: SourceFormat
  let zone: ZoneRules?
  /// The assigner of numbers whose message names none, `feed:` and the feed's name; empty where there is no feed.
  let feedAssigner: [UInt8]
  let compiled: [Mapping]
  /// The same, as the evaluator runs it.
  let program: MapProgram
  /// The paths of documents, as the evaluator walks them.
  let nodes: NodeProgram
  let sets: [MappingSet]
  let codeSets: [CodeSet]
  let arena: ArenaNumbers

  /// Reads, checks and compiles the named sets and mappings (`id@version`; without a version the latest).
  ///
  /// - zone: the feed's; a mapping that says `zone: feed` needs it.
  /// - feed: its name, the last of `id else sender`; empty gives such numbers no assigner.
  /// - Throws: `ConfigurationError` MAP-13x … MAP-16x with file, line, column and the legal words.
  public static func build(_ library: MappingLibrary, mappings: [String], format: SourceFormat, zone: ZoneRules?, feed: String = "") throws(ConfigurationError)
    -> MapPlan
  {
    let dictionary = try DictionaryFile.newest(in: library)
    let (sets, names) = try resolve(library, mappings)
    var compiler = MappingCompiler(library: library, dictionary: dictionary, format: format, zone: zone)
    let arena = ArenaNumbers(&compiler.names, format)
    var compiled: [Mapping] = []
    for name in names {
      let (id, version) = MappingLibrary.split(name)
      let mapping = try compiler.mapping(id, version: version ?? 0, number: compiled.count)
      if let same = compiled.first(where: { $0.isSame(as: mapping) }) {
        throw ConfigurationError(
          "MAP-162", "'\(name)' and '\(same.identity.id)@\(same.identity.version)' stand over each other; their rows would come twice",
          hint: "Name one of them.", file: library.place(library.path(of: id, version: version ?? 0) ?? ""))
      }
      for needed in mapping.after where !compiled.contains(where: { $0.stands(for: needed) }) {
        throw ConfigurationError(
          "MAP-161", "'\(name)' must come after '\(needed)'", hint: "Name '\(needed)' before it.",
          file: library.place(library.path(of: id, version: version ?? 0) ?? ""))
      }
      compiled.append(mapping)
    }
    let program = MapProgram(&compiled, dictionary, referred: referred(compiled))
    return MapPlan(
      dictionary: dictionary, mappings: compiled.map(\.identity), rowPaths: compiler.rowPaths, arenaNames: compiler.names.names, layout: compiler.layout,
      format: format,
      zone: zone, feedAssigner: feed.isEmpty ? [] : Array("feed:\(feed)".utf8), compiled: compiled, program: program, nodes: NodeProgram(compiled, arena, persons: Set(["patient", "identifier"].compactMap { dictionary.index(of: $0) })), sets: sets, codeSets: compiler.codeSets.sets, arena: arena)
  }

  /// Entities that some rule refers to by position.
  private static func referred(_ mappings: [Mapping]) -> Set<Int> {
    var entities: Set<Int> = []
    for rule in mappings.flatMap(\.blocks).flatMap(\.rules) {
      if case .nearest(let entity) = rule.source { entities.insert(entity) }
      for case .reference(let parts) in rule.transforms { entities.formUnion(parts.filter { $0 >= 0 }) }
    }
    return entities
  }

  /// The sets among the names, and all mappings in order, each once.
  private static func resolve(_ library: MappingLibrary, _ names: [String]) throws(ConfigurationError) -> (sets: [MappingSet], mappings: [String]) {
    var sets: [MappingSet] = []
    var mappings: [String] = []
    for name in names {
      guard let pinned = library.latestVersion(of: name) else { throw unknown(name, library) }
      let (id, version) = MappingLibrary.split(pinned)
      var members = [pinned]
      let path = "sets/\(id)/\(version ?? 0).yaml"
      if let bytes = library[path] {
        let set = try MappingSet.read(bytes, id: id, version: version ?? 0, file: library.place(path))
        sets.append(set)
        members = set.mappings
      }
      for (number, member) in members.enumerated() {
        guard MappingLibrary.split(member).version != nil, library.latestVersion(of: member) != nil else {
          throw unknown(member, library, at: try memberNode(library, path, number))
        }
        if !mappings.contains(member) { mappings.append(member) }
      }
    }
    return (sets, mappings)
  }

  /// Where a set names its n-th mapping; nil where there is no set at the path.
  private static func memberNode(_ library: MappingLibrary, _ path: String, _ number: Int) throws(ConfigurationError) -> OutlineNode? {
    guard let set = library[path] else { return nil }
    let named = try OutlineReader.read(set, file: library.place(path))["mappings"]
    return named?.items.flatMap { $0.indices.contains(number) ? $0[number] : nil } ?? named
  }

  private static func unknown(_ name: String, _ library: MappingLibrary, at node: OutlineNode? = nil) -> ConfigurationError {
    let known = library.paths.compactMap { path -> String? in
      let parts = path.split(separator: "/")
      return parts.count == 3 && parts[0] != "codes" ? "\(parts[1])@\(parts[2].dropLast(5))" : nil
    }
    let near = known.min { Spelling.distance($0, name) < Spelling.distance($1, name) } ?? ""
    let hint = "Did you mean '\(near)'? Known: \(known.joined(separator: ", "))."
    if let node { return ConfigurationError("MAP-141", "there is no mapping '\(name)'", hint: hint, at: node) }
    return ConfigurationError("MAP-141", "there is no mapping or set '\(name)'", hint: hint, file: "Mappings")
  }
}

/// The names that the evaluator itself looks for in documents, by number.
struct ArenaNumbers: Sendable {
  let root: Int32, extensions: Int32, nullFlavor: Int32, negation: Int32, section: Int32, id: Int32, templateID: Int32, reference: Int32,
    value: Int32, anchor: Int32, low: Int32, high: Int32, unit: Int32, inclusive: Int32, numerator: Int32, denominator: Int32
  /// Where resources are read.
  let resource: ResourceNumbers?

  init(_ names: inout NameTable, _ format: SourceFormat) {
    resource = format == .fhir ? ResourceNumbers(&names) : nil
    root = names.number("@root")
    extensions = names.number("@extension")
    nullFlavor = names.number("@nullFlavor")
    negation = names.number("@negationInd")
    section = names.number("h:section")
    id = names.number("h:id")
    templateID = names.number("h:templateId")
    reference = names.number("h:reference")
    value = names.number("@value")
    anchor = names.number("@ID")
    low = names.number("h:low")
    high = names.number("h:high")
    unit = names.number("@unit")
    inclusive = names.number("@inclusive")
    numerator = names.number("h:numerator")
    denominator = names.number("h:denominator")
  }
}

extension MapPlan {
  /// The types that the last mapping reads; none where it is not of HL7 v2.
  var types: [String] {
    if case .types(let types)? = compiled.last?.reads { types } else { [] }
  }

  /// What becomes of a message type.
  enum Route: Sendable {
    case mapped([Int])
    case filtered(rule: String)
    case held(FindingCode)
  }

  /// `type` is MSH-9.1^MSH-9.2 as sent.
  func route(_ type: [UInt8]) -> Route {
    if type.isEmpty { return .held(.messageTypeMissing) }
    let name = sets.lazy.compactMap { $0.aliases[type] }.first ?? type
    let readers = compiled.indices.filter { index in
      if case .types(let types) = compiled[index].reads { return types.contains { $0.utf8.elementsEqual(name) } }
      return false
    }
    if !readers.isEmpty { return .mapped(readers) }
    for set in sets where set.noRows.contains(where: { $0.fits(type) }) { return .filtered(rule: set.name + ":no_rows") }
    for set in sets {
      if let rule = set.held.first(where: { $0.pattern.fits(type) }) { return .held(rule.code) }
    }
    return .held(.noMapping)
  }
}
