import Core

/// Compiles the lines of one entity block. Everything that it does not know it refuses, with the place and the legal words.
struct RuleCompiler {
  let dictionary: CanonicalDictionary
  let entity: Int
  let format: SourceFormat
  /// The block's own segment and its parent (HL7 v2).
  var segment: UInt32 = 0
  var parent: UInt32 = 0
  /// How the file is laid out, in mappings of rows.
  var layout: RowLayout?
  var names: NameTable
  var codeSets: CodeSetTable
  var contexts: [Block.Context] = []
  /// `sex@1` to `sex@2`, where an overlay says so.
  var replacedCodes: [String: String] = [:]
  /// How many paths the lines so far have, by field.
  private var chains: [Int: Int] = [:]
  /// The field that decides for a line beside it, by the field of the line.
  private var roots: [Int: Int] = [:]
  /// The steps of the lines so far, by field.
  private var transforms: [Int: [FieldRule.Transform]] = [:]

  private var fields: [CanonicalField] { dictionary.entities[entity].fields }

  init(dictionary: CanonicalDictionary, entity: Int, format: SourceFormat, names: NameTable, codeSets: CodeSetTable) {
    self.dictionary = dictionary
    self.entity = entity
    self.format = format
    self.names = names
    self.codeSets = codeSets
  }

  /// One line of `set:`.
  mutating func rule(_ entry: OutlineNode.Entry) throws(ConfigurationError) -> FieldRule {
    guard let field = dictionary.entities[entity].index(of: entry.key) else { throw unknownField(entry) }
    let line = try Self.spelledOut(RuleLine(entry.value))
    var rule = FieldRule(field: field, source: try source(line, fields[field]), report: line.paths[0], place: RulePlace(entry.value))
    for words in line.steps { try add(words, to: &rule, line) }
    try checkSiblings(rule, line)
    // What stands beside a line that is beside another one is beside that one: it decides for all of them.
    rule.beside = rule.beside.map { roots[$0] ?? $0 }
    roots[field] = rule.beside
    (chains[field], transforms[field]) = (rule.source.pathCount, rule.transforms)
    try checkKind(rule, fields[field], line)
    try checkOnce(line)
    rule.fallback = try settledFallback(rule, fields[field], line.node)
    if fields[field].isKey, !rule.isRequired, rule.fallback == nil {
      throw ConfigurationError(
        "MAP-137", "'\(entry.key)' is a key field and may be missing", hint: "Add '| required' or '| default …'.", at: entry.value)
    }
    return rule
  }

  /// A line that looks at another field of its row looks at what stands above it, and `beside` at a chain as long as its own.
  private func checkSiblings(_ rule: FieldRule, _ line: RuleLine) throws(ConfigurationError) {
    var looked: [Int] = rule.transforms.compactMap { if case .sign(let field) = $0 { field } else { nil } }
    if let beside = rule.beside { looked.append(beside) }
    for field in looked where chains[field] == nil {
      throw ConfigurationError(
        "MAP-136", "the line looks at the field '\(fields[field].name)', which no line above it fills", hint: "Put that line first.", at: line.node)
    }
    for case .sign(let field) in rule.transforms where !tellsCredits(field) {
      throw ConfigurationError(
        "MAP-136", "'sign by \(fields[field].name)' looks for 'credit', and the line of '\(fields[field].name)' does not settle what is one",
        hint: "Let that line end in 'code SET@V | unmapped hold' with a set that has the target 'credit', like charge-kind@1.", at: line.node)
    }
    guard let beside = rule.beside, chains[beside] != rule.source.pathCount else { return }
    throw ConfigurationError(
      "MAP-136", "'beside \(fields[beside].name)' stands in a chain of another length, so that their places do not match",
      hint: "Give both lines as many paths: that of '\(fields[beside].name)' has \(chains[beside] ?? 0).", at: line.node)
  }

  /// True where the last step of a line is a code set that knows credits and holds what it does not know.
  private func tellsCredits(_ field: Int) -> Bool {
    guard case .code(let set, .hold)? = transforms[field]?.last else { return false }
    return codeSets.sets[set].rows.contains { $0.target.elementsEqual("credit".utf8) }
  }

