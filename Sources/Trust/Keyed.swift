internal import COpenSSL
public import Core

/// HMAC-SHA-256 (RFC 2104) under one key, many times: the padded key is hashed once and its state copied for every message.
@safe
final class KeyedHash {
  private let inner: OpaquePointer
  private let outer: OpaquePointer
  private let scratch: OpaquePointer
  private var first = [UInt8](repeating: 0, count: 32)
  private var last = [UInt8](repeating: 0, count: 32)

  /// A key of at most 64 bytes.
  init(keyBytes: [UInt8]) throws(TrustError) {
    guard let a = unsafe EVP_MD_CTX_new(), let b = unsafe EVP_MD_CTX_new(), let c = unsafe EVP_MD_CTX_new() else { throw .library("EVP_MD_CTX_new") }
    unsafe (inner, outer, scratch) = unsafe (a, b, c)
    try unsafe Self.start(inner, keyBytes, pad: 0x36)
    try unsafe Self.start(outer, keyBytes, pad: 0x5C)
  }

  convenience init(key: SecretKey) throws(TrustError) {
    var bytes = key.exposed()
    defer { Wipe.clear(&bytes) }
    try self.init(keyBytes: bytes)
  }

  deinit {
    unsafe EVP_MD_CTX_free(inner)
    unsafe EVP_MD_CTX_free(outer)
    unsafe EVP_MD_CTX_free(scratch)
  }

  private static func start(_ context: OpaquePointer, _ key: [UInt8], pad: UInt8) throws(TrustError) {
    var block = [UInt8](repeating: pad, count: 64)
    for index in key.indices { block[index] ^= key[index] }
    defer { Wipe.clear(&block) }
    guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, unsafe EVP_DigestUpdate(context, block, block.count) == 1 else {
      throw .library("EVP_DigestInit_ex")
    }
  }

  /// The first `count` of 32 bytes.
  func code(_ bytes: [UInt8], count: Int = 32) throws(TrustError) -> [UInt8] {
    try unsafe run(from: inner, bytes, into: &first)
    try unsafe run(from: outer, first, into: &last)
    return count == last.count ? last : Array(last[..<count])
  }

  /// The first sixteen bytes.
  func code16(_ bytes: [UInt8]) throws(TrustError) -> Bytes16? {
    try unsafe run(from: inner, bytes, into: &first)
    try unsafe run(from: outer, first, into: &last)
    return Bytes16(last[..<16])
  }

  private func run(from state: OpaquePointer, _ bytes: [UInt8], into out: inout [UInt8]) throws(TrustError) {
    guard unsafe EVP_MD_CTX_copy_ex(scratch, state) == 1, unsafe EVP_DigestUpdate(scratch, bytes, bytes.count) == 1,
      unsafe EVP_DigestFinal_ex(scratch, &out, nil) == 1
    else { throw .library("EVP_DigestUpdate") }
  }
}

/// Keyed digests: the only form in which anything smaller than a drop is remembered.
public enum Keyed {
  /// HMAC-SHA-256, 32 bytes. For many codes under one key take `BlindIndex`, which keeps its state.
  public static func hmac(_ key: SecretKey, _ bytes: [UInt8]) throws(TrustError) -> [UInt8] {
    try KeyedHash(key: key).code(bytes)
  }
}

/// Finds equal values without showing them: HMAC-SHA-256 truncated to 16 bytes, under a key of its own for each label.
///
/// - Shape: exact match only; the caller has normalised the bytes. Equal values in two columns differ when the labels do.
/// - Cost: one to two microseconds for short values; not for two threads at once.
public final class BlindIndex {
  private let hash: KeyedHash

  /// `label` names the column or use, like `patient/key`; it is part of what is hashed, so that columns do not link.
  public init(key: SecretKey, label: String) throws(TrustError) {
    var derived = try Keyed.hmac(key, Array("compline/v1/index/".utf8) + Array(label.utf8))
    defer { Wipe.clear(&derived) }
    hash = try KeyedHash(keyBytes: derived)
  }

  /// Sixteen bytes.
  public func index(of bytes: [UInt8]) throws(TrustError) -> [UInt8] { try hash.code(bytes, count: 16) }

  /// The same as numbers.
  public func index16(of bytes: [UInt8]) throws(TrustError) -> Bytes16 {
    guard let index = try hash.code16(bytes) else { throw .library("EVP_DigestFinal_ex") }
    return index
  }

  /// All 32 bytes, where a collision must be out of the question (identities of messages).
  public func code(of bytes: [UInt8]) throws(TrustError) -> [UInt8] { try hash.code(bytes) }
}

/// HKDF with SHA-256 (RFC 5869).
enum KeyDerivation {
  static func extract(salt: [UInt8], input: [UInt8]) throws(TrustError) -> [UInt8] {
    try KeyedHash(keyBytes: salt.isEmpty ? [UInt8](repeating: 0, count: 32) : salt).code(input)
  }

  /// - Bytes: the caller wipes what it gets.
  static func expand(_ pseudorandomKey: [UInt8], info: [UInt8], count: Int) throws(TrustError) -> [UInt8] {
    let hash = try KeyedHash(keyBytes: pseudorandomKey)
    var out: [UInt8] = []
    var block: [UInt8] = []
    var counter: UInt8 = 1
    while out.count < count {
      block = try hash.code(block + info + [counter])
      out += block
      counter += 1
    }
    return Array(out.prefix(count))
  }
}
