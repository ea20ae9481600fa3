import Core

/// A named, versioned list of mappings, with the types that carry no rows and the types that are held by name.
struct MappingSet: Sendable {
  var name: String
  var mappings: [String]
  /// `ORU` read as `ORU^R01`.
  var aliases: [[UInt8]: [UInt8]] = [:]
  /// Exact types, and heads of `ACK^*`.
  var noRows: [TypePattern] = []
  var held: [(pattern: TypePattern, code: FindingCode)] = []
}

/// `ADT^A11`, or `ACK^*` for every event of ACK and for ACK alone.
struct TypePattern: Sendable {
  private let head: [UInt8]
  private let isOpen: Bool

  init?(_ text: String) {
    isOpen = text.hasSuffix("^*")
    head = Array((isOpen ? String(text.dropLast(2)) : text).utf8)
    if head.isEmpty || head.contains(UInt8(ascii: "*")) { return nil }
  }

  func fits(_ type: [UInt8]) -> Bool {
    type == head || (isOpen && type.count > head.count && type.starts(with: head) && type[head.count] == UInt8(ascii: "^"))
  }
}

extension MappingSet {
  static func read(_ bytes: [UInt8], id: String, version: Int, file: String) throws(ConfigurationError) -> MappingSet {
    let root = try OutlineReader.read(bytes, file: file)
    try root.allow(MappingLanguage.setKeys, code: "MAP-160")
    guard try root.required("set", code: "MAP-160") == id, try root.required("version", code: "MAP-160") == String(version) else {
      throw ConfigurationError("MAP-160", "name or version is not that of the path", hint: "Write 'set: \(id)' and 'version: \(version)'.", at: root)
    }
    var set = MappingSet(name: "\(id)@\(version)", mappings: try root.texts("mappings", code: "MAP-160"))
    guard !set.mappings.isEmpty else { throw ConfigurationError("MAP-160", "the set names no mapping", hint: "Write 'mappings: [pid-patient@1]'.", at: root) }
    for text in try root.texts("no_rows", code: "MAP-160") { set.noRows.append(try pattern(text, root["no_rows"] ?? root)) }
    for entry in try root.block("alias", code: "MAP-160") {
      let target = Array((entry.value.text ?? "").utf8)
      guard MessageType.isNormal(target) else { throw ConfigurationError("MAP-160", "an alias stands for a type", hint: "Write types like ORU^R01.", at: entry.value) }
      set.aliases[Array(entry.key.utf8)] = target
    }
    for entry in try root.block("held", code: "MAP-160") {
      guard let code = FindingCode(rawValue: entry.key) else { throw MappingCompiler.unknownCode(entry.value) }
      for text in try (root["held"] ?? root).texts(entry.key, code: "MAP-160") { set.held.append((try pattern(text, entry.value), code)) }
    }
    return set
  }

  private static func pattern(_ text: String, _ node: OutlineNode) throws(ConfigurationError) -> TypePattern {
    guard let pattern = TypePattern(text) else {
      throw ConfigurationError("MAP-160", "'\(text)' is not a type", hint: "Write ADT^A11 or ACK^*.", at: node)
    }
    return pattern
  }
}

/// Message types as the statement counts them.
enum MessageType {
  /// True for three letters or digits, `^`, three letters or digits.
  static func isNormal(_ type: some Collection<UInt8>) -> Bool {
    type.count == 7
      && type.enumerated().allSatisfy { index, byte in
        index == 3 ? byte == UInt8(ascii: "^") : (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
      }
  }

  /// A LOINC code: digits, a dash and one check digit.
  static func isDocumentCode(_ code: [UInt8]) -> Bool {
    guard (3...10).contains(code.count), code[code.count - 2] == UInt8(ascii: "-") else { return false }
    return code.enumerated().allSatisfy { $0 == code.count - 2 || (0x30...0x39).contains($1) }
  }
}
