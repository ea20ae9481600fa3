import Core
public import Decode

/// Nothing is lost and nothing is invented: counts agree with the events, and every line of the input has one fate.
public struct Conservation {
  private let input: [UInt8]
  private let settings: DecodeSettings
  private let trace: Trace

  public init(_ input: [UInt8], _ settings: DecodeSettings, _ trace: Trace) {
    self.input = input
    self.settings = settings
    self.trace = trace
  }

  public func breaches() -> [Breach] {
    var found = order() + counts() + totals()
    if settings.format == .cda { return found + document() }
    if found.isEmpty, settings.format == .hl7v2, !looksWide { found += LineFates(input, trace).breaches() }
    return found
  }

  /// Two bytes a character: lines cannot be told by single bytes.
  private var looksWide: Bool { input.starts(with: [0xFE, 0xFF]) || input.starts(with: [0xFF, 0xFE]) || input.prefix(64).contains(0) }

  /// `begin`, any records, `end`, message after message; nothing of the drop in between.
  private func order() -> [Breach] {
    var isOpen = false, records = 0
    var attached: Int?
    for event in trace.events {
      switch event {
      case .begin where isOpen: return [Breach("a message ends before the next begins")]
      case .begin: (isOpen, records) = (true, 0)
      case .record where !isOpen: return [Breach("a record belongs to a message")]
      case .record: records += 1
      case .attachment where !isOpen || attached != nil: return [Breach("an attachment belongs to a message and stands alone")]
      case .attachment: attached = 0
      case .attachmentBytes(let bytes):
        guard let count = attached, !bytes.isEmpty, bytes.count <= 65_536 else { return [Breach("the bytes of an attachment come in pieces between its head and tail")] }
        attached = count + bytes.count
      case .attachmentEnd(let tail):
        guard attached == tail.byteCount else { return [Breach("an attachment counts its bytes")] }
        attached = nil
      case .end where attached != nil: return [Breach("an attachment ends before its message")]
      case .end(let tail):
        guard isOpen else { return [Breach("an end has a beginning")] }
        if settings.format == .hl7v2, records != (tail.outcome == .decoded ? 1 : 0) { return [Breach("a decoded message gives one record")] }
        isOpen = false
      case .batch, .finding: if isOpen { return [Breach("what is said of the drop stands between messages")] }
      }
    }
    return isOpen ? [Breach("a message that began ends")] : []
  }

  private func counts() -> [Breach] {
    var found: [Breach] = []
    let heads = trace.heads, summary = trace.summary
    if heads.count != summary.messages || trace.tails.count != summary.messages { found.append(Breach("messages begun, ended and counted are equal")) }
    if summary.messages < 1 { found.append(Breach("a drop gives at least one message")) }
    if summary.byteCount != input.count { found.append(Breach("every byte is counted")) }
    if heads.map(\.ordinal) != Array(heads.indices) { found.append(Breach("messages are numbered in order")) }
    for (one, next) in zip(heads, heads.dropFirst()) where next.byteOffset <= one.byteOffset {
      found.append(Breach("messages stand in order", at: next.byteOffset))
    }
    if trace.tails.contains(where: { $0.digest.count != 32 }) { found.append(Breach("every message has a digest")) }
    return found
  }

  /// Totals are numbered, agree where they say so, and count the messages that name their batch.
  private func totals() -> [Breach] {
    var found: [Breach] = []
    let totals = trace.totals, batches = totals.filter { $0.unit == .batch && $0.hasHeader }
    if totals.map(\.ordinal) != Array(totals.indices) { found.append(Breach("totals are numbered in order")) }
    for total in totals {
      let expected = total.hasHeader ? total.declared.map { $0 == total.counted } : nil
      if total.agrees != expected { found.append(Breach("a total agrees when its numbers do")) }
      if !total.hasTrailer, total.declared != nil { found.append(Breach("only a trailer declares")) }
    }
    let named = Dictionary(grouping: trace.heads.map(\.batch)) { $0 }.mapValues(\.count)
    for (index, total) in batches.enumerated() where named[index, default: 0] != total.counted { found.append(Breach("a batch counts its messages")) }
    if named.keys.contains(where: { $0 >= batches.count || $0 < -1 }) { found.append(Breach("a message names a batch that exists")) }
    let declared = batches.filter { $0.declared != nil }.reduce(0) { $0 + $1.counted }
    if declared != trace.summary.messagesDeclared { found.append(Breach("messages in declaring batches are counted")) }
    return found
  }

  private func document() -> [Breach] {
    var found: [Breach] = []
    if trace.tails.count != 1 { found.append(Breach("a document is one message")) }
    if trace.tails.first?.digest != SHA256.digest(input) { found.append(Breach("a document is identified by its bytes")) }
    if trace.tails.first?.byteCount != input.count { found.append(Breach("a document has the bytes of its drop")) }
    return found
  }
}