  /// Steps that say one thing of the whole line stand in it once.
  private func checkOnce(_ line: RuleLine) throws(ConfigurationError) {
    var seen: Set<String> = []
    for words in line.steps where ["default", "required", "beside", "or", "id", "typed", "join", "ref", "money", "sign"].contains(words[0].text) {
      guard seen.insert(words[0].text).inserted else {
        throw ConfigurationError("MAP-136", "'\(words[0].text)' stands twice in one line", hint: "Leave one of them.", at: line.node)
      }
    }
  }

  private func unknownField(_ entry: OutlineNode.Entry) -> ConfigurationError {
    let legal = fields.map(\.name)
    let near = legal.min { Spelling.distance($0, entry.key) < Spelling.distance($1, entry.key) } ?? ""
    return ConfigurationError(
      "MAP-130", "\(dictionary.entities[entity].name) has no field '\(entry.key)'",
      hint: "Did you mean '\(near)'? Its fields: \(legal.joined(separator: ", ")).",
      file: entry.value.file, line: entry.keyLine, column: entry.keyColumn)
  }

  // MARK: Sources

  private mutating func source(_ line: RuleLine, _ field: CanonicalField) throws(ConfigurationError) -> FieldRule.Source {
    if line.paths[0] == "ref" || line.paths[0].hasPrefix("ref ") { return .nearest(entity: try nearest(line)) }
    if Set(line.paths).count < line.paths.count, !line.steps.contains(where: { $0[0].text == "beside" }) {
      throw ConfigurationError("MAP-132", "a path stands twice in one chain; the second is never reached", hint: "Take one of them out.", at: line.node)
    }
    switch format {
    case .hl7v2, .csv:
      var paths: [HL7Path] = []
      for text in line.paths { paths.append(try fieldPath(text, line.node)) }
      return .fields(paths, try fieldReading(paths, line, field))
    case .cda, .fhir:
      var paths: [CDAPath] = []
      for text in line.paths { paths.append(try nodePath(text, line.node)) }
      return .nodes(paths, try nodeReading(line))
    }
  }

  mutating func nodePath(_ text: String, _ node: OutlineNode) throws(ConfigurationError) -> CDAPath {
    let isResource = format == .fhir
    switch isResource ? FHIRPathParser.parse(text, &names) : CDAPathParser.parse(text, &names) {
    case .success(let path): return path
    case .failure(let fault):
      let hint = isResource ? FHIRPathParser.hint : CDAPathParser.hint
      throw ConfigurationError("MAP-134", "the path '\(text)' is not understood: \(fault.summary)", hint: hint, at: node)
    }
  }

  mutating func fieldPath(_ text: String, _ node: OutlineNode, mayCount: Bool = false) throws(ConfigurationError) -> HL7Path {
    if format == .csv { return try columnPath(text, node) }
    if Words.of(text).contains("with") { return try composed(text, node) }
    guard var path = HL7Path(text), path.field > 0 || mayCount else { throw ConfigurationError("MAP-133", "'\(text)' is not a path", hint: HL7Path.hint, at: node) }
    if let fault = path.fault { throw ConfigurationError("MAP-133", fault.summary, hint: fault.hint, at: node) }
    path.place = place(of: path)
    return path
  }

  private mutating func place(of path: HL7Path) -> HL7Path.Place {
    guard let follows = path.follows else { return place(of: path.segment, path.segmentName) }
    return follows.anchor.isEmpty ? .current : place(of: SegmentTable.name(follows.anchor.utf8), follows.anchor)
  }

  private mutating func place(of segment: UInt32, _ name: String) -> HL7Path.Place {
    if segment == self.segment { return .current }
    if segment == parent { return .parent }
    let reach: Block.Context.Reach =
      HL7Segments.isGlobal(name) ? .message : HL7Segments.isOfPatient(name) ? .patient : HL7Segments.isLeading(name) ? .leading : .trailing
    let context = Block.Context(name: segment, reach: reach)
    if let known = contexts.firstIndex(of: context) { return .context(known, reach) }
    contexts.append(context)
    return .context(contexts.count - 1, reach)
  }

