import Core

/// One example of a mapping file.
struct MappingExample {
  struct Difference {
    var place: String
    var want: String
    var got: String
  }

  let name: String
  let text: String
  /// The feed's `server`, for resources; empty where the example has none.
  let server: String
  /// `CODE at PATH` of all that is to be held.
  private let holds: [String]
  private let node: OutlineNode

  /// `layout` is that of a mapping of rows, `isResource` says that the mapping reads FHIR. `first` is the `given` of the file's first example, which the others change.
  init(_ node: OutlineNode, first: inout String, layout: RowLayout? = nil, isResource: Bool = false) throws(ConfigurationError) {
    try node.allow(MappingLanguage.exampleKeys, code: "MAP-144")
    self.node = node
    name = try node.required("name", code: "MAP-144")
    var text = try node.optional("given", code: "MAP-144") ?? first
    guard !text.isEmpty else { throw ConfigurationError("MAP-144", "the first example has no 'given'", hint: "Add the message or document, indented under 'given: |'.", at: node) }
    if first.isEmpty { first = text }
    for entry in try node.block("change", code: "MAP-144") {
      if let layout { text = try CSVExample.change(text, entry, layout) } else { text = try Self.change(text, entry) }
    }
    for entry in try node.block("replace", code: "MAP-144") { text = try Self.replace(text, entry) }
    self.text = text
    server = try node.optional("server", code: "MAP-144") ?? ""
    if let said = node["server"], !isResource {
      throw ConfigurationError("MAP-144", "only feeds of FHIR have a server", hint: "Leave 'server' out.", at: said)
    }
    guard server.isEmpty || Self.isServer(server) else {
      throw ConfigurationError("MAP-144", "'server' is the base URL of a FHIR server, without a slash at its end", hint: "server: https://ehr.example/fhir", at: node["server"] ?? node)
    }
    for key in ["expect", "does", "skipped"] { _ = try node.block(key, code: "MAP-144") }
    holds = try Self.holds(node)
    let lists = [node["findings"]].compactMap(\.self) + ["expect", "does"].flatMap { key in (node[key]?.entries ?? []).map(\.value) }
    for node in lists {
      if node.items == nil { throw ConfigurationError("MAP-144", "what is expected here is a list", hint: "Write '[…]'.", at: node) }
    }
    guard !holds.isEmpty || ["expect", "does", "skipped"].contains(where: { !(node[$0]?.entries ?? []).isEmpty }) else {
      throw ConfigurationError("MAP-144", "the example expects nothing", hint: "Add 'expect' with rows, 'does', 'hold' or 'skipped'.", at: node)
    }
  }

  /// As a feed takes it.
  private static func isServer(_ text: String) -> Bool { (text.hasPrefix("https://") || text.hasPrefix("http://")) && !text.hasSuffix("/") }

  /// `hold: {code, at}`, or a list of such.
  private static func holds(_ node: OutlineNode) throws(ConfigurationError) -> [String] {
    guard let hold = node["hold"] else { return [] }
    var holds: [String] = []
    for item in hold.items ?? [hold] {
      guard case .mapping = item.content else {
        throw ConfigurationError("MAP-144", "'hold' names a code and a place", hint: "Write 'hold: {code: KEY-REPEATED, at: OBX}', or a list of such.", at: item)
      }
      try item.allow(["code", "at"], code: "MAP-144")
      holds.append("\(try item.required("code", code: "MAP-144")) at \(try item.optional("at", code: "MAP-144") ?? "")")
    }
    return holds
  }

