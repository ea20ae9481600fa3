import Core

/// One line `PATH [or PATH…] | step | step` cut into paths and steps, not yet understood.
struct RuleLine {
  struct Word: Equatable {
    var text: String
    var isQuoted: Bool
  }

  var paths: [String]
  var steps: [[Word]]
  var node: OutlineNode

  /// Cuts at bars, at ` or ` and at blanks; quoted texts and predicates stay whole.
  init(_ node: OutlineNode) throws(ConfigurationError) {
    guard let text = node.text, !text.isEmpty else { throw ConfigurationError("MAP-131", "a rule is one line of text", hint: Self.hint, at: node) }
    self.node = node
    let parts = Self.cut(text, at: "|")
    guard parts.allSatisfy(Self.isClosed), !parts.dropFirst().contains(where: Self.holdsApostrophe) else {
      throw ConfigurationError(
        "MAP-131", "a quote is not closed, or is none of \"…\"", hint: "Steps take \"…\". YAML reads what stands behind ' #' as a comment: put such a line into '…' whole.",
        at: node)
    }
    paths = Self.cut(parts[0].replacingSeparators(), at: "\u{1}").map { $0.trimmed() }
    steps = []
    for part in parts.dropFirst() {
      let words = Self.words(part)
      guard !words.isEmpty else { throw ConfigurationError("MAP-131", "a step is empty", hint: Self.hint, at: node) }
      steps.append(words)
    }
    guard paths.allSatisfy({ !$0.isEmpty }) else { throw ConfigurationError("MAP-131", "a path is missing", hint: Self.hint, at: node) }
  }

  static let hint = "Write 'PATH [or PATH…] | step | step'."

  private static func cut(_ text: String, at separator: Character) -> [String] {
    var parts = [""]
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == separator {
        parts.append("")
        continue
      }
      parts[parts.count - 1].append(character)
    }
    return parts
  }

  private static func isClosed(_ part: String) -> Bool {
    var quote: Character?
    for character in part {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      }
    }
    return quote == nil
  }

  /// True where an apostrophe stands outside of `"…"`.
  private static func holdsApostrophe(_ part: String) -> Bool {
    part.split(separator: "\"", omittingEmptySubsequences: false).enumerated().contains { $0.offset % 2 == 0 && $0.element.contains("'") }
  }

  private static func words(_ text: String) -> [Word] {
    var words: [Word] = []
    var current = ""
    var inside = false
    var wasQuoted = false
    func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
    for character in text {
      if character == "\"" {
        inside.toggle()
        wasQuoted = true
      } else if isBlank(character), !inside {
        if !current.isEmpty || wasQuoted { words.append(Word(text: current, isQuoted: wasQuoted)) }
        (current, wasQuoted) = ("", false)
      } else {
        current.append(character)
      }
    }
    if !current.isEmpty || wasQuoted { words.append(Word(text: current, isQuoted: wasQuoted)) }
    return words
  }
}

extension String {
  /// ` or ` outside of quotes becomes U+0001.
  fileprivate func replacingSeparators() -> String {
    var out = ""
    var rest = self[...]
    var quoted = false
    while let character = rest.first {
      if character == "'" || character == "\"" { quoted.toggle() }
      if !quoted, rest.hasPrefix(" or ") {
        out.append("\u{1}")
        rest = rest.dropFirst(4)
        continue
      }
      out.append(character)
      rest = rest.dropFirst()
    }
    return out
  }

  fileprivate func trimmed() -> String { String(self.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }
}
