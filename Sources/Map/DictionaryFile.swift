public import Core

/// The data dictionary's file, `Mappings/canonical/<version>.yaml`: entity, FHIR resource, and one line a field.
///
/// A field line is `TYPE | class CLASS | [key] | [fhir ELEMENT] | [hipaa N] | [system NAME|in FIELD] | [unit NAME|in FIELD] | [note TEXT]`;
/// see `FieldLine`.
public enum DictionaryFile {
  /// - Throws: `ConfigurationError` MAP-11x with file, line, column and the legal words.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> CanonicalDictionary {
    let root = try OutlineReader.read(bytes, file: file)
    try root.allow(["dictionary", "version", "entities"], code: "MAP-110")
    guard try root.required("dictionary", code: "MAP-110") == "canonical" else {
      throw ConfigurationError("MAP-110", "the file is no canonical dictionary", hint: "Write 'dictionary: canonical'.", at: root["dictionary"] ?? root)
    }
    guard let version = Int(try root.required("version", code: "MAP-110")), version > 0 else {
      throw ConfigurationError("MAP-110", "'version' must be a whole number above 0", at: root["version"] ?? root)
    }
    guard let block = root["entities"], !block.entries.isEmpty else { throw ConfigurationError("MAP-110", "no entity is named", at: root) }
    var entities: [CanonicalEntity] = []
    for entry in block.entries { entities.append(try entity(entry)) }
    let dictionary = CanonicalDictionary(version: version, entities: entities, digest: Hex.text(SHA256.digest(bytes)))
    for entry in block.entries { try checkNames(entry, dictionary) }
    return dictionary
  }

  /// The newest dictionary of a library, with all earlier ones: rows are mapped and stored under this one. The earlier ones are read when they are
  /// asked for; one that cannot be read is none.
  ///
  /// - Throws: as `read`, for the newest one; MAP-141 where there is none, MAP-110 where its version is not that of its file name.
  public static func newest(in library: MappingLibrary) throws(ConfigurationError) -> CanonicalDictionary {
    let versions = versions(in: library)
    guard let last = versions.last else {
      throw ConfigurationError("MAP-141", "there is no data dictionary", hint: "Name the folder of the shipped mappings with --mappings DIR; a site names it under 'mappings' in site.yaml.", file: library.place("canonical"))
    }
    var newest = try read(last, in: library)
    let files = versions.dropLast().map { (version: $0, bytes: library[path($0)] ?? [], file: library.place(path($0))) }
    newest.readEarlier { files.compactMap { try? read($0.version, $0.bytes, file: $0.file) } }
    return newest
  }

  /// Reads all dictionaries of a library: what `newest` leaves until it is asked for is right too.
  ///
  /// - Throws: as `newest`, for each of them.
  public static func check(_ library: MappingLibrary) throws(ConfigurationError) {
    for version in versions(in: library) { _ = try read(version, in: library) }
  }

  private static func path(_ version: Int) -> String { "canonical/\(version).yaml" }

  private static func read(_ version: Int, in library: MappingLibrary) throws(ConfigurationError) -> CanonicalDictionary {
    try read(version, library[path(version)] ?? [], file: library.place(path(version)))
  }

  private static func read(_ version: Int, _ bytes: [UInt8], file: String) throws(ConfigurationError) -> CanonicalDictionary {
    let dictionary = try read(bytes, file: file)
    guard dictionary.version == version else {
      throw ConfigurationError("MAP-110", "'version' is not that of the file name", hint: "Write 'version: \(version)'.", file: file)
    }
    return dictionary
  }

  private static func versions(in library: MappingLibrary) -> [Int] {
    library.paths.compactMap { $0.hasPrefix("canonical/") && $0.hasSuffix(".yaml") ? Int($0.dropFirst(10).dropLast(5)) : nil }.sorted()
  }

  private static func entity(_ entry: OutlineNode.Entry) throws(ConfigurationError) -> CanonicalEntity {
    try entry.value.allow(["fhir", "note", "fields"], code: "MAP-111")
    try checkName(entry)
    guard let block = entry.value["fields"], !block.entries.isEmpty else {
      throw ConfigurationError("MAP-111", "entity '\(entry.key)' has no fields", at: entry.value)
    }
    var fields: [CanonicalField] = []
    for line in block.entries {
      try checkName(line)
      fields.append(try FieldLine.read(line))
    }
    guard fields.contains(where: \.isKey) else {
      throw ConfigurationError("MAP-111", "entity '\(entry.key)' has no key field", hint: "Add '| key' to what names a row.", at: block)
    }
    let fhir = try entry.value.required("fhir", code: "MAP-111")
    guard FieldLine.isElement(fhir) else {
      throw ConfigurationError("MAP-116", "'\(fhir)' is not a FHIR element", hint: FieldLine.elementHint, at: entry.value["fhir"] ?? entry.value)
    }
    var entity = CanonicalEntity(name: entry.key, fhir: fhir, fields: fields)
    entity.note = try entry.value.optional("note", code: "MAP-111") ?? ""
    return entity
  }

  /// Names become table and column names: letters, digits and underscores only.
  private static func checkName(_ entry: OutlineNode.Entry) throws(ConfigurationError) {
    let legal = entry.key.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    guard legal, let first = entry.key.utf8.first, (0x61...0x7A).contains(first), entry.key.utf8.count <= 40 else {
      throw ConfigurationError(
        "MAP-112", "'\(entry.key)' is not a legal name", hint: "Use a lower-case letter, then letters, digits and underscores.",
        file: entry.value.file, line: entry.keyLine, column: entry.keyColumn)
    }
  }

  /// References go to entities, a key only to one that is known without references, and `in FIELD` names a text of the same entity.
  private static func checkNames(_ entry: OutlineNode.Entry, _ dictionary: CanonicalDictionary) throws(ConfigurationError) {
    guard let entity = dictionary[entry.key], let block = entry.value["fields"] else { return }
    for field in entity.fields {
      let node = block[field.name] ?? block
      if case .reference(let name) = field.kind {
        guard let target = dictionary[name] else {
          throw ConfigurationError(
            "MAP-115", "field '\(entity.name).\(field.name)' refers to '\(name)', which is no entity",
            hint: "Entities: \(dictionary.entities.map(\.name).joined(separator: ", ")).", at: node)
        }
        guard !field.isKey || target.keyFields.allSatisfy({ !target.fields[$0].isReference }) else {
          throw ConfigurationError(
            "MAP-115", "the key field '\(field.name)' refers to '\(name)', whose own key has a reference",
            hint: "A key refers to entities that are known by their own numbers alone, like patient.", at: node)
        }
      }
      for case .field(let name)? in [field.codeSystem, field.unit] {
        guard entity.fields.contains(where: { $0.name == name && $0.kind == .text }) else {
          throw ConfigurationError(
            "MAP-117", "field '\(entity.name).\(field.name)' says 'in \(name)', which is no text of this entity",
            hint: "Legal: \(entity.fields.filter { $0.kind == .text }.map(\.name).joined(separator: ", ")).", at: node)
        }
      }
    }
  }
}

