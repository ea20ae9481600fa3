public import Core

/// The data dictionary's file, `Mappings/canonical/<version>.yaml`: entity, FHIR resource, and one line a field.
///
/// A field line is `TYPE | class CLASS | [key] | [fhir ELEMENT] | [hipaa N]`; TYPE is text, identifier, date, time, decimal, integer,
/// money USD, code, boolean or `reference ENTITY`. N counts the identifiers of 45 CFR 164.514(b)(2)(i), 1 to 18.
public enum DictionaryFile {
  /// - Throws: `ConfigurationError` MAP-11x with file, line, column and the legal words.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> CanonicalDictionary {
    let root = try OutlineReader.read(bytes, file: file)
    try root.allow(["dictionary", "version", "entities"], code: "MAP-110")
    guard let version = Int(try root.required("version", code: "MAP-110")), version > 0 else {
      throw ConfigurationError("MAP-110", "'version' must be a whole number above 0", at: root["version"] ?? root)
    }
    guard let block = root["entities"], !block.entries.isEmpty else { throw ConfigurationError("MAP-110", "no entity is named", at: root) }
    var entities: [CanonicalEntity] = []
    for entry in block.entries { entities.append(try entity(entry)) }
    let dictionary = CanonicalDictionary(version: version, entities: entities, digest: Hex.text(SHA256.digest(bytes)))
    try checkReferences(dictionary, block)
    return dictionary
  }

  private static func entity(_ entry: OutlineNode.Entry) throws(ConfigurationError) -> CanonicalEntity {
    try entry.value.allow(["fhir", "fields"], code: "MAP-111")
    try checkName(entry)
    guard let block = entry.value["fields"], !block.entries.isEmpty else {
      throw ConfigurationError("MAP-111", "entity '\(entry.key)' has no fields", at: entry.value)
    }
    var fields: [CanonicalField] = []
    for line in block.entries { fields.append(try field(line)) }
    guard fields.contains(where: \.isKey) else { throw ConfigurationError("MAP-111", "entity '\(entry.key)' has no key field", at: block) }
    return CanonicalEntity(name: entry.key, fhir: try entry.value.required("fhir", code: "MAP-111"), fields: fields)
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

  private static func field(_ line: OutlineNode.Entry) throws(ConfigurationError) -> CanonicalField {
    try checkName(line)
    guard let text = line.value.text else { throw ConfigurationError("MAP-113", "a field is one line of text", at: line.value) }
    let parts = text.split(separator: "|", omittingEmptySubsequences: false).map { Words.of($0) }
    var field = CanonicalField(name: line.key, kind: try kind(parts[0], line.value), dataClass: .operational)
    var classified = false
    for words in parts.dropFirst() {
      switch words.first {
      case "key" where words.count == 1: field.isKey = true
      case "fhir" where words.count == 2: field.fhir = words[1]
      case "hipaa" where words.count == 2 && (1...18).contains(Int(words[1]) ?? 0): break
      case "class" where words.count == 2:
        field.dataClass = try dataClass(words[1], line.value)
        classified = true
      default:
        throw ConfigurationError(
          "MAP-113", "'\(words.joined(separator: " "))' is not understood",
          hint: "After the type: class CLASS, key, fhir ELEMENT, hipaa 1…18.", at: line.value)
      }
    }
    guard classified else {
      throw ConfigurationError("MAP-113", "field '\(line.key)' has no data class", hint: "Add '| class CLASS'.", at: line.value)
    }
    return field
  }

  private static func dataClass(_ name: String, _ node: OutlineNode) throws(ConfigurationError) -> DataClass {
    if let known = DataClass(rawValue: name) { return known }
    let legal = DataClass.allCases.map(\.rawValue).joined(separator: ", ")
    throw ConfigurationError("MAP-113", "'\(name)' is not a data class", hint: "Legal: \(legal).", at: node)
  }

  private static func kind(_ words: [String], _ node: OutlineNode) throws(ConfigurationError) -> CanonicalField.Kind {
    switch (words.first ?? "", words.count) {
    case ("text", 1): .text
    case ("identifier", 1): .identifier
    case ("date", 1): .date
    case ("time", 1): .time
    case ("decimal", 1): .decimal
    case ("integer", 1): .integer
    case ("code", 1): .code
    case ("boolean", 1): .boolean
    case ("money", 2): .money(currency: words[1])
    case ("reference", 2): .reference(entity: words[1])
    default:
      throw ConfigurationError(
        "MAP-114", "'\(words.joined(separator: " "))' is not a type",
        hint: "Legal: text, identifier, date, time, decimal, integer, money USD, code, boolean, reference ENTITY.", at: node)
    }
  }

  private static func checkReferences(_ dictionary: CanonicalDictionary, _ block: OutlineNode) throws(ConfigurationError) {
    for entity in dictionary.entities {
      for field in entity.fields {
        if case .reference(let target) = field.kind, dictionary.index(of: target) == nil {
          throw ConfigurationError(
            "MAP-115", "field '\(entity.name).\(field.name)' refers to '\(target)', which is no entity", at: block[entity.name] ?? block)
        }
      }
    }
  }
}

/// The words of a line, cut at blanks.
enum Words {
  static func of(_ text: some StringProtocol) -> [String] { text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { String($0) } }
}
