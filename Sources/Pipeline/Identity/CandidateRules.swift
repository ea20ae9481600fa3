import Core
import Map

/// `Mappings/identity/candidates/N.yaml`: the weights by which pairs of patients are put before a person.
struct CandidateRules: Sendable {
  /// In points, tenths of a bit.
  struct Weights: Sendable, Equatable {
    var agrees: Int
    /// Nil where nearly equal counts as different.
    var near: Int?
    var differs: Int
  }

  struct Field: Sendable {
    var name: String
    /// Of the patient's field in the dictionary; nil for the social security number, which stands among the identifiers.
    var place: Int?
    var isDate: Bool
    var weights: Weights
    /// Normal values that count as not sent.
    var ignored: Set<[UInt8]>
  }

  static let socialSecurity = "ssn"

  let version: Int
  let fields: [Field]
  /// From this score on a pair is shown.
  let review: Int
  /// A block of more patients is passed by.
  let block: Int
  /// Places in `fields`; a pair that agrees in all of a line is shown whatever its score.
  let always: [[Int]]
  let blocks: [[Int]]

  var name: String { "candidates@\(version)" }

  /// The newest released file.
  ///
  /// - Throws: CFG-9xx with the place of a fault; PIP-860 (78) where there is no file.
  static func newest(_ library: MappingLibrary, _ dictionary: CanonicalDictionary) throws -> CandidateRules {
    let prefix = "identity/candidates/"
    let versions = library.paths.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".yaml") }.compactMap { Int($0.dropFirst(prefix.count).dropLast(5)) }
    guard let newest = versions.max(), let bytes = library["\(prefix)\(newest).yaml"] else {
      throw PipelineError("PIP-860", .configuration, "the mappings hold no identity/candidates", hint: "Take the shipped Mappings of this release.")
    }
    return try CandidateRules(bytes, version: newest, file: "\(prefix)\(newest).yaml", dictionary)
  }

  init(_ bytes: [UInt8], version: Int, file: String, _ dictionary: CanonicalDictionary) throws {
    let root = try OutlineReader.read(bytes, file: file)
    try root.allow(["identity", "version", "review", "block", "fields", "always", "blocks", "ignored"], code: "CFG-901")
    guard try root.required("identity", code: "CFG-902") == "candidates", try Self.number(root, "version") == version else {
      throw ConfigurationError("CFG-903", "the file does not say 'identity: candidates' and its own version", at: root)
    }
    self.version = version
    (review, block) = (try Self.number(root, "review"), try Self.number(root, "block"))
    guard let weights = root["fields"], let patient = dictionary["patient"] else { throw ConfigurationError("CFG-902", "'fields' is missing", at: root) }
    var fields: [Field] = []
    for entry in weights.entries {
      let key = entry.key, node = entry.value
      try node.allow(["agrees", "near", "differs"], code: "CFG-901")
      let place = patient.index(of: key)
      guard place != nil || key == Self.socialSecurity else { throw ConfigurationError("CFG-904", "a patient has no field '\(key)'", at: node) }
      let near = try node["near"].map { _ in try Self.number(node, "near") }
      fields.append(
        Field(
          name: key, place: place, isDate: place.map { patient.fields[$0].kind == .date } ?? false,
          weights: Weights(agrees: try Self.number(node, "agrees"), near: near, differs: try Self.number(node, "differs")),
          ignored: Set((root["ignored"]?[key]?.items ?? []).compactMap { $0.text.map { Array($0.utf8) } })))
    }
    self.fields = fields
    always = try Self.lines(root, "always", fields)
    blocks = try Self.lines(root, "blocks", fields)
    guard !blocks.isEmpty else { throw ConfigurationError("CFG-902", "'blocks' is missing", at: root) }
  }

  private static func number(_ node: OutlineNode, _ key: String) throws -> Int {
    guard let number = Int(try node.required(key, code: "CFG-902")) else { throw ConfigurationError("CFG-905", "'\(key)' must be a whole number", at: node[key] ?? node) }
    return number
  }

  private static func lines(_ root: OutlineNode, _ key: String, _ fields: [Field]) throws -> [[Int]] {
    try (root[key]?.items ?? []).map { line in
      try (line.items ?? []).map { item in
        guard let place = fields.firstIndex(where: { $0.name == item.text }) else { throw ConfigurationError("CFG-904", "'\(key)' names a field without weights", at: item) }
        return place
      }
    }
  }
}
