import COpenSSL

/// SHA-256 of a message's bytes as they come, by libcrypto, which uses the processor's instructions for it where there are any.
///
/// - Cost: no allocation but the 32 bytes of the digest; a value is begun again and again.
struct MessageDigest {
  private var context = SHA256_CTX()

  /// Forgets what was taken in.
  mutating func begin() { unsafe compline_sha256_begin(&context) }

  mutating func update(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { pointer in unsafe compline_sha256_update(&context, pointer.baseAddress, pointer.count) }
  }

  /// The 32 bytes; `begin` must come before the next update.
  mutating func finish() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      unsafe compline_sha256_finish(&context, buffer.baseAddress)
      count = 32
    }
  }
}
