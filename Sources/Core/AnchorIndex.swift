/// Where the anchors of a node arena stand, by what their value hashes to.
///
/// Anchors come in document order and go from the end only, so each chain runs from the newest to the oldest.
struct AnchorIndex: Sendable {
  struct Anchor: Sendable {
    /// Index of the attribute.
    var node: Int32
    /// The anchor before it in its bucket, -1 for none.
    var next: Int32
    var hash: Int32
  }

  private var all: [Anchor] = []
  private var newest: [Int32] = []

  subscript(_ index: Int32) -> Anchor { all[Int(index)] }

  /// The newest anchor whose value may hash to this, -1 for none.
  func first(_ hash: Int32) -> Int32 { newest.isEmpty ? -1 : newest[bucket(hash)] }

  mutating func add(_ node: Int32, hash: Int32) {
    if all.count >= newest.count { grow() }
    all.append(Anchor(node: node, next: -1, hash: hash))
    link(all.count - 1)
  }

  private func bucket(_ hash: Int32) -> Int { Int(hash) & (newest.count - 1) }

  private mutating func link(_ index: Int) {
    let bucket = bucket(all[index].hash)
    all[index].next = newest[bucket]
    newest[bucket] = Int32(truncatingIfNeeded: index)
  }

  /// As many buckets as anchors, a power of two.
  private mutating func grow() {
    newest = [Int32](repeating: -1, count: max(1_024, newest.count * 2))
    for index in all.indices { link(index) }
  }

  /// Drops the anchors whose node is not below the limit.
  mutating func removeAll(from limit: Int32) {
    while let last = all.last, last.node >= limit {
      newest[bucket(last.hash)] = last.next
      all.removeLast()
    }
  }

  mutating func removeAll() { removeAll(from: 0) }

  /// Keyed anew in each process, so that no sender can choose values that fall together. Not below zero.
  static func hash(_ value: ArraySlice<UInt8>) -> Int32 {
    var hasher = Hasher()
    value.withUnsafeBytes { hasher.combine(bytes: $0) }
    return Int32(truncatingIfNeeded: hasher.finalize()) & .max
  }
}
