import Core

/// What ingest believes of a worker. The worker reads bytes from outside, so whatever it says is held against closed forms;
/// a worker that breaks them counts as crashed.
struct WorkerOutputRules {
  let dictionary: CanonicalDictionary

  func accept(_ message: MappedMessage, ordinal: Int) -> Bool {
    message.ordinal == ordinal && message.rows.fits(dictionary) && message.digest.count == 32 && message.batch >= -1 && message.batch <= ordinal
      && Self.isSize(message.byteOffset) && Self.isSize(message.byteCount) && Self.isType(message.type) && message.controlIdentity.count <= 4_096
      && message.heldRows.allSatisfy { dictionary.entities.indices.contains($0.entity) && Self.accept($0.finding) }
      && message.skipped.allSatisfy { dictionary.entities.indices.contains($0.entity) && (0...1 << 30).contains($0.count) && Self.isPlain($0.rule) }
      && message.findings.allSatisfy(Self.accept) && Self.accept(message.verdict)
  }

  static func accept(_ total: BatchTotal) -> Bool {
    // Only sums may be less than nothing.
    [total.counted, total.declared ?? 0].allSatisfy { isSize($0) || total.unit == .sum && (-(1 << 50)...0).contains($0) } && isSize(total.ordinal)
  }

  /// A path is one of the standard's or of a mapping: short, printable, never a line of text.
  static func accept(_ finding: Finding) -> Bool {
    isPlain(finding.position.path) && isSize(finding.position.occurrence) && isSize(finding.position.repetition) && finding.position.byteOffset >= -1
  }

  /// Its media type was held against its form when it was read.
  static func accept(_ head: AttachmentHead, message: Int) -> Bool {
    head.message == message && isSize(head.number) && isPlain(head.position.path) && isSize(head.position.occurrence)
  }

  /// Places and codes only, all of them short and printable, and not more of them than the limits of the count allow.
  static func accept(_ tally: FeedTally, messages: Int) -> Bool {
    tally.messages <= messages && tally.looked <= tally.messages && tally.sights.count <= 1 << 17
      && tally.sights.allSatisfy { item, sight in
        isPlain(item.scope) && isPlain(item.path) && isPlain(sight.reason) && item.value.utf8.count <= 400 && sight.shown.isEmpty && sight.messages <= messages
          && isSize(sight.occurrences) && isSize(sight.most) && sight.lengths.values.allSatisfy(isSize)
      }
  }

  private static func accept(_ verdict: MappedMessage.Verdict) -> Bool {
    switch verdict {
    case .rows: true
    case .filtered(let rule): isPlain(rule)
    case .held(let finding), .rejected(let finding): accept(finding)
    }
  }

  private static func isSize(_ value: Int) -> Bool { (0...1 << 50).contains(value) }

  private static func isPlain(_ text: String) -> Bool { text.utf8.count <= 400 && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

  /// `ADT^A01`, a LOINC code, a resource type of FHIR, `cda`, `csv`, `other` or nothing.
  static func isType(_ text: String) -> Bool {
    if ["", "cda", "csv", "other"].contains(text) || FHIRTypes.holds(text) { return true }
    let bytes = Array(text.utf8)
    if bytes.count == 7, bytes[3] == UInt8(ascii: "^") { return (bytes[..<3] + bytes[4...]).allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) } }
    guard bytes.count >= 3, bytes.count <= 12, bytes[bytes.count - 2] == UInt8(ascii: "-") else { return false }
    return (bytes.dropLast(2) + bytes.suffix(1)).allSatisfy { (0x30...0x39).contains($0) }
  }
}
