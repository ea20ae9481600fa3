public import Core
public import Decode

/// Everything that a drop gave, in a form that can be compared: the events as they are, the records as hashes.
public struct Trace: Equatable, Sendable {
  public private(set) var events: [DecodeEvent] = []
  /// One hash a record, of all that a mapping can see in it.
  public private(set) var records: [UInt64] = []
  public private(set) var summary = DropSummary()

  /// Reads a drop from its pieces; `look` sees each event with the record that is lent beside it.
  public init(_ pieces: [[UInt8]], _ settings: DecodeSettings, _ look: (DecodeEvent, SourceRecord) -> Void = { _, _ in }) {
    let decoder = DropDecoder(settings)
    for piece in pieces {
      decoder.push(piece) {
        take($0, $1)
        look($0, $1)
      }
    }
    summary = decoder.finish {
      take($0, $1)
      look($0, $1)
    }
  }

  private mutating func take(_ event: DecodeEvent, _ record: SourceRecord) {
    events.append(event)
    if event == .record { records.append(RecordHash.of(record, withPositions: true)) }
  }

  public var heads: [MessageHead] { events.compactMap { if case .begin(let head) = $0 { head } else { nil } } }
  public var tails: [MessageTail] { events.compactMap { if case .end(let tail) = $0 { tail } else { nil } } }
  public var totals: [BatchTotal] { events.compactMap { if case .batch(let total) = $0 { total } else { nil } } }

  /// What is said of the drop itself, of no message.
  public var dropFindings: [Finding] { events.compactMap { if case .finding(let finding) = $0 { finding } else { nil } } }

  /// Every finding: of the drop, and what holds, rejects or accompanies a message, with the place where that message begins.
  public var findings: [(finding: Finding, messageStart: Int)] {
    var start = 0
    return events.flatMap { event -> [(finding: Finding, messageStart: Int)] in
      switch event {
      case .begin(let head):
        start = head.byteOffset
        return []
      case .end(let tail): return (tail.outcome.findings + tail.findings).map { ($0, start) }
      case .finding(let finding): return [(finding, 0)]
      case .record, .batch, .attachment, .attachmentBytes, .attachmentEnd: return []
      }
    }
  }
}

extension MessageTail.Outcome {
  /// What holds or rejects the message: one finding, or none.
  public var findings: [Finding] {
    switch self {
    case .decoded: []
    case .held(let finding), .rejected(let finding): [finding]
    }
  }
}
