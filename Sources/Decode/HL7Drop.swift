import Core

/// One HL7 v2 drop being read: takes lines, keeps the open message in its record, and holds what is to be said until it has been said.
///
/// While `news` is not empty no line is taken: the record may still have to be lent. Whoever drives it says the news and calls `said()`.
struct HL7Drop {
  let settings: DecodeSettings
  /// The lines of the open message, each ended by CR, or by LF where text goes on behind it.
  var record = SourceRecord()
  var message = HL7Message()
  var envelope = HL7Envelope()
  var separators = HL7Line.Separators()
  /// What is to be said now, in order.
  var news: [DecodeEvent] = []
  /// What is said of the envelope behind a message that still waits.
  var waiting: [DecodeEvent] = []
  var summary = DropSummary()
  var framing = HL7Framing()
  /// The last thing said of lines outside of messages belongs to the run of lines that goes on.
  var isStray = false
  /// The line that is taken is longer than a message may be, even if less is left of it without what framed it.
  var isLineOver = false
  /// Whether its offsets count UTF-16, of which the lines are a transcript; see `UTF16Stream`.
  var isUTF16 = false
  var charsets = CharsetCache()
  /// The OBX whose data is taken out.
  var data = HL7DataField()
  private var hasHeader = false
  private var hasContent = false
  /// Counts for `inspect`; nil in the nightly run.
  var census: HL7Census?

  init(_ settings: DecodeSettings) { self.settings = settings }

  var isWaiting: Bool { message.state == .closed }

  /// The news has been said.
  mutating func said() {
    news.removeAll(keepingCapacity: true)
    guard message.state == .none else { return }
    record.segments.bytes.removeAll(keepingCapacity: record.segments.bytes.capacity <= 1 << 22)
    record.segments.segments.removeAll(keepingCapacity: record.segments.segments.capacity <= 1 << 16)
    if !record.segments.detached.isEmpty { record.segments.detached = [] }
  }

  /// Takes a line without its end. False when the message before it has to be said first: then the line is to be brought again.
  ///
  /// - Parameters: `offset` is where it begins in the drop, `isTerminated` says that a line end came.
  mutating func take(_ line: Span<UInt8>, at offset: Int, isTerminated: Bool) -> Bool {
    guard !line.isEmpty else { return true }
    let isInside = message.state == .open
    var kind = HL7Line(line, separators, isInside: isInside)
    if data.isOpen { kind = kindInData(kind, line) }
    if endsMessage(kind) {
      close(isTruncated: false)
      return false
    }
    count(kind)
    if framing.isTorn, case .segment = kind { framing.leave() }
    switch kind {
    case .blank: break
    case .header(SegmentTable.msh): begin(line, at: offset)
    case .header(let name): open(name, line, at: offset)
    case .trailer(let name): end(name, line, at: offset)
    case .segment(let name) where isInside && !framing.isOver: accept(line, name, at: offset)
    case .segment: stray(.orphanSegment, at: offset)
    case .text where isInside && !isTerminated && HL7Line.isTornName(line): summary.truncated = true
    case .text where isInside && !framing.isOver: acceptText(line, at: offset)
    case .text: stray(.segmentInvalid, at: offset)
    }
    return true
  }

  /// Bytes of a line whose beginning was over the limit.
  mutating func takeRest(_ bytes: Span<UInt8>) {
    if message.isOver, message.state == .open, !bytes.isEmpty { message.digest(bytes, beginsLine: false) }
  }

  /// Headers and trailers end the message before them; only a BTS inside a file lets it wait for what follows.
  private func endsMessage(_ kind: HL7Line) -> Bool {
    switch kind {
    case .header: message.state != .none
    case .trailer(let name): message.state == .closed || message.state == .open && !(name == HL7Line.bts && envelope.isFileOpen)
    case .blank, .segment, .text: false
    }
  }

  mutating func count(_ kind: HL7Line) {
    switch kind {
    case .header(let name), .trailer(let name), .segment(let name):
      hasContent = true
      summary.segments += 1
      census?.count(name)
    case .text: hasContent = true
    case .blank: break
    }
  }

  /// Lines outside of messages carry nothing; the first of a run is reported.
  private mutating func stray(_ code: FindingCode, at offset: Int) {
    guard !isStray else { return }
    isStray = true
    let finding = DecodeEvent.finding(Finding(code, at: SourcePosition(byteOffset: offset)))
    if message.state == .none { news.append(finding) } else { waiting.append(finding) }
  }
}

// MARK: - Messages

extension HL7Drop {
  private mutating func begin(_ line: Span<UInt8>, at offset: Int) {
    isStray = false
    hasHeader = true
    framing.begin()
    envelope.addMessage()
    message.begin(line, MessageHead(ordinal: summary.messages, byteOffset: offset, batch: envelope.batch))
    summary.messages += 1
    record.segments.delimiters = message.delimiters.values
    separators.segment = message.delimiters.values.field
    separators.last = separators.segment
    record.segments.appendSegment(line, name: SegmentTable.msh, byteOffset: offset)
    if isLineOver || line.count >= settings.limits.messageBytes { exceed() }
  }

