import Core

extension MapEvaluator {
  /// Maps one FHIR resource: the mappings that read its type, in the order of the set.
  mutating func mapResource(_ record: SourceRecord) {
    let type = Array(record.arena.names[Int(record.arena.nodes[0].name)].utf8)
    switch routes.route(type, plan) {
    case .filtered(let rule): filteredBy = rule
    case .held(let code): holdMessage(finding(code, "resourceType"))
    case .mapped(let mappings):
      readers += mappings
      documentClock.begin(record.arena, clocks: plan.nodes.clocks.count)
      var reader = NodeReader(plan.nodes, plan.arena, record.arena)
      for mapping in mappings {
        for walk in plan.nodes.mappings[mapping] { map(plan.nodes.walks[walk], &reader, record, occurrence: 0) }
      }
      requireSubjects()
    }
  }
}

/// What mappings say of resources where they are compiled.
extension MappingCompiler {
  func resources(_ texts: [String], _ node: OutlineNode) throws(ConfigurationError) -> Mapping.Reads {
    for text in texts where !FHIRTypes.holds(text) {
      let near = FHIRTypes.all.min { (Spelling.distance($0, text), $0) < (Spelling.distance($1, text), $1) } ?? ""
      throw ConfigurationError("MAP-145", "'\(text)' is no resource type of FHIR R4", hint: "Did you mean '\(near)'?", at: node)
    }
    return .types(texts)
  }

  /// `hold` and `events_by_status`, which say the same of resources: the store knows no effect of a correction or withdrawal yet.
  func nodeHolds(_ node: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> [NodeHold] {
    var holds: [NodeHold] = []
    for entry in try node.block("hold", code: "MAP-149") {
      var values: [(value: [UInt8], code: FindingCode)] = []
      for pair in try (node["hold"] ?? node).block(entry.key, code: "MAP-149") {
        guard let code = FindingCode(rawValue: pair.value.text ?? "") else { throw Self.unknownCode(pair.value) }
        values.append((Array(pair.key.utf8), code))
      }
      holds.append(NodeHold(path: try rules.nodePath(entry.key, entry.value), values: values))
    }
    guard let block = node["events_by_status"] else { return holds }
    guard let line = node["set"]?["status"], let first = try RuleLine(line).paths.first, !first.hasPrefix("ref ") else {
      throw ConfigurationError("MAP-153", "'events_by_status' reads the path of the line 'status', and there is none", hint: "Add 'status: status | …' to 'set'.", at: block)
    }
    let values = try actions(block).compactMap { entry in entry.action.heldAs.map { (value: entry.value, code: $0) } }
    return holds + [NodeHold(path: try rules.nodePath(first, line), values: values)]
  }

  /// A property whose values come from a table.
  func codedNode(_ entry: OutlineNode.Entry, _ place: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> CDAPath {
    let name = entry.key.split(separator: ".").last.map { String($0.prefix { $0 != "[" }) } ?? ""
    guard Self.codedProperties.contains(name) else {
      throw ConfigurationError(
        "MAP-152", "'\(entry.key)' is no coded value", hint: "'when' reads the properties \(Self.codedProperties.sorted().joined(separator: ", ")).", at: place)
    }
    return try rules.nodePath(entry.key, place)
  }

  private static let codedProperties: Set<String> = [
    "active", "category", "class", "code", "criticality", "deceasedBoolean", "doNotPerform", "gender", "intent", "mode", "priority", "status", "system", "type",
    "use", "valueBoolean", "valueCode", "wasNotGiven",
  ]
}
