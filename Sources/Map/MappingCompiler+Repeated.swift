import Core

/// `repeated`: what becomes of rows of one key that differ.
extension MappingCompiler {
  func addRepeated(_ node: OutlineNode, _ block: inout Block, _ rules: inout RuleCompiler) throws(ConfigurationError) {
    guard let policy = node["repeated"], policy.text != "hold" else { return }
    if format == .hl7v2, !policy.entries.isEmpty {
      for entry in policy.entries { block.repeatedNumbers.append(try number(entry, policy, block, &rules)) }
      return
    }
    if policy.text == "agree" {
      guard !block.isWhole, !block.isSubject else {
        throw ConfigurationError(
          "MAP-149", "'repeated: agree' joins rows that each say a part, and these are whole", hint: "Leave out 'absent: clears' and 'subject: true'.",
          at: policy)
      }
      block.joinsRepeated = true
      return
    }
    let own = block.rules.first { rule in
      if case .nodes(_, .identifier(orEntry: true)) = rule.source { return dictionary.entities[block.entity].fields[rule.field].isKey }
      return false
    }
    guard policy.text == "entry", let own else {
      throw ConfigurationError(
        "MAP-149", "'repeated' is not written so", hint: "Legal: hold; agree; entry, where a key field says 'id else entry'; in HL7 v2 {KEY FIELD: FIELD OF THE SEGMENT}.", at: policy)
    }
    block.repeatedField = own.field
  }

  /// `sub: OBX-1`: a key field that holds a text or an identifier, and a field of the row's own segment or its parent; or a field of MSH `with` such fields.
  private func number(_ entry: OutlineNode.Entry, _ policy: OutlineNode, _ block: Block, _ rules: inout RuleCompiler) throws(ConfigurationError) -> (field: Int, path: HL7Path) {
    let entity = dictionary.entities[block.entity]
    guard !block.isSubject, case .segments(_, _, 0) = block.walk, let field = entity.index(of: entry.key), entity.fields[field].isKey,
      [.text, .identifier].contains(entity.fields[field].kind)
    else {
      throw ConfigurationError(
        "MAP-149", "'repeated' names no key field that holds a text or an identifier", hint: "Write 'repeated: {sub: OBX-1}', in a block whose rows are segments and no subject.", at: policy)
    }
    let path = try Self.single(rules.fieldPath(entry.value.text ?? "", entry.value), entry.value)
    guard Self.isOwn(path) || Self.isOfHeader(path) && !path.parts.isEmpty && path.parts.allSatisfy({ Self.isOwn($0) || Self.isOfHeader($0) }) else {
      throw ConfigurationError(
        "MAP-149", "'\(entry.value.text ?? "")' is not a field of the row's own segment or its parent",
        hint: "Write 'repeated: {sub: OBX-1}', or 'MSH-10 with FT1-1' for what only the message and its place tell apart.", at: entry.value)
    }
    return (field, path)
  }

  private static func isOwn(_ path: HL7Path) -> Bool { (path.place == .current || path.place == .parent) && path.follows == nil && path.parts.isEmpty }

  private static func isOfHeader(_ path: HL7Path) -> Bool { path.segment == SegmentTable.msh && path.follows == nil }
}
