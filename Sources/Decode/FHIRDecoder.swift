import Core

/// FHIR R4 as JSON: Bundles, a resource a line (NDJSON), single resources; one message a resource, one record a message.
///
/// Bytes go through two hands: `FHIRFraming` cuts them into resources, `FHIRReader` makes the record. In a Bundle an entry waits for what it refers
/// to, up to `DecodeLimits.bundleBytes`; the order of the messages is that of the entries.
final class FHIRDecoder {
  private var framing: FHIRFraming
  private var reader: FHIRReader
  private var bundle: FHIRBundle?
  private let limits: DecodeLimits
  private var summary = DropSummary()
  /// Runs until the first message: a drop without any is identified by all its bytes.
  private var dropDigest = MessageDigest()
  private var digest = MessageDigest()

  init(_ settings: DecodeSettings) {
    limits = settings.limits
    framing = FHIRFraming(limit: settings.limits.messageBytes)
    reader = FHIRReader(settings)
    dropDigest.begin()
  }

  func push<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    summary.byteCount += chunk.count
    if summary.messages == 0 { dropDigest.update(chunk) }
    var at = 0
    while at < chunk.count {
      at = framing.read(chunk, from: at)
      if framing.ready != nil { try take(&framing, emit) }
    }
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    try finish(&framing, emit)
    if summary.messages == 0 {
      var tail = MessageTail()
      tail.byteCount = summary.byteCount
      tail.digest = dropDigest.finish()
      tail.outcome = .rejected(Finding(.dropEmpty, at: SourcePosition(byteOffset: 0)))
      try say(tail, at: 0, emit)
    }
    return summary
  }

  // MARK: Pieces

  /// The framing is copied out and back: what it lends must stay while events are given.
  private func take<Failure: Error>(_ framing: inout FHIRFraming, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    switch framing.ready {
    case nil: break
    case .resource: if framing.isBundle { try takeLateBundle(framing, emit) } else { try take(piece(&framing), isEntry: false, emit) }
    case .bundle:
      bundle = FHIRBundle(limit: limits.bundleBytes)
      let (timestamp, isModified) = header(framing.header.bytes)
      bundle?.timestamp = timestamp
      bundle?.isModified = isModified
    case .entry: try take(piece(&framing), isEntry: true, emit)
    case .bundleEnd: try endBundle(&framing, emit)
    case .broken(let fault):
      if framing.body.count > 0 {
        var tail = MessageTail()
        (tail.byteCount, tail.digest) = (framing.body.count, framing.fingerprint())
        tail.outcome = .rejected(Finding(.jsonMalformed, at: SourcePosition(byteOffset: fault)))
        try settle(tail, at: framing.start, emit)
      }
      try flush(atEnd: true, emit)
      if framing.body.count == 0 || bundle != nil { try emit(.finding(Finding(.jsonMalformed, at: SourcePosition(byteOffset: fault))), reader.record) }
      bundle = nil
    case .stray(let place): try emit(.finding(Finding(.jsonMalformed, at: SourcePosition(byteOffset: place))), reader.record)
    }
    framing.next()
  }

  /// What is ready, on its own.
  private struct Piece {
    var bytes: [UInt8]
    var start: Int
    var byteCount: Int
    /// Of a piece over the limit, whose bytes are not all there.
    var digest: [UInt8] = []

    var isOver: Bool { byteCount > bytes.count }
  }

  private func piece(_ framing: inout FHIRFraming) -> Piece {
    var piece = Piece(bytes: framing.body.bytes, start: framing.start, byteCount: framing.body.count)
    if piece.isOver { piece.digest = framing.fingerprint() }
    return piece
  }

  /// A Bundle whose type stands behind its entries, read again as one.
  private func takeLateBundle<Failure: Error>(_ outer: FHIRFraming, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    var outer = outer
    let whole = piece(&outer)
    guard !whole.isOver else { return try take(whole, isEntry: false, emit) }
    var inner = FHIRFraming(limit: limits.messageBytes, offset: whole.start, isKnownBundle: true)
    var at = 0
    while at < whole.bytes.count {
      at = inner.read(whole.bytes.span, from: at)
      if inner.ready == .resource {
        try take(whole, isEntry: false, emit)
        inner.next()
      } else if inner.ready != nil {
        try take(&inner, emit)
      }
    }
  }

  private func endBundle<Failure: Error>(_ framing: inout FHIRFraming, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    try flush(atEnd: true, emit)
    let isEmpty = bundle?.entries == 0, isModified = bundle?.isModified == true, header = framing.header
    bundle = nil
    if isEmpty {
      var piece = Piece(bytes: header.bytes, start: framing.start, byteCount: header.count)
      if piece.isOver { piece.digest = framing.headerFingerprint() }
      return try take(piece, isEntry: false, emit)
    }
    let place = SourcePosition(path: "Bundle", byteOffset: framing.start)
    if header.isOver { return try emit(.finding(Finding(.jsonLimit, at: place)), reader.record) }
    do { try reader.tokenize(header.bytes) } catch { return try emit(.finding(Finding(.jsonMalformed, at: place)), reader.record) }
    // Behind the entries it comes too late to hold them.
    guard !isModified, reader.tokens.member("implicitRules", of: 0, header.bytes.span) != nil else { return }
    try emit(.finding(Finding(.modifierHeld, at: SourcePosition(path: "Bundle.implicitRules", byteOffset: framing.start))), reader.record)
  }

  /// What stands before the entries: the time of the Bundle, and whether it is bound to rules of its own.
  private func header(_ header: [UInt8]) -> (timestamp: [UInt8], isModified: Bool) {
    let closed = header + Array("]}".utf8)
    guard (try? reader.tokenize(closed)) != nil else { return ([], false) }
    let time = reader.tokens.member("timestamp", of: 0, closed.span).flatMap { reader.tokens.value($0, closed.span) }
    return (time ?? [], reader.tokens.member("implicitRules", of: 0, closed.span) != nil)
  }

  // MARK: Messages

  private func take<Failure: Error>(_ piece: Piece, isEntry: Bool, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    if isEntry { bundle?.entries += 1 }
    var message = read(piece, isEntry: isEntry, isFirst: true)
    guard bundle != nil else { return try give(&message, piece, emit) }
    if bundle?.isEmpty == true, message.open.isEmpty {
      try give(&message, piece, emit)
    } else {
      let isSettled = message.tail.outcome != .decoded
      bundle?.wait(
        FHIRBundle.Waiting(
          bytes: isSettled ? [] : piece.bytes, start: piece.start, byteCount: piece.byteCount, tail: isSettled ? message.tail : nil, open: message.open,
          fullURL: message.fullURL))
    }
    try flush(atEnd: false, emit)
  }

  /// A message of which nothing more is to be read, behind those that wait.
  private func settle<Failure: Error>(_ tail: MessageTail, at start: Int, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    bundle?.entries += 1
    guard bundle?.isEmpty == false else { return try say(tail, at: start, emit) }
    bundle?.wait(FHIRBundle.Waiting(bytes: [], start: start, byteCount: tail.byteCount, tail: tail, open: [], fullURL: []))
  }

  private func flush<Failure: Error>(atEnd: Bool, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    while let entry = bundle?.due(atEnd: atEnd) {
      if let tail = entry.tail {
        try say(tail, at: entry.start, emit)
      } else {
        let piece = Piece(bytes: entry.bytes, start: entry.start, byteCount: entry.byteCount)
        var message = read(piece, isEntry: true, isFirst: false)
        try give(&message, piece, emit)
      }
    }
  }

  private func give<Failure: Error>(
    _ message: inout Message, _ piece: Piece, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void
  ) throws(Failure) {
    guard case .decoded = message.tail.outcome else { return try say(message.tail, at: piece.start, emit) }
    let ordinal = summary.messages
    summary.messages += 1
    try emit(.begin(MessageHead(ordinal: ordinal, byteOffset: piece.start, batch: -1)), reader.record)
    try emit(.record, reader.record)
    for (number, file) in reader.embedded.enumerated() { try attach(file, number, of: ordinal, &message, piece, emit) }
    try emit(.end(message.tail), reader.record)
  }

  /// A message without a record.
  private func say<Failure: Error>(_ tail: MessageTail, at start: Int, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    try emit(.begin(MessageHead(ordinal: summary.messages, byteOffset: start, batch: -1)), reader.record)
    summary.messages += 1
    try emit(.end(tail), reader.record)
  }

  private func attach<Failure: Error>(
    _ file: FHIRReader.Embedded, _ number: Int, of ordinal: Int, _ message: inout Message, _ piece: Piece,
    _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void
  ) throws(Failure) {
    let position = SourcePosition(path: "attachment.data", occurrence: number + 1)
    var attachment = CDAAttachment(
      AttachmentHead(message: ordinal, number: number, position: position, mediaType: String(decoding: file.mediaType, as: UTF8.self), encoding: .base64))
    var events: [DecodeEvent] = []
    var misfit = attachment.take(piece.bytes.span.extracting(file.start..<file.end), at: piece.start + file.start, isBlank: false, &events)
    if let late = attachment.finish(&events), misfit == nil { misfit = late }
    for event in events { try emit(event, reader.record) }
    if let misfit { message.tail.findings.append(Finding(.attachmentInvalid, at: SourcePosition(byteOffset: misfit))) }
  }
}

