/// Where the anchors of a node arena stand, by what their value hashes to.
///
/// Anchors come in document order and go from the end only, so each chain runs from the newest to the oldest.
struct AnchorIndex: Sendable {
  struct Anchor: Sendable {
    /// Index of the attribute.
    var node: Int32
    /// The anchor before it in its bucket, -1 for none.
    var next: Int32
    var bucket: Int32
  }

  private var all: [Anchor] = []
  private var newest: [Int32] = []
  private static let buckets = 1_024

  subscript(_ index: Int32) -> Anchor { all[Int(index)] }

  /// The newest anchor of a bucket, -1 for none.
  func first(_ bucket: Int) -> Int32 { newest.isEmpty ? -1 : newest[bucket] }

  mutating func add(_ node: Int32, bucket: Int) {
    if newest.isEmpty { newest = [Int32](repeating: -1, count: Self.buckets) }
    all.append(Anchor(node: node, next: newest[bucket], bucket: Int32(bucket)))
    newest[bucket] = Int32(truncatingIfNeeded: all.count - 1)
  }

  /// Drops the anchors whose node is not below the limit.
  mutating func removeAll(from limit: Int32) {
    while let last = all.last, last.node >= limit {
      newest[Int(last.bucket)] = last.next
      all.removeLast()
    }
  }

  mutating func removeAll() { removeAll(from: 0) }

  /// FNV-1a, folded.
  static func bucket(_ value: ArraySlice<UInt8>) -> Int {
    var hash: UInt32 = 2_166_136_261
    for byte in value { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int((hash ^ hash >> 16) % UInt32(buckets))
  }
}
