/// The three states of a field: not sent (keep), sent as null (clear), sent with a value.
public enum CellState: UInt8, Sendable {
  case absent = 0, null = 1, value = 2
}

/// The canonical rows of one message, flat: one byte arena, and one cell for each field that is not absent. Reused from message to message.
///
/// - Shape: the cells of row `r` are `cells[cellRange(row: r)]`, in the order in which they were set; the arena is the values of all
///   cells in that order, nothing between them.
public struct RowBuffer: Sendable, Equatable {
  public struct Cell: Sendable, Equatable {
    /// Index into the entity's fields.
    public var field: Int32
    public var state: CellState
    public var start: Int32
    public var count: Int32

    @inlinable
    package init(field: Int32, state: CellState, start: Int32, count: Int32) {
      self.field = field
      self.state = state
      self.start = start
      self.count = count
    }
  }

  public struct Row: Sendable, Equatable {
    /// Index into `CanonicalDictionary.entities`.
    public var entity: Int32
    /// Index into the mappings that the plan was built from.
    public var mapping: Int32
    /// Its cells end where those of the next row begin.
    public var firstCell: Int32
    /// Where the arena stood when the row began.
    public var firstByte: Int32
    /// One-based occurrence of the segment or entry that the row comes from.
    public var occurrence: Int32
    /// The path that the row comes from (`OBX`, `h:entry/h:act`), index into `MapPlan.rowPaths`.
    public var path: Int32
    /// Microseconds in UTC.
    public var eventInstant: Int
    /// True where the business date stood in for a missing event time.
    public var eventTimeIsFallback: Bool
    /// What it does to the row of its key.
    public var action = RowAction.state
  }

  public package(set) var bytes: [UInt8] = []
  public package(set) var cells: [Cell] = []
  public package(set) var rows: [Row] = []

  public init() {}

  public var isEmpty: Bool { rows.isEmpty }

  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
  }

  /// Begins a row whose cells are all absent; fill them with `set`.
  public mutating func beginRow(entity: Int, mapping: Int, path: Int, occurrence: Int, eventInstant: Int, fallback: Bool) {
    rows.append(
      Row(
        entity: Int32(entity), mapping: Int32(mapping), firstCell: Int32(cells.count), firstByte: Int32(bytes.count), occurrence: Int32(occurrence),
        path: Int32(path), eventInstant: eventInstant, eventTimeIsFallback: fallback))
  }

  /// Says what the row begun last does.
  public mutating func setAction(_ action: RowAction) {
    if !rows.isEmpty { rows[rows.count - 1].action = action }
  }

  /// Sets a cell of the row begun last.
  public mutating func set(field: Int, to value: some Collection<UInt8>) {
    guard !rows.isEmpty else { return }
    if let known = index(row: rows.count - 1, field: field) { return replace(known, .value, Array(value)) }
    let start = bytes.count
    bytes += value
    commit(field: Int32(field), from: start)
  }

  /// Clears a cell of the row begun last.
  public mutating func setNull(field: Int) {
    guard !rows.isEmpty else { return }
    if let known = index(row: rows.count - 1, field: field) { return replace(known, .null, []) }
    append(Cell(field: Int32(field), state: .null, start: Int32(bytes.count), count: 0))
  }

  /// Clears a cell of the row begun last that is known to be absent.
  package mutating func setNullOfAbsent(field: Int32) { append(Cell(field: field, state: .null, start: Int32(bytes.count), count: 0)) }

  /// What stands in the arena from `start` to its end becomes the value of a field that is still absent.
  package mutating func commit(field: Int32, from start: Int) {
    append(Cell(field: field, state: .value, start: Int32(start), count: Int32(bytes.count - start)))
  }

  package mutating func append(_ cell: Cell) { cells.append(cell) }

  /// Drops what stands in the arena from `start` on and belongs to no cell.
  package mutating func truncate(to start: Int) {
    if bytes.count > start { bytes.removeLast(bytes.count - start) }
  }

  private mutating func replace(_ index: Int, _ state: CellState, _ value: [UInt8]) {
    let old = cells[index]
    bytes.replaceSubrange(Int(old.start)..<Int(old.start + old.count), with: value)
    cells[index] = Cell(field: old.field, state: state, start: old.start, count: Int32(value.count))
    for later in cells.indices.dropFirst(index + 1) { cells[later].start += Int32(value.count) - old.count }
  }

  /// Takes back the row begun last (it was held or skipped), with its cells and bytes.
  public mutating func dropLastRow() {
    guard let row = rows.popLast() else { return }
    cells.removeSubrange(Int(row.firstCell)...)
    truncate(to: Int(row.firstByte))
  }

  /// The place of a cell that is not absent.
  @inlinable
  func index(row: Int, field: Int) -> Int? {
    for at in cellRange(row: row) where cells[at].field == Int32(field) { return at }
    return nil
  }

  /// The cells of a row that are not absent, by their numbers.
  @inlinable
  public func cellRange(row: Int) -> Range<Int> {
    Int(rows[row].firstCell)..<(row + 1 < rows.count ? Int(rows[row + 1].firstCell) : cells.count)
  }

  /// The cell of a field; absent also where the entity has no such field.
  @inlinable
  public func cell(row: Int, field: Int) -> Cell {
    index(row: row, field: field).map { cells[$0] } ?? Cell(field: Int32(field), state: .absent, start: 0, count: 0)
  }

  /// The bytes of a cell; empty unless its state is `value`.
  public func value(row: Int, field: Int) -> ArraySlice<UInt8> {
    let cell = cell(row: row, field: field)
    return bytes[Int(cell.start)..<Int(cell.start + cell.count)]
  }

  /// The encoded key of a row, or nil when a key field is not a value.
  public func key(row: Int, entity: CanonicalEntity) -> [UInt8]? {
    var key: [UInt8] = []
    for field in entity.keyFields {
      let cell = cell(row: row, field: field)
      guard cell.state == .value else { return nil }
      RowKey.append(bytes[Int(cell.start)..<Int(cell.start + cell.count)], to: &key)
    }
    return key
  }

  /// True where every row is of an entity of the dictionary and has each of its fields once at most. Rows that came from another
  /// process must be asked before they are read.
  public func fits(_ dictionary: CanonicalDictionary) -> Bool {
    let widths = dictionary.entities.map(\.fields.count)
    var seen = [Int](repeating: -1, count: widths.max() ?? 0)
    for (number, row) in rows.enumerated() {
      guard widths.indices.contains(Int(row.entity)) else { return false }
      let width = Int32(widths[Int(row.entity)])
      for cell in cells[cellRange(row: number)] {
        guard cell.field < width, seen[Int(cell.field)] < number else { return false }
        seen[Int(cell.field)] = number
      }
    }
    return true
  }
}
