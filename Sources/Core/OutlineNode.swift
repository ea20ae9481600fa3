/// A node of a configuration or mapping file, read as text: YAML's own typing is switched off, positions are kept.
public struct OutlineNode: Sendable, Equatable {
  public indirect enum Content: Sendable, Equatable {
    case scalar(String)
    case sequence([OutlineNode])
    case mapping([Entry])
  }

  public struct Entry: Sendable, Equatable {
    public var key: String
    public var keyLine: Int
    public var keyColumn: Int
    public var value: OutlineNode

    public init(key: String, keyLine: Int, keyColumn: Int, value: OutlineNode) {
      self.key = key
      self.keyLine = keyLine
      self.keyColumn = keyColumn
      self.value = value
    }
  }

  public var content: Content
  /// The file, as it is to be named in an error.
  public var file: String
  /// One-based.
  public var line: Int
  public var column: Int

  public init(_ content: Content, file: String, line: Int, column: Int) {
    self.content = content
    self.file = file
    self.line = line
    self.column = column
  }

  public subscript(key: String) -> OutlineNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  public var entries: [Entry] {
    if case .mapping(let entries) = content { return entries }
    return []
  }

  public var text: String? {
    if case .scalar(let text) = content { return text }
    return nil
  }

  public var items: [OutlineNode]? {
    if case .sequence(let items) = content { return items }
    return nil
  }
}

/// A fault in a file that a person wrote: exit 78, with file, line, column and the legal alternatives.
public struct ConfigurationError: CodedError, Equatable {
  public var code: String
  public var summary: String
  public var hint: String
  public var file: String
  public var line: Int
  public var column: Int
  public var exitCode: ExitCode { .configuration }

  public init(_ code: String, _ summary: String, hint: String = "", file: String, line: Int = 0, column: Int = 0) {
    self.code = code
    self.hint = hint
    self.file = file
    self.line = line
    self.column = column
    let place = line > 0 ? "\(file):\(line):\(column): " : "\(file): "
    self.summary = place + summary
  }

  public init(_ code: String, _ summary: String, hint: String = "", at node: OutlineNode) {
    self.init(code, summary, hint: hint, file: node.file, line: node.line, column: node.column)
  }
}

extension OutlineNode {
  /// Refuses keys that the format does not know, with the nearest legal ones.
  public func allow(_ keys: [String], code: String) throws(ConfigurationError) {
    for entry in entries where !keys.contains(entry.key) {
      let near = keys.min { Spelling.distance($0, entry.key) < Spelling.distance($1, entry.key) } ?? ""
      throw ConfigurationError(
        code, "unknown key '\(entry.key)'", hint: "Did you mean '\(near)'? Legal keys: \(keys.joined(separator: ", ")).",
        file: file, line: entry.keyLine, column: entry.keyColumn)
    }
  }

  /// The text of a required scalar key.
  public func required(_ key: String, code: String) throws(ConfigurationError) -> String {
    guard let node = self[key] else { throw ConfigurationError(code, "the key '\(key)' is missing", at: self) }
    guard let text = node.text, !text.isEmpty else { throw ConfigurationError(code, "'\(key)' must be a text", at: node) }
    return text
  }

  /// The text of an optional scalar key.
  public func optional(_ key: String, code: String) throws(ConfigurationError) -> String? {
    guard let node = self[key] else { return nil }
    guard let text = node.text else { throw ConfigurationError(code, "'\(key)' must be a text", at: node) }
    return text
  }

  /// A list of texts; a single scalar counts as a list of one, an absent key as none.
  public func texts(_ key: String, code: String) throws(ConfigurationError) -> [String] {
    guard let node = self[key] else { return [] }
    if let text = node.text { return [text] }
    guard let items = node.items else { throw ConfigurationError(code, "'\(key)' must be a list", at: node) }
    var texts: [String] = []
    for item in items {
      guard let text = item.text else { throw ConfigurationError(code, "'\(key)' must be a list of texts", at: item) }
      texts.append(text)
    }
    return texts
  }
}

/// Spelling distance, for "did you mean".
public enum Spelling {
  /// Levenshtein distance over UTF-8 bytes; words here are short.
  public static func distance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8), b = Array(right.utf8)
    var row = Array(0...b.count)
    for i in a.indices {
      var previous = row[0]
      row[0] = i + 1
      for j in b.indices {
        let old = row[j + 1]
        row[j + 1] = min(old + 1, row[j] + 1, previous + (a[i] == b[j] ? 0 : 1))
        previous = old
      }
    }
    return row[b.count]
  }
}
