/// The single fate of a message in a night.
public enum Disposition: String, Sendable, CaseIterable {
  /// At least one of its rows changed the store.
  case loaded
  /// No row changed the store and none is older.
  case unchanged
  /// No row changed the store and at least one is older.
  case superseded
  /// The same bytes already have a disposition in this feed.
  case duplicate
  /// A named rule says that its type carries no rows.
  case filtered
  /// Its subject cannot be settled, no mapping reads it, or a rule or limit holds it; none of its rows is stored.
  case held
  /// It cannot be decoded.
  case rejected
}

/// How many messages met which fate; `received` is always their sum.
public struct DispositionTally: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: Disposition.allCases.count)

  public init() {}

  public subscript(disposition: Disposition) -> Int {
    get { counts[Self.index(of: disposition)] }
    set { counts[Self.index(of: disposition)] = newValue }
  }

  public var received: Int { counts.reduce(0, +) }

  public static func += (left: inout Self, right: Self) {
    for index in left.counts.indices { left.counts[index] += right.counts[index] }
  }

  private static func index(of disposition: Disposition) -> Int {
    switch disposition {
    case .loaded: 0
    case .unchanged: 1
    case .superseded: 2
    case .duplicate: 3
    case .filtered: 4
    case .held: 5
    case .rejected: 6
    }
  }
}

/// The rows of one entity: `found = mapped + held + skipped` and `mapped = inserted + updated + unchanged + superseded`.
public struct EntityTally: Sendable, Equatable {
  public var found = 0
  public var mapped = 0
  public var held = 0
  public var skipped = 0
  public var inserted = 0
  public var updated = 0
  public var unchanged = 0
  public var superseded = 0

  public init() {}

  public var isBalanced: Bool {
    found == mapped + held + skipped && mapped == inserted + updated + unchanged + superseded
  }

  public static func += (left: inout Self, right: Self) {
    left.found += right.found
    left.mapped += right.mapped
    left.held += right.held
    left.skipped += right.skipped
    left.inserted += right.inserted
    left.updated += right.updated
    left.unchanged += right.unchanged
    left.superseded += right.superseded
  }
}
