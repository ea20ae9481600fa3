/// CSV for machines: strict RFC 4180, CRLF, quotes only where needed, values as they are (`-5.20` stays `-5.20`).
enum MachineCSV {
  /// One record with its line end.
  static func line(_ cells: [[UInt8]]) -> [UInt8] {
    var out: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      write(cell, into: &out)
    }
    // A record of one empty cell would be an empty line, which readers skip.
    if cells.count == 1, cells[0].isEmpty { out += "\"\"".utf8 }
    out += "\r\n".utf8
    return out
  }

  static func line(_ cells: [String]) -> [UInt8] { line(cells.map { Array($0.utf8) }) }

  private static func write(_ cell: [UInt8], into out: inout [UInt8]) {
    guard cell.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0D || $0 == 0x0A }) else {
      out += cell
      return
    }
    out.append(0x22)
    for byte in cell {
      if byte == 0x22 { out.append(0x22) }
      out.append(byte)
    }
    out.append(0x22)
  }
}
