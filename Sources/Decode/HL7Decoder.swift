import Core

/// HL7 v2 drops: lines to messages to segment tables. Line ends may be CR, LF, CRLF or any mixture; blank lines count for nothing.
final class HL7Decoder {
  private let settings: DecodeSettings
  /// Its bytes hold the lines of the open message, each ended by CR, and after `lineStart` the line that is coming in.
  private var record = SourceRecord()
  private var lineStart = 0
  /// Where the line that is coming in begins in the drop.
  private var lineOffset = 0
  /// The rest of this line is not kept; its beginning has been dealt with.
  private var isLineLost = false
  private var message: HL7Message?
  private var envelope = HL7Envelope()
  /// What is said of the envelope after a message that still waits.
  private var queued: [DecodeEvent] = []
  /// The field separator of the last header.
  private var separator = UInt8(ascii: "|")
  /// A start block (0x0B) of the minimal lower layer protocol came without its end block (0x1C).
  private var isFrameOpen = false
  private var isStray = false
  private var hasHeader = false
  private var hasContent = false
  /// Runs until the first message: a drop without any is identified by all its bytes.
  private var dropHash = SHA256()
  private var startsAsUTF16 = false
  private var spare: [UInt8] = []
  private var summary = DropSummary()
  /// Counts for `inspect`; nil in the nightly run.
  var census: HL7Census?

  init(_ settings: DecodeSettings) { self.settings = settings }

  func push<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    let base = summary.byteCount
    if summary.messages == 0 { unsafe chunk.withUnsafeBufferPointer { pointer in unsafe dropHash.update(pointer) } }
    var at = 0
    while at < chunk.count {
      var end = at
      let last = min(chunk.count, at + 65_536)
      while end < last, chunk[end] != 0x0D, chunk[end] != 0x0A { end += 1 }
      try take(chunk, at..<end, emit)
      if end < last {
        try endLine(isTerminated: true, emit)
        end += 1
        lineOffset = base + end
      }
      at = end
    }
    summary.byteCount += chunk.count
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    if summary.byteCount > lineOffset { try endLine(isTerminated: false, emit) }
    summary.truncated = summary.truncated || isFrameOpen || envelope.isOpen
    try close(isTruncated: summary.truncated, emit)
    for event in envelope.finish(at: summary.byteCount) { try emit(event, record) }
    if summary.messages == 0 { try rejectAll(emit) }
    summary.messagesDeclared = envelope.messagesDeclared
    return summary
  }

  /// A drop that yields no message counts as one, rejected.
  private func rejectAll<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    let code: FindingCode = startsAsUTF16 ? .charsetUnsupported : hasContent && !hasHeader ? .notHL7 : .dropEmpty
    var tail = MessageTail()
    tail.digest = dropHash.finish()
    tail.byteCount = summary.byteCount
    tail.outcome = .rejected(Finding(code, at: SourcePosition(byteOffset: 0)))
    summary.messages = 1
    try emit(.begin(MessageHead(ordinal: 0, byteOffset: 0, batch: -1)), record)
    try emit(.end(tail), record)
  }
}

// MARK: - Lines

extension HL7Decoder {
  private func take<Failure: Error>(
    _ chunk: Span<UInt8>, _ range: Range<Int>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void
  ) throws(Failure) {
    let room = isLineLost ? 0 : settings.limits.messageBytes + 1 - (record.segments.bytes.count - lineStart)
    let kept = range.lowerBound..<min(range.upperBound, range.lowerBound + room)
    unsafe chunk.withUnsafeBufferPointer { pointer in unsafe record.segments.bytes.append(contentsOf: pointer[kept]) }
    if !isLineLost, record.segments.bytes.count - lineStart > settings.limits.messageBytes { try loseLine(emit) }
    let rest = kept.upperBound..<range.upperBound
    guard !rest.isEmpty, let open = message, open.isOver, !open.isClosed else { return }
    let bytes = unsafe chunk.withUnsafeBufferPointer { pointer in unsafe Array(pointer[rest]) }
    message?.digest(bytes[...], beginsLine: false)
  }

