/// The plain text of a sealed file as a whole.
public struct SealedFileTotals: Sendable, Equatable {
  /// SHA-256 of the plain bytes, 32 bytes.
  public let sha256: [UInt8]
  /// Length of the plain bytes.
  public let byteCount: Int

  public init(sha256: [UInt8], byteCount: Int) {
    self.sha256 = sha256
    self.byteCount = byteCount
  }
}

/// The C2SP chunked encryption of one file (c2sp.org/chunked-encryption, v1): derived keys and the nonce of each chunk.
struct ChunkKeys {
  static let chunkBytes = 16_384
  static let saltBytes = 24
  let cipher: BlockCipher
  let baseNonce: [UInt8]
  let commitment: [UInt8]

  /// `context` is the hash of our whole header, which binds it to every chunk.
  init(inputKey: SecretKey, salt: [UInt8], context: [UInt8]) throws(TrustError) {
    var input = inputKey.exposed()
    defer { Wipe.clear(&input) }
    let info = Array("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM".utf8) + [0] + salt + context
    var derived = try KeyDerivation.expand(input, info: info, count: 32 + BlockCipher.nonceBytes + 32)
    defer { Wipe.clear(&derived) }
    var keyBytes = Array(derived[0..<32])
    guard let key = SecretKey(taking: &keyBytes) else { throw .library("HKDF") }
    cipher = try BlockCipher(key: key)
    baseNonce = Array(derived[32..<44])
    commitment = Array(derived[44..<76])
  }

  func nonce(_ chunk: UInt64) -> [UInt8] {
    var nonce = baseNonce
    for index in 0..<8 { nonce[11 - index] ^= UInt8(truncatingIfNeeded: chunk >> (8 * UInt64(index))) }
    return nonce
  }
}

/// Writes one sealed file, chunk by chunk; plain bytes stay in memory, 16 KiB at most, and sealed ones up to 272 KiB.
public final class SealedFileWriter {
  /// Sealed bytes are written when there are so many: one call for sixteen chunks, or for a small file with its header.
  private static let outputBytes = 1 << 18

  private let file: OpenFile
  private let keys: ChunkKeys
  private let hash: OpenSSLHash
  private var buffer: [UInt8] = []
  private var sealed: [UInt8]
  private var chunk: UInt64 = 0
  private var byteCount = 0

  /// The header goes to the file's current position, which is to be its start.
  public init(_ file: OpenFile, identity: SealedFileIdentity, wrap: KeyWrap) throws(TrustError) {
    self.file = file
    hash = try OpenSSLHash()
    let (header, key) = try SealedFileHeader.make(identity, wrap)
    let salt = try RandomBytes.make(ChunkKeys.saltBytes)
    keys = try ChunkKeys(inputKey: key, salt: salt, context: try OpenSSLHash.digest(header))
    buffer.reserveCapacity(2 * ChunkKeys.chunkBytes)
    sealed = header + salt + keys.commitment
  }

  /// Takes in plain bytes.
  public func write(_ bytes: some RandomAccessCollection<UInt8>) throws(TrustError) {
    try hash.update(bytes)
    byteCount += bytes.count
    var rest = bytes[...]
    while buffer.count + rest.count >= ChunkKeys.chunkBytes {
      let part = rest.prefix(ChunkKeys.chunkBytes - buffer.count)
      buffer += part
      rest = rest.dropFirst(part.count)
      try seal()
    }
    buffer += rest
  }

  /// Writes the last, shorter chunk. The file is complete, not yet synced.
  public func finish() throws(TrustError) -> SealedFileTotals {
    try seal()
    try flush()
    return SealedFileTotals(sha256: try hash.finish(), byteCount: byteCount)
  }

  private func seal() throws(TrustError) {
    guard chunk < 1 << 38 else { throw .seal(213, "a file is too long to be sealed") }
    try keys.cipher.seal(buffer[...], nonce: keys.nonce(chunk), aad: [], onto: &sealed)
    chunk += 1
    Wipe.clear(&buffer)
    if sealed.count >= Self.outputBytes { try flush() }
  }

  private func flush() throws(TrustError) {
    try file.write(sealed)
    sealed.removeAll(keepingCapacity: true)
  }
}

/// Reads one sealed file, chunk by chunk. Only verified bytes come out, but the end is known only at the end:
/// take effects after `verify()`, or after the last chunk.
public final class SealedFileReader {
  private let file: OpenFile
  private let keys: ChunkKeys
  private let bodyStart: Int
  private var chunk: UInt64 = 0
  private var isAtEnd = false

  /// Checks header, wrapped key and commitment.
  ///
  /// - Throws: TRU-202, TRU-203, TRU-210 to TRU-212 for the header, TRU-214 for the commitment.
  public init(_ file: OpenFile, expecting identity: SealedFileIdentity, unwrap: KeyUnwrap) throws(TrustError) {
    self.file = file
    let (header, key) = try SealedFileHeader.read(file, expecting: identity, unwrap)
    let salt = try file.read(upTo: ChunkKeys.saltBytes), commitment = try file.read(upTo: 32)
    guard salt.count == ChunkKeys.saltBytes, commitment.count == 32 else { throw .seal(212, "a sealed file ends inside its header") }
    keys = try ChunkKeys(inputKey: key, salt: salt, context: try OpenSSLHash.digest(header))
    guard ConstantTime.equal(keys.commitment, commitment) else { throw .seal(214, "a sealed file does not commit to its key") }
    bodyStart = header.count + ChunkKeys.saltBytes + 32
  }

  /// The next chunk of plain bytes (the last one may be empty); nil after the last.
  ///
  /// - Throws: TRU-215 for a chunk that does not open, TRU-216 when the file was cut.
  public func next() throws(TrustError) -> [UInt8]? {
    guard !isAtEnd else { return nil }
    let full = ChunkKeys.chunkBytes + BlockCipher.tagBytes
    let sealed = try file.read(upTo: full)
    guard sealed.count >= BlockCipher.tagBytes else { throw .seal(216, "a sealed file is cut off") }
    guard let plain = try keys.cipher.open(sealed[...], nonce: keys.nonce(chunk), aad: []) else { throw .seal(215, "a sealed file does not open at chunk \(chunk)") }
    isAtEnd = sealed.count < full
    chunk += 1
    return plain
  }

  /// Goes back to the first chunk.
  public func rewind() throws(TrustError) {
    try file.seek(to: bodyStart)
    chunk = 0
    isAtEnd = false
  }

  /// Reads the whole file once, to know that it is whole and what it holds, and rewinds.
  public func verify() throws(TrustError) -> SealedFileTotals {
    try rewind()
    let hash = try OpenSSLHash()
    var byteCount = 0
    while let plain = try next() {
      try hash.update(plain)
      byteCount += plain.count
    }
    try rewind()
    return SealedFileTotals(sha256: try hash.finish(), byteCount: byteCount)
  }

  /// Calls `body` with every chunk from the start.
  public func forEachChunk(_ body: ([UInt8]) throws -> Void) throws {
    try rewind()
    while let plain = try next() { try body(plain) }
  }
}
