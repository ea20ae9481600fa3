import Core

/// Files of rows: bytes to records to one message a detail record. Line ends may be CR, LF, CRLF or any mixture; blank lines count for nothing.
///
/// Bytes go through three hands, as in `HL7Decoder`: `DropText`, `CSVRecords`, `CSVDrop`.
final class CSVDecoder {
  /// Nil while a call is under way, so that its tables are never held twice.
  private var drop: CSVDrop?
  private var text = DropText()
  private var records: CSVRecords
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
    try text.push(chunk) { (text, isUTF16) throws(Failure) in try read(text, isUTF16, emit) }
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    try text.begin { (text, isUTF16) throws(Failure) in try read(text, isUTF16, emit) }
    if text.isTorn { drop?.summary.truncated = true }
    try text.finish { (text, isUTF16) throws(Failure) in try read(text, isUTF16, emit) }
    guard var drop = drop.take() else { return DropSummary() }
    records.end(&drop)
    try drop.tell(emit)
    while records.isDue {
      records.takeDue(&drop)
      try drop.tell(emit)
    }
    drop.finish { dropDigest.finish() }
    try drop.tell(emit)
    self.drop = drop
    return drop.summary
  }

  private func read<Failure: Error>(_ chunk: Span<UInt8>, _ isUTF16: Bool, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard var drop = drop.take() else { return }
    drop.isUTF16 = isUTF16
    var at = 0
    while at < chunk.count || records.isDue {
      at = records.read(chunk, from: at, into: &drop)
      try drop.tell(emit)
    }
    if drop.summary.messages == 0 { dropDigest.update(chunk) }
    self.drop = drop
  }
}

extension CSVDrop: TellingDrop {
  mutating func said() { news.removeAll(keepingCapacity: true) }
}
