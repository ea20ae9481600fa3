import Core

/// Reads and compiles one mapping file after another into the parts that a plan shares: names, code sets, row paths.
struct MappingCompiler {
  let library: MappingLibrary
  let dictionary: CanonicalDictionary
  let format: SourceFormat
  let zone: ZoneRules?
  var names = NameTable()
  var codeSets: CodeSetTable
  var rowPaths: [String] = []
  /// Code sets that the mapping at hand, an overlay, names instead of those below.
  private var replacedCodes: [String: String] = [:]
  /// Of the mappings of rows read so far.
  var layout: RowLayout?

  init(library: MappingLibrary, dictionary: CanonicalDictionary, format: SourceFormat, zone: ZoneRules?) {
    self.library = library
    self.dictionary = dictionary
    self.format = format
    self.zone = zone
    codeSets = CodeSetTable(library: library)
  }

  /// `number` is the mapping's index in the plan.
  mutating func mapping(_ id: String, version: Int, number: Int) throws(ConfigurationError) -> Mapping {
    let source = try MappingOverlay.read(library, id, version: version, isWhole: false)
    let root = source.root
    try root.allow(MappingLanguage.headKeys + MappingLanguage.overlayKeys + dictionary.entities.map(\.name), code: "MAP-142")
    try checkHead(root, id, version)
    try takeLayout(root)
    replacedCodes = try replacedCodes(root)
    var mapping = Mapping(identity: MappingIdentity(id: id, version: version, digest: source.digest), reads: try reads(root), bases: source.bases)
    mapping.senders = try senders(root)
    mapping.after = try root.texts("after", code: "MAP-142")
    for entry in root.entries {
      guard let entity = dictionary.index(of: entry.key) else { continue }
      mapping.blocks.append(try block(entry, entity, number, root))
    }
    guard !mapping.blocks.isEmpty else { throw ConfigurationError("MAP-142", "the mapping fills no entity", hint: "Add a block: \(dictionary.entities.map(\.name).joined(separator: ", ")).", at: root) }
    mapping.sums = try totals(root, mapping.blocks)
    try checkIgnored(root, mapping)
    mapping.ignored = (root["ignore"]?.entries ?? []).map {
      IgnoredPath(mapping: number, path: $0.key, reason: $0.value.text ?? "", file: $0.value.file, line: $0.keyLine)
    }
    return mapping
  }

  // MARK: Head

  private func checkHead(_ root: OutlineNode, _ id: String, _ version: Int) throws(ConfigurationError) {
    guard try root.required("mapping", code: "MAP-142") == id else {
      throw ConfigurationError("MAP-142", "the name is not that of its folder", hint: "Write 'mapping: \(id)'.", at: root["mapping"] ?? root)
    }
    guard try root.required("version", code: "MAP-142") == String(version) else {
      throw ConfigurationError("MAP-142", "the version is not that of its file name", hint: "Write 'version: \(version)'.", at: root["version"] ?? root)
    }
    for key in ["owner", "why"] { _ = try root.required(key, code: "MAP-142") }
    guard try root.required("zone", code: "MAP-142") == "feed" else {
      throw ConfigurationError(
        "MAP-143", "only 'zone: feed' is read in this version", hint: "Write 'zone: feed' and name the zone in the feed.", at: root["zone"] ?? root)
    }
    guard zone != nil else {
      throw ConfigurationError(
        "MAP-143", "the mapping takes the feed's zone and the feed has none", hint: "Add 'zone: Area/City' to the feed.", at: root["zone"] ?? root)
    }
    guard let examples = root["examples"]?.items, !examples.isEmpty else {
      throw ConfigurationError("MAP-144", "the mapping has no example", hint: "No example, no release: add 'examples'.", at: root)
    }
  }

