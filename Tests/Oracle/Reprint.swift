import Core
public import Decode

/// Print and parse again is equal: what was decoded, written in the plainest spelling, gives the same records.
public struct Reprint {
  private let settings: DecodeSettings

  public init(_ settings: DecodeSettings) { self.settings = settings }

  /// Records of one drop that do not come back. Of a document, the header and the first few others: each print holds the header too.
  public func breaches(_ input: [UInt8]) -> [Breach] {
    var found: [Breach] = [], ordinal = 0
    _ = Trace([input], settings) { event, record in
      guard event == .record else { return }
      ordinal += 1
      if record.part == .message { found += message(record.segments) } else if ordinal <= 3 { found += document(record) }
    }
    return found
  }

  /// A record is UTF-8 whatever MSH-18 says of what was sent.
  private func message(_ table: SegmentTable) -> [Breach] {
    guard String(validating: table.bytes, as: UTF8.self) != nil else { return [Breach("a record is UTF-8")] }
    var again = settings, hash: UInt64?, found: [Breach] = []
    again.charset = "UTF-8"
    // Text grows where it becomes UTF-8, so the print may be longer than what was sent.
    again.limits.messageBytes = max(settings.limits.messageBytes, table.bytes.count + 1)
    let trace = Trace([table.bytes], again) { event, record in
      guard event == .record else { return }
      hash = RecordHash.of(record.segments, withPositions: false)
      found += positions(record.segments, in: table.bytes)
    }
    guard trace.summary.messages == 1 else { return [Breach("a message prints as one message")] }
    if hash != RecordHash.of(table, withPositions: false) { found.append(Breach("a message reads back as it prints")) }
    return found
  }

  /// A segment stands where it says.
  private func positions(_ table: SegmentTable, in input: [UInt8]) -> [Breach] {
    table.segments.compactMap { segment in
      let end = segment.byteOffset + 3
      let isThere = segment.byteOffset >= 0 && end <= input.count && SegmentTable.name(input[segment.byteOffset..<end]) == segment.name
      return isThere ? nil : Breach("a segment stands where it says", at: segment.byteOffset)
    }
  }

  private func document(_ record: SourceRecord) -> [Breach] {
    guard let text = XMLPrinter(record.arena).text() else { return [] }
    var hashes: [UInt64?] = [], again = settings
    // A print declares every namespace on its root, and declarations in force are limited like attributes.
    again.limits.attributes += record.arena.names.count
    _ = Trace([text], again) { event, again in
      guard event == .record, again.part == record.part else { return }
      hashes.append(XMLPrinter(again.arena).hash(of: again.focus))
    }
    let isBack = hashes.contains(XMLPrinter(record.arena).hash(of: record.focus))
    return isBack ? [] : [Breach("the \(record.part) of a document reads back as it prints")]
  }
}
