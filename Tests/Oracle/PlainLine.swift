/// A line of an HL7 v2 drop, read in the plainest way: without its end, its framing and its byte-order mark.
struct PlainLine {
  /// Where its first byte stands in the drop.
  var offset: Int
  var bytes: ArraySlice<UInt8>
  /// No line end comes after it.
  var isLast = false

  /// A block ended somewhere before it.
  var isBehindBlock = false

  /// A name that the envelope owns.
  var isEnvelope: Bool { ["FHS", "BHS", "BTS", "FTS"].contains { bytes.starts(with: $0.utf8) } }

  /// All lines but the blank ones. A block that ends where the next begins ends a line too.
  static func lines(of input: [UInt8]) -> [PlainLine] {
    var lines: [PlainLine] = [], start = 0
    func ends(_ at: Int) -> Bool { at == input.count || input[at] == 0x0D || input[at] == 0x0A || (at > 0 && input[at - 1] == 0x1C && input[at] == 0x0B) }
    var hasBlock = false
    for at in 0...input.count where ends(at) {
      let line = trimmed(input[start..<at])
      hasBlock = hasBlock || input[start..<line.startIndex].contains(0x1C)
      defer { hasBlock = hasBlock || input[line.endIndex..<at].contains(0x1C) }
      if line.contains(where: { $0 != 0x20 && $0 != 0x09 }) {
        lines.append(PlainLine(offset: line.startIndex, bytes: line, isLast: at == input.count, isBehindBlock: hasBlock))
      }
      start = at + 1
    }
    return lines
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let first = line.first {
      if first == 0x0B || first == 0x1C { line.removeFirst() } else if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) } else { break }
    }
    while line.last == 0x1C { line.removeLast() }
    return line
  }
}