  func reads(_ root: OutlineNode) throws(ConfigurationError) -> Mapping.Reads {
    guard let node = root["reads"] else { throw ConfigurationError("MAP-145", "'reads' is missing", hint: "Write 'reads: {hl7v2: [ADT^A01]}' or 'reads: {cda: any}'.", at: root) }
    try node.allow(["hl7v2", "cda", "csv", "fhir", "sender"], code: "MAP-145")
    guard let own = node[format.rawValue], node.entries.filter({ $0.key != "sender" }).count == 1 else {
      throw ConfigurationError("MAP-145", "the mapping does not read \(format.rawValue)", hint: "The feed's format and 'reads' must agree.", at: node)
    }
    let texts = try node.texts(format.rawValue, code: "MAP-145")
    guard !texts.isEmpty else { throw ConfigurationError("MAP-145", "'reads' names nothing", hint: "Write types like ADT^A01, or any or template roots of documents.", at: own) }
    if format == .csv {
      guard texts == ["rows"] else { throw ConfigurationError("MAP-145", "a mapping of rows reads all of them", hint: "Write 'reads: {csv: rows}'.", at: own) }
      return .templates([])
    }
    if format == .fhir { return try resources(texts, own) }
    guard format == .hl7v2 else { return .templates(texts == ["any"] ? [] : texts.map { Array($0.utf8) }) }
    for text in texts where !MessageType.isNormal(Array(text.utf8)) {
      throw ConfigurationError("MAP-145", "'\(text)' is not a message type", hint: "Write types like ADT^A01.", at: own)
    }
    return .types(texts)
  }

  private func senders(_ root: OutlineNode) throws(ConfigurationError) -> [(application: [UInt8], facility: [UInt8])] {
    guard let node = root["reads"] else { return [] }
    var senders: [(application: [UInt8], facility: [UInt8])] = []
    for text in try node.texts("sender", code: "MAP-145") {
      let parts = text.split(separator: "^", omittingEmptySubsequences: false)
      guard format == .hl7v2, parts.count == 2, parts.contains(where: { !$0.isEmpty }) else {
        throw ConfigurationError(
          "MAP-145", "'\(text)' is not a sender", hint: "Write MSH-3^MSH-4, like EPIC^NORTH; an empty part fits any.", at: node)
      }
      senders.append((Array(parts[0].utf8), Array(parts[1].utf8)))
    }
    return senders
  }

  /// Each `ignore` line has a reason and names something that no rule reads.
  private func checkIgnored(_ root: OutlineNode, _ mapping: Mapping) throws(ConfigurationError) {
    let read = Set(mapping.blocks.flatMap(\.rules).map(\.report))
    for entry in try root.block("ignore", code: "MAP-147") {
      guard let reason = entry.value.text, !reason.isEmpty else {
        throw ConfigurationError("MAP-147", "'\(entry.key)' is ignored without a reason", hint: "Say in a few words why nobody needs it.", at: entry.value)
      }
      guard !read.contains(entry.key) else {
        throw ConfigurationError("MAP-147", "'\(entry.key)' is ignored and read", hint: "Take out this line or the one that reads it.", at: entry.value)
      }
      if format == .csv, layout?.field(named: entry.key) == nil { throw LayoutCompiler.unknownColumn(entry.key, layout ?? RowLayout(), entry.value) }
      guard format == .hl7v2 else { continue }
      if let fault = HL7Path(entry.key.utf8.count == 3 ? entry.key + "-1" : entry.key).map(\.fault) ?? ("'\(entry.key)' is not a path", HL7Path.hint)
      {
        throw ConfigurationError("MAP-147", fault.summary, hint: fault.hint, at: entry.value)
      }
    }
  }

  // MARK: Blocks

