public import Core

/// What the decoder says while a drop flows through it.
///
/// Per message: `begin`, any number of `record` and attachments, `end`. Records count only when the `end` that follows says `decoded`:
/// a CDA document may turn out broken after its first entries.
public enum DecodeEvent: Sendable, Equatable {
  case begin(MessageHead)
  /// The record lent beside the event is filled: once for an HL7 v2 message, a row or a resource; header, entries and sections for a CDA document.
  case record
  /// Data of the message that no record holds: its bytes follow, decoded, up to its `attachmentEnd`. It counts only with its message.
  case attachment(AttachmentHead)
  /// The next 64 KiB, or the last bytes. Where the pieces end does not depend on the chunks that were pushed.
  case attachmentBytes([UInt8])
  case attachmentEnd(AttachmentTail)
  case end(MessageTail)
  /// A trailer of the envelope, or a header that never got one. Totals of batches with a header come in the order of the
  /// BHS segments, so the n-th of them is the batch n that `MessageHead.batch` names.
  case batch(BatchTotal)
  /// Something about the drop that belongs to no message.
  case finding(Finding)
}

/// What a whole drop held.
public struct DropSummary: Sendable, Equatable {
  /// Messages for which `begin` and `end` came.
  public var messages = 0
  /// Segments of every kind, envelope included; 0 for CDA.
  public var segments = 0
  /// Messages that stand in a batch whose BTS gives a numeric count.
  public var messagesDeclared = 0
  /// True where the bytes end inside a message or an opened envelope.
  public var truncated = false
  public var byteCount = 0
  /// The sections of a CDA document.
  public var sections = SectionTally()

  public init() {}
}

/// The sections of a document by what they say (C-CDA R2.1, 3.1.1.3: a missing section may stand with a nullFlavor).
public struct SectionTally: Sendable, Equatable {
  /// With entries.
  public var present = 0
  /// With text and without entries.
  public var narrativeOnly = 0
  /// With neither.
  public var empty = 0
  /// With a nullFlavor.
  public var missing = 0

  public init() {}
}
