/// The form in which a tally crosses from worker to ingest, and lies in the ledger: counts first, then the items, each once.
extension FeedTally {
  /// Writes the items in any order: whoever reads them sorts them.
  public func write(to writer: inout ByteWriter) { write(Array(sights), to: &writer) }

  private func write(_ items: [(key: Item, value: Sight)], to writer: inout ByteWriter) {
    writer.write(messages)
    writer.write(looked)
    writer.write(Int32(items.count))
    for (item, sight) in items {
      item.write(to: &writer)
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

  /// The items in ascending order, as they lie in the ledger.
  public var encoded: [UInt8] {
    var writer = ByteWriter()
    write(sights.sorted { $0.key < $1.key }, to: &writer)
    return writer.bytes
  }
}

extension FeedTally.Item {
  /// Writes an item of a tally that is written piece by piece; its sight comes next.
  public func write(to writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(scope)
    writer.write(path)
    writer.write(value)
  }
}

extension FeedTally.Sight {
  public func write(to writer: inout ByteWriter) {
    writeCounts(to: &writer)
    writer.write(UInt8(truncatingIfNeeded: lengths.count))
    for (step, count) in lengths.sorted(by: { $0.key < $1.key }) {
      writer.write(step)
      writer.write(count)
    }
    writePatients(to: &writer)
  }

  /// Writes it with lengths that stand elsewhere; its own are left out.
  public func write(to writer: inout ByteWriter, lengths: LengthCounts) {
    writeCounts(to: &writer)
    var count = UInt8(0)
    lengths.forEach { _, _ in count += 1 }
    writer.write(count)
    lengths.forEach { step, count in
      writer.write(step)
      writer.write(count)
    }
    writePatients(to: &writer)
  }

  private func writeCounts(to writer: inout ByteWriter) {
    writer.write(messages)
    writer.write(occurrences)
    writer.write(most)
    writer.write(lettered)
    writer.write(UInt8(isOpen ? 1 : 0))
    writer.write(fate.rawValue)
    writer.write(reason)
    writer.write(shown)
  }

  private func writePatients(to writer: inout ByteWriter) {
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
