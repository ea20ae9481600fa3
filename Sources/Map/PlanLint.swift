import Core

/// Looks over one compiled plan.
struct PlanLint {
  let plan: MapPlan
  private(set) var findings: [LintFinding] = []

  init(plan: MapPlan) { self.plan = plan }

  mutating func look() {
    for (number, mapping) in plan.compiled.enumerated() {
      for block in mapping.blocks {
        for path in block.guardPaths { check(path, block.place) }
        for rule in block.rules {
          lookAtPaths(of: rule)
          lookAtFallbacks(of: rule)
          lookAtReference(of: rule, mapping, number)
        }
      }
      lookAtIgnored(mapping)
    }
  }

  private mutating func add(_ code: String, _ summary: String, _ hint: String, _ place: RulePlace) {
    let finding = LintFinding(code, summary, hint: hint, at: place)
    if !findings.contains(finding) { findings.append(finding) }
  }

  private func name(_ rule: FieldRule, of block: Block) -> String { plan.dictionary.entities[block.entity].fields[rule.field].name }

  // MARK: Fields and components

  private mutating func lookAtPaths(of rule: FieldRule) {
    guard case .fields(let paths, let reading) = rule.source else { return }
    for path in paths + paths.flatMap(\.parts) { check(path, rule.place) }
    switch reading {
    case .identifier(let otherwise, _): for path in otherwise { check(path, rule.place) }
    case .typed(let kind): check(kind, rule.place)
    case .text, .scalar, .amount, .joined, .telephone, .attachment: break
    }
  }

  private mutating func check(_ path: HL7Path, _ place: RulePlace) {
    guard plan.format == .hl7v2, let fault = path.unknownPart else { return }
    add("LNT-201", fault.summary, fault.hint, place)
  }

  // MARK: Fallbacks

  /// What stands behind something that always has a value first.
  private mutating func lookAtFallbacks(of rule: FieldRule) {
    // A line beside another one takes its path by its place.
    if case .fields(let paths, let reading) = rule.source, rule.beside == nil {
      for (later, path) in paths.enumerated() {
        guard let first = paths[..<later].first(where: { $0.covers(path, reading) }) else { continue }
        add("LNT-203", "'\(path.text)' is never reached: where it has a value, '\(first.text)' has one", "Take it out, or put it first.", rule.place)
      }
    }
    if case .nodes(_, .identifier(orEntry: true)) = rule.source, rule.fallback != nil {
      add("LNT-203", "'default' is never reached: 'id else entry' always gives an identifier", "Take it out.", rule.place)
    }
    if rule.isRequired, rule.fallback != nil {
      add("LNT-203", "'required' is never reached: the default stands in for what is missing", "Take out one of them.", rule.place)
    }
    if rule.mayBeAbsent, !rule.mayFail {
      add("LNT-203", "'or absent' is never reached: nothing in the line refuses a value", "Take it out.", rule.place)
    }
    if rule.mayBeAbsent, rule.isRequired {
      add("LNT-203", "'or absent' is never reached: 'required' holds the row all the same", "Take out one of them.", rule.place)
    }
  }

  // MARK: References

  /// A required reference to rows that no mapping of the list makes for a type that this one reads.
  private mutating func lookAtReference(of rule: FieldRule, _ mapping: Mapping, _ number: Int) {
    guard rule.isRequired, case .nearest(let entity) = rule.source else { return }
    let givers = plan.compiled[...number].filter { $0.blocks.contains { $0.entity == entity } }
    let name = plan.dictionary.entities[entity].name
    guard case .types(let types) = mapping.reads else {
      if givers.isEmpty { add("LNT-202", "no mapping of the list gives '\(name)', so every row is held", "Name one that does before it.", rule.place) }
      return
    }
    let missing = types.filter { type in !givers.contains { $0.takes(type) } }
    guard !missing.isEmpty else { return }
    add(
      "LNT-202", "no mapping of the list gives '\(name)' for \(missing.joined(separator: ", ")), so every row of it is held",
      "Let one that does read the type, or take it out of 'reads'.", rule.place)
  }

  // MARK: Ignored

  private mutating func lookAtIgnored(_ mapping: Mapping) {
    for ignored in mapping.ignored {
      let place = RulePlace(text: ignored.path, file: ignored.file, line: ignored.line, column: 1)
      if let path = HL7Path(ignored.path) { check(path, place) }
      let reads = mapping.blocks.flatMap(\.rules).flatMap(\.reads)
      guard ignored.path.utf8.count == 3, let read = reads.first(where: { $0.hasPrefix(ignored.path + "-") }) else { continue }
      add("LNT-206", "'\(ignored.path)' is ignored and '\(read)' is read", "Ignore the fields that are not read.", place)
    }
  }

  // MARK: Extracts

  /// Fields kept for nobody, and fields that a consumer waits for in vain. Keys and references hold the rows together and are always of use.
  mutating func look(for extracts: [ExtractField]) {
    let used = Set(extracts.map { $0.entity + "." + $0.field })
    var filled: Set<String> = []
    for block in plan.compiled.flatMap(\.blocks) {
      let entity = plan.dictionary.entities[block.entity]
      for rule in block.rules {
        let name = entity.name + "." + entity.fields[rule.field].name
        filled.insert(name)
        if used.contains(name) || entity.fields[rule.field].holdsRowsTogether { continue }
        add("LNT-204", "no extract uses '\(name)'", "Leave it out if nobody needs it: what is not stored cannot be lost.", rule.place)
      }
    }
    for field in extracts where !filled.contains(field.entity + "." + field.field) {
      let place = RulePlace(text: field.field, file: field.file, line: field.line, column: field.column)
      add("LNT-205", "no mapping fills '\(field.entity).\(field.field)'", "Fill it in a mapping, or take it out of the extract.", place)
    }
  }