// MARK: - Reading

extension FHIRDecoder {
  /// A resource as it was read; its record stands in the reader.
  private struct Message {
    var tail = MessageTail()
    var open: [[UInt8]] = []
    var fullURL: [UInt8] = []
  }

  /// - isFirst: it comes for the first time, and others may refer to it.
  private func read(_ piece: Piece, isEntry: Bool, isFirst: Bool) -> Message {
    var message = Message()
    message.tail.byteCount = piece.byteCount
    if piece.isOver {
      message.tail.digest = piece.digest
      message.tail.outcome = .held(Finding(.messageLimit, at: SourcePosition(byteOffset: piece.start)))
      return message
    }
    do throws(JSONTokens.Fault) {
      try reader.tokenize(piece.bytes)
      try fill(&message, piece, isEntry: isEntry, isFirst: isFirst)
    } catch {
      message.tail.outcome = Self.outcome(of: error, in: piece)
    }
    digest.begin()
    digest.update(piece.bytes.span)
    for excerpt in reader.grafted where message.tail.outcome == .decoded { digest.update(excerpt.span) }
    message.tail.digest = digest.finish()
    return message
  }

  private static func outcome(of fault: JSONTokens.Fault, in piece: Piece) -> MessageTail.Outcome {
    switch fault {
    case .malformed(let at): .rejected(Finding(at == 0 ? .notFHIR : .jsonMalformed, at: SourcePosition(byteOffset: piece.start + at)))
    case .undecodable(let at): .rejected(Finding(.charsetUndecodable, at: SourcePosition(byteOffset: piece.start + at)))
    case .limit(let at): .held(Finding(.jsonLimit, at: SourcePosition(byteOffset: piece.start + at)))
    }
  }

