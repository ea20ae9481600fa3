import Core

/// The text of a drop of lines or records: its bytes as they came, or as UTF-8 where they are UTF-16. The first bytes wait until they tell which.
struct DropText {
  /// The first bytes, until there are enough to tell UTF-16 by.
  private var beginning: [UInt8] = []
  private var isBegun = false
  private var transcoder: UTF16Stream?
  private var transcript: [UInt8] = []

  /// True where the bytes end inside a character of UTF-16.
  var isTorn: Bool { transcoder?.isTorn == true }

  /// Takes the next bytes; `read` is lent what of the text they complete, and whether the drop is in UTF-16.
  mutating func push<Failure: Error>(_ chunk: Span<UInt8>, _ read: (Span<UInt8>, Bool) throws(Failure) -> Void) throws(Failure) {
    if isBegun { return try transcribe(chunk, read) }
    unsafe chunk.withUnsafeBufferPointer { pointer in unsafe beginning.append(contentsOf: pointer) }
    if beginning.count >= UTF16Stream.decidingBytes { try begin(read) }
  }

  /// No more bytes come: what waits is all there is to tell by. Before `finish`, which gives the end of the text.
  mutating func begin<Failure: Error>(_ read: (Span<UInt8>, Bool) throws(Failure) -> Void) throws(Failure) {
    if isBegun { return }
    isBegun = true
    transcoder = UTF16Stream.order(of: beginning).map(UTF16Stream.init)
    let bytes = beginning
    beginning = []
    try transcribe(bytes.span, read)
  }

  mutating func finish<Failure: Error>(_ read: (Span<UInt8>, Bool) throws(Failure) -> Void) throws(Failure) {
    var rest: [UInt8] = []
    transcoder?.finish(into: &rest)
    try read(rest.span, transcoder != nil)
  }

  private mutating func transcribe<Failure: Error>(_ chunk: Span<UInt8>, _ read: (Span<UInt8>, Bool) throws(Failure) -> Void) throws(Failure) {
    guard transcoder != nil else { return try read(chunk, false) }
    var text = transcript
    transcript = []
    text.removeAll(keepingCapacity: true)
    transcoder?.append(chunk, to: &text)
    try read(text.span, true)
    transcript = text
  }
}

/// A drop being read, which holds what is to be said until it has been said.
protocol TellingDrop {
  /// What is to be said now, in order.
  var news: [DecodeEvent] { get }
  /// Lent beside each event.
  var record: SourceRecord { get set }
  /// The news has been said.
  mutating func said()
}

extension TellingDrop {
  /// Says the news. The record is out of the drop meanwhile: lent from inside of it, all of its tables would be counted up and down for each event.
  @inline(__always)
  mutating func tell<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    if news.isEmpty { return said() }
    var lent = SourceRecord()
    swap(&lent, &record)
    for event in news { try emit(event, lent) }
    swap(&lent, &record)
    said()
  }
}