/// One field of the dictionary as a line. TYPE is text, identifier, date, time, decimal, integer, money USD, code, boolean or
/// `reference ENTITY`; the parts after it stand in any order, each once.
///
/// - hipaa: the identifier of 45 CFR 164.514(b)(2)(i), 1 to 18.
/// - system: what the codes are drawn from. unit: the UCUM unit of a number. `in FIELD`: it is sent with the value and stands there.
enum FieldLine {
  /// The words between two bars, and where they stand.
  private struct Part {
    var words: [String]
    var place: OutlineNode
  }

  static func read(_ line: OutlineNode.Entry) throws(ConfigurationError) -> CanonicalField {
    let parts = try cut(line.value)
    var field = CanonicalField(name: line.key, kind: try kind(parts[0]), dataClass: .operational)
    var seen: Set<String> = []
    for part in parts.dropFirst() {
      guard seen.insert(part.words.first ?? "").inserted else {
        throw ConfigurationError("MAP-113", "'\(part.words.first ?? "")' stands twice", hint: legal, at: part.place)
      }
      try add(part, to: &field)
    }
    guard seen.contains("class") else {
      throw ConfigurationError("MAP-113", "field '\(line.key)' has no data class", hint: "Add '| class CLASS': \(classes).", at: line.value)
    }
    return field
  }

  private static func cut(_ node: OutlineNode) throws(ConfigurationError) -> [Part] {
    guard let text = node.text else { throw ConfigurationError("MAP-113", "a field is one line of text", hint: legal, at: node) }
    var column = node.column
    return text.utf8.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map { piece in
      var place = node
      place.column = column + piece.prefix { $0 == UInt8(ascii: " ") }.count
      // Columns count characters, not the bytes that follow the first one of each.
      column += piece.count { $0 & 0xC0 != 0x80 } + 1
      return Part(words: Words.of(Substring(piece)), place: place)
    }
  }

  private static let legal = "After the type: class CLASS, key, fhir ELEMENT, hipaa 1…18, system NAME, system in FIELD, unit NAME, unit in FIELD, note TEXT."
  private static let classes = "Legal: \(DataClass.allCases.map(\.rawValue).joined(separator: ", "))"