  private func fill(_ message: inout Message, _ piece: Piece, isEntry: Bool, isFirst: Bool) throws(JSONTokens.Fault) {
    let text = piece.bytes.span
    var setting = FHIRReader.Setting(timestamp: bundle?.timestamp ?? [], index: bundle?.index)
    var resource = 0
    if isEntry {
      if let url = reader.tokens.member("fullUrl", of: 0, text) { setting.fullURL = reader.tokens.value(url, text) ?? [] }
      if let place = modifier(text) { message.tail.outcome = .held(Finding(.modifierHeld, at: SourcePosition(path: place, byteOffset: piece.start))) }
      if isDeletion(text) { message.tail.outcome = .held(Finding(.correctionHeld, at: SourcePosition(path: "Bundle.entry.request", byteOffset: piece.start))) }
      guard let own = reader.tokens.member("resource", of: 0, text) else { return try fillBare(&message, piece, setting) }
      resource = own
    }
    guard let token = reader.tokens.member("resourceType", of: resource, text), let type = reader.tokens.value(token, text),
      FHIRTypes.holds(String(decoding: type, as: UTF8.self))
    else {
      message.tail.outcome = .rejected(Finding(.notFHIR, at: SourcePosition(byteOffset: piece.start)))
      return
    }
    message.tail.rawType = type
    guard message.tail.outcome == .decoded else { return }
    if type.elementsEqual("Bundle".utf8) {
      guard !isEntry else { return message.tail.outcome = .held(Finding(.noMapping, at: SourcePosition(path: "Bundle.entry.resource", byteOffset: piece.start))) }
      return try fillBare(&message, piece, setting)
    }
    if isFirst, bundle != nil { remember(resource, type, setting.fullURL, text) }
    setting.index = bundle?.index
    try reader.fill(resource, type: type, of: piece.bytes, setting)
    (message.open, message.fullURL) = (reader.open, setting.fullURL)
  }

