/// What a sealed file is and whose: bound into its keys, so that a file cannot stand in for another.
public struct SealedFileIdentity: Sendable, Equatable {
  /// What the file is for.
  public enum Purpose: UInt8, Sendable {
    case spool = 0x73
    case outbox = 0x6F
    case document = 0x64
  }

  /// What the file is for.
  public let purpose: Purpose
  /// The site that it belongs to.
  public let site: PlainName
  /// The drop or extract that it holds.
  public let object: ObjectID

  public init(purpose: Purpose, site: PlainName, object: ObjectID) {
    self.purpose = purpose
    self.site = site
    self.object = object
  }
}

/// How the key of a file is wrapped when it is written.
public enum KeyWrap: Sendable {
  /// To a public key: who writes cannot read.
  case recipient(AgreementPublicKey)
  /// Under a key that both sides hold.
  case shared(SecretKey)
}

/// How the key of a file is unwrapped when it is read.
public enum KeyUnwrap: Sendable {
  /// With the private half.
  case recipient(SecretKey)
  case shared(SecretKey)
}

/// The bytes before the C2SP ciphertext.
///
/// - Shape: `COMPLINE` ‖ version 1 ‖ suite 1 ‖ purpose ‖ wrap kind ‖ object id (16) ‖ site length (1) ‖ site ‖ wrapped key.
/// - Wrapped key: for `recipient` the ephemeral public key (32), then the sealed key (65); for `shared` the sealed key alone.
///   The sealed key is a `Sealer` value whose AAD is everything before it.
/// - Suite 1: HKDF-Expand SHA-256, AEAD_AES_256_GCM, chunks of 16 KiB.
enum SealedFileHeader {
  static let magic = Array("COMPLINE".utf8)
  static let fixedBytes = 8 + 4 + 16 + 1
  private static let sealedKeyBytes = SecretKey.byteCount + Sealer.overheadBytes
  private static let recipientKind: UInt8 = 1
  private static let sharedKind: UInt8 = 2

  /// The header of a new file, and the file's key.
  static func make(_ identity: SealedFileIdentity, _ wrap: KeyWrap) throws(TrustError) -> (header: [UInt8], key: SecretKey) {
    let fileKey = try SecretKey.random()
    var plain = fileKey.exposed()
    defer { Wipe.clear(&plain) }
    switch wrap {
    case .recipient(let recipient):
      let ephemeral = try SecretKey.random()
      let sender = try AgreementPublicKey(of: ephemeral)
      let head = prefix(identity, recipientKind) + sender.bytes
      let sealer = try Sealer(key: try agreedKey(ephemeral, with: recipient.bytes, sender: sender.bytes, recipient: recipient.bytes))
      return (head + (try sealer.seal(plain, aad: head)), fileKey)
    case .shared(let key):
      let head = prefix(identity, sharedKind)
      return (head + (try Sealer(key: try key.derived(for: "file-key-wrap")).seal(plain, aad: head)), fileKey)
    }
  }

  private static func prefix(_ identity: SealedFileIdentity, _ kind: UInt8) -> [UInt8] {
    let site = Array(identity.site.text.utf8)
    return magic + [1, 1, identity.purpose.rawValue, kind] + identity.object.bytes + [UInt8(site.count)] + site
  }

  /// Reads the header from the start of a file and gives it with the file's key.
  ///
  /// - Throws: TRU-210 for another format, TRU-211 when it is not the file that was expected, TRU-202 and TRU-203 as `Sealer`.
  static func read(_ file: OpenFile, expecting identity: SealedFileIdentity, _ unwrap: KeyUnwrap) throws(TrustError) -> (header: [UInt8], key: SecretKey) {
    let kind = switch unwrap { case .recipient: recipientKind case .shared: sharedKind }
    let wanted = prefix(identity, kind)
    try file.seek(to: 0)
    let found = try file.read(upTo: wanted.count)
    guard found.starts(with: magic), found.count >= fixedBytes, found[8] == 1, found[9] == 1 else {
      throw .seal(210, "a sealed file has a form that this version does not know")
    }
    guard found == wanted else { throw .seal(211, "a sealed file is not the one expected: purpose, site or object differ") }
    switch unwrap {
    case .recipient(let key):
      let sender = try file.read(upTo: 32)
      guard sender.count == 32 else { throw .seal(212, "a sealed file ends inside its header") }
      let recipient = try AgreementPublicKey(of: key).bytes
      return try open(file, found + sender, try agreedKey(key, with: sender, sender: sender, recipient: recipient))
    case .shared(let key):
      return try open(file, found, try key.derived(for: "file-key-wrap"))
    }
  }

  private static func open(_ file: OpenFile, _ head: [UInt8], _ wrapping: SecretKey) throws(TrustError) -> (header: [UInt8], key: SecretKey) {
    let sealed = try file.read(upTo: sealedKeyBytes)
    var plain = try Sealer(key: wrapping).open(sealed, aad: head)
    guard let key = SecretKey(taking: &plain) else { throw .seal(212, "a sealed file ends inside its header") }
    return (head + sealed, key)
  }

  /// HKDF-SHA-256 of the X25519 secret with both public keys in the info (as RFC 9180 binds its context).
  private static func agreedKey(_ own: SecretKey, with peer: [UInt8], sender: [UInt8], recipient: [UInt8]) throws(TrustError) -> SecretKey {
    guard let other = AgreementPublicKey(bytes: peer) else { throw .seal(212, "a sealed file ends inside its header") }
    let pair = try CurveKey.x25519(own), partner = try CurveKey.x25519(publicBytes: other.bytes)
    // libcrypto refuses points of low order, which only a forger writes.
    guard var secret = try? pair.agree(with: partner) else { throw .seal(203, "a sealed value does not open: its bytes or its place were changed") }
    defer { Wipe.clear(&secret) }
    var extracted = try KeyDerivation.extract(salt: [], input: secret)
    defer { Wipe.clear(&extracted) }
    var bytes = try KeyDerivation.expand(extracted, info: Array("compline/v1/file-key-wrap/x25519".utf8) + sender + recipient, count: 32)
    guard let key = SecretKey(taking: &bytes) else { throw .library("HKDF") }
    return key
  }
}
