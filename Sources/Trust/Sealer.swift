internal import Core

/// Seals single values with AES-256-GCM under one long-lived key.
///
/// - Shape: version (1) ‖ key id (4) ‖ random nonce (12) ‖ ciphertext ‖ tag (16): 33 bytes more than the plain value.
/// - Limit: random 96-bit nonces allow 2³² values under one key (NIST SP 800-38D, 8.3); a key per data class and site stays far below.
/// - Cost: two contexts, keyed once; not for two threads at once.
public final class Sealer {
  /// How much longer a sealed value is than the plain one.
  public static let overheadBytes = 1 + 4 + BlockCipher.nonceBytes + BlockCipher.tagBytes
  private static let version: UInt8 = 1

  /// The first four bytes of SHA-256(label ‖ key): tells a wrong key from changed bytes.
  public let keyIdentifier: [UInt8]
  private let cipher: BlockCipher
  private var pool = RandomPool()
  private var nonce: [UInt8] = []

  public init(key: SecretKey) throws(TrustError) {
    cipher = try BlockCipher(key: key)
    keyIdentifier = try Self.identifier(of: key)
  }

  static func identifier(of key: SecretKey) throws(TrustError) -> [UInt8] {
    var bytes = Array("compline/v1/key-check/".utf8) + key.exposed()
    defer { Wipe.clear(&bytes) }
    return Array(try OpenSSLHash.digest(bytes).prefix(4))
  }

  /// The sealed form of a value; `aad` is what it is bound to (site, table, column, row) and must be given again to open it.
  public func seal(_ plain: [UInt8], aad: [UInt8]) throws(TrustError) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(plain.count + Self.overheadBytes)
    try seal(plain, aad: aad, onto: &out)
    return out
  }

  /// Appends the sealed form of a value.
  public func seal(_ plain: [UInt8], aad: [UInt8], onto out: inout [UInt8]) throws(TrustError) {
    nonce.removeAll(keepingCapacity: true)
    nonce += try pool.take(BlockCipher.nonceBytes)
    out.append(Self.version)
    out += keyIdentifier
    out += nonce
    try cipher.seal(plain[...], nonce: nonce, aad: aad, onto: &out)
  }

  /// The plain value.
  ///
  /// - Throws: TRU-201 for bytes that are not a sealed value, TRU-202 for another key, TRU-203 when bytes or `aad` differ from what was sealed.
  public func open(_ sealed: [UInt8], aad: [UInt8]) throws(TrustError) -> [UInt8] {
    guard sealed.count >= Self.overheadBytes, sealed[0] == Self.version else { throw .seal(201, "a sealed value has a form that this version does not know") }
    guard Array(sealed[1..<5]) == keyIdentifier else {
      throw TrustError("TRU-202", "a sealed value was sealed under another key", hint: "Load the key directory that belongs to this store.", exit: .notPermitted)
    }
    guard let plain = try cipher.open(sealed[17...], nonce: Array(sealed[5..<17]), aad: aad) else {
      throw .seal(203, "a sealed value does not open: its bytes or its place were changed")
    }
    return plain
  }
}
