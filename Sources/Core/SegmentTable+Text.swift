extension SegmentTable {
  /// Appends a range with its escapes resolved (HL7 v2.5.1, 2.7; v2.8.2, 2.7).
  ///
  /// - Shape: `\F\ \S\ \T\ \R\ \E\ \P\` give the delimiter, `\Xhh..\` its bytes where they are UTF-8 without NUL (neighbours are read
  ///   together), `\H\ \N\` nothing, the formatting commands line feeds and blanks. Everything else stays as it came: local sequences
  ///   (`\Z..\`), switches of character sets that were not declared, an escape character that stands alone.
  /// - Returns: the number of sequences that were kept as they came.
  /// - Cost: one pass over a short range, a scan and one copy of a long one, where no escape character stands in it.
  @discardableResult
  public func appendText(_ range: Range<Int>, to out: inout [UInt8]) -> Int {
    guard let first = copy(range, upTo: delimiters.escape, to: &out) else { return 0 }
    var reader = EscapeReader(table: self, end: range.upperBound)
    return reader.append(from: first, to: &out)
  }

  /// The text of a range, unescaped.
  public func text(_ range: Range<Int>) -> [UInt8] {
    var out: [UInt8] = []
    appendText(range, to: &out)
    return out
  }

  /// Most values are shorter than this, and a loop is faster for them than a copy as a whole.
  private static let shortCount = 32

  /// Appends a range up to the first escape character (0: there is none) and gives its index, or nil when all of it was appended.
  private func copy(_ range: Range<Int>, upTo escape: UInt8, to out: inout [UInt8]) -> Int? {
    let view = bytes.span
    guard range.count <= Self.shortCount else {
      let first = escape == 0 ? nil : range.first { view[$0] == escape }
      out += bytes[range.lowerBound..<(first ?? range.upperBound)]
      return first
    }
    for index in range {
      let byte = view[index]
      if byte == escape && escape != 0 { return index }
      out.append(byte)
    }
    return nil
  }
}

/// Reads a range that holds an escape character.
private struct EscapeReader {
  let table: SegmentTable
  let end: Int
  private var unknown = 0

  init(table: SegmentTable, end: Int) {
    self.table = table
    self.end = end
  }

  private var escape: UInt8 { table.delimiters.escape }

  /// Appends everything from an escape character on; the number of sequences that were kept as they came.
  mutating func append(from start: Int, to out: inout [UInt8]) -> Int {
    var at = start
    while at < end {
      at = table.bytes[at] == escape ? sequence(at, &out) : plain(at, &out)
    }
    return unknown
  }

  private func plain(_ at: Int, _ out: inout [UInt8]) -> Int {
    let next = nextEscape(at)
    out += table.bytes[at..<next]
    return next
  }

  private func nextEscape(_ from: Int) -> Int {
    var at = from
    while at < end, table.bytes[at] != escape { at += 1 }
    return at
  }

  /// Reads what an escape character begins; gives where to go on.
  private mutating func sequence(_ at: Int, _ out: inout [UInt8]) -> Int {
    let close = nextEscape(at + 1)
    let body = (at + 1)..<close
    guard close < end, isSequence(body) else { return keep(at..<(at + 1), &out) }
    if table.bytes[body.lowerBound] == UInt8(ascii: "X") { return hexadecimal(at, &out) }
    return resolve(body, &out) ? close + 1 : keep(at..<(close + 1), &out)
  }

  private mutating func keep(_ range: Range<Int>, _ out: inout [UInt8]) -> Int {
    unknown += 1
    out += table.bytes[range]
    return range.upperBound
  }

  /// True where a body could be that of an escape sequence: else its first escape character stands alone, and the second may begin one.
  /// Anything may follow the Z of a local sequence.
  private func isSequence(_ body: Range<Int>) -> Bool {
    guard let first = body.first.map({ table.bytes[$0] }) else { return false }
    if first == UInt8(ascii: "Z") { return true }
    guard first == UInt8(ascii: ".") || Self.isAlphanumeric(first) else { return false }
    return body.dropFirst().allSatisfy { index in
      let byte = table.bytes[index]
      return Self.isAlphanumeric(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// Appends what a body stands for; false where it is not one of the standard's.
  private func resolve(_ body: Range<Int>, _ out: inout [UInt8]) -> Bool {
    let first = table.bytes[body.lowerBound]
    if first == UInt8(ascii: ".") { return format(body.dropFirst(), &out) }
    guard body.count == 1 else { return false }
    if first == UInt8(ascii: "H") || first == UInt8(ascii: "N") { return true }
    guard let byte = table.delimiters.character(escapedBy: first) else { return false }
    out.append(byte)
    return true
  }
}

// MARK: - Hexadecimal data

extension EscapeReader {
  /// Reads `\Xhh..\` and those that follow it without a gap: senders write a character of several bytes as several sequences.
  private mutating func hexadecimal(_ start: Int, _ out: inout [UInt8]) -> Int {
    var data: [UInt8] = [], at = start, count = 0
    while at < end, table.bytes[at] == escape, at + 1 < end, table.bytes[at + 1] == UInt8(ascii: "X") {
      let close = nextEscape(at + 1)
      guard close < end, let more = table.hexadecimal((at + 2)..<close) else { break }
      data += more
      count += 1
      at = close + 1
    }
    guard count > 0 else { return keep(start..<(nextEscape(start + 1) + 1), &out) }
    if !data.contains(0), String(validating: data, as: UTF8.self) != nil {
      out += data
    } else {
      unknown += count
      out += table.bytes[start..<at]
    }
    return at
  }
}

extension SegmentTable {
  /// The bytes that pairs of hexadecimal digits name; nil where there is none, an odd one or another character.
  fileprivate func hexadecimal(_ range: Range<Int>) -> [UInt8]? {
    range.isEmpty ? nil : Hex.bytes(String(decoding: bytes[range], as: UTF8.self))
  }
}

// MARK: - Formatting

extension EscapeReader {
  /// A greater number stays as it came: a few bytes must not swell to a page of blanks.
  private static let greatestCount = 20

  /// A formatting command as plain text (HL7 v2.5.1, 2.7.6): `.br .sp<n> .ce` end lines, `.sk<n> .in<n> .ti<n>` give blanks,
  /// `.fi .nf` nothing. Negative indents move nothing, because there is no margin.
  private func format(_ command: Range<Int>, _ out: inout [UInt8]) -> Bool {
    guard command.count >= 2 else { return false }
    let split = command.lowerBound + 2
    guard let count = number(split..<command.upperBound) else { return false }
    let name = String(decoding: table.bytes[command.lowerBound..<split], as: UTF8.self), isBare = split == command.upperBound
    switch name {
    case "br" where isBare, "ce" where isBare: out.append(0x0A)
    case "sp" where count > 0: out += repeatElement(0x0A, count: count)
    case "sk" where count > 0: out += repeatElement(0x20, count: count)
    case "in", "ti": out += repeatElement(0x20, count: isBare ? 0 : max(count, 0))
    case "fi" where isBare, "nf" where isBare: break
    default: return false
    }
    return true
  }

  /// A signed number, 1 where there is none, nil where it is no number or too great.
  private func number(_ digits: Range<Int>) -> Int? {
    guard !digits.isEmpty else { return 1 }
    guard digits.count <= 4, let value = Int(String(decoding: table.bytes[digits], as: UTF8.self)) else { return nil }
    return abs(value) <= Self.greatestCount ? value : nil
  }
}
