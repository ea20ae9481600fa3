import CLibPQ
import Core

/// COPY in binary: rows go to the server in slices, so that memory stays bounded.
extension PostgresConnection {
  func fill(_ table: String, _ columns: [String], _ feed: (_ take: ([SQLValue]) throws -> Void) throws -> Void) throws {
    try script("COPY \(table)(\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)")
    var slice = CopySlice()
    do {
      try feed { row in
        slice.append(row)
        if slice.isFull { try put(slice.take()) }
      }
      slice.end()
      try put(slice.take())
    } catch {
      try? endCopy(refusing: true)
      throw error
    }
    try endCopy(refusing: false)
  }
}

/// Rows in the binary form of COPY: a count of fields, then each with its length, big-endian; -1 is null.
struct CopySlice {
  private static let size = 64 << 10
  private var bytes: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)

  var isFull: Bool { bytes.count >= Self.size }

  mutating func append(_ row: [SQLValue]) {
    number(row.count, bytes: 2)
    for value in row {
      switch value {
      case .null: number(-1, bytes: 4)
      case .integer(let integer):
        number(8, bytes: 4)
        number(integer, bytes: 8)
      case .text(let text): list(PostgresParameters.bytes(of: text))
      case .blob(let blob): list(blob)
      }
    }
  }

  mutating func end() { number(-1, bytes: 2) }

  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  private mutating func list(_ content: [UInt8]) {
    number(content.count, bytes: 4)
    bytes += content
  }

  private mutating func number(_ number: Int, bytes count: Int) {
    for shift in stride(from: 8 * (count - 1), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
