import Core

/// Files of rows: bytes to records to one message a detail record. Line ends may be CR, LF, CRLF or any mixture; blank lines count for nothing.
///
/// Bytes go through three hands, as in `HL7Decoder`: `UTF16Stream` where the drop is in UTF-16, `CSVRecords`, `CSVDrop`.
final class CSVDecoder {
  /// Nil while a call is under way, so that its tables are never held twice.
  private var drop: CSVDrop?
  private var records: CSVRecords
  /// The first bytes, until there are enough to tell UTF-16 by.
  private var beginning: [UInt8] = []
  private var isBegun = false
  private var transcoder: UTF16Stream?
  private var transcript: [UInt8] = []
  /// Runs until the first row: a drop without any is identified by all its bytes (as UTF-8, where they were UTF-16).
  private var dropDigest = MessageDigest()

  init(_ settings: DecodeSettings) {
    let layout = settings.layout ?? RowLayout()
    drop = CSVDrop(settings, layout)
    records = CSVRecords(layout, limit: settings.limits.recordBytes)
    dropDigest.begin()
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
    records.end(&drop)
    try say(&drop, emit)
    while records.isDue {
      records.takeDue(&drop)
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
  }

  private func read<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard var drop = drop.take() else { return }
    var at = 0
    while at < chunk.count || records.isDue {
      at = records.read(chunk, from: at, into: &drop)
      try say(&drop, emit)
    }
    if drop.summary.messages == 0 { dropDigest.update(chunk) }
    self.drop = drop
  }

  private func say<Failure: Error>(_ drop: inout CSVDrop, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    for event in drop.news { try emit(event, drop.record) }
    drop.news.removeAll(keepingCapacity: true)
  }
}