  /// The message once for each type that `types:` names, with the type for messages; once as it is where the line is missing.
  ///
  /// - all: what `types: all` stands for.
  func texts(_ all: [String]) throws(ConfigurationError) -> [(type: String, text: String)] {
    let named = try node.texts("types", code: "MAP-144")
    if named.isEmpty { return [("", text)] }
    guard !all.isEmpty else { throw ConfigurationError("MAP-144", "only HL7 v2 has message types", hint: "Leave 'types' out.", at: node["types"] ?? node) }
    var texts: [(String, String)] = []
    for type in named == ["all"] ? all : named {
      guard all.contains(type), let path = HL7Path("MSH-9"), let text = Self.set(path, to: type, in: text) else {
        throw ConfigurationError("MAP-144", "the mapping reads no type '\(type)'", hint: "Write 'types: all', or types of 'reads'.", at: node["types"] ?? node)
      }
      texts.append((" · " + type, text))
    }
    return texts
  }

  /// Sets a field, of the first segment of that name, to a text: `change: {PV1-19: ""}`.
  private static func change(_ text: String, _ entry: OutlineNode.Entry) throws(ConfigurationError) -> String {
    guard let path = HL7Path(entry.key), path.component == 0, let value = entry.value.text else {
      throw ConfigurationError("MAP-144", "'change' names a field and its text", hint: "Write 'change: {PV1-19: \"\"}'.", at: entry.value)
    }
    guard let changed = set(path, to: value, in: text) else {
      throw ConfigurationError("MAP-144", "the example has no segment \(path.segmentName)", hint: "Change a segment of 'given'.", at: entry.value)
    }
    return changed
  }

  /// Nil where the message has no such segment.
  private static func set(_ path: HL7Path, to value: String, in text: String) -> String? {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let index = lines.firstIndex(where: { $0.hasPrefix(path.segmentName + "|") }) else { return nil }
    var fields = lines[index].split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    let piece = path.segmentName == "MSH" ? path.field - 1 : path.field
    while fields.count <= piece { fields.append("") }
    fields[piece] = value
    lines[index] = fields.joined(separator: "|")
    return lines.joined(separator: "\n")
  }

  /// Replaces a text that must stand in the example.
  private static func replace(_ text: String, _ entry: OutlineNode.Entry) throws(ConfigurationError) -> String {
    var out = ""
    var rest = text[...]
    var found = false
    while !rest.isEmpty {
      if !entry.key.isEmpty, rest.hasPrefix(entry.key) {
        out += entry.value.text ?? ""
        rest = rest.dropFirst(entry.key.count)
        found = true
      } else {
        out.append(rest.removeFirst())
      }
    }
    guard found else { throw ConfigurationError("MAP-144", "the text to replace does not stand in the example", hint: "Copy it from 'given'.", at: entry.value) }
    return out
  }

  /// What differs from `expect`, `does`, `hold`, `skipped` and `findings`.
  func differences(_ message: MappedMessage, _ plan: MapPlan) -> [Difference] {
    var out: [Difference] = []
    for entry in node["expect"]?.entries ?? [] { out += rows(entry, message, plan) }
    for entry in node["does"]?.entries ?? [] { out += actions(entry, message, plan) }
    for code in node["findings"]?.items ?? [] where !message.findings.contains(where: { $0.code.rawValue == code.text }) {
      out.append(Difference(place: "findings", want: code.text ?? "", got: message.findings.map(\.code.rawValue).joined(separator: ", ")))
    }
    out += lostTimes(message, plan)
    for entry in node["skipped"]?.entries ?? [] {
      guard plan.dictionary.index(of: entry.key) != nil else {
        out.append(Self.noEntity("skipped " + entry.key))
        continue
      }
      let count = message.skipped.filter { plan.dictionary.entities[$0.entity].name == entry.key }.reduce(0) { $0 + $1.count }
      if String(count) != entry.value.text { out.append(Difference(place: "skipped " + entry.key, want: entry.value.text ?? "", got: String(count))) }
    }
    let held = Self.held(message)
    if held.sorted() != holds.sorted() { out.append(Difference(place: "hold", want: Self.shown(holds), got: Self.shown(held))) }
    return out
  }

  private static func shown(_ held: [String]) -> String { held.isEmpty ? "nothing held" : held.joined(separator: ", ") }

  private static func noEntity(_ place: String) -> Difference { Difference(place: place, want: "an entity", got: "none of that name") }

