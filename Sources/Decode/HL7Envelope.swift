import Core

/// The sender's counted units, FHS/BHS … BTS/FTS (HL7 v2.5.1, 2.10.3): what is open, what was counted, what the trailers say.
///
/// Batches do not nest, and neither do files; a header where a trailer was due closes the one before without a trailer.
struct HL7Envelope {
  /// Index of the open batch, or -1.
  private(set) var batch = -1
  private(set) var isFileOpen = false
  /// Messages in closed batches whose BTS gives a number.
  private(set) var messagesDeclared = 0
  private var batchesOpened = 0
  private var batchMessages = 0
  private var batchesInFile = 0
  private var hasLooseMessages = false
  private var looseMessages = 0
  private var totals = 0

  var isOpen: Bool { isFileOpen || batch >= 0 }

  mutating func addMessage() {
    if batch >= 0 { return batchMessages += 1 }
    hasLooseMessages = true
    looseMessages += 1
  }

  mutating func openFile(at offset: Int) -> [DecodeEvent] {
    var events = closeBatch(because: .headerDoubled, at: offset)
    events += closeFile(because: .headerDoubled, at: offset)
    isFileOpen = true
    return events
  }

  mutating func openBatch(at offset: Int) -> [DecodeEvent] {
    let events = closeBatch(because: .headerDoubled, at: offset)
    batch = batchesOpened
    batchesOpened += 1
    batchesInFile += 1
    return events
  }

  /// BTS: its first field as sent, and the sum in its third.
  mutating func endBatch(_ field: ArraySlice<UInt8>, sum: Int?, at offset: Int) -> [DecodeEvent] {
    let declared = Self.count(field)
    let hasHeader = batch >= 0
    let counted = hasHeader ? batchMessages : looseMessages
    if hasHeader, case .number = declared { messagesDeclared += counted }
    if !hasHeader { looseMessages = 0 }
    batch = -1
    batchMessages = 0
    return trailer(.batch, declared, sum: sum, counted: counted, hasHeader: hasHeader, at: offset)
  }

  /// FTS: its first field as sent. It counts batches, the messages right under FHS as one.
  mutating func endFile(_ field: ArraySlice<UInt8>, at offset: Int) -> [DecodeEvent] {
    var events = closeBatch(because: .envelopeUnclosed, at: offset)
    let counted = batchesInFile + (hasLooseMessages ? 1 : 0)
    events += trailer(.file, Self.count(field), counted: counted, hasHeader: isFileOpen, at: offset)
    resetFile()
    return events
  }

  /// The end of the bytes.
  mutating func finish(at offset: Int) -> [DecodeEvent] {
    closeBatch(because: .envelopeUnclosed, at: offset) + closeFile(because: .envelopeUnclosed, at: offset)
  }

  private mutating func closeBatch(because code: FindingCode, at offset: Int) -> [DecodeEvent] {
    guard batch >= 0 else { return [] }
    defer {
      batch = -1
      batchMessages = 0
    }
    return unclosed(.batch, counted: batchMessages, path: "BHS", code, offset)
  }

  private mutating func closeFile(because code: FindingCode, at offset: Int) -> [DecodeEvent] {
    defer { resetFile() }
    guard isFileOpen else { return [] }
    return unclosed(.file, counted: batchesInFile + (hasLooseMessages ? 1 : 0), path: "FHS", code, offset)
  }

  private mutating func resetFile() {
    isFileOpen = false
    batchesInFile = 0
    hasLooseMessages = false
    looseMessages = 0
  }

  private mutating func unclosed(_ unit: BatchTotal.Unit, counted: Int, path: String, _ code: FindingCode, _ offset: Int) -> [DecodeEvent] {
    let total = BatchTotal(unit: unit, ordinal: nextTotal(), declared: nil, counted: counted, agrees: nil, hasTrailer: false, hasHeader: true)
    return [.batch(total), .finding(Finding(code, at: SourcePosition(path: path, byteOffset: offset)))]
  }

  private mutating func trailer(_ unit: BatchTotal.Unit, _ declared: Declared, sum: Int? = nil, counted: Int, hasHeader: Bool, at offset: Int) -> [DecodeEvent] {
    var total = BatchTotal(unit: unit, ordinal: nextTotal(), declared: nil, counted: counted, agrees: nil, hasTrailer: true, hasHeader: hasHeader)
    total.declaredSum = sum
    var codes: [FindingCode] = hasHeader ? [] : [.trailerOrphan]
    switch declared {
    case .none: break
    case .text: codes.append(.trailerNotNumeric)
    case .number(let number):
      total.declared = number
      total.agrees = hasHeader ? number == counted : nil
      if total.agrees == false { codes.append(.trailerMismatch) }
    }
    let position = SourcePosition(path: unit == .batch ? "BTS-1" : "FTS-1", occurrence: total.ordinal + 1, byteOffset: offset)
    return [.batch(total)] + codes.map { .finding(Finding($0, at: position)) }
  }

  private mutating func nextTotal() -> Int {
    totals += 1
    return totals - 1
  }

  private enum Declared {
    case none, text
    case number(Int)
  }

  /// BTS-1 is optional and typed ST, so anything may stand there.
  private static func count(_ field: ArraySlice<UInt8>) -> Declared {
    let isBlank = { (byte: UInt8) in byte == 0x20 }
    let trimmed = field.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
    if trimmed.isEmpty { return .none }
    return CalendarDay.number(Array(trimmed)).map { .number($0) } ?? .text
  }
}
