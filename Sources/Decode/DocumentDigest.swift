import Core

/// SHA-256 of a document's bytes as they come: the one place that says which implementation does it.
struct DocumentDigest {
  private var hash = SHA256()

  mutating func update(_ bytes: Span<UInt8>) { unsafe bytes.withUnsafeBufferPointer { unsafe hash.update($0) } }

  /// The 32 bytes; the value is spent afterwards.
  mutating func finish() -> [UInt8] { hash.finish() }
}