  private static func add(_ part: Part, to field: inout CanonicalField) throws(ConfigurationError) {
    let words = part.words
    switch (words.first ?? "", words.count) {
    case ("key", 1): field.isKey = true
    case ("class", 2): field.dataClass = try dataClass(words[1], part.place)
    case ("fhir", 2): field.fhir = try element(words[1], part.place)
    case ("hipaa", 2): field.hipaa = try identifierNumber(words[1], part.place)
    case ("system", 2...3): field.codeSystem = try origin(part, for: field, [.code, .text])
    case ("unit", 2...3): field.unit = try origin(part, for: field, [.decimal, .integer])
    case ("note", 2...): field.note = words.dropFirst().joined(separator: " ")
    default: throw ConfigurationError("MAP-113", "'\(words.joined(separator: " "))' is not understood", hint: legal, at: part.place)
    }
  }

  private static func dataClass(_ name: String, _ place: OutlineNode) throws(ConfigurationError) -> DataClass {
    guard let known = DataClass(rawValue: name) else { throw ConfigurationError("MAP-113", "'\(name)' is not a data class", hint: classes + ".", at: place) }
    return known
  }

  private static func identifierNumber(_ text: String, _ place: OutlineNode) throws(ConfigurationError) -> Int {
    guard let number = Int(text), (1...18).contains(number) else {
      throw ConfigurationError(
        "MAP-113", "'hipaa \(text)' names no identifier", hint: "Legal: 1 to 18, the identifiers A to R of 45 CFR 164.514(b)(2)(i).", at: place)
    }
    return number
  }

  private static func origin(_ part: Part, for field: CanonicalField, _ kinds: [CanonicalField.Kind]) throws(ConfigurationError) -> CanonicalField.Origin {
    let words = part.words
    guard kinds.contains(field.kind) else {
      throw ConfigurationError(
        "MAP-113", "'\(words[0])' does not fit the type of '\(field.name)'", hint: "A code or text has a system, a decimal or integer a unit.", at: part.place)
    }
    if words.count == 2 { return .named(words[1]) }
    guard words[1] == "in" else {
      throw ConfigurationError("MAP-113", "'\(words.joined(separator: " "))' is not understood", hint: "Write '\(words[0]) NAME' or '\(words[0]) in FIELD'.", at: part.place)
    }
    return .field(words[2])
  }

  private static func kind(_ part: Part) throws(ConfigurationError) -> CanonicalField.Kind {
    switch (part.words.first ?? "", part.words.count) {
    case ("text", 1): .text
    case ("identifier", 1): .identifier
    case ("date", 1): .date
    case ("time", 1): .time
    case ("decimal", 1): .decimal
    case ("integer", 1): .integer
    case ("code", 1): .code
    case ("boolean", 1): .boolean
    case ("money", 2) where part.words[1] == "USD": .money(currency: part.words[1])
    case ("reference", 2): .reference(entity: part.words[1])
    default:
      throw ConfigurationError(
        "MAP-114", "'\(part.words.joined(separator: " "))' is not a type",
        hint: "Legal: text, identifier, date, time, decimal, integer, money USD, code, boolean, reference ENTITY.", at: part.place)
    }
  }

  // MARK: FHIR elements

  static let elementHint = "Write Resource or Resource.element.element; an element may end in [x] or :slice."

  private static func element(_ text: String, _ place: OutlineNode) throws(ConfigurationError) -> String {
    guard isElement(text) else { throw ConfigurationError("MAP-116", "'\(text)' is not a FHIR element", hint: elementHint, at: place) }
    return text
  }

  /// The shape alone: `Patient.extension:us-core-race.ombCategory`.
  static func isElement(_ text: String) -> Bool {
    let steps = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let resource = steps.first, isName(resource, first: 0x41...0x5A) else { return false }
    return steps.dropFirst().allSatisfy { step in
      let parts = step.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      let name = parts[0].suffix(3).elementsEqual("[x]".utf8) ? parts[0].dropLast(3) : parts[0]
      return parts.count <= 2 && isName(name, first: 0x61...0x7A) && parts.dropFirst().allSatisfy(isSlice)
    }
  }

  private static func isName(_ text: Substring.UTF8View, first: ClosedRange<UInt8>) -> Bool {
    text.first.map(first.contains) == true && text.allSatisfy(isLetterOrDigit)
  }

  private static func isSlice(_ text: Substring.UTF8View) -> Bool { !text.isEmpty && text.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") } }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
  }
}

/// The words of a line, cut at blanks.
enum Words {
  static func of(_ text: some StringProtocol) -> [String] { text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map { String(decoding: $0, as: UTF8.self) } }
}
