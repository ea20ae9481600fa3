import Core

/// One field of one assertion or version as the store holds it.
public enum StoredCell: Sendable, Equatable {
  /// Not sent (assertion) or without a value (version).
  case absent
  /// Sent as null; only in assertions.
  case null
  case value([UInt8])
  /// There may be something, but the key of its class is not loaded.
  case sealed

  /// The canonical bytes of a value; nil otherwise.
  public var bytes: [UInt8]? {
    if case .value(let bytes) = self { return bytes }
    return nil
  }
}

/// What one message said of one row at one event time.
public struct Assertion: Sendable, Equatable {
  /// UTC microseconds.
  public var eventInstant: Int
  /// Among those of one event time the higher one comes later: the rank of its source, below all of these that of what is not final, above
  /// all of these that of a correction, and above all of those that of a withdrawal.
  public var sourceRank: Int
  /// One a dictionary field.
  public var cells: [StoredCell]

  public init(eventInstant: Int, sourceRank: Int, cells: [StoredCell]) {
    self.eventInstant = eventInstant
    self.sourceRank = sourceRank
    self.cells = cells
  }

  /// What a row that does something says. The ranks of sources end at 1,000.
  init(eventInstant: Int, sourceRank: Int, action: RowAction, cells: [StoredCell]) {
    self.init(eventInstant: eventInstant, sourceRank: Self.rank(sourceRank, action), cells: cells)
  }

  static func rank(_ source: Int, _ action: RowAction) -> Int { source + action.lateness * ranks }

  private static let ranks = 1_001

  /// True where it takes back what was said before it. What its cells hold beside the key has no effect.
  var isWithdrawal: Bool { Self.isWithdrawal(rank: sourceRank) }

  static func isWithdrawal(rank: Int) -> Bool { rank >= RowAction.withdraw.lateness * ranks }

  /// The canonical bytes of the cells: for each a state byte and, for a value, a 4-byte length and the bytes.
  public var content: [UInt8] { StoredCell.encode(cells) }
}

extension StoredCell {
  static func encode(_ cells: [StoredCell]) -> [UInt8] {
    var writer = ByteWriter()
    for cell in cells { cell.write(to: &writer) }
    return writer.bytes
  }

  func write(to writer: inout ByteWriter) {
    switch self {
    case .absent: writer.write(CellState.absent.rawValue)
    case .null: writer.write(CellState.null.rawValue)
    case .value(let bytes):
      writer.write(CellState.value.rawValue)
      writer.write(bytes)
    case .sealed: writer.write(UInt8(3))
    }
  }

  /// True where nothing was sent.
  var isAbsent: Bool { if case .absent = self { true } else { false } }
  var isNull: Bool { if case .null = self { true } else { false } }
  var isSealed: Bool { if case .sealed = self { true } else { false } }

  static func decode(_ bytes: [UInt8], count: Int) -> [StoredCell]? {
    var reader = ByteReader(bytes)
    var cells: [StoredCell] = []
    for _ in 0..<count {
      guard let cell = try? next(&reader) else { return nil }
      cells.append(cell)
    }
    return reader.isAtEnd ? cells : nil
  }

  private static func next(_ reader: inout ByteReader) throws(FrameError) -> StoredCell {
    switch CellState(rawValue: try reader.byte()) {
    case .absent: .absent
    case .null: .null
    case .value: .value(try reader.list())
    case nil: throw FrameError()
    }
  }
}

/// The content of a row from one event time to the next that changed it.
public struct RowVersion: Sendable, Equatable {
  /// UTC microseconds, inclusive.
  public var validFrom: Int
  /// Exclusive; nil for the current version.
  public var validTo: Int?
  /// One a dictionary field: `.absent`, `.value` or `.sealed`.
  public var cells: [StoredCell]
}

/// A version is never stored: it is the fold of a row's assertions in the order of event time, source rank and content.
///
/// Absent keeps, null clears, a value sets; a withdrawal ends the row, and what comes after it begins anew. The order depends on what was
/// said alone, so any order of arrival gives the same versions.
public enum Fold {
  /// The versions of a row, ascending; empty for no assertions. The assertions may come in any order.
  public static func versions(_ assertions: [Assertion]) -> [RowVersion] {
    versions(ordered: assertions.map { ($0, $0.content) }.sorted(by: precedes).map(\.0))
  }

  /// As `versions`, for assertions that stand in order already.
  static func versions(ordered assertions: [Assertion]) -> [RowVersion] {
    guard let first = assertions.first else { return [] }
    var versions: [RowVersion] = []
    var cells = [StoredCell](repeating: .absent, count: first.cells.count)
    for index in assertions.indices {
      if assertions[index].isWithdrawal { cells = [StoredCell](repeating: .absent, count: cells.count) } else { apply(assertions[index].cells, to: &cells) }
      let instant = assertions[index].eventInstant
      if index + 1 == assertions.count || assertions[index + 1].eventInstant != instant { settle(cells, at: instant, &versions) }
    }
    return versions
  }