  /// A line longer than a message may be: it is dealt with by its beginning, and the rest only hashed.
  private func loseLine<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    try endLine(isTerminated: true, emit)
    isLineLost = true
  }

  private func endLine<Failure: Error>(isTerminated: Bool, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    if isLineLost {
      isLineLost = false
      return
    }
    trimFraming()
    guard record.segments.bytes.count > lineStart else { return }
    let isInside = message.map { !$0.isClosed } ?? false
    let kind = HL7Line(record.segments.bytes[lineStart...], separators: (message?.separator ?? separator, separator), isInside: isInside)
    count(kind)
    switch kind {
    case .blank: drop()
    case .header(let name): try begin(name, emit)
    case .trailer(let name): try end(name, emit)
    case .segment where isInside: accept(isSegment: true)
    case .segment: try stray(.orphanSegment, emit)
    case .text where isInside && !isTerminated && isTornName: summary.truncated = true; drop()
    case .text where isInside: accept(isSegment: false)
    case .text: try stray(.segmentInvalid, emit)
    }
  }

  private func count(_ kind: HL7Line) {
    if kind != .blank { hasContent = true }
    switch kind {
    case .header(let name), .trailer(let name), .segment(let name):
      summary.segments += 1
      census?.count(name)
    case .blank, .text: break
    }
  }

  /// The last line is the beginning of a segment's name and has no end: the bytes stop inside the message.
  private var isTornName: Bool {
    let line = record.segments.bytes[lineStart...]
    return line.count < 3 && line.allSatisfy { HL7Line.isCapital($0) || HL7Line.isDigit($0) }
  }

  private func drop() { record.segments.bytes.removeSubrange(lineStart...) }

  /// Cuts a byte-order mark and the block characters of the minimal lower layer protocol off the ends of the line.
  private func trimFraming() {
    if lineOffset == 0, startsWith([0xFE, 0xFF]) || startsWith([0xFF, 0xFE]) { startsAsUTF16 = true }
    var from = lineStart
    while let mark = framing(at: from) { from += mark }
    record.segments.bytes.removeSubrange(lineStart..<from)
    lineOffset += from - lineStart
    while record.segments.bytes.count > lineStart, record.segments.bytes.last == 0x1C {
      record.segments.bytes.removeLast()
      isFrameOpen = false
    }
  }

  private func startsWith(_ mark: [UInt8]) -> Bool { record.segments.bytes[lineStart...].starts(with: mark) }

  /// The length of a block character or byte-order mark that stands here, or nil.
  private func framing(at index: Int) -> Int? {
    guard index < record.segments.bytes.count else { return nil }
    switch record.segments.bytes[index] {
    case 0x0B: isFrameOpen = true
    case 0x1C: isFrameOpen = false
    case 0xEF: return record.segments.bytes[index...].starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : nil
    default: return nil
    }
    return 1
  }

  /// Lines outside of messages carry nothing; the first of a run is reported.
  private func stray<Failure: Error>(_ code: FindingCode, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    drop()
    defer { isStray = true }
    guard !isStray else { return }
    let finding = DecodeEvent.finding(Finding(code, at: SourcePosition(byteOffset: lineOffset)))
    if message == nil { try emit(finding, record) } else { queued.append(finding) }
  }
}

// MARK: - Messages

extension HL7Decoder {
  /// Takes the line into the open message.
  private func accept(isSegment: Bool) {
    guard var open = message.take() else { return }
    open.digest(record.segments.bytes[lineStart...], beginsLine: true)
    if !isSegment { open.note(.segmentInvalid, at: SourcePosition(byteOffset: lineOffset)) }
    if !open.isOver, record.segments.bytes.count >= settings.limits.messageBytes || open.lines.count >= settings.limits.fieldsPerMessage {
      open.isOver = true
      open.lines = []
    }
    if open.isOver {
      record.segments.bytes.removeAll(keepingCapacity: true)
    } else {
      if !isSegment { record.segments.bytes[lineStart - 1] = 0x0A }
      open.lines.append(HL7Message.Line(start: lineStart, byteOffset: lineOffset, isSegment: isSegment))
      record.segments.bytes.append(0x0D)
    }
    lineStart = record.segments.bytes.count
    message = open
  }

  private func begin<Failure: Error>(_ name: UInt32, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    spare.removeAll(keepingCapacity: true)
    spare += record.segments.bytes[lineStart...]
    drop()
    try close(isTruncated: false, emit)
    isStray = false
    hasHeader = true
    guard name == SegmentTable.msh else { return try open(name, emit) }
    envelope.addMessage()
    let head = MessageHead(ordinal: summary.messages, byteOffset: lineOffset, batch: envelope.batch)
    summary.messages += 1
    let new = HL7Message(spare[...], head: head)
    separator = new.separator
    swap(&record.segments.bytes, &spare)
    lineStart = 0
    message = new
    accept(isSegment: true)
  }

