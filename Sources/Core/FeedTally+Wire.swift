/// The form in which a tally crosses from worker to ingest, and lies in the ledger: counts first, then the items in ascending order.
extension FeedTally {
  public func write(to writer: inout ByteWriter) {
    writer.write(messages)
    writer.write(looked)
    writer.write(Int32(sights.count))
    for (item, sight) in sights.sorted(by: { $0.key < $1.key }) {
      writer.write(item.kind.rawValue)
      writer.write(item.scope)
      writer.write(item.path)
      writer.write(item.value)
      sight.write(to: &writer)
    }
  }

  /// Reads what `write(to:)` wrote.
  ///
  /// - Throws: `FrameError` where a count is below zero, an item stands twice, or a kind is not known.
  public init(from reader: inout ByteReader) throws(FrameError) {
    messages = try reader.natural()
    looked = try reader.natural()
    for _ in 0..<(try reader.count()) {
      guard let kind = Kind(rawValue: try reader.byte()) else { throw FrameError() }
      let item = Item(kind, scope: try reader.text(), path: try reader.text(), value: try reader.text())
      guard sights.updateValue(try Sight(from: &reader), forKey: item) == nil else { throw FrameError() }
    }
  }

  public var encoded: [UInt8] {
    var writer = ByteWriter()
    write(to: &writer)
    return writer.bytes
  }
}

extension FeedTally.Sight {
  func write(to writer: inout ByteWriter) {
    for number in [messages, occurrences, most, lettered] { writer.write(number) }
    writer.write(UInt8(isOpen ? 1 : 0))
    writer.write(fate.rawValue)
    writer.write(reason)
    writer.write(shown)
    writer.write(UInt8(truncatingIfNeeded: lengths.count))
    for (step, count) in lengths.sorted(by: { $0.key < $1.key }) {
      writer.write(step)
      writer.write(count)
    }
    writer.write(UInt8(truncatingIfNeeded: patients.count))
    for patient in patients { writer.write(Int(bitPattern: UInt(patient))) }
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init()
    messages = try reader.natural()
    occurrences = try reader.natural()
    most = try reader.natural()
    lettered = try reader.natural()
    isOpen = try reader.byte() == 1
    guard let fate = FeedTally.Fate(rawValue: try reader.byte()) else { throw FrameError() }
    self.fate = fate
    reason = try reader.text()
    shown = try reader.text()
    for _ in 0..<(try reader.byte()) {
      let step = try reader.byte()
      lengths[step] = try reader.natural()
    }
    for _ in 0..<(try reader.byte()) { patients.append(UInt64(UInt(bitPattern: try reader.integer()))) }
  }
}

extension ByteReader {
  /// A number that is not below zero.
  fileprivate mutating func natural() throws(FrameError) -> Int {
    let number = try integer()
    guard number >= 0 else { throw FrameError() }
    return number
  }
}
