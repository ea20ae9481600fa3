import Core

/// `when`, `events` and `events_by_status`: what decides of whole rows.
extension MappingCompiler {
  func addGuards(_ node: OutlineNode, _ root: OutlineNode, _ block: inout Block, _ rules: inout RuleCompiler) throws(ConfigurationError) {
    block.whens = try whens(node, &rules)
    if block.isSubject, let when = node["when"] {
      throw ConfigurationError("MAP-152", "the subject of a message is not chosen by 'when'", hint: "Leave out 'when' or 'subject: true'.", at: when)
    }
    block.events = try events(node, root)
    if format == .fhir {
      block.nodeHolds = try nodeHolds(node, &rules)
      block.nodeStatuses = try nodeStatuses(node, &rules)
    } else {
      block.statuses = try statuses(node, &rules)
    }
    block.clears = try clears(node, root, block)
  }

  // MARK: When

  private func whens(_ node: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> [WhenRule] {
    guard let block = node["when"] else { return [] }
    var whens: [WhenRule] = []
    for entry in block.entries {
      var values = try block.texts(entry.key, code: "MAP-152")
      let allowsAbsent = values.contains("(absent)")
      let allowsPresent = format != .cda && values.contains("(present)")
      values.removeAll { $0 == "(absent)" || allowsPresent && $0 == "(present)" }
      guard allowsAbsent || allowsPresent || !values.isEmpty, values.allSatisfy({ !$0.isEmpty }) else { throw Self.unreadable("when", at: entry.value) }
      let path = try coded(entry, &rules, isCoded: !values.isEmpty)
      whens.append(
        WhenRule(path: path, values: values.map { Array($0.utf8) }, allowsAbsent: allowsAbsent, allowsPresent: allowsPresent, text: entry.key))
    }
    guard !whens.isEmpty else { throw Self.unreadable("when", at: block) }
    return whens
  }

  /// A path whose values come from a table: a free text, a number or a name would choose rows by what a person typed.
  private func coded(_ entry: OutlineNode.Entry, _ rules: inout RuleCompiler, isCoded: Bool) throws(ConfigurationError) -> WhenRule.Path {
    let place = OutlineNode(entry.value.content, file: entry.value.file, line: entry.keyLine, column: entry.keyColumn)
    if format == .fhir { return .node(try codedNode(entry, place, &rules)) }
    guard format == .cda else {
      let path = try Self.single(rules.fieldPath(entry.key, place), place)
      guard format != .hl7v2 || !isCoded || CodedPath.isCoded(path) else {
        throw ConfigurationError(
          "MAP-152", "'\(entry.key)' is no coded value", hint: "'when' reads fields and components of the types \(CodedPath.typeNames), and Z segments.",
          at: place)
      }
      return .field(path)
    }
    guard let attribute = entry.key.split(separator: "@").last, entry.key.contains("@"), CodedPath.attributes.contains(String(attribute)) else {
      throw ConfigurationError(
        "MAP-152", "'\(entry.key)' is no coded value", hint: "'when' reads the attributes @\(CodedPath.attributes.joined(separator: ", @")).", at: place)
    }
    return .node(try rules.nodePath(entry.key, place))
  }

  /// What decides of a row is one value: all repetitions together are none.
  static func single(_ path: HL7Path, _ node: OutlineNode) throws(ConfigurationError) -> HL7Path {
    guard path.selector != .all else {
      throw ConfigurationError("MAP-135", "'[*]' takes all repetitions, and one value decides here", hint: "Write [first], [n] or [c=TEXT].", at: node)
    }
    return path
  }

  private static func unreadable(_ key: String, at node: OutlineNode) -> ConfigurationError {
    ConfigurationError("MAP-152", "'\(key)' names no values", hint: "Write 'when: {PV1-2: [I, E]}'; (absent) stands for a value that was not sent, (present) for any.", at: node)
  }

  // MARK: Events

  private func events(_ node: OutlineNode, _ root: OutlineNode) throws(ConfigurationError) -> [(value: [UInt8], action: RowAction)] {
    guard let block = node["events"] else { return [] }
    try checkEvents(block, root)
    return try actions(block)
  }

  /// The keys of a block are events that the mapping reads.
  private func checkEvents(_ block: OutlineNode, _ root: OutlineNode) throws(ConfigurationError) {
    guard format == .hl7v2, case .types(let types) = try reads(root) else {
      throw ConfigurationError("MAP-153", "only HL7 v2 has trigger events", hint: "Leave the line out.", at: block)
    }
    let known = Set(types.map { String($0.suffix(3)) }).sorted()
    for entry in block.entries where !known.contains(entry.key) {
      throw ConfigurationError(
        "MAP-153", "the mapping reads no event '\(entry.key)'", hint: "Events of 'reads': \(known.joined(separator: ", ")).", file: entry.value.file,
        line: entry.keyLine, column: entry.keyColumn)
    }
  }

  /// `clears: {A13: [discharged]}`.
  private func clears(_ node: OutlineNode, _ root: OutlineNode, _ block: Block) throws(ConfigurationError) -> [(event: [UInt8], fields: [Int])] {
    let entries = try node.block("clears", code: "MAP-153")
    guard let lines = node["clears"] else { return [] }
    try checkEvents(lines, root)
    var clears: [(event: [UInt8], fields: [Int])] = []
    for entry in entries {
      var fields: [Int] = []
      for item in entry.value.items ?? [entry.value] {
        guard let field = dictionary.entities[block.entity].index(of: item.text ?? ""), !dictionary.entities[block.entity].fields[field].isKey else {
          throw ConfigurationError("MAP-153", "'\(item.text ?? "")' is no field that can be cleared", hint: "Legal: \(clearable(block).joined(separator: ", ")).", at: item)
        }
        fields.append(field)
      }
      guard !fields.isEmpty else { throw ConfigurationError("MAP-153", "no field is named", hint: "Write 'clears: {A13: [discharged]}'.", at: entry.value) }
      clears.append((Array(entry.key.utf8), fields))
    }
    return clears
  }

  private func clearable(_ block: Block) -> [String] { dictionary.entities[block.entity].fields.filter { !$0.isKey }.map(\.name) }

  /// `events_by_status`, and `events_by` for other paths.
  private func statuses(_ node: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> [StatusRule] {
    var statuses: [StatusRule] = []
    if let status = try status(node, &rules) { statuses.append(status) }
    let entries = try node.block("events_by", code: "MAP-153")
    guard let blocks = node["events_by"] else { return statuses }
    guard format == .hl7v2 else { throw ConfigurationError("MAP-153", "'events_by' reads HL7 v2 and FHIR", hint: "Leave the line out.", at: blocks) }
    for entry in entries {
      let path = try rules.fieldPath(entry.key, entry.value)
      guard CodedPath.isCoded(path) else {
        throw ConfigurationError("MAP-153", "'\(entry.key)' is no coded value", hint: "Name a field whose values come from a table, like DG1-21.", at: entry.value)
      }
      statuses.append(StatusRule(path: path, actions: try actions(entry.value)))
    }
    return statuses
  }

  private func status(_ node: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> StatusRule? {
    guard let block = node["events_by_status"] else { return nil }
    guard format != .cda, let line = node["set"]?["status"], let first = try RuleLine(line).paths.first, !first.hasPrefix("ref ") else {
      throw ConfigurationError(
        "MAP-153", "'events_by_status' reads the path of the line 'status', and there is none", hint: "Add 'status: OBX-11 | …' to 'set'.", at: block)
    }
    return StatusRule(path: try rules.fieldPath(first, line), actions: try actions(block))
  }

  func actions(_ block: OutlineNode) throws(ConfigurationError) -> [(value: [UInt8], action: RowAction)] {
    var actions: [(value: [UInt8], action: RowAction)] = []
    for entry in block.entries {
      guard let action = RowAction.words.first(where: { $0.word == entry.value.text })?.action else {
        throw ConfigurationError(
          "MAP-153", "'\(entry.value.text ?? "")' is not what a row does", hint: "Legal: \(RowAction.words.map(\.word).joined(separator: ", ")).",
          at: entry.value)
      }
      actions.append((Array(entry.key.utf8), action))
    }
    guard !actions.isEmpty else { throw ConfigurationError("MAP-153", "no action is named", hint: "Write '{A08: update, A11: cancel}'.", at: block) }
    return actions
  }
}

/// Paths whose values come from a table.
enum CodedPath {
  private static let types: Set<String> = ["ID", "IS", "CE", "CWE", "CNE", "CF", "HD"]
  static let typeNames = types.sorted().joined(separator: ", ")
  static let attributes = [
    "code", "codeSystem", "classCode", "moodCode", "typeCode", "root", "negationInd", "inversionInd", "nullFlavor", "use", "unit", "xsi:type",
  ]

  static func isCoded(_ path: HL7Path) -> Bool {
    if path.segmentName.hasPrefix("Z") { return true }
    guard var type = HL7Dictionary.standard.field(path.field, of: path.segmentName)?.type else { return false }
    for number in [path.component, path.subcomponent] where number > 0 {
      // What names the code and its system is text by type.
      if types.contains(type) { return [1, 3, 4, 6].contains(number) }
      let components = HL7Dictionary.standard.components(of: type)
      guard number <= components.count else { return false }
      type = components[number - 1].type
    }
    return types.contains(type)
  }
}
