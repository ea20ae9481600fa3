import Core

/// One statement as it comes out of the sort: whose row, which message, which side, what it says.
struct DiffStatement {
  /// What stands among the numbers of fields for the event time.
  static let eventTime = -1
  /// And for what the row does: a correction stands for what it corrects (`RowAction.lateness`).
  static let action = -2

  /// Entity and key.
  let rowID: ArraySlice<UInt8>
  /// The drop, and the byte at which the message begins.
  let message: ArraySlice<UInt8>
  let side: VersionDiff.Side
  /// Event time, lateness and cells.
  let content: ArraySlice<UInt8>

  init(_ record: ArraySlice<UInt8>) {
    let start = record.startIndex
    rowID = record[start..<(start + 17)]
    message = record[(start + 17)..<(start + 29)]
    side = record[start + 29] == 0 ? .old : .new
    content = record[(start + 30)...]
  }

  var instant: ArraySlice<UInt8> { content.prefix(8) }
  private var lateness: UInt8 { content[content.startIndex + 8] }

  /// State, length and value of each field.
  var cells: [ArraySlice<UInt8>] {
    var cells: [ArraySlice<UInt8>] = []
    var at = content.startIndex + 9
    while at < content.endIndex {
      let count = content[(at + 1)..<(at + 5)].reduce(0) { $0 << 8 | Int($1) }
      let end = at + 5 + (content[at] == CellState.value.rawValue ? count : 0)
      cells.append(content[at..<end])
      at = end
    }
    return cells
  }

  /// The fields that it says anything of.
  var said: Set<Int> { Set(cells.enumerated().filter { $0.element.first != CellState.absent.rawValue }.map(\.offset)) }

  /// The fields in which it differs from another one; event time and action are among them.
  func differences(from other: DiffStatement) -> Set<Int> {
    var fields = Set(zip(cells, other.cells).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset))
    if instant != other.instant { fields.insert(Self.eventTime) }
    if lateness != other.lateness { fields.insert(Self.action) }
    return fields
  }
}

/// The statements of one message on one row, of both sides.
struct MessageComparison {
  private(set) var id: ArraySlice<UInt8> = []
  private var old: [DiffStatement] = []
  private var new: [DiffStatement] = []

  /// The same said twice by one message counts once.
  mutating func add(_ statement: DiffStatement) {
    id = statement.message
    if statement.side == .old {
      if old.last?.content != statement.content { old.append(statement) }
    } else if new.last?.content != statement.content {
      new.append(statement)
    }
  }

  /// Counts what is equal, pairs the rest in the order of event times, and empties itself.
  mutating func close(into row: inout RowComparison, _ entities: inout [EntityDiff]) throws {
    defer { (id, old, new) = ([], [], []) }
    guard let entity = row.id.first.map(Int.init) else { return }
    let lost = old.filter { statement in !new.contains { $0.content == statement.content } }
    let gained = new.filter { statement in !old.contains { $0.content == statement.content } }
    row.isOld = row.isOld || !old.isEmpty
    row.isNew = row.isNew || !new.isEmpty
    entities[entity].statements.same += old.count - lost.count
    let pairs = min(lost.count, gained.count)
    entities[entity].statements.changed += pairs
    entities[entity].statements.removed += lost.count - pairs
    entities[entity].statements.added += gained.count - pairs
    for (one, other) in zip(lost, gained) { row.fields.formUnion(one.differences(from: other)) }
    for single in lost.dropFirst(pairs) + gained.dropFirst(pairs) { row.fields.formUnion(single.said) }
    row.differs = row.differs || !lost.isEmpty || !gained.isEmpty
  }
}

/// One row over all its messages.
struct RowComparison {
  var id: ArraySlice<UInt8> = []
  var isOld = false
  var isNew = false
  var differs = false
  var fields: Set<Int> = []

  /// Nil where both versions say the same of it.
  var change: DiffRow.Change? { differs ? (!isOld ? .added : !isNew ? .removed : .changed) : nil }
}