  private func open<Failure: Error>(_ name: UInt32, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    let delimiters = HL7Delimiters(line: spare[...])
    separator = delimiters.values.field
    let isFile = name == SegmentTable.fhs
    for event in isFile ? envelope.openFile(at: lineOffset) : envelope.openBatch(at: lineOffset) { try emit(event, record) }
    guard delimiters.verdict != .recommended else { return }
    let code: FindingCode = delimiters.verdict == .invalid ? .delimitersInvalid : .delimitersUnusual
    try emit(.finding(Finding(code, at: SourcePosition(path: isFile ? "FHS-2" : "BHS-2", byteOffset: lineOffset))), record)
  }

  private func end<Failure: Error>(_ name: UInt32, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    let line = Array(record.segments.bytes[lineStart...])
    drop()
    let waits = name == HL7Line.bts && envelope.isFileOpen && message.map { !$0.isClosed } ?? false
    if !waits { try close(isTruncated: false, emit) }
    isStray = false
    let field: ArraySlice<UInt8> = line.count > 3 ? line.dropFirst(4).prefix { $0 != line[3] } : []
    let events = name == HL7Line.bts ? envelope.endBatch(field, at: lineOffset) : envelope.endFile(field, at: lineOffset)
    if waits {
      message?.isClosed = true
      queued += events
    } else {
      for event in events { try emit(event, record) }
    }
  }

  /// Ends the open message, if there is one, and says what was queued behind it.
  private func close<Failure: Error>(isTruncated: Bool, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    if var open = message.take() {
      open.finishDigest()
      open.tail.outcome = outcome(of: open, isTruncated: isTruncated)
      try emit(.begin(open.head), record)
      if open.tail.outcome == .decoded { try emit(.record, record) }
      try emit(.end(open.tail), record)
    }
    record.segments.removeAll()
    lineStart = 0
    for event in queued { try emit(event, record) }
    queued.removeAll(keepingCapacity: true)
  }

  /// Fills the record's tables and says whether the message can be read.
  private func outcome(of message: HL7Message, isTruncated: Bool) -> MessageTail.Outcome {
    let start = SourcePosition(byteOffset: message.head.byteOffset)
    if message.isOver { return .held(Finding(.messageLimit, at: start)) }
    record.segments.delimiters = message.delimiters.values
    let split = record.segments.split(offsets: message.lines.lazy.filter(\.isSegment).map(\.byteOffset), limits: settings.limits)
    census?.observe(record.segments)
    if !split.isWithinLimits { return .held(Finding(.messageLimit, at: start)) }
    if message.delimiters.verdict == .invalid {
      return .rejected(Finding(.delimitersInvalid, at: SourcePosition(path: "MSH-2", byteOffset: start.byteOffset)))
    }
    if let nul = split.nul { return .rejected(Finding(.nulByte, at: position(of: nul, in: message))) }
    if !split.isASCII || maySwitchSets, let finding = convert(message) { return .rejected(finding) }
    return isTruncated ? .held(Finding(.dropTruncated, at: start)) : .decoded
  }

  private func position(of index: Int, in message: HL7Message) -> SourcePosition {
    let line = message.lines.last { $0.start <= index } ?? HL7Message.Line(start: 0, byteOffset: message.head.byteOffset, isSegment: true)
    return SourcePosition(byteOffset: line.byteOffset + index - line.start)
  }

  /// Turns the record into UTF-8 by the character sets that are declared for it. Text that was not UTF-8 is split again: a byte of a
  /// character may look like a delimiter.
  private func convert(_ message: HL7Message) -> Finding? {
    let declared = settings.charset.map { Array($0.utf8)[...] } ?? record.segments.bytes[record.segments.field(0, 18)]
    guard let sets = CharacterSets(declared, repetition: record.segments.delimiters.repetition) else {
      return Finding(.charsetUnsupported, at: SourcePosition(path: "MSH-18", byteOffset: message.head.byteOffset))
    }
    switch sets.utf8(of: record.segments.bytes, escape: record.segments.delimiters.escape) {
    case nil: return nil
    case .failure(let misfit): return Finding(.charsetUndecodable, at: position(of: misfit.index, in: message))
    case .success(let bytes): record.segments.bytes = bytes
    }
    _ = record.segments.split(offsets: message.lines.lazy.filter(\.isSegment).map(\.byteOffset), limits: settings.limits)
    return nil
  }

  /// True where the message may hold characters that are not ASCII though all of its bytes are below 0x80.
  private var maySwitchSets: Bool {
    if let name = settings.charset { return CharacterSets.maySwitch(Array(name.utf8)[...]) }
    return CharacterSets.maySwitch(record.segments.bytes[record.segments.field(0, 18)])
  }
}
