import Core

/// The body of a document without structure, on its way out: `nonXMLBody/text` (CDA R2, 4.3.1.1).
struct CDAAttachment {
  private var head: AttachmentHead
  private var decoder: AttachmentDecoder
  private var bytes: [UInt8] = []
  /// White space before anything else: layout, or the beginning of a text.
  private var blanks: [UInt8] = []
  private var byteCount = 0
  private var hasBegun = false
  private var isReference = false
  private var isWhole = true
  /// What the first bytes are.
  private var beginning: [UInt8] = []
  /// Where the text read last ends in the document.
  private var end = 0

  static let pieceBytes = 65_536

  init(_ head: AttachmentHead) {
    self.head = head
    decoder = AttachmentDecoder(head.encoding == .base64 ? .base64 : .text)
  }

  /// What is read now belongs to the data's reference or thumbnail (HL7 v3 data type ED), not to the data.
  var isInPart = false

  /// Text where none may stand is not kept.
  mutating func leaveOut() { isWhole = false }

  /// The data is elsewhere, unless some of it stands here.
  mutating func refer() { isReference = true }

  /// Takes the next text and gives what is ready to go out; a byte that does not fit gives its offset in the document.
  mutating func take(_ text: Span<UInt8>, at offset: Int, isBlank: Bool, _ events: inout [DecodeEvent]) -> Int? {
    end = offset + text.count
    if !hasBegun, isBlank, blanks.count + text.count <= Self.pieceBytes {
      unsafe text.withUnsafeBufferPointer { unsafe blanks.append(contentsOf: $0) }
      return nil
    }
    begin(&events)
    let held = blanks
    blanks.removeAll()
    _ = decoder.decode(held.span, into: &bytes)
    let misfit = decoder.decode(text, into: &bytes)
    if misfit != nil { isWhole = false }
    while bytes.count >= Self.pieceBytes { give(Self.pieceBytes, &events) }
    return misfit.map { offset + $0 }
  }

  /// Ends the data where the document ends too early.
  mutating func cut(_ events: inout [DecodeEvent]) {
    isWhole = false
    if hasBegun { _ = finish(&events) }
  }

  /// Ends the data; the same for a last group that is not whole.
  mutating func finish(_ events: inout [DecodeEvent]) -> Int? {
    if !hasBegun, isReference { head.encoding = .reference }
    begin(&events)
    let endsWhole = decoder.finish(into: &bytes)
    isWhole = isWhole && endsWhole
    while bytes.count >= Self.pieceBytes { give(Self.pieceBytes, &events) }
    if !bytes.isEmpty { give(bytes.count, &events) }
    events.append(.attachmentEnd(AttachmentTail(byteCount: byteCount, sniffedType: MediaType.sniffed(beginning), isWhole: isWhole)))
    return endsWhole ? nil : end
  }

  private mutating func begin(_ events: inout [DecodeEvent]) {
    if !hasBegun { events.append(.attachment(head)) }
    hasBegun = true
  }

  private mutating func give(_ count: Int, _ events: inout [DecodeEvent]) {
    if byteCount == 0 { beginning = Array(bytes.prefix(min(count, MediaType.sniffedBytes))) }
    events.append(.attachmentBytes(Array(bytes[..<count])))
    bytes.removeFirst(count)
    byteCount += count
  }
}

extension CDAReader {
  /// The `text` of a `nonXMLBody` opens.
  mutating func openAttachment(_ token: XMLToken, _ tokens: XMLTokens) {
    func value(_ name: Int32) -> String {
      tokens.attributes(of: token).first { $0.name == name }.map { String(decoding: tokens.value(of: $0), as: UTF8.self) } ?? ""
    }
    attachment = CDAAttachment(
      AttachmentHead(
        message: 0, number: attachments, position: SourcePosition(path: "h:nonXMLBody/h:text", occurrence: attachments + 1),
        mediaType: value(known.mediaType), encoding: value(known.representation) == "B64" ? .base64 : .text, compression: value(known.compression)))
    attachments += 1
  }

  mutating func openInAttachment(_ token: XMLToken, _ tokens: XMLTokens) {
    if run.depth == 2 { attachment?.isInPart = token.name == known.reference || token.name == known.thumbnail }
    if token.name == known.reference, run.depth == 2, tokens.attributes(of: token).contains(where: { $0.name == known.value }) { attachment?.refer() }
  }

  mutating func attach(_ text: Span<UInt8>, at offset: Int, isBlank: Bool) {
    guard run.depth == 1 else { return leaveOut(at: offset, isBlank: isBlank) }
    guard let misfit = attachment?.take(text, at: offset, isBlank: isBlank, &queue) else { return }
    note(.attachmentInvalid, at: SourcePosition(byteOffset: misfit))
  }

  private mutating func leaveOut(at offset: Int, isBlank: Bool) {
    guard !isBlank, attachment?.isInPart == false else { return }
    attachment?.leaveOut()
    note(.attachmentInvalid, at: SourcePosition(byteOffset: offset))
  }

  /// What a document that failed still owes of its attachment.
  mutating func cutAttachment() -> [DecodeEvent] {
    var events: [DecodeEvent] = []
    attachment?.cut(&events)
    attachment = nil
    return events
  }

  mutating func closeAttachment() {
    if let misfit = attachment?.finish(&queue) { note(.attachmentInvalid, at: SourcePosition(byteOffset: misfit)) }
    attachment = nil
  }
}
