/// The Merkle tree of RFC 6962, 2.1: leaves and nodes are hashed apart (0x00, 0x01), so that neither passes for the other.
enum MerkleTree {
  static func leaf(_ bytes: [UInt8]) throws(TrustError) -> [UInt8] { try OpenSSLHash.digest([0] + bytes) }
  static func node(_ left: [UInt8], _ right: [UInt8]) throws(TrustError) -> [UInt8] { try OpenSSLHash.digest([1] + left + right) }

  /// The root over leaf hashes; of none it is the hash of nothing.
  static func root(_ leaves: ArraySlice<[UInt8]>) throws(TrustError) -> [UInt8] {
    guard let first = leaves.first else { return try OpenSSLHash.digest([]) }
    guard leaves.count > 1 else { return first }
    let middle = leaves.startIndex + split(leaves.count)
    return try node(try root(leaves[..<middle]), try root(leaves[middle...]))
  }

  /// The sibling hashes from a leaf up to the root (RFC 6962, 2.1.1), lowest first.
  static func path(to index: Int, in leaves: ArraySlice<[UInt8]>) throws(TrustError) -> [[UInt8]] {
    guard leaves.count > 1 else { return [] }
    let count = split(leaves.count)
    let middle = leaves.startIndex + count
    return index < count
      ? try path(to: index, in: leaves[..<middle]) + [try root(leaves[middle...])]
      : try path(to: index - count, in: leaves[middle...]) + [try root(leaves[..<middle])]
  }

  /// The largest power of two below a count of at least two.
  private static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }
}

/// The proof that one entry stands in the tree of a checkpoint.
public struct InclusionProof: Sendable, Equatable {
  /// Zero-based.
  public let index: Int
  /// Entries in the tree.
  public let size: Int
  /// Sibling hashes of 32 bytes, lowest first.
  public let path: [[UInt8]]

  /// The root that the proof leads to (RFC 9162, 2.1.3.2); nil when its length does not fit.
  public func root(of leaf: [UInt8]) throws(TrustError) -> [UInt8]? {
    guard index >= 0, index < size else { return nil }
    var at = index, last = size - 1
    var hash = try MerkleTree.leaf(leaf)
    for sibling in path {
      guard last > 0 else { return nil }
      if at & 1 == 1 || at == last {
        hash = try MerkleTree.node(sibling, hash)
        while at & 1 == 0 && at != 0 {
          at >>= 1
          last >>= 1
        }
      } else {
        hash = try MerkleTree.node(hash, sibling)
      }
      at >>= 1
      last >>= 1
    }
    return last == 0 ? hash : nil
  }
}
