/// The formats a feed may declare.
public enum SourceFormat: String, Sendable, CaseIterable {
  case hl7v2, cda, csv, fhir
}

/// What is known when a message begins.
public struct MessageHead: Sendable, Equatable {
  /// Zero-based, in the drop.
  public var ordinal: Int
  /// Where it begins in the drop.
  public var byteOffset: Int
  /// Zero-based index of the batch (BHS) that holds it, or -1.
  public var batch: Int

  public init(ordinal: Int, byteOffset: Int, batch: Int) {
    self.ordinal = ordinal
    self.byteOffset = byteOffset
    self.batch = batch
  }
}

/// What is known when a message has ended.
public struct MessageTail: Sendable, Equatable {
  public enum Outcome: Sendable, Equatable {
    case decoded
    /// Whole, but a rule or a limit holds it (bytes end inside it, over the size limit).
    case held(Finding)
    case rejected(Finding)
  }

  public var byteCount = 0
  /// SHA-256 of its bytes; see `MappedMessage.digest`.
  public var digest: [UInt8] = []
  /// MSH-9.1^MSH-9.2 of the first repetition as sent, trailing ^ cut (HL7 v2), the document's LOINC code, or the
  /// resource's type.
  /// It may hold anything a sender writes: only `MappedMessage.type`, of closed form, is ever stored.
  public var rawType: [UInt8] = []
  /// See `MappedMessage.controlIdentity`.
  public var controlIdentity: [UInt8] = []
  public var outcome = Outcome.decoded
  public var findings: [Finding] = []

  public init() {}
}