  private mutating func fieldReading(_ paths: [HL7Path], _ line: RuleLine, _ field: CanonicalField) throws(ConfigurationError)
    -> FieldRule.FieldReading
  {
    if let words = line.steps.first(where: { $0[0].text == "id" }) {
      if let wrong = paths.first(where: { $0.component > 0 || $0.selector == .all }) {
        throw ConfigurationError(
          "MAP-135", "'id' takes a whole field or repetition, not '\(wrong.text)'",
          hint: "Leave the component out; value and assigner come from one repetition.", at: line.node)
      }
      return .identifier(otherwise: try otherwise(words, line.node), orFeed: words.dropFirst().map(\.text) == ["else", "sender"])
    }
    if let words = line.steps.first(where: { $0[0].text == "typed" }) {
      guard words.count == 2 else {
        throw ConfigurationError("MAP-135", "'typed' names the field that holds the value type", hint: "Write 'typed OBX-2'.", at: line.node)
      }
      return .typed(by: try kindPath(words[1].text, paths, line.node))
    }
    if line.steps.contains(where: { $0[0].text == "phone" }) { return try telephone(paths, line) }
    if line.steps.contains(where: { $0[0].text == "document" }) { return try attachment(paths, line) }
    if let words = line.steps.first(where: { $0[0].text == "join" }) { return .joined(try separator(words, line.node)) }
    if paths.contains(where: { $0.selector == .all }) {
      throw ConfigurationError("MAP-135", "'[*]' takes all repetitions and nothing joins them", hint: "Add '| join \" \"'.", at: line.node)
    }
    let scalars = ["date", "time", "decimal", "integer", "money", "code", "ucum"]
    let isScalar = field.kind == .code || line.steps.contains { scalars.contains($0[0].text) }
    if line.steps.contains(where: { $0[0].text == "money" }) { return .amount }
    return isScalar ? .scalar : .text
  }

  private mutating func otherwise(_ words: [RuleLine.Word], _ node: OutlineNode) throws(ConfigurationError) -> [HL7Path] {
    guard words.count > 1 else { return [] }
    var paths: [HL7Path] = []
    if format == .hl7v2, words.dropFirst().map(\.text) == ["else", "sender"] {
      for text in Self.sender { paths.append(try fieldPath(text, node)) }
      return paths
    }
    guard words[1].text == "else", words.count > 2, words.count % 2 == 1 else {
      throw ConfigurationError("MAP-135", "'id' is not written so", hint: "Write 'id', 'id else PATH [or PATH…]' or 'id else sender'.", at: node)
    }
    for index in stride(from: 2, to: words.count, by: 2) {
      guard index == 2 || words[index - 1].text == "or" else { throw ConfigurationError("MAP-135", "'or' is missing between two paths", hint: "Write 'id else PATH or PATH'.", at: node) }
      paths.append(try fieldPath(words[index].text, node))
    }
    return paths
  }

  private func nodeReading(_ line: RuleLine) throws(ConfigurationError) -> FieldRule.NodeReading {
    if let words = line.steps.first(where: { $0[0].text == "id" }) {
      let rest = words.dropFirst().map(\.text)
      guard rest.isEmpty || rest == ["else", "entry"] else {
        throw ConfigurationError(
          "MAP-135", "'id' is not written so", hint: "Write 'id', or 'id else entry' for the document's id and the number of the entry.",
          at: line.node)
      }
      return .identifier(orEntry: !rest.isEmpty)
    }
    if let words = line.steps.first(where: { $0[0].text == "join" }) { return .joined(try separator(words, line.node)) }
    if line.steps.contains(where: { $0[0].text == "narrative" }) { return .narrative }
    if let words = line.steps.first(where: { ["interval", "quantity"].contains($0[0].text) }) { return .interval(withUnit: words[0].text == "quantity") }
    return .text
  }

  private func separator(_ words: [RuleLine.Word], _ node: OutlineNode) throws(ConfigurationError) -> [UInt8] {
    guard words.count == 2, words[1].isQuoted else {
      throw ConfigurationError("MAP-135", "'join' names the text between the parts", hint: "Write 'join \" \"'.", at: node)
    }
    return Array(words[1].text.utf8)
  }

  // MARK: Steps

  static let legalSteps = """
    required, default TEXT, or absent, or kept, beside FIELD, trim, upper, lower, split "TEXT" N, join "TEXT", date ["MM/DD/YYYY"], \
    time ["MM/DD/YYYY hh:mm"], decimal, integer, money USD, \
    code SET@V, ucum [else SET@V], unmapped hold|pass|default TEXT, shape "99999", typed OBX-2, except TEXT, mark "TEXT", suffix "TEXT" PATH, sign by FIELD, id, phone, narrative, interval, quantity, ref ENTITY, document
    """

