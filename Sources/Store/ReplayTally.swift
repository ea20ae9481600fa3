public import Core

/// What a replay did to the statements of one entity: what each message says of each row.
public struct ReplayTally: Sendable, Equatable {
  /// Said before and now.
  public var kept = 0
  /// Said now for the first time.
  public var inserted = 0
  /// No longer said.
  public var withdrawn = 0
  /// Found now and held.
  public var held = 0

  public init(kept: Int = 0, inserted: Int = 0, withdrawn: Int = 0, held: Int = 0) {
    (self.kept, self.inserted, self.withdrawn, self.held) = (kept, inserted, withdrawn, held)
  }

  /// True where nothing of the store changed.
  public var isQuiet: Bool { inserted == 0 && withdrawn == 0 }
  var isEmpty: Bool { self == ReplayTally() }

  public static func += (left: inout Self, right: Self) {
    left.kept += right.kept
    left.inserted += right.inserted
    left.withdrawn += right.withdrawn
    left.held += right.held
  }
}

/// How a message ended before a replay, and how it ends now: names that are ours, `held COLUMN-MISSING`, `rows`.
public struct MessageEnding: Sendable, Hashable, Comparable {
  /// Where there is no message at that place of the drop.
  public static let none = "no message"

  public var before: String
  public var after: String

  public init(before: String, after: String) { (self.before, self.after) = (before, after) }

  public static func < (left: Self, right: Self) -> Bool { (left.before, left.after) < (right.before, right.after) }

  /// What its night made of a message.
  public static func text(_ fate: MessageFate?) -> String {
    guard let fate, fate.isOfTheNight else { return none }
    return fate.code.map { "\(fate.disposition.rawValue) \($0.rawValue)" } ?? fate.disposition.rawValue
  }

  /// What mappings make of a message.
  public static func text(_ verdict: MappedMessage.Verdict) -> String {
    switch verdict {
    case .rows: "rows"
    case .filtered: "filtered"
    case .held(let finding): "held \(finding.code.rawValue)"
    case .rejected(let finding): "rejected \(finding.code.rawValue)"
    }
  }

  /// The same, of a message whose rows, where it has any, are all held.
  public static func text(_ message: MappedMessage) -> String {
    guard case .rows = message.verdict, message.rows.isEmpty, let held = message.heldRows.first else { return text(message.verdict) }
    return text(.held(held.finding))
  }

  /// True where a message was read in its night and is read now, or filtered both times.
  public var isPlain: Bool {
    switch after {
    case "rows": ["loaded", "unchanged", "superseded"].contains(before)
    default: before == "filtered" && after == "filtered"
    }
  }
}
