import Core

/// The message that is being read: what is known of it besides its lines, which lie in the drop's record. One a drop, begun again and again.
struct HL7Message {
  /// A line that was no segment, or what stands behind data that was taken out.
  struct Text {
    /// Index of its first byte in the record's bytes.
    var start: Int
    /// Where it begins in the drop.
    var byteOffset: Int
  }

  enum State {
    /// No message has begun, or the last one has been said.
    case none
    case open
    /// A BTS came after it; it waits for what follows, because a file that is never closed holds its last message.
    case closed
  }

  private(set) var state = State.none
  private(set) var head = MessageHead(ordinal: 0, byteOffset: 0, batch: -1)
  private(set) var delimiters = HL7Delimiters()
  /// Bytes of the record that do not stand in the drop right behind those before them, in order: lines that a line end cut off a field, and,
  /// in a message that is diverted, what comes behind data.
  private(set) var texts: [Text] = []
  /// Segments and lines of text.
  private(set) var lineCount = 0
  /// Past a limit: its bytes are hashed and not kept.
  private(set) var isOver = false
  /// Its bytes go to the digest line by line, for some of them are no part of the record.
  private(set) var isDiverted = false
  /// Its beginning has been said.
  var isAnnounced = false
  /// Segments of the name OBX.
  var observations = 0
  private(set) var attachments = 0
  /// Where the first NUL of the data that was taken out stands in the drop, or -1.
  var firstNUL = -1
  /// MSH-18 with its repetitions, as sent.
  private(set) var charset: [UInt8] = []
  private var tail = MessageTail()
  private var firstText = -1
  private var digest = MessageDigest()

  mutating func begin(_ line: Span<UInt8>, _ head: MessageHead) {
    state = .open
    self.head = head
    delimiters = HL7Delimiters(line)
    texts.removeAll(keepingCapacity: true)
    lineCount = 1
    isOver = false
    isDiverted = false
    isAnnounced = false
    observations = 0
    attachments = 0
    firstNUL = -1
    charset.removeAll(keepingCapacity: true)
    tail = MessageTail()
    firstText = -1
  }

  mutating func close() { state = .closed }

  mutating func clear() { state = .none }

  mutating func addSegments(_ count: Int) { lineCount += count }

  /// A line that is no segment; `start` is where it is kept.
  mutating func addText(start: Int, byteOffset: Int) {
    lineCount += 1
    if firstText < 0 { firstText = byteOffset }
    if !isOver { texts.append(Text(start: start, byteOffset: byteOffset)) }
  }

  /// A line that is no segment and of which the record may keep nothing.
  mutating func addCut(byteOffset: Int) {
    if firstText < 0 { firstText = byteOffset }
  }

  /// Where the bytes that the record keeps next stand in the drop.
  mutating func addPlace(start: Int, byteOffset: Int) { texts.append(Text(start: start, byteOffset: byteOffset)) }

  /// Gives the number of the next attachment, which counts as a line.
  mutating func addAttachment() -> Int {
    lineCount += 1
    attachments += 1
    return attachments - 1
  }

  /// Data that is not what it says; of many, the first are noted.
  mutating func noteAttachment(at position: SourcePosition) {
    if tail.findings.count < Self.attachmentFindings { note(.attachmentInvalid, position) }
  }

  private static let attachmentFindings = 100

  /// What has to be read of MSH: type, identity, character set. The table's first segment is split.
  mutating func readHead(_ table: SegmentTable) {
    tail.rawType = table.messageType
    tail.controlIdentity = table.controlIdentity
    let name = table.field(0, 18)
    if !name.isEmpty { charset += table.bytes[name] }
  }

  /// From now on its lines go to the digest as they come.
  mutating func divert(_ bytes: inout [UInt8]) {
    if isDiverted { return }
    digestWhole(&bytes)
    isDiverted = true
  }

  /// Takes the whole message, CR at the end of every line, into the digest, the last one left out, unless it is there.
  mutating func digestWhole(_ bytes: inout [UInt8]) {
    if isDiverted { return }
    digest.begin()
    for text in texts { bytes[text.start - 1] = 0x0D }
    digest.update(bytes.span.extracting(droppingLast: 1))
    for text in texts { bytes[text.start - 1] = 0x0A }
    tail.byteCount = bytes.count - 1
  }

  /// From now on its bytes go to the digest only.
  mutating func exceed() {
    isOver = true
    texts.removeAll()
  }

  /// Bytes of a message that is over a limit or diverted; a line that begins adds the CR before it.
  mutating func digest(_ bytes: Span<UInt8>, beginsLine: Bool) {
    if beginsLine { digestLineEnd() }
    digest.update(bytes)
    tail.byteCount += bytes.count
  }

  /// The CR before a line.
  mutating func digestLineEnd() {
    let end: [UInt8] = [0x0D]
    digest.update(end.span)
    tail.byteCount += 1
  }

  /// What is known at its end.
  mutating func end(_ outcome: MessageTail.Outcome) -> MessageTail {
    tail.digest = digest.finish()
    tail.outcome = outcome
    if tail.rawType.isEmpty { note(.messageTypeMissing, SourcePosition(path: "MSH-9", byteOffset: head.byteOffset)) }
    if delimiters.verdict == .unusual { note(.delimitersUnusual, SourcePosition(path: "MSH-2", byteOffset: head.byteOffset)) }
    if firstText >= 0 { note(.segmentInvalid, SourcePosition(byteOffset: firstText)) }
    return tail
  }

  private mutating func note(_ code: FindingCode, _ position: SourcePosition) { tail.findings.append(Finding(code, at: position)) }
}

/// What MSH says, as sent. The table's first segment is MSH and is split.
extension SegmentTable {
  /// MSH-9.1^MSH-9.2 of the first repetition, whatever the component separator is, without a trailing ^.
  var messageType: [UInt8] {
    let field = firstRepetition(field(0, 9))
    let hasComponents = delimiters.component != 0
    var out = Array(bytes[hasComponents ? part(field, 1, by: delimiters.component) : field])
    let event = part(field, 2, by: delimiters.component)
    if hasComponents, !event.isEmpty {
      out.append(0x5E)
      out += bytes[event]
    }
    while out.last == 0x5E { out.removeLast() }
    return out
  }

  /// See `MappedMessage.controlIdentity`.
  var controlIdentity: [UInt8] {
    let parts = (field(0, 3), field(0, 4), field(0, 10))
    guard !parts.2.isEmpty else { return [] }
    var out: [UInt8] = []
    out.reserveCapacity(12 + parts.0.count + parts.1.count + parts.2.count)
    append(parts.0, to: &out)
    append(parts.1, to: &out)
    append(parts.2, to: &out)
    return out
  }

  /// A part of a `RowKey`: four bytes of length, big-endian, and the bytes.
  private func append(_ part: Range<Int>, to out: inout [UInt8]) {
    for shift in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: part.count >> shift)) }
    out += bytes[part]
  }

  /// A field up to its first repetition separator.
  func firstRepetition(_ field: Range<Int>) -> Range<Int> {
    delimiters.repetition == 0 ? field : part(field, 1, by: delimiters.repetition)
  }
}
