import Core

/// Cuts pushed bytes into lines, without the characters that frame them, and gives them to the drop. Only a line that the end of a chunk cuts
/// is copied.
struct HL7Lines {
  /// The line that is coming in, as far as earlier chunks held it.
  private var carry: [UInt8] = []
  /// The line in `carry` is to be taken now.
  private(set) var isDue = false
  private var isTerminated = true
  /// The line is longer than a message may be: it is dealt with by its beginning, and its rest is only hashed.
  private var isLost = false
  /// The line goes into the drop as it comes; see `HL7Drop.mayFlow`.
  private var isFlowing = false
  /// End blocks that came last in a line that flows: they frame it, unless more of it comes.
  private var blocks = 0
  /// The last byte of the line that is coming in, or nil where it has none yet.
  private var last: UInt8?
  /// Where the line that is coming in begins in the drop.
  private var lineOffset = 0
  /// Where the next byte to come stands in the drop.
  private var offset = 0

  /// Reads on from `start` until the drop has something to say or the chunk is used up; gives where it stopped.
  mutating func read(_ chunk: Span<UInt8>, from start: Int, _ ends: inout LineEnds, into drop: inout HL7Drop) -> Int {
    var at = start
    while drop.news.isEmpty {
      if isDue {
        takeDue(&drop)
        continue
      }
      if carry.isEmpty, !isFlowing, !isLost { at = readRun(chunk, at, &ends, &drop) }
      guard at < chunk.count else { break }
      let end = ends.next(in: chunk, from: at, before: last)
      if isFlowing {
        at = flow(chunk, at, end, &drop)
      } else if carry.isEmpty, !isLost, end < chunk.count, end - at <= drop.settings.limits.messageBytes {
        let line = chunk.extracting(at..<end)
        guard take(line, &drop) else { break }
        offset += drop.width(line)
        at = endLine(chunk, end, isUTF16: drop.isUTF16)
      } else {
        at = keep(chunk, at, end, &drop)
      }
    }
    return at
  }

  /// Gives the drop the lines that it takes many at a time; gives where it stopped.
  private mutating func readRun(_ chunk: Span<UInt8>, _ start: Int, _ ends: inout LineEnds, _ drop: inout HL7Drop) -> Int {
    let end = drop.takeRun(chunk, from: start, &ends, at: offset)
    if end == start { return start }
    offset += end - start
    beginLine()
    return end
  }

  /// No more bytes come: the last line has no end.
  mutating func end(_ drop: inout HL7Drop) {
    if isFlowing { endFlow(&drop) }
    guard !carry.isEmpty, !isLost else { return }
    isDue = true
    isTerminated = false
  }

  /// Takes the line that waits, as far as the drop has nothing to say.
  mutating func takeDue(_ drop: inout HL7Drop) {
    guard isDue else { return }
    var line: [UInt8] = []
    swap(&line, &carry)
    drop.isLineOver = isLost
    let isTaken = take(line.span, &drop)
    drop.isLineOver = false
    if isTaken {
      isDue = false
      line.removeAll(keepingCapacity: line.capacity <= 1 << 16)
      if !isLost { beginLine() }
    }
    swap(&line, &carry)
  }

  /// Keeps what has come of a line for when the rest comes; gives where it stopped.
  private mutating func keep(_ chunk: Span<UInt8>, _ start: Int, _ end: Int, _ drop: inout HL7Drop) -> Int {
    let limit = drop.settings.limits.messageBytes, enough = min(Self.flowBytes, limit)
    if !isLost, carry.count < enough, end - start >= enough - carry.count {
      let kept = chunk.extracting(start..<(start + enough - carry.count))
      append(kept, limit)
      offset += drop.width(kept)
      last = carry[enough - 1]
      beginFlow(&drop)
      return start + kept.count
    }
    let kept = chunk.extracting(start..<min(end, start + (isLost ? 0 : limit + 1 - carry.count)))
    append(kept, limit)
    let rest = chunk.extracting((start + kept.count)..<end)
    if !isLost, carry.count > limit {
      offset += drop.width(kept)
      last = carry[limit]
      leaveMarks(&drop)
      isLost = carry.count > limit
      isDue = isLost
      return start + kept.count
    }
    drop.takeRest(rest)
    offset += drop.width(kept) + drop.width(rest)
    if end > start { last = chunk[end - 1] }
    guard end < chunk.count else { return end }
    isDue = !isLost
    return endLine(chunk, end, isUTF16: drop.isUTF16)
  }

