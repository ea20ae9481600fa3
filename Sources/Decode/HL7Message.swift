import Core

/// The message that is being read: what is known of it besides its bytes, which lie in the decoder's record.
struct HL7Message {
  struct Line {
    /// Index of its first byte in the record's bytes.
    var start: Int
    /// Where it begins in the drop.
    var byteOffset: Int
    var isSegment: Bool
  }

  var head: MessageHead
  var tail = MessageTail()
  var delimiters: HL7Delimiters
  var lines: [Line] = []
  /// Past a limit: its bytes are hashed and not kept.
  var isOver = false
  /// A BTS came after it; it waits for what follows, because a file that is never closed holds its last message.
  var isClosed = false
  /// MSH-18, first repetition, as sent.
  private(set) var charset: [UInt8] = []
  private var hash = SHA256()

  /// From the MSH line.
  init(_ line: ArraySlice<UInt8>, head: MessageHead) {
    self.head = head
    delimiters = HL7Delimiters(line: line)
    readHeader(line)
    if delimiters.verdict == .unusual { note(.delimitersUnusual, at: SourcePosition(path: "MSH-2", byteOffset: head.byteOffset)) }
  }

  /// The separator by which lines are told apart; a message without a usable one is read with the recommended one.
  var separator: UInt8 { delimiters.values.field }

  mutating func note(_ code: FindingCode, at position: SourcePosition) {
    guard !tail.findings.contains(where: { $0.code == code }) else { return }
    tail.findings.append(Finding(code, at: position))
  }

  /// Takes bytes of a line into the digest; a line that begins adds the CR before it.
  mutating func digest(_ bytes: ArraySlice<UInt8>, beginsLine: Bool) {
    if beginsLine, tail.byteCount > 0 {
      hash.update(CollectionOfOne(0x0D))
      tail.byteCount += 1
    }
    hash.update(bytes)
    tail.byteCount += bytes.count
  }

  mutating func finishDigest() { tail.digest = hash.finish() }

  private mutating func readHeader(_ line: ArraySlice<UInt8>) {
    let fields = Self.fields(line, separator: separator, upTo: 18)
    func field(_ number: Int) -> ArraySlice<UInt8> { number - 1 < fields.count ? fields[number - 1] : [] }
    tail.rawType = type(of: field(9))
    if tail.rawType.isEmpty { note(.messageTypeMissing, at: SourcePosition(path: "MSH-9", byteOffset: head.byteOffset)) }
    if !field(10).isEmpty { tail.controlIdentity = RowKey.encode([Array(field(3)), Array(field(4)), Array(field(10))]) }
    charset = Array(firstRepetition(field(18)))
  }

  /// Pieces of the line; piece n-1 is MSH-n from 2 on, for the name stands before field 1, the separator.
  private static func fields(_ line: ArraySlice<UInt8>, separator: UInt8, upTo limit: Int) -> [ArraySlice<UInt8>] {
    line.split(separator: separator, maxSplits: limit, omittingEmptySubsequences: false)
  }

  private func firstRepetition(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let repetition = delimiters.values.repetition
    return repetition == 0 ? field : field.prefix { $0 != repetition }
  }

  /// MSH-9.1^MSH-9.2 of the first repetition, whatever the component separator is, without a trailing ^.
  private func type(of field: ArraySlice<UInt8>) -> [UInt8] {
    let component = delimiters.values.component
    let parts = firstRepetition(field).split(separator: component, maxSplits: 2, omittingEmptySubsequences: false)
    var out = Array(parts.first ?? [])
    if component != 0, parts.count > 1, !parts[1].isEmpty { out += [0x5E] + parts[1] }
    while out.last == 0x5E { out.removeLast() }
    return out
  }
}