  private mutating func add(_ words: [RuleLine.Word], to rule: inout FieldRule, _ line: RuleLine) throws(ConfigurationError) {
    let texts = words.map(\.text)
    switch (texts[0], texts.count) {
    case ("id", _), ("join", _), ("typed", _): break
    case ("narrative", 1) where format == .cda, ("interval", 1) where format == .cda, ("quantity", 1) where format == .cda: break
    case ("document", 1) where format == .hl7v2, ("phone", 1) where format == .hl7v2: break
    case ("beside", 2): rule.beside = try sibling(texts[1], line.node)
    case ("required", 1): rule.isRequired = true
    case ("default", 2): rule.fallback = Array(texts[1].utf8)
    case ("or", 2) where texts[1] == "absent": rule.mayBeAbsent = true
    case ("or", 2) where texts[1] == "kept" && format == .hl7v2: rule.keepsEmpty = true
    case ("trim", 1): rule.transforms.append(.trim)
    case ("upper", 1): rule.transforms.append(.upper)
    case ("lower", 1): rule.transforms.append(.lower)
    case ("date", 1): rule.transforms.append(.date)
    case ("time", 1): rule.transforms.append(.time)
    case ("date", 2), ("time", 2): rule.transforms += try pictured(words, line.node)
    case ("decimal", 1): rule.transforms.append(.decimal)
    case ("integer", 1): rule.transforms.append(.integer)
    case ("money", 2) where texts[1] == "USD": rule.transforms.append(.money)
    case ("shape", 2) where words[1].isQuoted: rule.transforms.append(.shape(Array(texts[1].utf8)))
    case ("split", 3) where words[1].isQuoted && !texts[1].isEmpty && (Int(texts[2]) ?? 0) > 0:
      rule.transforms.append(.split(Array(texts[1].utf8), part: Int(texts[2]) ?? 1))
    case ("split", 3) where words[1].isQuoted && !texts[1].isEmpty && texts[2] == "last": rule.transforms.append(.split(Array(texts[1].utf8), part: 0))
    case ("code", 2): rule.transforms.append(.code(set: try codeSets.index(of: replacedCodes[texts[1]] ?? texts[1], line.node), .hold))
    case ("ucum", 1): rule.transforms.append(.unit(.hold, set: nil))
    case ("ucum", 3) where texts[1] == "else" && format == .hl7v2 && line.paths.count > 1:
      rule.transforms.append(.unit(.hold, set: try codeSets.index(of: replacedCodes[texts[2]] ?? texts[2], line.node)))
      // The path that is as a rule taken is the one that findings name.
      rule.report = line.paths[line.paths.count - 1]
    case ("unmapped", _): try setUnmapped(texts, &rule, line.node)
    case ("except", 2) where !texts[1].isEmpty: rule.transforms.append(.except(Array(texts[1].utf8)))
    case ("mark", 2) where words[1].isQuoted && line.paths.count > 1: rule.transforms.append(.mark(Array(texts[1].utf8)))
    case ("suffix", 3) where words[1].isQuoted && format == .hl7v2: rule.suffixes.append((Array(texts[1].utf8), try fieldPath(texts[2], line.node)))
    case ("sign", 3) where texts[1] == "by": rule.transforms.append(.sign(by: try sibling(texts[2], line.node)))
    case ("ref", 2): rule.transforms.append(.reference(try keyParts(of: texts[1], line.node)))
    default: throw unknownStep(texts, line.node)
    }
  }

  private func unknownStep(_ texts: [String], _ node: OutlineNode) -> ConfigurationError {
    ConfigurationError("MAP-136", "'\(texts.joined(separator: " "))' is not a step", hint: "Legal: \(Self.legalSteps).", at: node)
  }

  private func setUnmapped(_ texts: [String], _ rule: inout FieldRule, _ node: OutlineNode) throws(ConfigurationError) {
    let last = rule.transforms.last
    guard last?.hasUnmapped == true else {
      throw ConfigurationError(
        "MAP-136", "'unmapped' stands right after a 'code' or 'ucum' step", hint: "Write 'code SET@V | unmapped pass' or 'ucum | unmapped pass'.", at: node)
    }
    let policy: FieldRule.Unmapped
    switch (texts.dropFirst().first, texts.count) {
    case ("hold", 2): policy = .hold
    case ("pass", 2): policy = .pass
    case ("default", 3): policy = .fallback(Array(texts[2].utf8))
    default:
      throw ConfigurationError(
        "MAP-136", "'unmapped' is not written so", hint: "Legal: unmapped hold, unmapped pass, unmapped default TEXT.", at: node)
    }
    rule.transforms[rule.transforms.count - 1] = last?.unmapped(policy) ?? .unit(policy, set: nil)
  }

