import Core

/// The current contents of rows that were said of lately, so that a busy row is not folded anew for each message. Bounded in bytes.
struct CurrentCache {
  private static let maximumBytes = 8 << 20

  private var states: [Bytes16: CurrentState] = [:]
  private var bytes = 0
  private var dataVersion = 0

  subscript(ref: Bytes16) -> CurrentState? { states[ref] }

  mutating func remember(_ state: CurrentState, _ ref: Bytes16) {
    bytes += state.byteCount - (states[ref]?.byteCount ?? 0)
    if bytes > Self.maximumBytes {
      removeAll()
      bytes = state.byteCount
    }
    states[ref] = state
  }

  mutating func removeAll() {
    states.removeAll(keepingCapacity: true)
    bytes = 0
  }

  /// Forgets everything when another connection has written since (SQLite's `data_version`).
  mutating func keep(onlyFor version: Int) {
    if version != dataVersion { removeAll() }
    dataVersion = version
  }
}
