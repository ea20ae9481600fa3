internal import Core

/// The decoder of a feed whose drops are containers: one decoder of the format after the other, one for each member, and one count over all.
///
/// Places are in the unpacked bytes, in the order of the members; findings name the member by its number, never by its name.
final class UnpackingDecoder {
  private let settings: DecodeSettings
  private let reader: ContainerReader?
  private var decoder: DropDecoder?
  private var fault: ContainerFault?
  private var hasBytes = false
  /// The number of the member at hand, or of the last one; 0 before the first.
  private(set) var member = 0
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
    guard fault == nil else { return }
    try unpack(chunk, emit)
  }

  /// Plain bytes that came out of the container and wait behind the piece of 64 KiB at most that is being decoded: none, since what is unpacked is decoded before more is.
  var waitingBytes: Int { (reader?.plainBytes ?? 0) - plainBytes }

  /// What comes out of a chunk, or at the end, is decoded as it comes, until the container is refused: the whole drop is held then.
  private func unpack<Failure: Error>(_ chunk: [UInt8]?, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    var failure: Failure?
    func take(_ event: ContainerEvent) throws {
      do throws(Failure) { try decode(event, emit) } catch {
        failure = error
        throw Interruption()
      }
    }
    do {
      if let chunk { try reader?.push(chunk, take) } else { try reader?.finish(take) }
    } catch let refused as ContainerFault { fault = refused } catch {}
    if let failure { throw failure }
  }

  /// The taker failed; the container is not to blame.
  private struct Interruption: Error {}

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    if fault == nil, hasBytes {
      try unpack(nil, emit)
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
    var finding = finding.placed(inMember: member)
    if finding.position.byteOffset >= 0 { finding.position.byteOffset += memberStart }
    return finding
  }
}
