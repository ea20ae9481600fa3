import Core

/// Cuts pushed bytes into records and gives them to the drop. A line end inside of quotes ends no record (RFC 4180, 2.6). Only a record that
/// the end of a chunk cuts is copied.
///
/// A record over the limit is dealt with by its place alone, and its rest is only hashed; where it is inside of quotes, it goes on to their
/// end, for nobody can say which of the lines inside were meant as rows.
struct CSVRecords {
  /// How a record ended.
  enum End {
    case lineEnd, endOfBytes
    /// Inside of quotes or of a character.
    case insideQuotes
  }

  private enum State { case start, plain, quoted, closing }

  private let delimiter: Int
  private let quote: Int
  private let limit: Int
  private var state = State.start
  /// The record that is coming in, as far as earlier chunks held it.
  private var carry: [UInt8] = []
  /// The record in `carry` is to be taken now.
  private(set) var isDue = false
  private var dueEnd = End.lineEnd
  /// The record is over the limit.
  private var isLost = false
  /// Where the record that is coming in begins in the drop.
  private var recordOffset = 0
  /// Where the next byte to come stands in the drop.
  private var offset = 0

  init(_ layout: RowLayout, limit: Int) {
    delimiter = layout.delimiter.map { Int($0) } ?? -1
    quote = layout.quote.map { Int($0) } ?? -1
    self.limit = limit
  }

  /// Reads on from `start` until the drop has something to say or the chunk is used up; gives where it stopped.
  mutating func read(_ chunk: Span<UInt8>, from start: Int, into drop: inout CSVDrop) -> Int {
    var at = start
    if offset == 0, start == 0 { at = skipMark(chunk, &drop) }
    while drop.news.isEmpty {
      if isDue {
        takeDue(&drop)
        continue
      }
      guard at < chunk.count else { break }
      let end = scan(chunk, from: at)
      if carry.isEmpty, !isLost, end < chunk.count, end - at <= limit {
        let record = chunk.extracting(at..<end)
        guard drop.take(record, at: recordOffset, .lineEnd) else {
          state = .start
          break
        }
        offset += drop.width(record)
        at = endRecord(end, &drop)
      } else {
        at = keep(chunk, at, end, &drop)
      }
    }
    return at
  }

  /// No more bytes come: the last record has no line end, and is cut where a character is.
  mutating func end(_ drop: inout CSVDrop) {
    dueEnd = state == .quoted || drop.summary.truncated ? .insideQuotes : .endOfBytes
    if isLost { return drop.endOver(dueEnd) }
    isDue = !carry.isEmpty
  }

  /// Takes the record that waits, as far as the drop has nothing to say.
  mutating func takeDue(_ drop: inout CSVDrop) {
    guard isDue else { return }
    var record: [UInt8] = []
    swap(&record, &carry)
    if drop.take(record.span, at: recordOffset, dueEnd) {
      isDue = false
      record.removeAll(keepingCapacity: record.capacity <= 1 << 16)
      beginRecord()
    }
    swap(&record, &carry)
  }

  /// The index of the next line end outside of quotes, or the count of the chunk.
  private mutating func scan(_ chunk: Span<UInt8>, from start: Int) -> Int {
    var at = start, state = state
    let count = chunk.count, delimiter = delimiter, quote = quote
    scan: while at < count {
      let byte = Int(chunk[at])
      switch state {
      case .plain:
        if byte == 0x0A || byte == 0x0D { break scan }
        if byte == delimiter { state = .start }
      case .start:
        if byte == 0x0A || byte == 0x0D { break scan }
        state = byte == quote ? .quoted : byte == delimiter ? .start : .plain
      case .quoted: if byte == quote { state = .closing }
      case .closing:
        if byte == 0x0A || byte == 0x0D { break scan }
        state = byte == quote ? .quoted : byte == delimiter ? .start : .plain
      }
      at += 1
    }
    self.state = state
    return at
  }

  /// Keeps what has come of a record for when the rest comes; gives where it stopped.
  private mutating func keep(_ chunk: Span<UInt8>, _ start: Int, _ end: Int, _ drop: inout CSVDrop) -> Int {
    let kept = chunk.extracting(start..<min(end, start + (isLost ? 0 : limit + 1 - carry.count)))
    unsafe kept.withUnsafeBufferPointer { pointer in unsafe carry.append(contentsOf: pointer) }
    if !isLost, carry.count > limit { lose(&drop) }
    let rest = chunk.extracting((start + kept.count)..<end)
    if isLost { drop.addOver(rest) }
    offset += drop.width(kept) + drop.width(rest)
    guard end < chunk.count else { return end }
    if isLost {
      drop.endOver(.lineEnd)
      isLost = false
      return endRecord(end, &drop)
    }
    (isDue, dueEnd) = (true, .lineEnd)
    return endRecord(end, &drop)
  }

  /// The record is longer than a record may be.
  private mutating func lose(_ drop: inout CSVDrop) {
    isLost = true
    drop.beginOver(carry.span, at: recordOffset)
    carry.removeAll()
  }

  /// Steps over a line end; gives where the next record begins. Between CR and LF stands a blank line, which counts for nothing.
  private mutating func endRecord(_ end: Int, _ drop: inout CSVDrop) -> Int {
    offset += drop.isUTF16 ? 2 : 1
    if !isDue { beginRecord() }
    return end + 1
  }

  private mutating func beginRecord() {
    recordOffset = offset
    state = .start
  }

  /// Steps over a byte-order mark at the beginning of the drop, of which the first chunk has all bytes or the drop has no more.
  private mutating func skipMark(_ chunk: Span<UInt8>, _ drop: inout CSVDrop) -> Int {
    guard chunk.count >= 3, chunk[0] == 0xEF, chunk[1] == 0xBB, chunk[2] == 0xBF else { return 0 }
    offset += drop.width(chunk.extracting(0..<3))
    beginRecord()
    return 3
  }
}