  private mutating func block(_ entry: OutlineNode.Entry, _ entity: Int, _ number: Int, _ root: OutlineNode) throws(ConfigurationError) -> Block {
    let node = entry.value
    try node.allow(MappingLanguage.blockKeys, code: "MAP-142")
    var rules = RuleCompiler(dictionary: dictionary, entity: entity, format: format, names: names, codeSets: codeSets)
    rules.replacedCodes = replacedCodes
    let each = try node.required("each", code: "MAP-142")
    let walk = try walk(node, each, &rules)
    var block = Block(entity: entity, mapping: number, rowPath: rowPath(each), each: each, walk: walk, eventTime: try eventTime(root, &rules), place: RulePlace(node["each"] ?? node))
    block.eachTest = try eachTest(each, node["each"] ?? node)
    let words = Words.of(each)
    if words.count == 3 { block.closers = HL7Segments.closers(of: words[2], for: words[0])?.map { SegmentTable.name($0.utf8) } }
    block.isOutside = format == .hl7v2 && words.count == 3 && words[1] == "outside"
    block.isSubject = try flag(node, "subject")
    block.isMain = try flag(node, "main")
    block.isWhole = try isWhole(node)
    try checkKey(node, dictionary.entities[entity])
    guard let set = node["set"], !set.entries.isEmpty else { throw ConfigurationError("MAP-142", "'set' is missing", hint: "One line a field: 'FIELD: PATH | step'.", at: node) }
    for line in set.entries { block.rules.append(try rules.rule(line)) }
    try checkComplete(set, dictionary.entities[entity])
    try checkOptionalColumns(block, node)
    block.eventPicture = try eventPicture(root)
    block.holds = try holds(node, &rules)
    try addGuards(node, root, &block, &rules)
    try addNullFlavor(node, &block)
    try addNegation(node, &block)
    try addRepeated(node, &block, &rules)
    block.contexts = rules.contexts
    names = rules.names
    codeSets = rules.codeSets
    return block
  }

  /// `OBX[2=ED]`: rows are made from such segments alone.
  private func eachTest(_ each: String, _ node: OutlineNode) throws(ConfigurationError) -> HL7Path.Test? {
    guard format == .hl7v2, let word = Words.of(each).first, word.contains("["), !word.contains("-") else { return nil }
    if let test = HL7Path(word + "-1")?.test { return test }
    throw ConfigurationError("MAP-142", "'\(each)' is not understood", hint: "Write 'OBX[2=ED] within OBR'.", at: node)
  }

  private mutating func rowPath(_ each: String) -> Int {
    if let known = rowPaths.firstIndex(of: each) { return known }
    rowPaths.append(each)
    return rowPaths.count - 1
  }

  private func flag(_ node: OutlineNode, _ key: String) throws(ConfigurationError) -> Bool {
    guard let text = try node.optional(key, code: "MAP-142") else { return false }
    guard text == "true" || text == "false" else { throw ConfigurationError("MAP-142", "'\(text)' is not legal here", hint: "Legal: true, false.", at: node[key] ?? node) }
    return text == "true"
  }

  private func isWhole(_ node: OutlineNode) throws(ConfigurationError) -> Bool {
    guard let text = try node.optional("absent", code: "MAP-142") else { return false }
    guard text == "clears" || text == "keeps" else {
      throw ConfigurationError(
        "MAP-142", "'absent: \(text)' is not understood", hint: "Legal: absent: keeps, absent: clears.", at: node["absent"] ?? node)
    }
    return text == "clears"
  }