  /// A line of more than a megabyte gets all the room that a line may have at once, so that it is not held twice while the room grows.
  private mutating func append(_ bytes: Span<UInt8>, _ limit: Int) {
    let count = carry.count + bytes.count
    if count > carry.capacity, count > 1 << 20 { carry.reserveCapacity(limit + 1) }
    unsafe bytes.withUnsafeBufferPointer { pointer in unsafe carry.append(contentsOf: pointer) }
  }

  /// Steps over the end of a line, if it is one that is no part of the next line; gives where that begins.
  private mutating func endLine(_ chunk: Span<UInt8>, _ end: Int, isUTF16: Bool) -> Int {
    let isByte = chunk[end] != 0x0B
    if isByte { offset += isUTF16 ? 2 : 1 }
    isLost = false
    if !isDue { beginLine() }
    return isByte ? end + 1 : end
  }

  private mutating func beginLine() {
    lineOffset = offset
    last = nil
  }
}

// MARK: - Lines that flow

extension HL7Lines {
  /// So much of a line is kept before it is asked whether the rest must be.
  private static let flowBytes = 65_536

  /// Gives what has come of the line to the drop, if it may flow.
  private mutating func beginFlow(_ drop: inout HL7Drop) {
    let framing = drop.framing, start = skipMarks(carry.span, &drop)
    guard start < carry.count, drop.mayFlow(carry.span.extracting(start...)) else { return drop.framing = framing }
    isFlowing = true
    var beginning: [UInt8] = []
    swap(&beginning, &carry)
    let line = beginning.span.extracting(start...), end = Self.withoutBlocks(line)
    drop.beginFlow(line.extracting(0..<end), at: lineOffset + drop.width(beginning.span.extracting(0..<start)))
    blocks = line.count - end
  }

  /// Gives the next bytes of the line to the drop; gives where it stopped.
  private mutating func flow(_ chunk: Span<UInt8>, _ start: Int, _ end: Int, _ drop: inout HL7Drop) -> Int {
    let to = min(end, start + Self.flowBytes), bytes = chunk.extracting(start..<to), count = Self.withoutBlocks(bytes)
    if count > 0 {
      let held = [UInt8](repeating: 0x1C, count: blocks)
      drop.readData(held.span, at: offset - drop.width(held.span))
      drop.readData(bytes.extracting(0..<count), at: offset)
      blocks = 0
    }
    blocks += bytes.count - count
    offset += drop.width(bytes)
    if to > start { last = chunk[to - 1] }
    guard to == end, end < chunk.count else { return to }
    endFlow(&drop)
    return endLine(chunk, end, isUTF16: drop.isUTF16)
  }

  private mutating func endFlow(_ drop: inout HL7Drop) {
    drop.endDataLine()
    if blocks > 0 { drop.framing.see(0x1C) }
    blocks = 0
    isFlowing = false
  }

  /// The count of a line without the end blocks behind it.
  private static func withoutBlocks(_ line: Span<UInt8>) -> Int {
    var end = line.count
    while end > 0, line[end - 1] == 0x1C { end -= 1 }
    return end
  }
}

// MARK: - What frames a line

extension HL7Lines {
  /// Gives a line to the drop without a byte-order mark and the block characters of the minimal lower layer protocol at its ends.
  private func take(_ line: Span<UInt8>, _ drop: inout HL7Drop) -> Bool {
    guard !line.isEmpty else { return true }
    if line[0] >= 0x20, line[0] != 0xEF, line[line.count - 1] != 0x1C { return drop.take(line, at: lineOffset, isTerminated: isTerminated) }
    let start = skipMarks(line, &drop)
    var end = line.count
    while end > start, line[end - 1] == 0x1C { end -= 1 }
    let offset = lineOffset + drop.width(line.extracting(0..<start))
    guard drop.take(line.extracting(start..<end), at: offset, isTerminated: isTerminated) else { return false }
    if end < line.count { drop.framing.see(0x1C) }
    return true
  }

  /// Where the line begins behind the marks that stand first.
  private func skipMarks(_ line: Span<UInt8>, _ drop: inout HL7Drop) -> Int {
    var start = 0
    while let length = Self.mark(line.extracting(start...)) {
      if length == 1 { drop.framing.see(line[start]) }
      start += length
    }
    return start
  }

  /// Lets go of the marks that the kept line begins with: they are no part of it, however many there are.
  private mutating func leaveMarks(_ drop: inout HL7Drop) {
    let start = skipMarks(carry.span, &drop)
    lineOffset += drop.width(carry.span.extracting(0..<start))
    carry.removeFirst(start)
  }

  /// The length of a block character or byte-order mark that stands first, or nil.
  private static func mark(_ line: Span<UInt8>) -> Int? {
    guard !line.isEmpty else { return nil }
    if line[0] == 0x0B || line[0] == 0x1C { return 1 }
    return line.count >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF ? 3 : nil
  }
}
