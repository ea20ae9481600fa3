import Core

/// HL7 v2 drops: lines to messages to segment tables. Line ends may be CR, LF, CRLF or any mixture; blank lines count for nothing.
///
/// Bytes go through three hands: `DropText`, `HL7Lines`, `HL7Drop`. Those know nothing of `emit`; here what the drop has to say is said.
final class HL7Decoder {
  /// Nil while a call is under way, so that its tables are never held twice.
  private var drop: HL7Drop?
  private var text = DropText()
  private var lines = HL7Lines()
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
    try text.push(chunk) { (text, isUTF16) throws(Failure) in try read(text, isUTF16, emit) }
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    try text.begin { (text, isUTF16) throws(Failure) in try read(text, isUTF16, emit) }
    if text.isTorn { drop?.summary.truncated = true }
    try text.finish { (text, isUTF16) throws(Failure) in try read(text, isUTF16, emit) }
    let last = undecided
    undecided = []
    try take(last.span, emit)
    guard var drop = drop.take() else { return DropSummary() }
    lines.end(&drop)
    while lines.isDue {
      lines.takeDue(&drop)
      try drop.tell(emit)
    }
    drop.finish { dropDigest.finish() }
    try drop.tell(emit)
    self.drop = drop
    return drop.summary
  }

  /// Keeps what cannot be read yet for the next call.
  private func read<Failure: Error>(_ chunk: Span<UInt8>, _ isUTF16: Bool, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    drop?.isUTF16 = isUTF16
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
      try drop.tell(emit)
    }
    if drop.summary.messages == 0 { dropDigest.update(chunk) }
    self.drop = drop
  }
}

extension HL7Drop: TellingDrop {}
