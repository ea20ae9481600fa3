public import Core

/// One file of `consumers/`: who receives, what, why, and how.
public struct ConsumerFile: Sendable, Equatable {
  /// How the bytes are protected on their way. In this version only `none`: clear in the delivery folder, which the agreement must permit.
  public enum Envelope: String, Sendable, CaseIterable {
    case none
  }

  /// Where files of a consumer lie.
  public enum Place: Sendable, Equatable {
    /// A folder of this machine, relative to the site or absolute.
    case folder(String)
    /// A folder below what a partner shows over SFTP.
    case partner(String, path: String)
  }

  /// Where a finished extract goes.
  public struct Delivery: Sendable, Equatable {
    public var place: Place
    /// The file's name with `{consumer}` and `{night}`.
    public var name: String
    /// The name of an empty file that comes last, with `{name}`; nil where the signature is the last.
    public var marker: String?
    /// Whether every byte is read back before a file gets its name; without it the size alone is compared.
    public var readsBack = true

    /// The marker's name for a file.
    public func markerName(for file: String) -> String? { marker?.replacing("{name}", with: file) }

    /// The file's name for a night; from the second revision on it says so before the last dot, like `billing-2026-11-20-r2.csv`.
    public func fileName(consumer: String, night: BusinessDate, revision: Int) -> String {
      let plain = name.replacing("{consumer}", with: consumer).replacing("{night}", with: night.description)
      guard revision > 1 else { return plain }
      guard let dot = plain.lastIndex(of: ".") else { return plain + "-r\(revision)" }
      return plain[..<dot] + "-r\(revision)" + plain[dot...]
    }
  }

  public var consumer: String
  public var owner: String
  public var purpose: DisclosurePurpose
  /// The id of the agreement that must be in force.
  public var agreement: String
  public var specification: Specification
  public var envelope: Envelope
  public var delivery: Delivery
  /// Nil where the consumer never answers.
  public var receipt: Receipt?
  /// The first night whose rows it gets; nil where it gets those of every night.
  public var since: BusinessDate?
  /// A person has stopped it; no file says so, but the site's own list of stops.
  public var isSuspended = false

  /// Whether it gets anything of a night.
  public func counts(on night: BusinessDate) -> Bool { since.map { $0 <= night } ?? true }

  /// How the consumer says what it took.
  public struct Receipt: Sendable, Equatable {
    public var place: Place
    public var format: ReceiptReader.Format
    /// In how many nights after its own a delivery must be answered.
    public var nights: Int
  }
}

/// Why a consumer may have data. Disclosures for the first three need no accounting (45 CFR 164.528(a)(1)(i)).
public enum DisclosurePurpose: String, Sendable, CaseIterable {
  case treatment, payment, operations
  case publicHealth = "public-health"
  case research
  case requiredByLaw = "required-by-law"

  /// True where a patient can ask for an account of the disclosure.
  public var isAccountable: Bool {
    switch self {
    case .treatment, .payment, .operations: false
    case .publicHealth, .research, .requiredByLaw: true
    }
  }
}

/// The versioned list of fields that a consumer gets, each with its purpose. What is not listed cannot be selected.
public struct Specification: Sendable, Equatable {
  /// One selected field.
  public struct Field: Sendable, Equatable {
    public var name: String
    /// The column's name in the header line; the field's own where the file names none.
    public var column: String
    public var purpose: String
    /// Why a clinical field is needed; required for those.
    public var justification: String?
    public var place: ConfigurationPlace
  }

  /// A field without which a row is withheld.
  public struct Requirement: Sendable, Equatable {
    public var field: String
    /// A code in capitals, like `ACCOUNT-MISSING`.
    public var reason: String
    public var place: ConfigurationPlace
  }

  public var id: String
  public var version: Int
  public var entity: String
  public var fields: [Field]
  public var require: [Requirement]
  /// The money field that the trailer sums.
  public var sum: String?
  /// Fields that order the lines; the key of the entity decides among equals.
  public var order: [String]
  public var place: ConfigurationPlace

  /// `billing-charges@1`.
  public var name: String { "\(id)@\(version)" }

  /// SHA-256, hex, of the specification's canonical JSON: the same for files that differ only in layout and comments.
  public var digest: String { Hex.text(SHA256.digest(json.canonical)) }

  private var json: JSONValue {
    [
      "id": .string(id), "version": .integer(version), "entity": .string(entity),
      "fields": .array(
        fields.map {
          [
            "name": .string($0.name), "column": .string($0.column), "purpose": .string($0.purpose),
            "justification": $0.justification.map { .string($0) } ?? .null,
          ]
        }),
      "require": .array(require.map { ["field": .string($0.field), "reason": .string($0.reason)] }), "sum": sum.map { .string($0) } ?? .null,
      "order": .array(order.map { .string($0) }),
    ]
  }
}

/// Where something stands in a file that a person wrote.
public struct ConfigurationPlace: Sendable, Equatable {
  public var file: String
  /// One-based.
  public var line: Int
  public var column: Int

  init(_ node: OutlineNode) {
    file = node.file
    line = node.line
    column = node.column
  }

  func error(_ code: String, _ summary: String, hint: String = "") -> ConfigurationError {
    ConfigurationError(code, summary, hint: hint, file: file, line: line, column: column)
  }
}