  private mutating func accept(_ line: Span<UInt8>, _ name: UInt32, at offset: Int) {
    if data.isOpen { endData(isCut: false) }
    guard name == Self.observation else { return keep(line, name, at: offset) }
    if let kind = HL7DataField.Kind(line, message.delimiters.values), maySplitData { return takeData(line, kind, at: offset) }
    message.observations += 1
    keep(line, name, at: offset)
  }

  private mutating func keep(_ line: Span<UInt8>, _ name: UInt32, at offset: Int) {
    guard hasRoom(for: line.count) else { return message.digest(line, beginsLine: true) }
    if message.isDiverted { message.digest(line, beginsLine: true) }
    message.addSegments(1)
    record.segments.appendSegment(line, name: name, byteOffset: offset)
  }

  private mutating func acceptText(_ line: Span<UInt8>, at offset: Int) {
    framing.goOn()
    if data.isOpen, !isLineOver { return takeDataText(line, at: offset) }
    let hasRoom = hasRoom(for: line.count)
    message.addText(start: record.segments.bytes.count, byteOffset: offset)
    if !hasRoom || message.isDiverted { message.digest(line, beginsLine: true) }
    if hasRoom { record.segments.appendText(line: line) }
  }

  /// False where the message is, or with so many bytes more would be, over a limit.
  mutating func hasRoom(for count: Int) -> Bool {
    if message.isOver { return false }
    let limits = settings.limits
    if !isLineOver, record.segments.bytes.count + count < limits.messageBytes, message.lineCount < limits.fieldsPerMessage { return true }
    exceed()
    return false
  }

  /// The message is over a limit: what is kept of it goes to the digest, and nothing is kept any more.
  mutating func exceed() {
    if data.isOpen { endData(isCut: true) }
    _ = record.segments.split(1, limits: settings.limits)
    message.readHead(record.segments)
    message.digestWhole(&record.segments.bytes)
    message.exceed()
    record.segments = SegmentTable()
  }

  private mutating func open(_ name: UInt32, _ line: Span<UInt8>, at offset: Int) {
    isStray = false
    hasHeader = true
    let delimiters = HL7Delimiters(line)
    let isFile = name == SegmentTable.fhs
    separators.segment = delimiters.values.field
    separators.last = delimiters.values.field
    if isFile { separators.file = delimiters.values.field } else { separators.batch = delimiters.values.field }
    news += isFile ? envelope.openFile(at: offset) : envelope.openBatch(at: offset)
    guard delimiters.verdict != .recommended else { return }
    let code: FindingCode = delimiters.verdict == .invalid ? .delimitersInvalid : .delimitersUnusual
    news.append(.finding(Finding(code, at: SourcePosition(path: isFile ? "FHS-2" : "BHS-2", byteOffset: offset))))
  }

  private mutating func end(_ name: UInt32, _ line: Span<UInt8>, at offset: Int) {
    isStray = false
    let field = Self.field(1, of: line), sum = DecimalNumber(Self.field(3, of: line))?.hundredths
    let events = name == HL7Line.bts ? envelope.endBatch(field[...], sum: sum, at: offset) : envelope.endFile(field[...], at: offset)
    if message.state == .open {
      if data.isOpen { endData(isCut: false) }
      message.close()
      waiting += events
    } else {
      news += events
    }
  }

  /// A field of a trailer as sent; empty where there is none.
  private static func field(_ number: Int, of line: Span<UInt8>) -> [UInt8] {
    var field: [UInt8] = [], at = 4, left = number
    while at < line.count, left > 0 {
      if line[at] == line[3] { left -= 1 } else if left == 1 { field.append(line[at]) }
      at += 1
    }
    return field
  }

  /// Ends the message that has begun, if there is one, and says what waited behind it.
  mutating func close(isTruncated: Bool) {
    let isTruncated = isTruncated || framing.isTorn
    if message.state != .none {
      if data.isOpen { endData(isCut: isTruncated) }
      let outcome = outcome(isTruncated: isTruncated)
      announce()
      if outcome == .decoded { news.append(.record) }
      news.append(.end(message.end(outcome)))
      message.clear()
    }
    news += waiting
    waiting.removeAll(keepingCapacity: true)
  }

  /// The end of the bytes.
  mutating func finish(digest: () -> [UInt8]) {
    summary.truncated = summary.truncated || framing.isOpen || envelope.isOpen
    close(isTruncated: summary.truncated)
    news += envelope.finish(at: summary.byteCount)
    if summary.messages == 0 { rejectAll(digest()) }
    summary.messagesDeclared = envelope.messagesDeclared
  }

  /// A drop that yields no message counts as one, rejected.
  private mutating func rejectAll(_ digest: [UInt8]) {
    var tail = MessageTail()
    tail.digest = digest
    tail.byteCount = summary.byteCount
    tail.outcome = .rejected(Finding(hasContent && !hasHeader ? .notHL7 : .dropEmpty, at: SourcePosition(byteOffset: 0)))
    summary.messages = 1
    news.append(.begin(MessageHead(ordinal: 0, byteOffset: 0, batch: -1)))
    news.append(.end(tail))
  }
}