  /// An event time that cannot be read lets the business date stand in, without a row held: an example that does not say so is wrong.
  private func lostTimes(_ message: MappedMessage, _ plan: MapPlan) -> [Difference] {
    let expected = (node["findings"]?.items ?? []).compactMap(\.text)
    // Resources often carry no time of their own; of one that does, every row has it.
    let codes: [FindingCode] = plan.format == .fhir && !text.contains("\"lastUpdated\"") ? [.timeInvalid] : [.timeInvalid, .eventTimeMissing]
    let lost = message.findings.filter { codes.contains($0.code) && !$0.position.path.isEmpty && !expected.contains($0.code.rawValue) }
    return lost.map { Difference(place: "findings", want: "no \($0.code.rawValue); where it is meant, 'findings: [\($0.code.rawValue)]'", got: "\($0.code.rawValue) at \($0.position.text)") }
  }

  private static func held(_ message: MappedMessage) -> [String] {
    var findings = message.heldRows.map(\.finding)
    switch message.verdict {
    case .held(let finding), .rejected(let finding): findings.append(finding)
    case .rows, .filtered: break
    }
    return findings.map { "\($0.code.rawValue) at \($0.position.path)" }
  }

  /// What the rows of an entity do, in order; a row that says no more than what is so is a `state`.
  private func actions(_ entry: OutlineNode.Entry, _ message: MappedMessage, _ plan: MapPlan) -> [Difference] {
    guard let entity = plan.dictionary.index(of: entry.key) else { return [Self.noEntity("does " + entry.key)] }
    let got = message.rows.rows.filter { $0.entity == Int32(entity) }.map { row in RowAction.words.first { $0.action == row.action }?.word ?? "state" }
    let want = (entry.value.items ?? []).compactMap(\.text)
    return got == want ? [] : [Difference(place: "does " + entry.key, want: want.joined(separator: ", "), got: got.joined(separator: ", "))]
  }

  private func rows(_ entry: OutlineNode.Entry, _ message: MappedMessage, _ plan: MapPlan) -> [Difference] {
    guard let entity = plan.dictionary.index(of: entry.key) else {
      return [Self.noEntity(entry.key)]
    }
    let rows = message.rows.rows.indices.filter { message.rows.rows[$0].entity == Int32(entity) }
    let wanted = entry.value.items ?? []
    guard rows.count == wanted.count else { return [Difference(place: entry.key, want: "\(wanted.count) rows", got: "\(rows.count)")] }
    var out: [Difference] = []
    for (number, (row, want)) in zip(rows, wanted).enumerated() {
      for cell in want.entries {
        let got = Self.text(message, row, cell.key, plan.dictionary.entities[entity], plan.dictionary)
        if got != cell.value.text { out.append(Difference(place: "\(entry.key)[\(number)].\(cell.key)", want: cell.value.text ?? "", got: got)) }
      }
    }
    return out
  }

  /// A cell as examples write it: `value@assigner` for identifiers, the target's key for references; what that key itself refers to, as
  /// the patient of a visit, is left out.
  private static func text(_ message: MappedMessage, _ row: Int, _ name: String, _ entity: CanonicalEntity, _ dictionary: CanonicalDictionary) -> String {
    guard let field = entity.index(of: name) else { return "no such field" }
    switch message.rows.cell(row: row, field: field).state {
    case .absent: return "(absent)"
    case .null: return "(cleared)"
    case .value: break
    }
    let value = Array(message.rows.value(row: row, field: field))
    guard case .reference(let name) = entity.fields[field].kind, let target = dictionary[name] else { return shown(value) }
    let parts = zip(target.keyFields, RowKey.parts(value) ?? []).filter { !target.fields[$0.0].isReference }
    return parts.map { shown($0.1) }.joined(separator: " ")
  }

  private static func shown(_ value: [UInt8]) -> String { String(decoding: value.map { $0 == 0x1F ? UInt8(ascii: "@") : $0 }, as: UTF8.self) }
}
