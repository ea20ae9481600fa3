internal import COpenSSL

/// Streaming SHA-256 by libcrypto, several times faster than Core's, which exists for workers without a library.
@safe
public final class OpenSSLHash {
  private let context: OpaquePointer

  /// - Throws: TRU-701 when libcrypto has no SHA-256.
  public init() throws(TrustError) {
    guard let made = unsafe EVP_MD_CTX_new() else { throw .library("EVP_MD_CTX_new") }
    unsafe context = unsafe made
    try restart()
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  private func restart() throws(TrustError) {
    guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { throw .library("EVP_DigestInit_ex") }
  }

  /// Takes in more bytes.
  public func update(_ bytes: some Collection<UInt8>) throws(TrustError) {
    let done = bytes.withContiguousStorageIfAvailable { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    let status = unsafe done ?? Array(bytes).withUnsafeBufferPointer { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    guard status == 1 else { throw .library("EVP_DigestUpdate") }
  }

  /// The 32 bytes of the digest; the hash starts anew afterwards.
  public func finish() throws(TrustError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    guard unsafe EVP_DigestFinal_ex(context, &out, nil) == 1 else { throw .library("EVP_DigestFinal_ex") }
    try restart()
    return out
  }

  /// The digest of bytes at hand.
  public static func digest(_ bytes: some Collection<UInt8>) throws(TrustError) -> [UInt8] {
    let hash = try OpenSSLHash()
    try hash.update(bytes)
    return try hash.finish()
  }
}
