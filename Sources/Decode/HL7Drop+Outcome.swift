import Core

/// What becomes of a message at its end: its tables filled, its text in UTF-8, or why not.
extension HL7Drop {
  mutating func outcome(isTruncated: Bool) -> MessageTail.Outcome {
    let start = SourcePosition(byteOffset: message.head.byteOffset)
    if message.isOver { return .held(Finding(.messageLimit, at: start)) }
    message.digestWhole(&record.segments.bytes)
    let isWithinLimits = record.segments.split(record.segments.segments.count, limits: settings.limits)
    message.readHead(record.segments)
    census?.observe(record.segments)
    if !isWithinLimits { return .held(Finding(.messageLimit, at: start)) }
    if message.delimiters.verdict == .invalid {
      return .rejected(Finding(.delimitersInvalid, at: SourcePosition(path: "MSH-2", byteOffset: start.byteOffset)))
    }
    let extremes = SegmentTable.extremes(of: record.segments.bytes.span)
    if extremes.least == 0 || message.firstNUL >= 0 { return .rejected(Finding(.nulByte, at: firstNUL)) }
    let joined = headerInLine
    if extremes.union >= 0x80 || maySwitchSets, let finding = convert() { return .rejected(finding) }
    if let joined { return .held(Finding(.headerInLine, at: joined)) }
    return isTruncated ? .held(Finding(.dropTruncated, at: start)) : .decoded
  }

  /// Where the first bytes of MSH, up to the escape character, stand once more inside a line: the line end between two messages was lost, and
  /// what follows is of another patient. A field cannot hold them, because it would have to escape them.
  private var headerInLine: SourcePosition? {
    let escape = record.segments.delimiters.escape, length = 6, bytes = record.segments.bytes.span
    guard escape != 0 else { return nil }
    var at = LineEnds.index(of: escape, in: bytes, from: length + 1)
    while at < bytes.count {
      if (0..<length).allSatisfy({ bytes[at - length + $0] == bytes[$0] }) { return position(of: at - length) }
      at = LineEnds.index(of: escape, in: bytes, from: at + 1)
    }
    return nil
  }

  /// Of the record and the data that was taken out of it.
  private var firstNUL: SourcePosition {
    let index = record.segments.bytes.firstIndex(of: 0), known = message.firstNUL
    guard let index, case let kept = position(of: index), known < 0 || kept.byteOffset < known else { return SourcePosition(byteOffset: known) }
    return kept
  }

  /// Where a byte of the record stands in the drop.
  private func position(of index: Int) -> SourcePosition {
    let table = record.segments
    var start = 0, byteOffset = message.head.byteOffset
    for segment in table.segments.indices where table.start(of: segment) <= index {
      start = table.start(of: segment)
      byteOffset = table.segments[segment].byteOffset
    }
    for text in message.texts where text.start <= index && text.start >= start {
      start = text.start
      byteOffset = text.byteOffset
    }
    return SourcePosition(byteOffset: byteOffset + width(table.bytes.span.extracting(start..<index)))
  }

  /// How many bytes of the drop these bytes of a line are.
  func width(_ bytes: Span<UInt8>) -> Int { isUTF16 ? UTF16Stream.width(bytes) : bytes.count }

  /// True where the message may hold characters that are not ASCII though all of its bytes are below 0x80.
  private var maySwitchSets: Bool {
    if isUTF16 { return false }
    if let name = settings.charset { return CharacterSets.maySwitch(Array(name.utf8)[...]) }
    return CharacterSets.maySwitch(message.charset[...])
  }

  /// Turns the record into UTF-8 by the character sets that are declared for it. UTF-16 shows in the bytes themselves and is UTF-8 by
  /// now, whatever anyone declares.
  private mutating func convert() -> Finding? {
    if !isUTF16 {
      guard let sets = charsets.sets(feed: settings.charset, message: message.charset, repetition: record.segments.delimiters.repetition) else {
        return Finding(.charsetUnsupported, at: SourcePosition(path: "MSH-18", byteOffset: message.head.byteOffset))
      }
      guard sets.areUTF8 else { return convert(from: sets) }
    }
    return UTF8Check.firstMisfit(in: record.segments.bytes).map { Finding(.charsetUndecodable, at: position(of: $0)) }
  }

  /// Segment by segment, for a set that was switched to ends with its segment; then the fields are found anew, for a byte of a
  /// character may look like a delimiter.
  private mutating func convert(from sets: CharacterSets) -> Finding? {
    let table = record.segments
    var bytes: [UInt8] = [], starts: [Int32] = []
    for index in table.segments.indices {
      let start = table.start(of: index), end = index + 1 < table.segments.count ? table.start(of: index + 1) : table.bytes.count
      starts.append(Int32(truncatingIfNeeded: bytes.count))
      switch sets.utf8(of: Array(table.bytes[start..<end]), escape: table.delimiters.escape) {
      case nil: bytes += table.bytes[start..<end]
      case .failure(let misfit): return Finding(.charsetUndecodable, at: position(of: start + misfit.index))
      case .success(let text): bytes += text
      }
    }
    record.segments.bytes = bytes
    for index in starts.indices { record.segments.segments[index].firstPiece = starts[index] }
    let isWithinLimits = record.segments.split(record.segments.segments.count, limits: settings.limits)
    return isWithinLimits ? nil : Finding(.messageLimit, at: SourcePosition(byteOffset: message.head.byteOffset))
  }
}

/// The character sets that were looked up last; one message after the other names the same.
struct CharsetCache {
  private var name: [UInt8] = []
  private var repetition: UInt8 = 0
  private var found = CharacterSets([], repetition: 0)

  /// What the feed declares, else what the message does; nil where the first name is not known.
  mutating func sets(feed: String?, message: [UInt8], repetition: UInt8) -> CharacterSets? {
    let wanted = feed.map { Array($0.utf8) } ?? message
    if wanted != name || repetition != self.repetition {
      (name, self.repetition) = (wanted, repetition)
      found = CharacterSets(wanted[...], repetition: repetition)
    }
    return found
  }
}
