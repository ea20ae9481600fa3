/// The form in which rows cross from worker to ingest: the values as one block, and a table of rows and cells in which only what is not
/// absent stands.
///
/// The table: number of rows; for each row entity, mapping, path, occurrence, a byte with 1 where the event time is a fallback
/// and twice the action, the event instant (8 bytes, little-endian), number of cells; for each cell its field and 0 for null, else the length of its value and one. All numbers
/// but the instant are groups of seven bits, the lowest first (LEB128), at most 31 bits.
extension RowBuffer {
  public func write(to writer: inout ByteWriter) {
    writer.write(bytes)
    let start = writer.count
    writer.write(Int32(0))
    writer.append(addingCapacity: 5 + rows.count * 34 + cells.count * 10) { out in
      out.append(number: Int32(rows.count))
      for row in rows.indices { append(row, to: &out) }
    }
    writer.patch(Int32(writer.count - start - 4), at: start)
  }

  private func append(_ number: Int, to out: inout OutputSpan<UInt8>) {
    let row = rows[number], range = cellRange(row: number)
    out.append(number: row.entity)
    out.append(number: row.mapping)
    out.append(number: row.path)
    out.append(number: row.occurrence)
    out.append((row.eventTimeIsFallback ? 1 : 0) | row.action.rawValue << 1)
    for shift in stride(from: 0, to: 64, by: 8) { out.append(UInt8(truncatingIfNeeded: row.eventInstant >> shift)) }
    out.append(number: Int32(range.count))
    for at in range {
      let cell = cells[at]
      out.append(number: cell.field)
      out.append(number: cell.state == .null ? 0 : cell.count + 1)
    }
  }

  /// Reads what `write(to:)` wrote. Every length is held against the blocks that came; `fits` then holds the rows against the dictionary.
  public init(from reader: inout ByteReader) throws(FrameError) {
    bytes = try reader.list()
    let list = try reader.list()
    var table = RowTable(bytes: list)
    let count = try table.number()
    guard count <= list.count else { throw FrameError() }
    rows.reserveCapacity(count)
    cells.reserveCapacity(list.count / 3)
    var start: Int32 = 0
    for _ in 0..<count {
      rows.append(try table.row(firstCell: cells.count, firstByte: start))
      for _ in 0..<(try table.number()) { cells.append(try table.cell(&start, bytes.count)) }
    }
    guard table.isAtEnd, Int(start) == bytes.count else { throw FrameError() }
  }
}

extension OutputSpan<UInt8> {
  /// Appends a number of at most 31 bits in groups of seven, the lowest first. Most are one group.
  @inline(__always)
  fileprivate mutating func append(number: Int32) {
    if number >= 0, number <= 0x7F { append(UInt8(truncatingIfNeeded: number)) } else { append(groupsOf: number) }
  }

  @inline(never)
  private mutating func append(groupsOf number: Int32) {
    var rest = UInt32(bitPattern: number)
    while rest > 0x7F {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}

/// Takes the table apart; every read is checked against its end.
private struct RowTable {
  let bytes: [UInt8]
  private var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  private mutating func byte() throws(FrameError) -> UInt8 {
    guard at < bytes.count else { throw FrameError() }
    at += 1
    return bytes[at - 1]
  }

  mutating func number() throws(FrameError) -> Int {
    var value = Int(try byte())
    if value < 0x80 { return value }
    value &= 0x7F
    for shift in stride(from: 7, to: 35, by: 7) {
      let next = try byte()
      value |= Int(next & 0x7F) << shift
      guard next >= 0x80 else {
        guard next > 0, value <= Int(Int32.max) else { throw FrameError() }
        return value
      }
    }
    throw FrameError()
  }

  mutating func row(firstCell: Int, firstByte: Int32) throws(FrameError) -> RowBuffer.Row {
    let entity = try number(), mapping = try number(), path = try number(), occurrence = try number()
    let flags = try byte()
    guard let action = RowAction(rawValue: flags >> 1), at + 8 <= bytes.count else { throw FrameError() }
    var instant: UInt64 = 0
    for index in 0..<8 { instant |= UInt64(bytes[at + index]) << (8 * UInt64(index)) }
    at += 8
    return RowBuffer.Row(
      entity: Int32(entity), mapping: Int32(mapping), firstCell: Int32(firstCell), firstByte: firstByte, occurrence: Int32(occurrence),
      path: Int32(path), eventInstant: Int(Int64(bitPattern: instant)), eventTimeIsFallback: flags & 1 == 1, action: action)
  }

  /// The next cell, whose value begins at `start` of an arena of `limit` bytes.
  mutating func cell(_ start: inout Int32, _ limit: Int) throws(FrameError) -> RowBuffer.Cell {
    let field = try number(), code = try number()
    guard code > 0 else { return RowBuffer.Cell(field: Int32(field), state: .null, start: start, count: 0) }
    guard Int(start) + code - 1 <= limit else { throw FrameError() }
    defer { start += Int32(code - 1) }
    return RowBuffer.Cell(field: Int32(field), state: .value, start: start, count: Int32(code - 1))
  }
}