  private func walk(_ node: OutlineNode, _ each: String, _ rules: inout RuleCompiler) throws(ConfigurationError) -> Block.Walk {
    let place = node["each"] ?? node
    if format == .csv { return try rowWalk(node, each, &rules) }
    guard format == .hl7v2 else {
      if format == .fhir, let section = node["section"] { throw ConfigurationError("MAP-142", "resources have no sections", hint: "Take the line out.", at: section) }
      let path = try rules.nodePath(each, place)
      if format == .fhir, !path.fromRoot { throw ConfigurationError("MAP-142", "'\(each)' does not begin with a type", hint: "Write 'Patient' or 'Patient.identifier'.", at: place) }
      if path.fromRoot { return .header(path) }
      return .entries(section: try section(node, &rules), path)
    }
    if let section = node["section"] { throw ConfigurationError("MAP-142", "HL7 v2 has no sections", hint: "Take the line out.", at: section) }
    var words = Words.of(each)
    words[0] = String(words[0].prefix { $0 != "[" || words[0].contains("-") })
    if words.count == 1, let path = HL7Path(each), path.selector == .all, path.component == 0, path.fault == nil {
      rules.segment = path.segment
      return .segments(name: path.segment, parent: 0, field: path.field)
    }
    guard words.count == 1 || (words.count == 3 && ["within", "outside"].contains(words[1])), words[0].utf8.count == 3, words.last?.utf8.count == 3 else {
      throw ConfigurationError("MAP-142", "'\(each)' is not understood", hint: "Write 'PID', 'OBX within OBR', 'OBX outside OBR' or 'PID-3[*]'.", at: place)
    }
    for name in [words[0], words[words.count - 1]] where HL7Segments.fieldLimit(name) == nil {
      throw ConfigurationError("MAP-133", "'\(name)' is not a segment of HL7 v2", hint: "Did you mean '\(HL7Segments.nearest(name))'?", at: place)
    }
    rules.segment = SegmentTable.name(words[0].utf8)
    rules.parent = words.count == 3 ? SegmentTable.name(words[2].utf8) : 0
    return .segments(name: rules.segment, parent: rules.parent, field: 0)
  }

