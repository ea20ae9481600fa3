internal import Core
internal import COpenSSL

/// Signs with Ed25519 (RFC 8032, pure): manifests, statements, checkpoints.
public final class SigningKey: Sendable {
  /// The half that anyone may have.
  public let verifyingKey: VerifyingKey
  private let key: CurveKey

  public init(_ secret: SecretKey) throws(TrustError) {
    key = try CurveKey.ed25519(secret)
    verifyingKey = try VerifyingKey(bytes: try key.publicBytes())
  }

  /// The 64 bytes of the signature; the same message always gives the same ones.
  public func sign(_ message: [UInt8]) throws(TrustError) -> [UInt8] {
    guard let context = unsafe EVP_MD_CTX_new() else { throw .library("EVP_MD_CTX_new") }
    defer { unsafe EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: 64)
    var count = signature.count
    guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key.handle) == 1,
      unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == 64
    else { throw .library("EVP_DigestSign") }
    return signature
  }
}

/// Checks Ed25519 signatures.
public final class VerifyingKey: Sendable, Equatable {
  /// Thirty-two bytes.
  public let bytes: [UInt8]
  private let key: CurveKey

  /// - Throws: TRU-109 unless there are 32 bytes.
  public init(bytes: [UInt8]) throws(TrustError) {
    guard bytes.count == 32 else { throw Self.unreadable }
    self.bytes = bytes
    key = try CurveKey.ed25519(publicBytes: bytes)
  }

  /// True when the signature is this key's over exactly these bytes.
  public func verify(_ signature: [UInt8], of message: [UInt8]) throws(TrustError) -> Bool {
    guard signature.count == 64 else { return false }
    guard let context = unsafe EVP_MD_CTX_new() else { throw .library("EVP_MD_CTX_new") }
    defer { unsafe EVP_MD_CTX_free(context) }
    guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key.handle) == 1 else { throw .library("EVP_DigestVerifyInit") }
    let verdict = unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count)
    ERR_clear_error()
    return verdict == 1
  }

  /// The head of every Ed25519 SubjectPublicKeyInfo (RFC 8410, 4): only the 32 key bytes follow.
  private static let infoPrefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
  private static let opening = "-----BEGIN PUBLIC KEY-----"
  private static let closing = "-----END PUBLIC KEY-----"
  private static var unreadable: TrustError {
    TrustError("TRU-109", "the public key is not an Ed25519 key in PEM form", hint: "Take it from the key directory again.", exit: .notPermitted)
  }

  /// PEM (RFC 7468), as `openssl pkeyutl -verify -pubin -rawin` reads it.
  public var pem: String { Self.opening + "\n" + Base64.text(Self.infoPrefix + bytes) + "\n" + Self.closing + "\n" }

  /// - Throws: TRU-109 for anything but one Ed25519 public key.
  public convenience init(pem: String) throws(TrustError) {
    let lines = pem.split(whereSeparator: \.isNewline).map(String.init)
    guard lines.count == 3, lines[0] == Self.opening, lines[2] == Self.closing, let bytes = Base64.bytes(lines[1]), bytes.starts(with: Self.infoPrefix) else {
      throw Self.unreadable
    }
    try self.init(bytes: Array(bytes.dropFirst(Self.infoPrefix.count)))
  }

  public static func == (left: VerifyingKey, right: VerifyingKey) -> Bool { left.bytes == right.bytes }
}
