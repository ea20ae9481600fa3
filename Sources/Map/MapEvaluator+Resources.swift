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
      if let modifier = modifier(of: record.arena) { return holdMessage(finding(.modifierHeld, modifier)) }
      documentClock.begin(record.arena, clocks: plan.nodes.clocks.count)
      var reader = NodeReader(plan.nodes, plan.arena, record.arena)
      for mapping in mappings {
        for walk in plan.nodes.mappings[mapping] { map(plan.nodes.walks[walk], &reader, record, occurrence: 0) }
      }
      requireSubjects()
      bundleTime = reader.bundleTime
    }
  }

  /// The property that changes the meaning of the resource or of a part of it: nobody reads such a one without knowing how (FHIR R4, Extensibility,
  /// 2.4.0). Nil as a rule.
  private func modifier(of arena: NodeArena) -> String? {
    guard let names = plan.arena.resource else { return nil }
    let found = arena.nodes.first { $0.name == names.modifierExtension || $0.name == names.implicitRules }
    return found.map { arena.names[Int($0.name)] }
  }

  /// What a resource says hangs on when: where that is told by its Bundle, or the business date stands in, it becomes a part of the message's
  /// identity (docs/decisions/020).
  mutating func settleResource() {
    if !bundleTime.isEmpty { message.digest = SHA256.digest(message.digest + bundleTime) }
    settleIdentity()
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
    return holds
  }

  /// `events_by_status`, and `events_by` for other paths.
  func nodeStatuses(_ node: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> [NodeStatus] {
    var statuses: [NodeStatus] = []
    if let block = node["events_by_status"] {
      guard let line = node["set"]?["status"], let first = try RuleLine(line).paths.first, !first.hasPrefix("ref ") else {
        throw ConfigurationError("MAP-153", "'events_by_status' reads the path of the line 'status', and there is none", hint: "Add 'status: status | …' to 'set'.", at: block)
      }
      statuses.append(NodeStatus(path: try rules.nodePath(first, line), actions: try actions(block)))
    }
    for entry in try node.block("events_by", code: "MAP-153") {
      statuses.append(NodeStatus(path: try codedNode(entry, entry.value, &rules), actions: try actions(entry.value)))
    }
    return statuses
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
