import Core

/// Data of an ED value on its way out: its escapes resolved, its encoding undone, cut into pieces.
///
/// - Escapes inside base64 or hexadecimal data are read for what they stand for where that is part of the data or white space;
///   any other one does not fit, and from there on the data is kept as it came.
struct HL7Attachment {
  let head: AttachmentHead
  private var decoder: AttachmentDecoder
  private var escapes: HL7Escapes
  /// Where the open escape sequence begins in the drop.
  private var escapeOffset = 0
  private var bytes: [UInt8] = []
  private var byteCount = 0
  private var isWhole: Bool
  /// What the first bytes are.
  private var beginning: [UInt8] = []
  /// Where the first byte that does not fit stands in the drop; nil while all fit.
  private(set) var misfit: Int?
  private let isUTF16: Bool

  private static let pieceBytes = 65_536

  /// - Parameter isKnown: false where the encoding has no known name: the data is kept as it came.
  init(_ head: AttachmentHead, _ delimiters: SegmentTable.Delimiters, isKnown: Bool, isUTF16: Bool) {
    self.head = head
    self.isUTF16 = isUTF16
    isWhole = isKnown
    var delimiters = delimiters
    if !isKnown { delimiters.escape = 0 }
    escapes = HL7Escapes(delimiters, nests: head.encoding != .text)
    switch head.encoding {
    case .base64: decoder = AttachmentDecoder(.base64)
    case .hex: decoder = AttachmentDecoder(.hex)
    case .text, .reference: decoder = AttachmentDecoder(.text)
    }
  }

  /// Takes the next bytes of the data, which begin at `start` in the drop.
  mutating func take(_ data: Span<UInt8>, at start: Int, _ events: inout [DecodeEvent]) {
    var at = 0, offset = start
    while at < data.count {
      let from = at
      if escapes.open.isEmpty {
        at = plain(data, at, offset)
      } else if data[at] == escapes.escape {
        if escapes.goesOn() || close() { at += 1 }
      } else if escapes.take(data[at]) {
        at += 1
      } else {
        flush()
      }
      offset += width(data.extracting(from..<at))
    }
    while bytes.count >= Self.pieceBytes { give(Self.pieceBytes, &events) }
  }

  /// Ends the data at `end` in the drop.
  ///
  /// - Parameter isCut: more of it would have come.
  mutating func finish(at end: Int, isCut: Bool, _ events: inout [DecodeEvent]) {
    flush()
    if !decoder.finish(into: &bytes) { misfit = misfit ?? end }
    while bytes.count >= Self.pieceBytes { give(Self.pieceBytes, &events) }
    if !bytes.isEmpty { give(bytes.count, &events) }
    let tail = AttachmentTail(byteCount: byteCount, sniffedType: MediaType.sniffed(beginning), isWhole: isWhole && misfit == nil && !isCut)
    events.append(.attachmentEnd(tail))
  }

  /// Decodes up to the next escape character, steps over it, and gives where it came to.
  private mutating func plain(_ data: Span<UInt8>, _ start: Int, _ offset: Int) -> Int {
    let escape = escapes.escape
    var end = start
    if escape == 0 || misfit != nil { end = data.count } else { while end < data.count, data[end] != escape { end += 1 } }
    let run = data.extracting(start..<end)
    decode(run, at: offset)
    guard end < data.count, misfit == nil else { return end }
    escapeOffset = offset + width(run)
    escapes.begin()
    return end + 1
  }

  private mutating func decode(_ run: Span<UInt8>, at offset: Int) {
    if let index = decoder.decode(run, into: &bytes) { misfit = offset + width(run.extracting(0..<index)) }
  }

  /// Ends the open sequence; false where it is none, so that its second escape character may begin another one.
  private mutating func close() -> Bool {
    guard let meaning = escapes.meaning() else { return keep() }
    var attempt = decoder, decoded: [UInt8] = []
    guard attempt.decode(meaning.span, into: &decoded) == nil else { return keep() }
    decoder = attempt
    bytes += decoded
    escapes.clear()
    return true
  }

  /// Keeps a sequence with both of its escape characters as it came, if it has anything between them.
  private mutating func keep() -> Bool {
    guard escapes.open.count > 1 else {
      flush()
      return false
    }
    let text = escapes.open + [escapes.escape]
    escapes.clear()
    decode(text.span, at: escapeOffset)
    return true
  }

  /// The open sequence is none: its bytes are data.
  private mutating func flush() {
    guard !escapes.open.isEmpty else { return }
    let text = escapes.open
    escapes.clear()
    decode(text.span, at: escapeOffset)
  }

  private func width(_ bytes: Span<UInt8>) -> Int { isUTF16 ? UTF16Stream.width(bytes) : bytes.count }

  private mutating func give(_ count: Int, _ events: inout [DecodeEvent]) {
    if byteCount == 0 { beginning = Array(bytes.prefix(min(count, MediaType.sniffedBytes))) }
    events.append(.attachmentBytes(Array(bytes[..<count])))
    bytes.removeFirst(count)
    byteCount += count
  }
}
