public import Core

/// The keys of a site, one file each.
public enum KeyName: Sendable, Hashable {
  /// X25519, private: ingest opens drops with it. Its public half is all that pull needs to seal them.
  case spool
  /// HMAC for file names and seen hashes in the pull journal.
  case pull
  /// AES-256-GCM for the sealed columns of one class of data.
  case column(DataClass)
  /// HMAC for blind indexes.
  case index
  /// Wraps the keys of sealed extracts.
  case outbox
  /// Ed25519, private.
  case manifestSigning, statementSigning, auditSigning

  enum Kind: Equatable { case symmetric, agreement, signing }

  var kind: Kind {
    switch self {
    case .spool: .agreement
    case .manifestSigning, .statementSigning, .auditSigning: .signing
    case .pull, .column, .index, .outbox: .symmetric
    }
  }

  /// The file's name without an ending, like `column-clinical`.
  public var name: String {
    switch self {
    case .spool: "spool"
    case .pull: "pull"
    case .column(let kind): "column-" + kind.rawValue
    case .index: "index"
    case .outbox: "outbox"
    case .manifestSigning: "manifest"
    case .statementSigning: "statement"
    case .auditSigning: "audit"
    }
  }

  /// The private file: 64 hexadecimal digits and a line feed, mode 0600.
  public var fileName: String { name + ".key" }

  /// The public half, mode 0644: `spool.pub` (64 hexadecimal digits and a line feed), `manifest.pub.pem` and so on; nil for symmetric keys.
  public var publicFileName: String? {
    switch kind {
    case .symmetric: nil
    case .agreement: name + ".pub"
    case .signing: name + ".pub.pem"
    }
  }

  /// Every key of a site: one column key for each class of data.
  public static let all: [KeyName] =
    [.spool, .pull] + DataClass.allCases.map(KeyName.column) + [.index, .outbox, .manifestSigning, .statementSigning, .auditSigning]
}
