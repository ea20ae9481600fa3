internal import COpenSSL

/// One curve key of libcrypto (X25519 or Ed25519), freed with its last reference.
@safe
final class CurveKey: @unchecked Sendable {
  let handle: OpaquePointer

  private init(_ handle: OpaquePointer) { unsafe self.handle = unsafe handle }
  deinit { unsafe EVP_PKEY_free(handle) }

  static func ed25519(_ key: SecretKey) throws(TrustError) -> CurveKey { try fromPrivate(key, EVP_PKEY_ED25519) }
  static func x25519(_ key: SecretKey) throws(TrustError) -> CurveKey { try fromPrivate(key, EVP_PKEY_X25519) }
  static func ed25519(publicBytes: [UInt8]) throws(TrustError) -> CurveKey { try fromPublic(publicBytes, EVP_PKEY_ED25519) }
  static func x25519(publicBytes: [UInt8]) throws(TrustError) -> CurveKey { try fromPublic(publicBytes, EVP_PKEY_X25519) }

  private static func fromPrivate(_ key: SecretKey, _ type: Int32) throws(TrustError) -> CurveKey {
    guard let handle = unsafe key.withBytes({ unsafe EVP_PKEY_new_raw_private_key(type, nil, $0, SecretKey.byteCount) }) else {
      throw .library("EVP_PKEY_new_raw_private_key")
    }
    return unsafe CurveKey(handle)
  }

  private static func fromPublic(_ bytes: [UInt8], _ type: Int32) throws(TrustError) -> CurveKey {
    guard let handle = unsafe EVP_PKEY_new_raw_public_key(type, nil, bytes, bytes.count) else { throw .library("EVP_PKEY_new_raw_public_key") }
    return unsafe CurveKey(handle)
  }

  /// Thirty-two bytes.
  func publicBytes() throws(TrustError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    var count = out.count
    guard unsafe EVP_PKEY_get_raw_public_key(handle, &out, &count) == 1, count == 32 else { throw .library("EVP_PKEY_get_raw_public_key") }
    return out
  }

  /// The X25519 shared secret (RFC 7748, 6.1), which the caller wipes. An all-zero result is refused by libcrypto.
  func agree(with peer: CurveKey) throws(TrustError) -> [UInt8] {
    guard let context = unsafe EVP_PKEY_CTX_new(handle, nil) else { throw .library("EVP_PKEY_CTX_new") }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var out = [UInt8](repeating: 0, count: 32)
    var count = out.count
    guard unsafe EVP_PKEY_derive_init(context) == 1, unsafe EVP_PKEY_derive_set_peer(context, peer.handle) == 1,
      unsafe EVP_PKEY_derive(context, &out, &count) == 1, count == 32
    else { throw .library("EVP_PKEY_derive") }
    return out
  }
}

/// The public half of a key that files are sealed to (X25519).
public struct AgreementPublicKey: Sendable, Equatable {
  /// Thirty-two bytes.
  public let bytes: [UInt8]

  /// Nil unless there are 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// The public half of a private key.
  public init(of key: SecretKey) throws(TrustError) { bytes = try CurveKey.x25519(key).publicBytes() }
}
