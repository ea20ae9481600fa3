import Core

/// Most lines are plain segments of the open message, each ended by CR: they are taken many at a time, and their bytes copied at once.
extension HL7Drop {
  /// Takes the plain segments that begin at an index, up to the first line that is something else, has another end, or none yet; gives where that begins.
  ///
  /// - Parameter offset: where the index stands in the drop.
  mutating func takeRun(_ chunk: Span<UInt8>, from start: Int, _ ends: inout LineEnds, at offset: Int) -> Int {
    guard mayRun else { return start }
    let room = settings.limits.messageBytes, kept = record.segments.bytes.count &- start, before = message.lineCount
    var at = start, lines = before
    while at < chunk.count, lines < settings.limits.fieldsPerMessage {
      let end = ends.next(in: chunk, from: at, before: nil)
      guard end < chunk.count, chunk[end] == 0x0D, kept &+ end < room, let name = plainName(chunk, at, end) else { break }
      record.segments.beginSegment(name: name, at: kept &+ at, byteOffset: offset &+ at &- start)
      if name == Self.observation { message.observations += 1 }
      census?.count(name)
      lines &+= 1
      at = end &+ 1
    }
    guard at > start else { return start }
    record.segments.append(chunk.extracting(start..<at))
    message.addSegments(lines &- before)
    summary.segments += lines &- before
    return at
  }

  /// False where a line of the message asks for more than to be kept.
  private var mayRun: Bool {
    message.state == .open && !message.isOver && !message.isDiverted && !data.isOpen && !framing.isOver && !framing.isTorn && !isUTF16
  }

  /// The name of a line that is a segment and nothing else: no header and no trailer, without data that leaves the message and without an end block.
  @inline(__always)
  private func plainName(_ chunk: Span<UInt8>, _ at: Int, _ end: Int) -> UInt32? {
    guard end &- at > 3, chunk[at &+ 3] == separators.segment, chunk[end &- 1] != 0x1C else { return nil }
    guard let name = HL7Line.name(chunk[at], chunk[at &+ 1], chunk[at &+ 2]), !HL7Line.isOfEnvelope(name) else { return nil }
    if name == Self.observation, HL7DataField.Kind(chunk.extracting(at..<end), message.delimiters.values) != nil { return nil }
    return name
  }
}
