import Core

/// ED data (HL7 v2.5.1, 2.A.24) on its way out of a message: the record keeps its OBX without it. RP (2.A.62) is told, and stays as it is.
///
/// What is said and kept is the same for a line at hand and for one that flows in, in pieces of any length.
extension HL7Drop {
  static let observation: UInt32 = 0x4F4258

  /// What a line is where an OBX is open. In the middle of data, a header's name before a character of base64 is none.
  func kindInData(_ kind: HL7Line, _ line: Span<UInt8>) -> HL7Line {
    guard data.isInData, !framing.isOver, case .header = kind, line.count > 3, line[3] != separators.segment else { return kind }
    return line[3] == UInt8(ascii: "+") || line[3] == UInt8(ascii: "/") ? .text : kind
  }

  /// False where the message is not kept, or its delimiters cannot be relied on.
  var maySplitData: Bool { !isLineOver && !message.isOver && message.delimiters.verdict != .invalid }

  /// True where the line that begins so may be read while it flows in.
  func mayFlow(_ beginning: Span<UInt8>) -> Bool {
    guard message.state == .open, !message.isOver else { return false }
    switch kindInData(HL7Line(beginning, separators, isInside: true), beginning) {
    case .segment(Self.observation) where framing.isOver || framing.isTorn: return false
    case .segment(Self.observation): return maySplitData && HL7DataField.Kind(beginning, message.delimiters.values) != nil
    case .text: return data.isOpen && !framing.isOver
    default: return false
    }
  }

  /// Takes the beginning of a line that flows in: `readData` takes its rest, and `endDataLine` its end.
  mutating func beginFlow(_ beginning: Span<UInt8>, at offset: Int) {
    let kind = kindInData(HL7Line(beginning, separators, isInside: true), beginning)
    count(kind)
    if kind == .text {
      beginText(at: offset)
    } else if let type = HL7DataField.Kind(beginning, message.delimiters.values) {
      if data.isOpen { endData(isCut: false) }
      beginData(type, at: offset)
    }
    readData(beginning, at: offset)
  }

  mutating func takeData(_ line: Span<UInt8>, _ kind: HL7DataField.Kind, at offset: Int) {
    beginData(kind, at: offset)
    readData(line, at: offset)
    endDataLine()
  }

  /// Text behind a line that is read here: it goes on where that line stopped.
  mutating func takeDataText(_ line: Span<UInt8>, at offset: Int) {
    beginText(at: offset)
    readData(line, at: offset)
    endDataLine()
  }

  private mutating func beginData(_ kind: HL7DataField.Kind, at offset: Int) {
    message.observations += 1
    if hasRoom(for: 0) {
      message.divert(&record.segments.bytes)
      message.addSegments(1)
      record.segments.beginSegment(name: Self.observation, at: record.segments.bytes.count, byteOffset: offset)
      data.begin(kind)
    }
    message.digestLineEnd()
  }

  private mutating func beginText(at offset: Int) {
    framing.goOn()
    message.digestLineEnd()
    if data.isInData {
      message.addCut(byteOffset: offset)
      record.segments.bytes.removeLast()
      data.isDisplaced = true
      if !data.attachment.isEmpty || data.quotes > 0 {
        let end: [UInt8] = [0x0A]
        takeOut(end.span, at: offset)
      }
    } else {
      let hasRoom = hasRoom(for: 0)
      message.addText(start: record.segments.bytes.count, byteOffset: offset)
      if hasRoom { record.segments.bytes[record.segments.bytes.count - 1] = 0x0A }
    }
  }

  mutating func endDataLine() {
    if data.isOpen { record.segments.bytes.append(0x0D) }
  }

  /// Takes the next bytes of the line, which begin at `start` in the drop.
  mutating func readData(_ bytes: Span<UInt8>, at start: Int) {
    message.digest(bytes, beginsLine: false)
    let marks = message.delimiters.values
    var at = 0, offset = start
    while at < bytes.count, data.isOpen {
      let end = data.end(of: bytes, from: at, marks), run = bytes.extracting(at..<end)
      if data.isInData { takeOut(run, at: offset) } else { keep(run, at: offset) }
      offset += width(run)
      if end < bytes.count {
        pass(bytes.extracting(end..<(end + 1)), at: offset, marks)
        offset += isUTF16 ? 2 : 1
      }
      at = end + 1
    }
  }

  /// Steps over a separator, which the record keeps.
  private mutating func pass(_ mark: Span<UInt8>, at offset: Int, _ marks: SegmentTable.Delimiters) {
    if data.isInData { endAttachment(isCut: false) }
    if data.endsRepetition(mark[0], marks) { refer() }
    keep(mark, at: offset, isMark: true)
    data.step(mark[0], marks)
  }
}

