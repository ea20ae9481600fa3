import Core

/// HL7 v2 drops: lines to messages to segment tables. Line ends may be CR, LF, CRLF or any mixture; blank lines count for nothing.
///
/// Bytes go through three hands: `UTF16Stream` where the drop is in UTF-16, `HL7Lines`, `HL7Drop`. Those know nothing of `emit`; here what the
/// drop has to say is said.
final class HL7Decoder {
  /// Nil while a call is under way, so that its tables are never held twice.
  private var drop: HL7Drop?
  private var lines = HL7Lines()
  /// The first bytes, until there are enough to tell UTF-16 by.
  private var beginning: [UInt8] = []
  private var isBegun = false
  private var transcoder: UTF16Stream?
  private var transcript: [UInt8] = []
  /// Bytes at the end of what came that cannot be read before the next ones are known.
  private var undecided: [UInt8] = []
  /// Runs until the first message: a drop without any is identified by all its bytes (as UTF-8, where they were UTF-16).
  private var dropDigest = MessageDigest()

  init(_ settings: DecodeSettings) {
    drop = HL7Drop(settings)
    dropDigest.begin()
  }

  /// Counts for `inspect`; nil in the nightly run.
  var census: HL7Census? {
    get { drop?.census }
    set { drop?.census = newValue }
  }

  func push<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    drop?.summary.byteCount += chunk.count
    if isBegun { return try transcribe(chunk, emit) }
    unsafe chunk.withUnsafeBufferPointer { pointer in unsafe beginning.append(contentsOf: pointer) }
    if beginning.count >= UTF16Stream.decidingBytes { try begin(emit) }
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    if !isBegun { try begin(emit) }
    try finishTranscript(emit)
    guard var drop = drop.take() else { return DropSummary() }
    lines.end(&drop)
    while lines.isDue {
      lines.takeDue(&drop)
      try say(&drop, emit)
    }
    drop.finish { dropDigest.finish() }
    try say(&drop, emit)
    self.drop = drop
    return drop.summary
  }

  private func begin<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    isBegun = true
    transcoder = UTF16Stream.order(of: beginning).map(UTF16Stream.init)
    drop?.isUTF16 = transcoder != nil
    let bytes = beginning
    beginning = []
    try transcribe(bytes.span, emit)
  }

  private func transcribe<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard transcoder != nil else { return try read(chunk, emit) }
    var text = transcript
    transcript = []
    text.removeAll(keepingCapacity: true)
    transcoder?.append(chunk, to: &text)
    try read(text.span, emit)
    transcript = text
  }

  private func finishTranscript<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    var rest: [UInt8] = []
    transcoder?.finish(into: &rest)
    if transcoder?.isTorn == true { drop?.summary.truncated = true }
    try read(rest.span, emit)
    let last = undecided
    undecided = []
    try take(last.span, emit)
  }

  /// Keeps what cannot be read yet for the next call.
  private func read<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    if undecided.isEmpty, LineEnds.undecided(in: chunk) == 0 { return try take(chunk, emit) }
    var bytes = undecided
    unsafe chunk.withUnsafeBufferPointer { pointer in unsafe bytes.append(contentsOf: pointer) }
    let end = bytes.count - LineEnds.undecided(in: bytes.span)
    undecided = Array(bytes[end...])
    try take(bytes.span.extracting(0..<end), emit)
  }

  private func take<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard var drop = drop.take() else { return }
    var ends = LineEnds()
    var at = 0
    while at < chunk.count || lines.isDue {
      at = lines.read(chunk, from: at, &ends, into: &drop)
      try say(&drop, emit)
    }
    if drop.summary.messages == 0 { dropDigest.update(chunk) }
    self.drop = drop
  }

  private func say<Failure: Error>(_ drop: inout HL7Drop, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    for event in drop.news { try emit(event, drop.record) }
    drop.said()
  }
}
