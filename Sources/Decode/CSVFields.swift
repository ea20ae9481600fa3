import Core

/// The fields of one record, unquoted; used again from record to record.
///
/// - Shape: between delimiters, field n is what stands between two of them; of fixed width, places are characters.
/// - Quotes: a field that begins with one ends with one, and two inside stand for one (RFC 4180, 2.5 to 2.7). A quote inside of a field that
///   begins otherwise is a character. Line ends inside are read as line feeds.
struct CSVFields {
  private(set) var text: [UInt8] = []
  /// Where each field, or each character, begins, and where the last one ends.
  private var starts: [Int32] = []
  /// Where text stands outside of the quotes of its field, as an index of the record; -1 where it does nowhere.
  private(set) var firstFault = -1
  private(set) var isOver = false

  /// Fields between delimiters, or characters.
  var count: Int { max(starts.count - 1, 0) }

  func field(_ index: Int) -> Range<Int> {
    guard index >= 0, index + 1 < starts.count else { return 0..<0 }
    return Int(starts[index])..<Int(starts[index + 1])
  }

  /// What stands at a place, blanks around it cut.
  func value(at place: RowLayout.Place) -> Range<Int> {
    switch place {
    case .field(let number): trimmed(field(number - 1))
    case .characters(let range): trimmed(characters(range))
    }
  }

  /// True where a place holds these bytes, blanks around them left out.
  func stands(_ bytes: [UInt8], in range: Range<Int>) -> Bool { text[range].elementsEqual(bytes) }

  /// False where something else than blanks stands behind a character of this number.
  func isBlank(after number: Int) -> Bool { number >= count || trimmed(Int(starts[number])..<text.count).isEmpty }

  private func characters(_ range: ClosedRange<Int>) -> Range<Int> {
    guard range.lowerBound >= 1, range.lowerBound <= count else { return 0..<0 }
    return Int(starts[range.lowerBound - 1])..<Int(starts[min(range.upperBound, count)])
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var lower = range.lowerBound, upper = range.upperBound
    while upper > lower, text[upper - 1] == 0x20 || text[upper - 1] == 0x09 { upper -= 1 }
    while lower < upper, text[lower] == 0x20 || text[lower] == 0x09 { lower += 1 }
    return lower..<upper
  }

  // MARK: Splitting

  mutating func removeAll() {
    text.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    firstFault = -1
    isOver = false
  }

  /// Takes a record apart; at most `limit` fields.
  mutating func split(_ record: Span<UInt8>, _ layout: RowLayout, limit: Int) {
    removeAll()
    text.reserveCapacity(record.count)
    guard let delimiter = layout.delimiter else { return splitCharacters(record) }
    splitFields(record, delimiter, layout.quote, limit)
  }

  private mutating func splitCharacters(_ record: Span<UInt8>) {
    for at in record.indices {
      if record[at] & 0xC0 != 0x80 { starts.append(Int32(truncatingIfNeeded: at)) }
      text.append(record[at])
    }
    starts.append(Int32(truncatingIfNeeded: record.count))
  }

  private mutating func splitFields(_ record: Span<UInt8>, _ delimiter: UInt8, _ quote: UInt8?, _ limit: Int) {
    var at = 0
    starts.append(0)
    while at <= record.count {
      if let quote { at = readQuoted(record, at, delimiter, quote) }
      let end = Self.index(of: delimiter, in: record, from: at)
      append(record, at..<end)
      starts.append(Int32(truncatingIfNeeded: text.count))
      if count > limit {
        isOver = true
        return
      }
      at = end + 1
    }
  }

  /// Reads the quoted part of a field that begins with a quote; gives where its rest begins.
  private mutating func readQuoted(_ record: Span<UInt8>, _ start: Int, _ delimiter: UInt8, _ quote: UInt8) -> Int {
    var first = start
    while first < record.count, record[first] == 0x20, delimiter != 0x20 { first += 1 }
    guard first < record.count, record[first] == quote else { return start }
    guard first == start else {
      note(first)
      return start
    }
    let at = unquote(record, start + 1, quote)
    if at < record.count, record[at] != delimiter { note(at) }
    return at
  }

  /// Appends what stands inside of quotes; gives the index behind the closing one.
  private mutating func unquote(_ record: Span<UInt8>, _ start: Int, _ quote: UInt8) -> Int {
    var at = start
    while at < record.count {
      let byte = record[at]
      let next = at + 1 < record.count ? Int(record[at + 1]) : -1
      if byte == quote {
        guard next == Int(quote) else { return at + 1 }
        at += 1
      } else if byte == 0x0D, next == 0x0A {
        at += 1
      }
      text.append(byte == 0x0D ? 0x0A : byte)
      at += 1
    }
    return at
  }

  private mutating func note(_ index: Int) {
    if firstFault < 0 { firstFault = index }
  }

  private static func index(of byte: UInt8, in record: Span<UInt8>, from: Int) -> Int {
    var at = from
    while at < record.count, record[at] != byte { at += 1 }
    return at
  }

  private mutating func append(_ record: Span<UInt8>, _ range: Range<Int>) {
    unsafe record.extracting(range).withUnsafeBufferPointer { pointer in unsafe text.append(contentsOf: pointer) }
  }
}
