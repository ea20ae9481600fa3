import Core

/// The current contents of rows that were said of lately, so that a busy row is not folded anew for each message. Bounded in bytes.
///
/// Two halves: what was said of since the younger one began, and what was said of in the one before. When the younger is full the older goes, so
/// that a row which is said of again and again stays, however many others pass.
struct CurrentCache {
  private static let maximumBytes = 6 << 20

  private var younger: [Bytes16: CurrentState] = [:]
  private var older: [Bytes16: CurrentState] = [:]
  /// Of the younger half.
  private var bytes = 0
  private var dataVersion = 0

  subscript(ref: Bytes16) -> CurrentState? { younger[ref] ?? older[ref] }

  mutating func remember(_ state: CurrentState, _ ref: Bytes16) {
    bytes += state.byteCount - (younger[ref]?.byteCount ?? 0)
    if bytes > Self.maximumBytes / 2 {
      (older, younger) = (younger, [:])
      bytes = state.byteCount
    }
    younger[ref] = state
  }

  mutating func removeAll() {
    younger.removeAll(keepingCapacity: true)
    older.removeAll()
    bytes = 0
  }

  /// Forgets everything when another connection has written since (SQLite's `data_version`).
  mutating func keep(onlyFor version: Int) {
    if version != dataVersion { removeAll() }
    dataVersion = version
  }
}
