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

  /// All lines but the blank ones. A block that ends where the next begins ends a line too, and so does one that begins with a header.
  static func lines(of input: [UInt8]) -> [PlainLine] {
    var lines: [PlainLine] = [], start = 0
    func ends(_ at: Int) -> Bool { at == input.count || input[at] == 0x0D || input[at] == 0x0A || beginsBlock(at) }
    func beginsBlock(_ at: Int) -> Bool { at > start && input[at] == 0x0B && (input[at - 1] == 0x1C || isHeader(input[(at + 1)...].prefix(4))) }
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

  /// The name of a header and a separator.
  static func isHeader(_ line: ArraySlice<UInt8>) -> Bool {
    guard ["MSH", "FHS", "BHS"].contains(where: { line.starts(with: $0.utf8) }), let next = line.dropFirst(3).first else { return false }
    return next > 0x20 && next < 0x7F && !(0x30...0x39).contains(next) && !(0x41...0x5A).contains(next) && !(0x61...0x7A).contains(next)
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