  private func section(_ node: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> CDAPath.Step? {
    guard let text = try node.optional("section", code: "MAP-142"), text != "any" else { return nil }
    let place = node["section"] ?? node
    guard text.hasPrefix("//") else {
      throw ConfigurationError("MAP-142", "'\(text)' does not name sections", hint: "Write //h:section[h:templateId/@root='…'] or any.", at: place)
    }
    let path = try rules.nodePath(String(text.dropFirst(2)), place)
    guard path.steps.count == 1, path.attribute < 0 else { throw ConfigurationError("MAP-142", "'section' is one step with predicates", hint: "Write //h:section[h:templateId/@root='…'] or any.", at: place) }
    return path.steps[0]
  }

  private func eventTime(_ root: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> Block.EventTime {
    // A file of rows may have no date: each row is then of its night, and marked so.
    if format == .csv, root["event_time"] == nil { return .fields([]) }
    _ = try root.required("event_time", code: "MAP-142")
    let line = try RuleLine(root["event_time"] ?? root)
    guard line.steps.isEmpty || format == .csv else { throw ConfigurationError("MAP-142", "'event_time' takes paths only", hint: "Write 'PATH or PATH'.", at: line.node) }
    if format == .hl7v2 || format == .csv {
      var paths: [HL7Path] = []
      for text in line.paths { paths.append(try Self.single(rules.fieldPath(text, line.node), line.node)) }
      return .fields(paths)
    }
    var paths: [CDAPath] = []
    for text in line.paths { paths.append(try rules.nodePath(text, line.node)) }
    return .nodes(paths)
  }

  /// The key is that of the newest dictionary; a released mapping goes on saying the one under which it was released.
  private func checkKey(_ node: OutlineNode, _ entity: CanonicalEntity) throws(ConfigurationError) {
    let fixed = entity.keyNames, said = try node.texts("key", code: "MAP-142")
    guard said == fixed || dictionary.formerKeys(of: entity.name).contains(said) else {
      throw ConfigurationError(
        "MAP-148", "the key of '\(entity.name)' is fixed by the dictionary", hint: "Write 'key: [\(fixed.joined(separator: ", "))]'.",
        at: node["key"] ?? node)
    }
  }

  private func checkComplete(_ set: OutlineNode, _ entity: CanonicalEntity) throws(ConfigurationError) {
    for field in entity.fields where field.isKey && set[field.name] == nil {
      throw ConfigurationError("MAP-148", "the key field '\(field.name)' is not filled", hint: "Add the line '\(field.name): …'.", at: set)
    }
  }

  private func holds(_ node: OutlineNode, _ rules: inout RuleCompiler) throws(ConfigurationError) -> [HoldRule] {
    guard let block = node["hold"], format != .fhir else { return [] }
    guard format != .cda else {
      throw ConfigurationError("MAP-149", "'hold' reads HL7 v2 fields only", hint: "Use null_flavor and negation.", at: block)
    }
    var holds: [HoldRule] = []
    for entry in try node.block("hold", code: "MAP-149") {
      var values: [[UInt8]: FindingCode] = [:]
      for pair in try block.block(entry.key, code: "MAP-149") {
        guard let code = FindingCode(rawValue: pair.value.text ?? "") else { throw Self.unknownCode(pair.value) }
        values[Array(pair.key.utf8)] = code
      }
      holds.append(HoldRule(path: try rules.fieldPath(entry.key, entry.value), values: values))
    }
    return holds
  }

  static func unknownCode(_ node: OutlineNode) -> ConfigurationError {
    let legal = FindingCode.allCases.map(\.rawValue).filter { $0.hasSuffix("-HELD") }
    return ConfigurationError("MAP-149", "'\(node.text ?? "")' is not a finding code", hint: "Legal: \(legal.joined(separator: ", ")).", at: node)
  }

  private func addNullFlavor(_ node: OutlineNode, _ block: inout Block) throws(ConfigurationError) {
    guard format == .cda else {
      if let policy = node["null_flavor"] { throw ConfigurationError("MAP-149", "only documents have null flavours", hint: "Take the line out.", at: policy) }
      return
    }
    guard let policies = node["null_flavor"], policies["others"] != nil else {
      throw ConfigurationError("MAP-149", "nullFlavor is not dealt with", hint: "Add 'null_flavor: {entry: skip, others: absent}'.", at: node)
    }
    let entity = dictionary.entities[block.entity]
    try policies.allow(["entry", "others"] + entity.fields.map(\.name), code: "MAP-149")
    for index in block.rules.indices {
      let own = policies[entity.fields[block.rules[index].field].name] ?? policies["others"] ?? policies
      block.rules[index].nullFlavor = try word(own)
    }
    if let entry = policies["entry"] { block.entryNullFlavor = try word(entry) }
  }

  private func addNegation(_ node: OutlineNode, _ block: inout Block) throws(ConfigurationError) {
    guard let policy = node["negation"] else {
      if case .entries = block.walk {
        throw ConfigurationError(
          "MAP-149", "negationInd is not dealt with", hint: "Add 'negation: skip', or 'negation: value' and a line that reads @negationInd.", at: node
        )
      }
      return
    }
    guard format == .cda else { throw ConfigurationError("MAP-149", "only documents have negationInd", hint: "Take the line out.", at: policy) }
    let negation: Block.Negation = try word(policy)
    guard negation == .skip || block.rules.contains(where: readsNegation) else {
      throw ConfigurationError("MAP-149", "'negation: value' and no line reads @negationInd", hint: "Add a line that does, or write 'negation: skip'.", at: policy)
    }
    block.negation = negation
  }

  /// True where a line reads the negation of the statement itself or of what stands in it; that of what stands around it is another's.
  private func readsNegation(_ rule: FieldRule) -> Bool {
    guard case .nodes(let paths, _) = rule.source else { return false }
    return paths.contains { $0.text.hasSuffix("@negationInd") && !$0.text.hasPrefix("ancestor::") }
  }

  private func word<Word: RawRepresentable & CaseIterable>(_ node: OutlineNode) throws(ConfigurationError) -> Word where Word.RawValue == String {
    if let word = Word(rawValue: node.text ?? "") { return word }
    throw ConfigurationError(
      "MAP-149", "'\(node.text ?? "")' is not legal here", hint: "Legal: \(Word.allCases.map(\.rawValue).joined(separator: ", ")).", at: node)
  }
}