  /// A Bundle without entries, or an entry without a resource: a deletion is held, everything else says nothing of anybody.
  private func fillBare(_ message: inout Message, _ piece: Piece, _ setting: FHIRReader.Setting) throws(JSONTokens.Fault) {
    let text = piece.bytes.span
    guard isBare(text) else {
      message.tail.outcome = .rejected(Finding(.notFHIR, at: SourcePosition(byteOffset: piece.start)))
      return
    }
    message.tail.rawType = Array("Bundle".utf8)
    var setting = setting
    setting.isBare = true
    try reader.fill(0, type: message.tail.rawType, of: piece.bytes, setting)
  }

  /// Where the Bundle or the entry says that it means something else than it says; nil where neither does.
  private func modifier(_ entry: Span<UInt8>) -> String? {
    if bundle?.isModified == true { return "Bundle.implicitRules" }
    return reader.tokens.member("modifierExtension", of: 0, entry) == nil ? nil : "Bundle.entry.modifierExtension"
  }

  /// True for an entry that asks a server to delete, with the resource or without it.
  private func isDeletion(_ text: Span<UInt8>) -> Bool {
    guard let request = reader.tokens.member("request", of: 0, text), let method = reader.tokens.member("method", of: request, text) else { return false }
    return reader.tokens.says("DELETE", method, text)
  }

  /// True for a Bundle that says it has no entries, and for an entry that is a question to a server or its answer.
  private func isBare(_ text: Span<UInt8>) -> Bool {
    guard reader.tokens.items[0].kind == .object else { return false }
    if reader.tokens.member("resourceType", of: 0, text) == nil {
      return reader.tokens.member("request", of: 0, text) != nil || reader.tokens.member("response", of: 0, text) != nil
    }
    guard let entries = reader.tokens.member("entry", of: 0, text) else { return true }
    return reader.tokens.items[entries].kind == .array && Int(reader.tokens.items[entries].next) == entries + 1
  }

  private func remember(_ resource: Int, _ type: [UInt8], _ fullURL: [UInt8], _ text: Span<UInt8>) {
    guard FHIRIndex.types.contains(String(decoding: type, as: UTF8.self)) else { return }
    let id = reader.tokens.member("id", of: resource, text).flatMap { reader.tokens.value($0, text) } ?? []
    let excerpt = FHIRReader.excerpt(resource, fullURL: fullURL, text, reader.tokens)
    bundle?.index.add(excerpt, fullURL: fullURL, local: id.isEmpty ? [] : type + [UInt8(ascii: "/")] + id)
  }

  // MARK: The end

  private func finish<Failure: Error>(_ framing: inout FHIRFraming, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    let rest = framing.rest()
    switch rest {
    case .nothing: return
    case .value: try take(piece(&framing), isEntry: false, emit)
    case .cutValue, .cutEntry: try settle(cut(framing.body.count, framing.fingerprint(), at: framing.start), at: framing.start, emit)
    case .cutBundle:
      if bundle?.entries == 0 {
        try say(cut(framing.header.count, framing.headerFingerprint(), at: framing.start), at: framing.start, emit)
      }
    }
    try flush(atEnd: true, emit)
    summary.truncated = rest != .value
    guard bundle != nil else { return }
    try emit(.finding(Finding(.envelopeUnclosed, at: SourcePosition(path: "Bundle", byteOffset: summary.byteCount))), reader.record)
    bundle = nil
  }

  /// The bytes end inside of it.
  private func cut(_ byteCount: Int, _ digest: [UInt8], at start: Int) -> MessageTail {
    var tail = MessageTail()
    (tail.byteCount, tail.digest) = (byteCount, digest)
    tail.outcome = .held(Finding(.dropTruncated, at: SourcePosition(byteOffset: start)))
    return tail
  }
}
