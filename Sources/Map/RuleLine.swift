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
    let parts = Self.cut(Array(text.utf8)[...], at: UInt8(ascii: "|"))
    guard parts.allSatisfy(Self.isClosed), !parts.dropFirst().contains(where: Self.holdsApostrophe) else {
      throw ConfigurationError(
        "MAP-131", "a quote is not closed, or is none of \"…\"", hint: "Steps take \"…\". YAML reads what stands behind ' #' as a comment: put such a line into '…' whole.",
        at: node)
    }
    paths = Self.alternatives(parts[0]).map { String(decoding: Self.trimmed($0), as: UTF8.self) }
    steps = []
    for part in parts.dropFirst() {
      let words = Self.words(part)
      guard !words.isEmpty else { throw ConfigurationError("MAP-131", "a step is empty", hint: Self.hint, at: node) }
      steps.append(words)
    }
    guard paths.allSatisfy({ !$0.isEmpty }) else { throw ConfigurationError("MAP-131", "a path is missing", hint: Self.hint, at: node) }
  }

  static let hint = "Write 'PATH [or PATH…] | step | step'."

  private typealias Text = ArraySlice<UInt8>
  private static let quote = UInt8(ascii: "\""), apostrophe = UInt8(ascii: "'")

  /// A quote of either kind holds until it comes again.
  private static func step(_ byte: UInt8, _ open: inout UInt8?) {
    if let quote = open {
      if byte == quote { open = nil }
    } else if byte == quote || byte == apostrophe {
      open = byte
    }
  }

  private static func cut(_ text: Text, at separator: UInt8) -> [Text] {
    var parts: [Text] = [], start = text.startIndex, open: UInt8?
    for (at, byte) in zip(text.indices, text) {
      if open == nil, byte == separator {
        parts.append(text[start..<at])
        start = at + 1
      } else {
        step(byte, &open)
      }
    }
    return parts + [text[start...]]
  }

  private static func isClosed(_ part: Text) -> Bool {
    var open: UInt8?
    for byte in part { step(byte, &open) }
    return open == nil
  }

  /// True where an apostrophe stands outside of `"…"`.
  private static func holdsApostrophe(_ part: Text) -> Bool {
    part.split(separator: quote, omittingEmptySubsequences: false).enumerated().contains { $0.offset % 2 == 0 && $0.element.contains(apostrophe) }
  }

  /// Cut at ` or ` outside of quotes.
  private static func alternatives(_ text: Text) -> [Text] {
    let word = Array(" or ".utf8)
    var parts: [Text] = [], start = text.startIndex, at = start, isQuoted = false
    while at < text.endIndex {
      if text[at] == quote || text[at] == apostrophe { isQuoted.toggle() }
      if !isQuoted, text[at] == UInt8(ascii: " "), text[at...].starts(with: word) {
        parts.append(text[start..<at])
        at += word.count
        start = at
      } else {
        at += 1
      }
    }
    return parts + [text[start...]]
  }

  private static func trimmed(_ text: Text) -> Text {
    let end = text.lastIndex { !isBlank($0) } ?? text.startIndex - 1
    return text[...end].drop(while: isBlank)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  private static func words(_ text: Text) -> [Word] {
    var words: [Word] = [], current: [UInt8] = []
    var inside = false, wasQuoted = false
    func end() {
      if !current.isEmpty || wasQuoted { words.append(Word(text: String(decoding: current, as: UTF8.self), isQuoted: wasQuoted)) }
      (current, wasQuoted) = ([], false)
    }
    for byte in text {
      if byte == quote {
        inside.toggle()
        wasQuoted = true
      } else if isBlank(byte), !inside {
        end()
      } else {
        current.append(byte)
      }
    }
    end()
    return words
  }
}
