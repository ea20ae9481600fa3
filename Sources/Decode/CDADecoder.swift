import Core

/// CDA documents: one message a drop, read as a stream into one entry at a time with its header and sections in reach.
final class CDADecoder {
  private let tokenizer: XMLTokenizer
  private var reader: CDAReader
  private var hash = MessageDigest()
  private var summary = DropSummary()
  private var hasBegun = false
  private var hasContent = false
  /// What came since the last block.
  private var block: [UInt8] = []

  /// Counts for `inspect`; nil in the nightly run.
  var census: CDACensus? { reader.census }

  init(_ settings: DecodeSettings, counting: Bool = false) {
    hash.begin()
    var names = settings.table
    names.limit = settings.limits.names
    reader = CDAReader(settings, &names, counting: counting)
    tokenizer = XMLTokenizer(names: names, limits: settings.limits, charset: settings.charset.flatMap { Charset(name: $0.utf8) })
  }

  func push<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    try begin(emit)
    summary.byteCount += chunk.count
    var at = 0
    hash.update(chunk)
    while at < chunk.count {
      let end = min(chunk.count, at + Self.blockBytes - block.count)
      if end - at == Self.blockBytes {
        unsafe chunk.withUnsafeBufferPointer { unsafe parse(UnsafeBufferPointer(rebasing: $0[at..<end])) }
        try drain(emit)
      } else {
        unsafe chunk.withUnsafeBufferPointer { unsafe block.append(contentsOf: $0[at..<end]) }
        if block.count == Self.blockBytes { try parseBlock(emit) }
      }
      at = end
    }
  }

  /// Gives the parser what was gathered.
  private func parseBlock<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    unsafe block.withUnsafeBufferPointer { unsafe parse($0) }
    block.removeAll(keepingCapacity: true)
    try drain(emit)
  }

  private func parse(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe look(at: bytes)
    if reader.failure == nil { unsafe tokenizer.parse(bytes, isLast: false) }
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    try begin(emit)
    try parseBlock(emit)
    if !hasContent { reader.fail(.rejected(Finding(.dropEmpty, at: SourcePosition(byteOffset: 0)))) }
    if reader.failure == nil {
      unsafe tokenizer.parse(UnsafeBufferPointer(start: nil, count: 0), isLast: true)
      try drain(emit)
      summary.truncated = reader.isCut
    }
    for event in reader.cutAttachment() { try emit(event, reader.record) }
    summary.messages = 1
    summary.sections = reader.tally
    try emit(.end(tail()), reader.record)
    return summary
  }

  /// What libxml2 gets at once: small enough for its look-ahead to stay cheap, large enough to be worth a call. Blocks are counted from
  /// the start of the document, for what libxml2 says of broken XML, and where, depends on where its pieces end.
  static let blockBytes = 8_192

  private func begin<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard !hasBegun else { return }
    hasBegun = true
    try emit(.begin(MessageHead(ordinal: 0, byteOffset: 0, batch: -1)), reader.record)
  }

  private func look(at bytes: UnsafeBufferPointer<UInt8>) {
    if !hasContent { hasContent = unsafe bytes.contains { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) } }
  }

  private func drain<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard reader.failure == nil else { return }
    let tokens = tokenizer.tokens
    reader.adopt(names: tokenizer.nameTexts)
    var index = 0
    while let event = reader.next(tokens, &index) { try emit(event, reader.record) }
    if reader.failure != nil { tokenizer.stop() }
  }

  private func tail() -> MessageTail {
    var tail = MessageTail()
    tail.byteCount = summary.byteCount
    tail.digest = hash.finish()
    tail.rawType = reader.rawType
    tail.outcome = reader.failure ?? .decoded
    tail.findings = reader.findings
    return tail
  }
}
