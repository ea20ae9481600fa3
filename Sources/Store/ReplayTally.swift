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