  private func sibling(_ name: String, _ node: OutlineNode) throws(ConfigurationError) -> Int {
    guard let index = dictionary.entities[entity].index(of: name) else {
      throw ConfigurationError("MAP-136", "there is no field '\(name)'", hint: "Its fields: \(fields.map(\.name).joined(separator: ", ")).", at: node)
    }
    return index
  }

  func referred(_ name: String, _ node: OutlineNode) throws(ConfigurationError) -> Int {
    guard let index = dictionary.index(of: name) else {
      throw ConfigurationError(
        "MAP-138", "'\(name)' is no entity", hint: "Entities: \(dictionary.entities.map(\.name).joined(separator: ", ")).", at: node)
    }
    return index
  }

  // MARK: Types

  /// A line must give what the dictionary says the field holds.
  private func checkKind(_ rule: FieldRule, _ field: CanonicalField, _ line: RuleLine) throws(ConfigurationError) {
    let steps = Set(line.steps.map { $0[0].text })
    let gives: String?
    switch field.kind {
    case .text: gives = steps.isDisjoint(with: ["date", "time", "decimal", "integer", "money", "id", "ref"]) ? nil : "a plain text"
    case .identifier: gives = steps.contains("id") && !steps.contains("ref") ? nil : "'id'"
    case .date: gives = steps.contains("date") ? nil : "'date'"
    case .time: gives = steps.contains("time") ? nil : "'time'"
    case .decimal: gives = steps.contains("decimal") ? nil : "'decimal'"
    case .integer: gives = steps.contains("integer") ? nil : "'integer'"
    case .money: gives = steps.contains("money") ? nil : "'money USD'"
    case .code, .boolean: gives = steps.isDisjoint(with: ["date", "time", "decimal", "integer", "money", "id", "ref", "typed"]) ? nil : "a code"
    case .reference(let target): gives = names(target, rule, line) ? nil : "'ref \(target)'"
    }
    if let gives {
      throw ConfigurationError("MAP-139", "field '\(field.name)' needs \(gives)", hint: "The dictionary says what it holds.", at: line.node)
    }
  }

  /// The text of `default` as the field holds it.
  private func settledFallback(_ rule: FieldRule, _ field: CanonicalField, _ node: OutlineNode) throws(ConfigurationError) -> [UInt8]? {
    guard let text = rule.fallback else { return nil }
    guard let settled = Self.settled(text, field.kind), !settled.isEmpty else {
      throw ConfigurationError(
        "MAP-139", "'default \(String(decoding: text, as: UTF8.self))' is nothing that the field '\(field.name)' can hold", hint: "The dictionary says what it holds.", at: node)
    }
    return settled
  }

  private static func settled(_ text: [UInt8], _ kind: CanonicalField.Kind) -> [UInt8]? {
    var out: [UInt8] = []
    switch kind {
    case .text, .code, .boolean, .identifier: return text
    case .reference: return nil
    case .date, .time:
      guard let time = ClinicalTime(text.span, 0..<text.count), !time.needsZone else { return nil }
      if kind == .date { time.appendDate(to: &out) } else { time.append(to: &out) }
    case .decimal, .integer:
      guard let form = DecimalForm(text.span, 0..<text.count), kind == .decimal || form.fraction.isEmpty else { return nil }
      form.append(text.span, to: &out)
    case .money:
      guard let cents = DecimalForm(text.span, 0..<text.count)?.hundredths(text.span) else { return nil }
      Money(cents: cents).append(to: &out)
    }
    return out
  }

  private func names(_ target: String, _ rule: FieldRule, _ line: RuleLine) -> Bool {
    if case .nearest(let entity) = rule.source { return dictionary.entities[entity].name == target }
    return line.steps.contains { $0.map(\.text) == ["ref", target] } && line.steps.contains { $0[0].text == "id" }
  }
}
