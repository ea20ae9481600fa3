public import Core
import Yams

/// YAML as text: every scalar stays what a person wrote, with its line and column.
public enum OutlineReader {
  /// Reads one YAML document.
  ///
  /// - A byte-order mark at its beginning is passed over.
  /// - Refused: anchors, aliases, tags, keys that stand twice, keys that are not texts, more than one document, bytes that are not UTF-8.
  /// - Throws: `ConfigurationError` MAP-101 … MAP-106 with the place; `file` is how the file is named in it.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> OutlineNode {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard let text = String(validating: bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...], as: UTF8.self) else {
      throw ConfigurationError("MAP-101", "the file is not UTF-8 text", hint: "Save it as UTF-8.", file: file)
    }
    do {
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      guard let root = try parser.singleRoot() else {
        throw ConfigurationError("MAP-102", "the file is empty", hint: "Write one YAML document.", file: file)
      }
      // The parser owns the anchors that nodes refer to weakly: it must live until the tree has been walked.
      return try withExtendedLifetime(parser) { try outline(root, file) }
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw refusal(error, file)
    }
  }

  private static func outline(_ node: Node, _ file: String) throws -> OutlineNode {
    let line = node.mark?.line ?? 0
    let column = node.mark?.column ?? 0
    guard node.anchor == nil else {
      throw ConfigurationError("MAP-103", "anchors and aliases are not read", hint: "Write the value out.", file: file, line: line, column: column)
    }
    switch node {
    case .scalar(let scalar):
      try refuse(tag: scalar.tag, file, line, column)
      return OutlineNode(.scalar(scalar.string), file: file, line: line, column: column)
    case .sequence(let items):
      try refuse(tag: items.tag, file, line, column)
      return OutlineNode(.sequence(try items.map { try outline($0, file) }), file: file, line: line, column: column)
    case .mapping(let pairs):
      try refuse(tag: pairs.tag, file, line, column)
      return OutlineNode(.mapping(try pairs.map { try entry($0.key, $0.value, file) }), file: file, line: line, column: column)
    case .alias:
      throw ConfigurationError("MAP-103", "anchors and aliases are not read", hint: "Write the value out.", file: file, line: line, column: column)
    }
  }

  private static func entry(_ key: Node, _ value: Node, _ file: String) throws -> OutlineNode.Entry {
    let name = try outline(key, file)
    guard let text = name.text else { throw ConfigurationError("MAP-104", "a key must be a text", hint: "Write 'key: value'.", at: name) }
    return OutlineNode.Entry(key: text, keyLine: name.line, keyColumn: name.column, value: try outline(value, file))
  }

  private static func refuse(tag: Tag, _ file: String, _ line: Int, _ column: Int) throws(ConfigurationError) {
    // The library resolves tags that were not written to these three.
    guard ["", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"].contains(tag.description) else {
      throw ConfigurationError(
        "MAP-103", "tags are not read", hint: "Every value is a text; leave the tag out.", file: file, line: line, column: column)
    }
  }

  private static func refusal(_ error: any Error, _ file: String) -> ConfigurationError {
    switch error {
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      ConfigurationError(
        "MAP-105", "the key '\(keys.first ?? "")' stands twice in one block", hint: "Keep one of them.", file: file, line: context.mark.line, column: context.mark.column)
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      ConfigurationError("MAP-106", "this is not YAML: \(problem)", file: file, line: mark.line, column: mark.column)
    default:
      ConfigurationError("MAP-106", "this is not YAML", file: file)
    }
  }
}
