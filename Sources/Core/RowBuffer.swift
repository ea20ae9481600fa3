/// The three states of a field: not sent (keep), sent as null (clear), sent with a value.
public enum CellState: UInt8, Sendable {
  case absent = 0, null = 1, value = 2
}

/// The canonical rows of one message, flat: one byte arena, one cell per dictionary field. Reused from message to message.
///
/// - Shape: row `r` has as many cells as its entity has fields, in dictionary order, starting at `rows[r].firstCell`.
public struct RowBuffer: Sendable, Equatable {
  public struct Cell: Sendable, Equatable {
    public var state: CellState
    public var start: Int32
    public var count: Int32
  }

  public struct Row: Sendable, Equatable {
    /// Index into `CanonicalDictionary.entities`.
    public var entity: Int32
    /// Index into the mappings that the plan was built from.
    public var mapping: Int32
    public var firstCell: Int32
    /// One-based occurrence of the segment or entry that the row comes from.
    public var occurrence: Int32
    /// The path that the row comes from (`OBX`, `h:entry/h:act`), index into `MapPlan.rowPaths`.
    public var path: Int32
    /// Microseconds in UTC.
    public var eventInstant: Int
    /// True where the business date stood in for a missing event time.
    public var eventTimeIsFallback: Bool
  }

  public private(set) var bytes: [UInt8] = []
  public private(set) var cells: [Cell] = []
  public private(set) var rows: [Row] = []

  public init() {}

  public var isEmpty: Bool { rows.isEmpty }

  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
  }

  /// Begins a row whose cells are all absent; fill them with `set`.
  public mutating func beginRow(entity: Int, fieldCount: Int, mapping: Int, path: Int, occurrence: Int, eventInstant: Int, fallback: Bool) {
    rows.append(
      Row(
        entity: Int32(entity), mapping: Int32(mapping), firstCell: Int32(cells.count), occurrence: Int32(occurrence), path: Int32(path),
        eventInstant: eventInstant, eventTimeIsFallback: fallback))
    cells += repeatElement(Cell(state: .absent, start: 0, count: 0), count: fieldCount)
  }

  /// Sets a cell of the row begun last.
  public mutating func set(field: Int, to value: some Collection<UInt8>) {
    guard let row = rows.last else { return }
    cells[Int(row.firstCell) + field] = Cell(state: .value, start: Int32(bytes.count), count: Int32(value.count))
    bytes += value
  }

  public mutating func setNull(field: Int) {
    guard let row = rows.last else { return }
    cells[Int(row.firstCell) + field] = Cell(state: .null, start: 0, count: 0)
  }

  /// Takes back the row begun last (it was held or skipped); its bytes stay unused in the arena.
  public mutating func dropLastRow() {
    guard let row = rows.popLast() else { return }
    cells.removeSubrange(Int(row.firstCell)...)
  }

  public func cell(row: Int, field: Int) -> Cell { cells[Int(rows[row].firstCell) + field] }

  /// The bytes of a cell; empty unless its state is `value`.
  public func value(row: Int, field: Int) -> ArraySlice<UInt8> {
    let cell = cell(row: row, field: field)
    return bytes[Int(cell.start)..<Int(cell.start + cell.count)]
  }

  /// The encoded key of a row, or nil when a key field is not a value.
  public func key(row: Int, entity: CanonicalEntity) -> [UInt8]? {
    var parts: [[UInt8]] = []
    for field in entity.keyFields {
      guard cell(row: row, field: field).state == .value else { return nil }
      parts.append(Array(value(row: row, field: field)))
    }
    return RowKey.encode(parts)
  }

  /// True where every row is of an entity of the dictionary and has exactly its cells. Rows that came from another process must be
  /// asked before they are read: the accessors trust the shape.
  public func fits(_ dictionary: CanonicalDictionary) -> Bool {
    var next = 0
    for row in rows {
      guard dictionary.entities.indices.contains(Int(row.entity)), Int(row.firstCell) == next else { return false }
      next += dictionary.entities[Int(row.entity)].fields.count
    }
    return next == cells.count
  }

  public func write(to writer: inout ByteWriter) {
    writer.write(bytes)
    writer.write(Int32(cells.count))
    for cell in cells {
      writer.write(cell.state.rawValue)
      writer.write(cell.start)
      writer.write(cell.count)
    }
    writer.write(Int32(rows.count))
    for row in rows {
      writer.write(row.entity)
      writer.write(row.mapping)
      writer.write(row.firstCell)
      writer.write(row.occurrence)
      writer.write(row.path)
      writer.write(row.eventInstant)
      writer.write(UInt8(row.eventTimeIsFallback ? 1 : 0))
    }
  }

  public init(from reader: inout ByteReader) throws(FrameError) {
    bytes = try reader.list()
    let cellCount = try reader.count()
    cells.reserveCapacity(min(cellCount, 1 << 16))
    for _ in 0..<cellCount {
      guard let state = CellState(rawValue: try reader.byte()) else { throw FrameError() }
      let start = try reader.small(), count = try reader.small()
      guard start >= 0, count >= 0, Int(start) + Int(count) <= bytes.count else { throw FrameError() }
      cells.append(Cell(state: state, start: start, count: count))
    }
    for _ in 0..<(try reader.count()) {
      let row = Row(
        entity: try reader.small(), mapping: try reader.small(), firstCell: try reader.small(), occurrence: try reader.small(), path: try reader.small(),
        eventInstant: try reader.integer(), eventTimeIsFallback: try reader.byte() == 1)
      guard row.firstCell >= 0, Int(row.firstCell) <= cells.count else { throw FrameError() }
      rows.append(row)
    }
  }
}
