public import Core

/// The signed face of an extract: what is in it, under which specification and agreement. It holds no PHI and nothing that differs between attempts.
public struct ExtractManifest: Sendable, Equatable {
  /// One file of the extract, as plain text.
  public struct File: Sendable, Equatable {
    public var name: String
    public var bytes: Int
    /// SHA-256 of the plain text, hex.
    public var sha256: String

    public init(name: String, bytes: Int, sha256: String) {
      self.name = name
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  public var consumer: String
  public var purpose: String
  public var night: BusinessDate
  /// 1, and one more whenever a later run of the same night gave other content.
  public var revision: Int
  public var files: [File]
  public var tally: ExtractTally
  /// The summed field, nil where the specification sums nothing.
  public var sumField: String?
  public var specification: String
  public var specificationDigest: String
  public var agreement: String
  public var agreementUntil: BusinessDate
  public var envelope: String
  public var dictionaryVersion: Int

  /// The bytes that are signed: canonical JSON, one line, a final line feed.
  public var bytes: [UInt8] { json.canonical + [0x0A] }

  private var json: JSONValue {
    [
      "manifest": 1, "consumer": .string(consumer), "purpose": .string(purpose), "night": .string(night.description), "revision": .integer(revision),
      "files": .array(files.map { ["name": .string($0.name), "bytes": .integer($0.bytes), "sha256": .string($0.sha256)] }),
      "rows": .integer(tally.sent), "sums": sums, "eligible": .integer(tally.eligible),
      "withheld": .object(tally.withheld.mapValues { .integer($0) }), "suppressed": .integer(tally.suppressed),
      "specification": ["id": .string(specification), "sha256": .string(specificationDigest)],
      "agreement": ["id": .string(agreement), "until": .string(agreementUntil.description)], "envelope": .string(envelope),
      "dictionary": .integer(dictionaryVersion),
    ]
  }

  private var sums: JSONValue {
    guard let sumField else { return .object([:]) }
    return .object([sumField: .string(Money(cents: tally.sentCents).description)])
  }
}

/// The outflow equation of one extract: `eligible = sent + withheld + suppressed`.
public struct ExtractTally: Sendable, Equatable {
  public var sent = 0
  public var withheld: [String: Int] = [:]
  public var suppressed = 0
  /// Sums in cents of the field that the specification sums.
  public var sentCents = 0
  public var withheldCents = 0

  public init() {}

  public var eligible: Int { sent + suppressed + withheld.values.reduce(0, +) }
}
