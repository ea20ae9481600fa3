internal import COpenSSL

/// AES-256-GCM through one context per direction, keyed once; a message only sets its nonce.
@safe
final class BlockCipher {
  static let nonceBytes = 12
  static let tagBytes = 16
  private let sealing: OpaquePointer
  private let opening: OpaquePointer

  init(key: SecretKey) throws(TrustError) {
    guard let first = unsafe EVP_CIPHER_CTX_new(), let second = unsafe EVP_CIPHER_CTX_new() else { throw .library("EVP_CIPHER_CTX_new") }
    unsafe (sealing, opening) = unsafe (first, second)
    let ready = unsafe key.withBytes { bytes in
      unsafe EVP_EncryptInit_ex(sealing, EVP_aes_256_gcm(), nil, bytes, nil) == 1 && EVP_DecryptInit_ex(opening, EVP_aes_256_gcm(), nil, bytes, nil) == 1
    }
    guard ready else { throw .library("EVP_EncryptInit_ex") }
  }

  deinit {
    unsafe EVP_CIPHER_CTX_free(sealing)
    unsafe EVP_CIPHER_CTX_free(opening)
  }

  /// Appends ciphertext and tag to `out`.
  func seal(_ plain: ArraySlice<UInt8>, nonce: [UInt8], aad: [UInt8], onto out: inout [UInt8]) throws(TrustError) {
    let start = out.count
    out += repeatElement(0, count: plain.count + Self.tagBytes)
    var done: Int32 = 0
    guard unsafe EVP_EncryptInit_ex(sealing, nil, nil, nil, nonce) == 1 else { throw .library("EVP_EncryptInit_ex") }
    if unsafe !aad.isEmpty && EVP_EncryptUpdate(sealing, nil, &done, aad, Int32(aad.count)) != 1 { throw .library("EVP_EncryptUpdate") }
    let sealed = unsafe out.withUnsafeMutableBufferPointer { target -> Bool in
      guard let base = target.baseAddress else { return false }
      let body = unsafe base + start
      let updated = unsafe plain.isEmpty || plain.withUnsafeBufferPointer { unsafe EVP_EncryptUpdate(sealing, body, &done, $0.baseAddress, Int32($0.count)) == 1 }
      return unsafe updated && EVP_EncryptFinal_ex(sealing, body + plain.count, &done) == 1
        && EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagBytes), body + plain.count) == 1
    }
    guard sealed else { throw .library("EVP_EncryptFinal_ex") }
  }

  /// The plain bytes of ciphertext and tag; nil when they were not sealed so under this key. Nothing is released before the tag is checked.
  func open(_ sealed: ArraySlice<UInt8>, nonce: [UInt8], aad: [UInt8]) throws(TrustError) -> [UInt8]? {
    guard sealed.count >= Self.tagBytes else { return nil }
    let count = sealed.count - Self.tagBytes
    var tag = Array(sealed.suffix(Self.tagBytes))
    var plain = [UInt8](repeating: 0, count: count)
    var done: Int32 = 0
    guard unsafe EVP_DecryptInit_ex(opening, nil, nil, nil, nonce) == 1 else { throw .library("EVP_DecryptInit_ex") }
    if unsafe !aad.isEmpty && EVP_DecryptUpdate(opening, nil, &done, aad, Int32(aad.count)) != 1 { throw .library("EVP_DecryptUpdate") }
    if count > 0 {
      let updated = unsafe sealed.withUnsafeBufferPointer { unsafe EVP_DecryptUpdate(opening, &plain, &done, $0.baseAddress, Int32(count)) }
      guard updated == 1 else { throw .library("EVP_DecryptUpdate") }
    }
    guard unsafe EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagBytes), &tag) == 1 else { throw .library("EVP_CIPHER_CTX_ctrl") }
    var rest = [UInt8](repeating: 0, count: 16)
    guard unsafe EVP_DecryptFinal_ex(opening, &rest, &done) == 1 else {
      Wipe.clear(&plain)
      return nil
    }
    return plain
  }
}

/// Comparison that takes the same time wherever the bytes differ.
enum ConstantTime {
  static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
  }
}
