internal import Core

/// The decoder of a feed whose drops are containers: one decoder of the format after the other, one for each member, and one count over all.
///
/// Places are in the unpacked bytes, in the order of the members; findings name the member by its number, never by its name.
final class UnpackingDecoder {
  /// So many packed bytes are unpacked before what came out is decoded, so that little waits.
  private static let stepBytes = 4_096

  private let settings: DecodeSettings
  private let reader: ContainerReader?
  private var decoder: DropDecoder?
  private var fault: ContainerFault?
  private var hasBytes = false
  private var member = 0
  /// The same as the members before said.
  private var base = DropSummary()
  private var plainBytes = 0, memberStart = 0
  private var batches = 0, openBatches = 0
  private var totals: [BatchTotal.Unit: Int] = [:], ownTotals: [BatchTotal.Unit: Int] = [:]

  init(_ settings: DecodeSettings) {
    reader = ContainerReader(settings.envelope, settings.containerLimits)
    var own = settings
    own.envelope = []
    self.settings = own
  }

  func push<Failure: Error>(_ chunk: [UInt8], _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    hasBytes = hasBytes || !chunk.isEmpty
    var at = 0
    while at < chunk.count, fault == nil {
      let end = min(at + Self.stepBytes, chunk.count)
      for event in unpack({ (take) throws in try reader?.push(Array(chunk[at..<end]), take) }) { try decode(event, emit) }
      at = end
    }
  }

  /// What comes out, or nothing more once the container is refused: the whole drop is held then.
  private func unpack(_ body: ((ContainerEvent) -> Void) throws -> Void) -> [ContainerEvent] {
    var events: [ContainerEvent] = []
    do { try body { events.append($0) } } catch {
      fault = error as? ContainerFault ?? .broken
      return []
    }
    return events
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    if fault == nil, hasBytes {
      for event in unpack({ (take) throws in try reader?.finish(take) }) { try decode(event, emit) }
    }
    if let fault {
      try emit(.finding(Finding(fault.code, at: SourcePosition(path: member > 0 ? "member \(member)" : ""))), SourceRecord())
    } else if member == 0 {
      return try DropDecoder(settings).finish(emit)
    }
    return base
  }

  private func decode<Failure: Error>(_ event: ContainerEvent, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    switch event {
    case .memberBegins(let number):
      (member, memberStart, decoder) = (number, plainBytes, DropDecoder(settings))
    case .bytes(let bytes):
      plainBytes += bytes.count
      try decoder?.push(bytes) { (event, record) throws(Failure) in try emit(placed(event), record) }
    case .memberEnds:
      guard let summary = try decoder?.finish({ (event, record) throws(Failure) in try emit(placed(event), record) }) else { return }
      decoder = nil
      add(summary)
    }
  }

  private func add(_ summary: DropSummary) {
    base.messages += summary.messages
    base.segments += summary.segments
    base.messagesDeclared += summary.messagesDeclared
    base.truncated = base.truncated || summary.truncated
    base.byteCount += summary.byteCount
    batches += openBatches
    totals.merge(ownTotals) { $0 + $1 }
    (openBatches, ownTotals) = (0, [:])
  }

  /// Where it stands in the drop, not in its member.
  private func placed(_ event: DecodeEvent) -> DecodeEvent {
    switch event {
    case .begin(var head):
      head.ordinal += base.messages
      head.byteOffset += memberStart
      if head.batch >= 0 { head.batch += batches }
      return .begin(head)
    case .attachment(var head):
      head.message += base.messages
      return .attachment(head)
    case .batch(var total):
      if total.unit == .batch, total.hasHeader { openBatches += 1 }
      ownTotals[total.unit, default: 0] += 1
      total.ordinal += totals[total.unit, default: 0]
      return .batch(total)
    case .end(var tail):
      tail.findings = tail.findings.map(placed)
      switch tail.outcome {
      case .decoded: break
      case .held(let finding): tail.outcome = .held(placed(finding))
      case .rejected(let finding): tail.outcome = .rejected(placed(finding))
      }
      return .end(tail)
    case .finding(let finding): return .finding(placed(finding))
    case .record, .attachmentBytes, .attachmentEnd: return event
    }
  }

  private func placed(_ finding: Finding) -> Finding {
    var finding = finding
    finding.position.path = "member \(member)" + (finding.position.path.isEmpty ? "" : ", " + finding.position.path)
    if finding.position.byteOffset >= 0 { finding.position.byteOffset += memberStart }
    return finding
  }
}
