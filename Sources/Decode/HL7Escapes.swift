import Core

/// The escape sequences of data that streams by, whatever the pieces it comes in (HL7 v2.5.1, 2.7).
struct HL7Escapes {
  /// A sequence that has begun and not ended, its escape character first.
  private(set) var open: [UInt8] = []
  private var table = SegmentTable()
  /// Sequences whose own escape characters were escaped (`\E\.br\E\`) are read too.
  private let nests: Bool

  /// Longer ones are none.
  private static let greatestCount = 1_024

  init(_ delimiters: SegmentTable.Delimiters, nests: Bool) {
    table.delimiters = delimiters
    self.nests = nests
  }

  var escape: UInt8 { table.delimiters.escape }

  mutating func begin() { open = [escape] }

  mutating func clear() { open.removeAll(keepingCapacity: true) }

  /// Takes the next byte of the open sequence; false where it cannot belong to one.
  mutating func take(_ byte: UInt8) -> Bool {
    guard open.count < Self.greatestCount, isBody(byte) else { return false }
    open.append(byte)
    return true
  }

  /// Takes an escape character that goes on with a sequence in a sequence; false where it ends the open one.
  mutating func goesOn() -> Bool {
    guard nests, open == Self.beginning(escape) || marks == 2 && open.count > 3 && isNested else { return false }
    open.append(escape)
    return true
  }

  /// What the open sequence stands for, now that its last escape character has come; nil where it is none of the standard's.
  ///
  /// Hexadecimal data gives its bytes, whatever they are: what streams by is no text of a record.
  mutating func meaning() -> [UInt8]? {
    if marks == 1 { return meaning(of: open[...]) }
    return marks == 3 && open.suffix(2).elementsEqual(Self.beginning(escape)) ? meaning(of: open[2..<(open.count - 2)]) : nil
  }

  private mutating func meaning(of sequence: ArraySlice<UInt8>) -> [UInt8]? {
    let body = sequence.dropFirst()
    guard let first = body.first else { return nil }
    if first == UInt8(ascii: "X") { return body.count > 1 ? Hex.bytes(String(decoding: body.dropFirst(), as: UTF8.self)) : nil }
    table.bytes = sequence + [escape]
    var text: [UInt8] = []
    return table.appendText(table.bytes.indices, to: &text) == 0 ? text : nil
  }

  private var marks: Int { open.count { $0 == escape } }
  private var isNested: Bool { open.starts(with: Self.beginning(escape) + [escape]) }

  private static func beginning(_ escape: UInt8) -> [UInt8] { [escape, UInt8(ascii: "E")] }

  /// Anything may follow the Z of a local sequence.
  private func isBody(_ byte: UInt8) -> Bool {
    let start = open.count == 1 || open.count == 3 && isNested
    if HL7Delimiters.isAlphanumeric(byte) || open.count > 1 && open[1] == UInt8(ascii: "Z") { return true }
    return start ? byte == UInt8(ascii: ".") : byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }
}
