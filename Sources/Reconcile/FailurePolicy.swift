public import Core

/// What a feed wants done when its sender fails it: one action a kind of failure.
public struct FailurePolicy: Sendable, Equatable {
  /// The actions a feed file may name. Each kind of failure permits some of them.
  public enum Action: String, Sendable, CaseIterable {
    /// Named in the statement; the night can close.
    case warn
    /// A break: the night stays open unless a tolerance covers it.
    case `break`
    /// The messages concerned are held as exceptions.
    case hold
    /// Counted, nothing else.
    case ignore
  }

  /// No drop came: `warn` (default), `break`, `ignore`.
  public var late = Action.warn
  /// A drop has no bytes: `break` (default), `warn`, `ignore`.
  public var empty = Action.break
  /// A trailer or control total lies: `break` (default; the messages are loaded) or `hold` (the batch is held). It is a break in both cases.
  public var mismatch = Action.break
  /// Bytes end inside a message or an opened envelope: `hold` (default; the last message is held) or `break` (and it is a break).
  public var partial = Action.hold
  /// A drop is not what the feed says: `hold` (default; an exception) or `break`.
  public var refused = Action.hold

  /// The stated defaults.
  public init() {}

  /// Reads the `failure` mapping of a feed file; an absent key keeps its default.
  ///
  /// - Throws: `ConfigurationError` REC-101 (unknown key), REC-102 (an action that this kind of failure does not permit), with position.
  public init(reading node: OutlineNode?) throws(ConfigurationError) {
    guard let node else { return }
    guard case .mapping = node.content else {
      throw ConfigurationError("REC-101", "'failure' must be a mapping", hint: "Example: {late: warn, empty: break}.", at: node)
    }
    try node.allow(["late", "empty", "mismatch", "partial", "refused"], code: "REC-101")
    late = try Self.action("late", of: node, legal: [.warn, .break, .ignore]) ?? late
    empty = try Self.action("empty", of: node, legal: [.warn, .break, .ignore]) ?? empty
    mismatch = try Self.action("mismatch", of: node, legal: [.break, .hold]) ?? mismatch
    partial = try Self.action("partial", of: node, legal: [.hold, .break]) ?? partial
    refused = try Self.action("refused", of: node, legal: [.hold, .break]) ?? refused
  }

  /// As a feed file would say all of it.
  public var words: String {
    "late: \(late.rawValue), empty: \(empty.rawValue), mismatch: \(mismatch.rawValue), partial: \(partial.rawValue), refused: \(refused.rawValue)"
  }

  private static func action(_ key: String, of node: OutlineNode, legal: [Action]) throws(ConfigurationError) -> Action? {
    guard let value = node[key] else { return nil }
    if let action = value.text.flatMap(Action.init(rawValue:)), legal.contains(action) { return action }
    let names = legal.map(\.rawValue).joined(separator: ", ")
    throw ConfigurationError("REC-102", "'\(key)' does not permit this action", hint: "Legal actions for '\(key)': \(names).", at: value)
  }
}
