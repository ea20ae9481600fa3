import Core

extension OutlineNode {
  /// The lines of an optional block `KEY: {NAME: …}`; a text or a list in its place is refused, so that nothing is passed over in silence.
  func block(_ key: String, code: String) throws(ConfigurationError) -> [Entry] {
    guard let node = self[key] else { return [] }
    if case .mapping(let entries) = node.content { return entries }
    if node.text?.isEmpty == true { return [] }
    throw ConfigurationError(code, "'\(key)' is a block of lines", hint: "Write '\(key): {NAME: …}', or one line each below it.", at: node)
  }
}
