public import Core
public import Trust

/// The keys a process holds; a store opened without some of them still answers what needs none.
public struct StoreKeys: Sendable {
  /// One key a sealed data class.
  public let columns: [DataClass: SecretKey]
  /// The key of the blind indexes and of the identities of messages and contents.
  public let index: SecretKey?

  public init(columns: [DataClass: SecretKey], index: SecretKey?) {
    self.columns = columns
    self.index = index
  }

  /// No key at all: the ledger and the open columns can still be read.
  public static let none = StoreKeys(columns: [:], index: nil)
}
