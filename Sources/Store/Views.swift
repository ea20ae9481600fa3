public import Core

/// One thing for a person to look at.
public struct ExceptionEntry: Sendable, Equatable {
  /// Random, 32 hexadecimal digits: the name for commands and tickets.
  public var ref: String
  public var code: FindingCode
  public var feed: String
  public var dropID: String
  /// Zero-based ordinal of the message in its drop; nil when the whole drop is meant.
  public var messageOrdinal: Int?
  public var entity: String?
  public var position: SourcePosition
  public var ownerRole: String
  public var night: BusinessDate

  /// How many nights it has waited, the given one included.
  public func nightsOpen(on date: BusinessDate) -> Int { date.daysSinceEpoch - night.daysSinceEpoch + 1 }
}

/// What a night opened for people at one place of one drop, under one code, and how often.
public struct ExceptionGroup: Sendable, Equatable {
  public var code: FindingCode
  public var feed: String
  public var dropID: String
  public var entity: String?
  /// In the notation of the format (`PID-3`, `row`), or empty.
  public var path: String
  public var count: Int
  /// First and last message, zero-based; nil where the whole drop is meant.
  public var messages: ClosedRange<Int>?
  /// First and last occurrence of the place, one-based; 0 when not known.
  public var occurrences: ClosedRange<Int>
  /// The first byte; -1 when not known.
  public var byteOffset: Int
  /// The random name of one of them.
  public var ref: String
}

/// Where one assertion of a row comes from, line by line back to the drop.
public struct TraceEntry: Sendable, Equatable {
  /// The row's.
  public var entity: String
  public var mapping: MappingRef
  /// The path of the segment or entry (`OBX`, `h:entry/h:act`) and its one-based occurrence in the message.
  public var rowPath: String
  public var occurrence: Int
  /// UTC microseconds; `isFallback` when the business date stood in for it.
  public var eventInstant: Int
  public var isFallback: Bool
  public var messageOrdinal: Int
  public var messageType: String
  public var messageByteOffset: Int
  public var dropID: String
  public var sha256: String
  public var feed: String
  public var night: BusinessDate
  public var run: String
  /// True where the message took the row back.
  public var isWithdrawal: Bool
  /// True where the message said it of another row, which this one replaced.
  public var isMoved: Bool
}

/// A canonical row with its versions.
public struct VersionedRow: Sendable, Equatable {
  /// Random, 32 hexadecimal digits.
  public var ref: String
  public var entity: String
  /// Ascending by event time; the last one is current unless it has an end. Without history only the current one, or none.
  public var versions: [RowVersion]
  /// Where the last assertion in the order of the fold comes from.
  public var lastMapping: MappingRef
  public var lastIsFallback: Bool
  /// The ref of the patient row that the row names in its field `patient`, or its own when it is one; nil when there is none.
  public var subjectRef: String?

  /// Nil where the row was withdrawn.
  public var current: RowVersion? { versions.last.flatMap { $0.validTo == nil ? $0 : nil } }
}

/// What a consumer got of one extract run.
public struct ExtractEntry: Sendable, Equatable {
  /// SHA-256 of the plain extract, hex; empty when nothing was produced.
  public var sha256: String
  public var sentCents: Int
  public var withheldCents: Int
  /// Why nothing was produced, like `AGREEMENT-EXPIRED`; nil when an extract was made.
  public var refusal: String?
  /// `not-due`, `pending`, `delivered`, `failed` with a code.
  public var delivery: String
  /// Path of the manifest below `var`, empty when none.
  public var manifest: String
  public var receiptExpected: Bool
  /// Starts at 1; grows when the content of a night changes. The store sets it.
  public internal(set) var revision = 0
  /// Counted by the store.
  public internal(set) var eligible = 0
  public internal(set) var sent = 0
  public internal(set) var withheld = 0
  public internal(set) var suppressed = 0

  public init(
    sha256: String, sentCents: Int, withheldCents: Int = 0, refusal: String? = nil, delivery: String = "pending", manifest: String = "",
    receiptExpected: Bool = false
  ) {
    self.sha256 = sha256
    self.sentCents = sentCents
    self.withheldCents = withheldCents
    self.refusal = refusal
    self.delivery = delivery
    self.manifest = manifest
    self.receiptExpected = receiptExpected
  }
}

/// One entry of the accounting of disclosures (45 CFR 164.528). Purpose and description come from the specification, never from a message.
public struct Disclosure: Sendable, Equatable {
  public var patientRef: String
  public var purpose: String
  public var description: String

  public init(patientRef: String, purpose: String, description: String) {
    self.patientRef = patientRef
    self.purpose = purpose
    self.description = description
  }
}

/// A row that a consumer may be due.
public struct OutflowCandidate: Sendable, Equatable {
  /// Why a row that the consumer has, and that a message or a replay took back, is not sent: a person has to tell the consumer.
  static let withdrawnReason = "ROW-WITHDRAWN"
  var isWithdrawn = false
  public var ref: String
  /// The current value of each asked field, in the order asked; `.absent`, `.value` or `.sealed`.
  public var cells: [StoredCell]
  /// The patient's row, for the accounting of disclosures.
  public var subjectRef: String?
  /// The mark under which this consumer was last sent the row.
  public var lastSentMark: [UInt8]?
}

/// What an extract decides of one candidate.
public enum OutflowVerdict: Sendable, Equatable {
  /// Sent; the mark is a keyed digest of what was sent.
  case send(mark: [UInt8])
  /// Kept back and due again next night; the reason is a code like `ACCOUNT-MISSING`.
  case withhold(reason: String)
  /// The consumer has it already.
  case suppress
}