  /// What an event time leaves: nothing where the row is withdrawn, since a row has its key at least.
  private static func settle(_ cells: [StoredCell], at instant: Int, _ versions: inout [RowVersion]) {
    let isOpen = versions.last.map { $0.validTo == nil } ?? false
    let isThere = cells.contains { $0 != .absent }
    if isOpen, isThere, versions[versions.count - 1].cells == cells { return }
    if isOpen { versions[versions.count - 1].validTo = instant }
    if isThere { versions.append(RowVersion(validFrom: instant, validTo: nil, cells: cells)) }
  }

  private static func apply(_ asserted: [StoredCell], to cells: inout [StoredCell]) {
    for (field, cell) in asserted.enumerated() {
      switch cell {
      case .absent: continue
      case .null: cells[field] = .absent
      case .value, .sealed: cells[field] = cell
      }
    }
  }

  private static func precedes(_ left: (Assertion, [UInt8]), _ right: (Assertion, [UInt8])) -> Bool {
    if left.0.eventInstant != right.0.eventInstant { return left.0.eventInstant < right.0.eventInstant }
    if left.0.sourceRank != right.0.sourceRank { return left.0.sourceRank < right.0.sourceRank }
    return left.1.lexicographicallyPrecedes(right.1)
  }
}

/// The current content of a row, kept field by field with who set it last, so that a new assertion costs one pass over its fields.
///
/// It equals the open version of `Fold.versions`: for each field the assertion that comes last in the order and is not absent decides, of
/// those behind the last withdrawal.
struct CurrentState {
  private struct Winner {
    var eventInstant: Int
    var sourceRank: Int
    var content: [UInt8]
    var cell: StoredCell
  }

  private var winners: [Winner?]
  /// The last withdrawal; its cell has no meaning.
  private var withdrawal: Winner?
  /// Event time and rank of a statement: what stands there or before it is not taken in. Nil where all is, or a later withdrawal made it void.
  private var unread: (eventInstant: Int, sourceRank: Int)?

  init(fieldCount: Int) { winners = Array(repeating: nil, count: fieldCount) }

  /// What the newest assertions of a row say, the newest first. Where there are more, what stands with the last of them is left out, since others may
  /// stand there too.
  init(newest: [Assertion], areAll: Bool, fieldCount: Int) {
    self.init(fieldCount: fieldCount)
    if !areAll { unread = newest.last.map { ($0.eventInstant, $0.sourceRank) } }
    for assertion in newest { _ = apply(assertion) }
  }

  /// True where every assertion of the row is taken in, or would change nothing.
  var isWhole: Bool { unread == nil }

  /// True where what is taken in decides what the assertion changes: each field that it says was said later than all that is not.
  func decides(_ assertion: Assertion) -> Bool {
    isWhole || !assertion.isWithdrawal && assertion.cells.indices.allSatisfy { assertion.cells[$0].isAbsent || winners[$0] != nil }
  }

  /// About how much memory it holds; contents that several fields share count for each.
  var byteCount: Int { winners.reduce(winners.count * 64) { $0 + ($1?.content.count ?? 0) + ($1?.cell.bytes?.count ?? 0) } }

  /// The current cells, nulls read as absent.
  var cells: [StoredCell] { winners.map { $0.map { $0.cell == .null ? .absent : $0.cell } ?? .absent } }

  /// Takes an assertion in; true when the current content changed. One that `decides` is false for may be left out.
  mutating func apply(_ assertion: Assertion) -> Bool {
    if let unread, (assertion.eventInstant, assertion.sourceRank) <= unread { return false }
    let content = assertion.content
    if assertion.isWithdrawal { return withdraw(assertion, content) }
    if let withdrawal, !Self.precedes(withdrawal, assertion, content) { return false }
    var changed = false
    for (field, cell) in assertion.cells.enumerated() where !cell.isAbsent {
      let old = winners[field]
      if let old, !Self.precedes(old, assertion, content) { continue }
      winners[field] = Winner(eventInstant: assertion.eventInstant, sourceRank: assertion.sourceRank, content: content, cell: cell)
      let before = old.map { $0.cell == .null ? .absent : $0.cell } ?? .absent
      if before != (cell == .null ? .absent : cell) { changed = true }
    }
    return changed
  }

  /// Takes out what stands before it in the order; what a field had before the one taken out stands before it too.
  private mutating func withdraw(_ assertion: Assertion, _ content: [UInt8]) -> Bool {
    if let withdrawal, !Self.precedes(withdrawal, assertion, content) { return false }
    withdrawal = Winner(eventInstant: assertion.eventInstant, sourceRank: assertion.sourceRank, content: content, cell: .absent)
    unread = nil
    var changed = false
    for field in winners.indices {
      guard let winner = winners[field], Self.precedes(winner, assertion, content) else { continue }
      winners[field] = nil
      if winner.cell != .null { changed = true }
    }
    return changed
  }

  private static func precedes(_ winner: Winner, _ assertion: Assertion, _ content: [UInt8]) -> Bool {
    if winner.eventInstant != assertion.eventInstant { return winner.eventInstant < assertion.eventInstant }
    if winner.sourceRank != assertion.sourceRank { return winner.sourceRank < assertion.sourceRank }
    return !content.lexicographicallyPrecedes(winner.content)
  }
}
