/// What a row does to the row of its key: as a mapping's `events` and `events_by_status` say, in ascending force.
public enum RowAction: UInt8, Sendable, CaseIterable, Comparable {
  /// It says what is so at its event time: what a row does where a mapping says nothing.
  case state = 0
  /// The same, from an event that changes what is known.
  case update
  /// Its content stands for what was said before under its key.
  case correct
  /// What was said under its key is taken back.
  case withdraw
  /// The thing itself did not take place.
  case cancel
  /// What was known under one number belongs to another: two records become one, or an account or visit moves.
  case merge
  /// A link or merge that was said before is undone.
  case unlink

  /// The words of the language.
  public static let words: [(word: String, action: RowAction)] = [
    ("update", .update), ("correct", .correct), ("withdraw", .withdraw), ("cancel", .cancel), ("merge", .merge), ("unlink", .unlink),
  ]

  /// Under which code such rows are held while the store knows no effect for them; nil where it applies them.
  public var heldAs: FindingCode? {
    switch self {
    case .state, .update, .correct: nil
    case .withdraw: .correctionHeld
    case .cancel: .cancelHeld
    case .merge, .unlink: .mergeHeld
    }
  }

  /// How late the row comes among rows of one event time: a correction stands for what it corrects, whichever of the two arrives first.
  public var lateness: Int { self == .correct ? 1 : 0 }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