// MARK: - Bytes

extension HL7Drop {
  private mutating func keep(_ bytes: Span<UInt8>, at offset: Int, isMark: Bool = false) {
    guard data.isOpen, !bytes.isEmpty else { return }
    guard record.segments.bytes.count + bytes.count < settings.limits.messageBytes else { return exceed() }
    if data.isDisplaced { message.addPlace(start: record.segments.bytes.count, byteOffset: offset) }
    data.isDisplaced = false
    if !isMark { data.note(bytes) }
    unsafe bytes.withUnsafeBufferPointer { pointer in unsafe record.segments.bytes.append(contentsOf: pointer) }
  }

  private mutating func takeOut(_ bytes: Span<UInt8>, at offset: Int) {
    guard !bytes.isEmpty else { return }
    noteNUL(bytes, at: offset)
    data.isDisplaced = true
    data.end = offset + width(bytes)
    if data.attachment.isEmpty {
      if mayBeNull(bytes) {
        if data.quotes == 0 { data.quotesOffset = offset }
        return data.quotes += bytes.count
      }
      beginAttachment(at: data.quotes > 0 ? data.quotesOffset : offset)
      let quotes = [UInt8](repeating: 0x22, count: data.quotes)
      data.take(quotes.span, at: data.quotesOffset, &news)
    }
    data.take(bytes, at: offset, &news)
  }

  private mutating func noteNUL(_ bytes: Span<UInt8>, at offset: Int) {
    guard message.firstNUL < 0, SegmentTable.extremes(of: bytes).least == 0 else { return }
    let index = bytes.indices.first { bytes[$0] == 0 } ?? 0
    message.firstNUL = offset + width(bytes.extracting(0..<index))
  }

  /// The data so far is the null value, or may become it.
  private func mayBeNull(_ bytes: Span<UInt8>) -> Bool {
    guard data.quotes + bytes.count <= 2 else { return false }
    return bytes.indices.allSatisfy { bytes[$0] == 0x22 }
  }

  /// Ends the OBX: no text goes on behind it.
  ///
  /// - Parameter isCut: more of it would have come.
  mutating func endData(isCut: Bool) {
    if data.isInData {
      let end = record.segments.bytes.popLast()
      endAttachment(isCut: isCut)
      if let end { record.segments.bytes.append(end) }
    }
    if !isCut { refer() }
    data.close()
  }
}

// MARK: - Events

extension HL7Drop {
  /// Says that the message begins, once, before anything else is said of it.
  mutating func announce() {
    if !message.isAnnounced { news.append(.begin(message.head)) }
    message.isAnnounced = true
  }

  private mutating func beginAttachment(at offset: Int) {
    guard message.lineCount < settings.limits.fieldsPerMessage else { return exceed() }
    let encoding = data.encoding
    if encoding == nil { message.noteAttachment(at: dataPosition(offset)) }
    let head = say(encoding ?? .text)
    let attachment = HL7Attachment(head, message.delimiters.values, isKnown: encoding != nil, isUTF16: isUTF16)
    data.attachment = [attachment]
    record.segments.detachLast()
  }

  private mutating func endAttachment(isCut: Bool) {
    guard !data.attachment.isEmpty else {
      record.segments.bytes += [UInt8](repeating: 0x22, count: data.quotes)
      return data.quotes = 0
    }
    data.attachment[0].finish(at: data.end, isCut: isCut, &news)
    if let misfit = data.attachment[0].misfit { message.noteAttachment(at: dataPosition(misfit)) }
    data.attachment.removeAll()
    data.quotes = 0
  }

  /// Says what a pointer says: that something is elsewhere.
  private mutating func refer() {
    guard data.isPointer else { return }
    guard message.lineCount < settings.limits.fieldsPerMessage else { return exceed() }
    _ = say(.reference)
    news.append(.attachmentEnd(AttachmentTail(byteCount: 0, sniffedType: "", isWhole: true)))
  }

  private mutating func say(_ encoding: AttachmentHead.Encoding) -> AttachmentHead {
    announce()
    let head = AttachmentHead(
      message: message.head.ordinal, number: message.addAttachment(), position: dataPosition(-1), mediaType: data.mediaType, encoding: encoding)
    news.append(.attachment(head))
    return head
  }

  private func dataPosition(_ offset: Int) -> SourcePosition {
    SourcePosition(path: "OBX-5", occurrence: message.observations, repetition: data.repetition > 1 ? data.repetition : 0, byteOffset: offset)
  }
}
