import Core

extension RuleCompiler {
  /// `ref ENTITY by PATH or PATH | id` is the chain of those paths with `ref ENTITY` as the last step.
  static func spelledOut(_ line: RuleLine) throws(ConfigurationError) -> RuleLine {
    let words = Words.of(line.paths[0])
    guard words.count > 2, words[0] == "ref", words[2] == "by" else { return line }
    guard words.count > 3, line.steps.contains(where: { $0[0].text == "id" }) else {
      throw ConfigurationError(
        "MAP-138", "'ref \(words[1]) by' names the paths of an identifier and how it is read",
        hint: "Write 'ref \(words[1]) by PATH or PATH | id else MSH-4.1'; in documents '| id'.", at: line.node)
    }
    var line = line
    line.paths[0] = words[3...].joined(separator: " ")
    line.steps.append([RuleLine.Word(text: "ref", isQuoted: false), RuleLine.Word(text: words[1], isQuoted: false)])
    return line
  }

  /// `ref ENTITY` alone: the nearest row.
  func nearest(_ line: RuleLine) throws(ConfigurationError) -> Int {
    let words = Words.of(line.paths[0])
    guard line.paths.count == 1, words.count == 2 else {
      throw ConfigurationError(
        "MAP-138", "'\(words.joined(separator: " "))' is not written so", hint: "Write 'ref ENTITY', or 'ref ENTITY by PATH or PATH | id'.", at: line.node)
    }
    return try referred(words[1], line.node)
  }

  /// What the key of an entity is made of where a line knows its identifier: -1 for that, else the entity whose nearest row stands there.
  func keyParts(of name: String, _ node: OutlineNode) throws(ConfigurationError) -> [Int] {
    let target = dictionary.entities[try referred(name, node)]
    var parts: [Int] = []
    for field in target.keyFields {
      switch target.fields[field].kind {
      case .identifier: parts.append(-1)
      case .reference(let entity): parts.append(try referred(entity, node))
      case .text, .date, .time, .decimal, .integer, .money, .code, .boolean: throw notKnown(name, node)
      }
    }
    guard parts.count(where: { $0 < 0 }) == 1 else { throw notKnown(name, node) }
    return parts
  }

  private func notKnown(_ name: String, _ node: OutlineNode) -> ConfigurationError {
    ConfigurationError("MAP-138", "'\(name)' is not known by one identifier", hint: "Write 'ref \(name)' as the source, for the nearest row.", at: node)
  }

  /// Who gives out numbers without an assigner: the sending facility, application or organization (MSH-22, since 2.6), in this order.
  static let sender = ["MSH-4.1", "MSH-3.1", "MSH-22.1", "MSH-22.10"]

  /// `PV1-19 with DG1-3 DG1-6`: an identifier that goes on with other values, where a statement has no number of its own.
  mutating func composed(_ text: String, _ node: OutlineNode) throws(ConfigurationError) -> HL7Path {
    let words = Words.of(text), cut = words.firstIndex(of: "with") ?? words.endIndex
    var path = try fieldPath(words[..<cut].joined(separator: " "), node)
    var before = ""
    for word in words.dropFirst(cut + 1) {
      if word != "its" { path.parts.append(try fieldPath(before + word, node, mayCount: true)) }
      before = word == "its" ? "its " : ""
    }
    guard !path.parts.isEmpty, path.parts.allSatisfy({ $0.selector != .all }) else {
      throw ConfigurationError("MAP-133", "'with' names the values that tell statements apart", hint: "Write 'PV1-19 with DG1-3 DG1-6'.", at: node)
    }
    path.text = text
    return path
  }

  /// The field that holds the value type stands in the segment of the value.
  mutating func kindPath(_ text: String, _ paths: [HL7Path], _ node: OutlineNode) throws(ConfigurationError) -> HL7Path {
    guard let value = paths.first, let follows = value.follows, var kind = HL7Path(text), kind.segment == value.segment, kind.fault == nil else {
      return try fieldPath(text, node)
    }
    (kind.follows, kind.place) = (follows, value.place)
    return kind
  }

  /// `phone` makes one text of a telephone number and its parts.
  func telephone(_ paths: [HL7Path], _ line: RuleLine) throws(ConfigurationError) -> FieldRule.FieldReading {
    guard paths.allSatisfy({ $0.component == 0 && $0.selector != .all }) else {
      throw ConfigurationError("MAP-135", "'phone' takes a whole field or repetition", hint: "Leave the component out: 'PID-13[first] | phone'.", at: line.node)
    }
    return .telephone
  }

  /// `document` names the attachment that the decoder sealed out of the field.
  func attachment(_ paths: [HL7Path], _ line: RuleLine) throws(ConfigurationError) -> FieldRule.FieldReading {
    guard paths.count == 1, paths[0].segmentName == "OBX", paths[0].field == 5, paths[0].component == 0, paths[0].selector == .plain else {
      throw ConfigurationError("MAP-135", "'document' reads the field that files are sent in", hint: "Write 'OBX-5 | document'.", at: line.node)
    }
    return .attachment
  }
}

extension FieldRule.Transform {
  /// The step that converts asks what becomes of a value it does not know.
  var hasUnmapped: Bool {
    switch self {
    case .code, .unit: true
    default: false
    }
  }

  /// The same step with what becomes of a value that it does not know.
  func unmapped(_ policy: FieldRule.Unmapped) -> FieldRule.Transform {
    switch self {
    case .code(let set, _): .code(set: set, policy)
    case .unit(_, let set): .unit(policy, set: set)
    default: self
    }
  }
}
