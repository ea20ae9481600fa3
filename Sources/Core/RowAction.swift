/// What a row does to the row of its key: as a mapping's `events` and `events_by_status` say, in ascending force.
public enum RowAction: UInt8, Sendable, CaseIterable, Comparable {
  /// It says what is so at its event time: what a row does where a mapping says nothing.
  case state = 0
  /// What is not final yet, as a preliminary result: what else is said at its event time stands above it.
  case announce
  /// The same, from an event that changes what is known.
  case update
  /// Its content stands for what was said before under its key.
  case correct
  /// The thing did not take place, or no longer will: the row stays, and says so in its status.
  case cancel
  /// What was said under its key is taken back: from its event time on there is no such row, until it is said anew.
  case withdraw
  /// It joins or moves what the store has no rows of, as accounts; patients and visits say in `replaced_by` what became of them.
  case merge
  /// What was joined so is taken apart.
  case unlink

  /// The words of the language.
  public static let words: [(word: String, action: RowAction)] = [
    ("announce", .announce), ("update", .update), ("correct", .correct), ("withdraw", .withdraw), ("cancel", .cancel), ("merge", .merge), ("unlink", .unlink),
  ]

  /// Under which code such rows are held while the store knows no effect for them; nil where it applies them.
  public var heldAs: FindingCode? {
    switch self {
    case .state, .announce, .update, .correct, .withdraw, .cancel: nil
    case .merge, .unlink: .mergeHeld
    }
  }

  /// How late the row comes among rows of one event time: what is not final before all others; a correction or cancel stands for what was said, and a
  /// withdrawal for both, whichever of them arrives first.
  public var lateness: Int {
    switch self {
    case .announce: -1
    case .state, .update, .merge, .unlink: 0
    case .correct, .cancel: 1
    case .withdraw: 2
    }
  }

  /// The same among rows that one message says: there nothing is later for being final, and two lines of one key are still two lines.
  public var latenessInMessage: Int { max(lateness, 0) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
