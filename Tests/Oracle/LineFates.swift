import Core
import Decode

/// Follows each line of an HL7 v2 drop, read here in the plainest way, to the one place where it went.
struct LineFates {
  private let lines: [PlainLine]
  private let trace: Trace

  init(_ input: [UInt8], _ trace: Trace) {
    lines = PlainLine.lines(of: input)
    self.trace = trace
  }

  func breaches() -> [Breach] {
    if trace.summary.segments == 0, trace.heads.count == 1, trace.totals.isEmpty { return [] }
    var at = 0
    for (index, (head, tail)) in zip(trace.heads, trace.tails).enumerated() {
      if isWholeDrop(head, tail) { continue }
      let outside = at
      while at < lines.count, lines[at].offset < head.byteOffset { at += 1 }
      let lost = unexplained(lines[outside..<at])
      if !lost.isEmpty { return lost }
      guard at < lines.count, lines[at].offset == head.byteOffset else { return [Breach("a message begins where a line does", at: head.byteOffset)] }
      let next = index + 1 < trace.heads.count ? trace.heads[index + 1].byteOffset : Int.max
      if isOverLimit(tail) || hasEndedBlock(from: at, to: next) {
        while at < lines.count, lines[at].offset < next { at += 1 }
        continue
      }
      let first = at
      var count = -1
      while at < lines.count, count < tail.byteCount {
        count += lines[at].bytes.count + 1
        at += 1
      }
      if count != tail.byteCount { return [Breach("a message is made of whole lines", at: head.byteOffset)] }
      if digest(lines[first..<at]) != tail.digest { return [Breach("a message is identified by its bytes", at: head.byteOffset)] }
    }
    return unexplained(lines[at...])
  }

  /// A drop without any message is one that is rejected and stands for all its bytes.
  private func isWholeDrop(_ head: MessageHead, _ tail: MessageTail) -> Bool {
    guard trace.heads.count == 1, case .rejected(let finding) = tail.outcome else { return false }
    return [.dropEmpty, .notHL7].contains(finding.code) || finding.code == .charsetUnsupported && finding.position.path.isEmpty
  }

  /// The rest of a line that is too long is only hashed, as it comes, framing and all.
  private func isOverLimit(_ tail: MessageTail) -> Bool { tail.outcome.findings.first?.code == .messageLimit }

  /// Text behind the end of a block is a stray even where the message goes on behind it.
  private func hasEndedBlock(from start: Int, to next: Int) -> Bool {
    guard let last = lines[start...].lastIndex(where: { $0.offset < next }), last > start else { return false }
    return lines[(start + 1)...last].contains { $0.isBehindBlock }
  }

  /// Lines between messages: the envelope's, a torn last one, or strays, the first of which is reported.
  private func unexplained(_ between: ArraySlice<PlainLine>) -> [Breach] {
    let strays = between.filter { !$0.isEnvelope && !($0.isLast && trace.summary.truncated) }
    guard let first = strays.first else { return [] }
    let codes: [FindingCode] = [.orphanSegment, .segmentInvalid, .notHL7, .charsetUndecodable]
    let isReported = trace.dropFindings.contains { codes.contains($0.code) && $0.position.byteOffset <= first.offset }
    return isReported ? [] : [Breach("a line outside of messages is reported", at: first.offset)]
  }

  private func digest(_ lines: ArraySlice<PlainLine>) -> [UInt8] {
    var hash = SHA256()
    for (index, line) in lines.enumerated() {
      if index > 0 { hash.update(CollectionOfOne(0x0D)) }
      hash.update(line.bytes)
    }
    return hash.finish()
  }
}