  // MARK: Examples

  /// Examples are about people who do not exist; nine digits in the form of the social security are somebody's.
  mutating func lookAtExamples(_ root: OutlineNode) {
    for example in root["examples"]?.items ?? [] {
      let texts = [example["given"]].compactMap(\.self) + ["change", "replace"].flatMap { key in (example[key]?.entries ?? []).map(\.value) }
      guard let found = texts.first(where: { Self.holdsSocialSecurityNumber(Array(($0.text ?? "").utf8)) }) else { continue }
      add(
        "LNT-207", "the example holds what looks like a social security number", "Take another identifier, like T900001; never a real person's.",
        RulePlace(found))
    }
  }

  /// `NNN-NN-NNNN`, apart from the ranges that are never given out: 000, 666 and from 900 on.
  private static func holdsSocialSecurityNumber(_ text: [UInt8]) -> Bool {
    let digit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    guard text.count >= 11 else { return false }
    return (0...text.count - 11).contains { start in
      guard start == 0 || !digit(text[start - 1]), start + 11 == text.count || !digit(text[start + 11]) else { return false }
      let fits = (0..<11).allSatisfy { $0 == 3 || $0 == 6 ? text[start + $0] == UInt8(ascii: "-") : digit(text[start + $0]) }
      let area = text[start..<start + 3]
      return fits && area.first != UInt8(ascii: "9") && !area.elementsEqual("000".utf8) && !area.elementsEqual("666".utf8)
    }
  }
}

// MARK: - What is asked of parts

extension Mapping {
  fileprivate func takes(_ type: String) -> Bool {
    if case .types(let types) = reads { return types.contains(type) }
    return false
  }
}

extension Block {
  /// The paths outside of its lines.
  fileprivate var guardPaths: [HL7Path] {
    var paths = holds.map(\.path)
    for case .field(let path) in whens.map(\.path) { paths.append(path) }
    if case .fields(let times) = eventTime { paths += times }
    return paths
  }
}

extension CanonicalField {
  fileprivate var holdsRowsTogether: Bool {
    if case .reference = kind { return true }
    return isKey
  }
}

extension FieldRule {
  /// It refuses some values.
  fileprivate var mayFail: Bool {
    switch source {
    case .fields(_, .identifier), .fields(_, .amount), .nodes(_, .identifier): true
    case .fields, .nodes, .nearest: transforms.contains(where: \.mayFail)
    }
  }
}

extension FieldRule.Transform {
  /// It refuses some values.
  fileprivate var mayFail: Bool {
    switch self {
    case .date, .time, .picture, .decimal, .integer, .money, .shape, .reference: true
    case .code(_, let unmapped), .unit(let unmapped, _): unmapped == .hold
    case .trim, .upper, .lower, .split, .sign, .mark, .except: false
    }
  }
}

extension HL7Path {
  /// A field or component that the standard's dictionary does not know; nil where it does, or knows nothing of the segment.
  fileprivate var unknownPart: (summary: String, hint: String)? {
    guard field > 0, let known = HL7Dictionary.standard.segment(segmentName) else { return nil }
    // The suffix of an observation id stands behind it as a part (v2.3, 7.1.3), whatever type the id has since.
    if segmentName == "OBX", field == 3, component == 1, subcomponent == 2 { return nil }
    guard let element = HL7Dictionary.standard.field(field, of: segmentName) else {
      return ("\(segmentName) has no field \(field) in the standard", "Its fields are 1 to \(known.fields.count).")
    }
    var type = element.type, name = "\(segmentName)-\(field)"
    for number in [component, subcomponent] where number > 0 {
      let parts = HL7Dictionary.standard.components(of: type)
      if parts.isEmpty { return number == 1 || HL7Dictionary.isTime(type) || type == "varies" ? nil : ("\(name) is of type \(type), which has no parts", "Leave the number out.") }
      guard number <= parts.count else { return ("\(name) has no part \(number)", "It is of type \(type), whose parts are 1 to \(parts.count).") }
      type = parts[number - 1].type
      name += ".\(number)"
    }
    return nil
  }

  /// True where a later path of the chain can have a value only if this one has.
  fileprivate func covers(_ later: HL7Path, _ reading: FieldRule.FieldReading) -> Bool {
    guard segment == later.segment, field == later.field, parts.isEmpty, follows == later.follows, test == nil || test == later.test, takesAllOf(later) else { return false }
    switch reading {
    case .identifier: return true
    case .scalar, .amount: return max(component, 1) == max(later.component, 1) && max(subcomponent, 1) == max(later.subcomponent, 1)
    case .text, .joined, .typed, .telephone, .attachment:
      return component == 0 || (component == later.component && (subcomponent == 0 || subcomponent == later.subcomponent))
    }
  }

  /// It looks at every repetition that the other one may take.
  private func takesAllOf(_ other: HL7Path) -> Bool {
    if selector == other.selector || selector == .first || selector == .record || selector == .all { return true }
    return [Selector.plain, .number(1)].contains(selector) && [Selector.plain, .number(1)].contains(other.selector)
  }
}
