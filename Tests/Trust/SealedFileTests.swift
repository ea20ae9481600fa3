import Core
import Glibc
import Testing
import Trust

@Suite struct SealedFileTests {
  let bench = Workbench()
  let identity: SealedFileIdentity
  let secret: SecretKey
  let wrap: KeyWrap

  init() throws {
    identity = SealedFileIdentity(purpose: .spool, site: try #require(PlainName("mercy")), object: try .random())
    secret = try .random()
    wrap = .recipient(try AgreementPublicKey(of: secret))
  }

  func seal(_ plain: [UInt8], as identity: SealedFileIdentity? = nil, _ name: String = "drop") throws -> SealedFileTotals {
    let pending = try PendingFile(for: bench.file(name), mode: 0o600)
    let writer = try SealedFileWriter(pending.file, identity: identity ?? self.identity, wrap: wrap)
    try writer.write(plain)
    let totals = try writer.finish()
    try pending.commitReplacing()
    return totals
  }

  func open(_ name: String = "drop") throws -> [UInt8] {
    let reader = try SealedFileReader(.reading(bench.file(name)), expecting: identity, unwrap: .recipient(secret))
    var plain: [UInt8] = []
    try reader.forEachChunk { plain += $0 }
    return plain
  }

  @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 40_000]) func aFileOpensToWhatWasWritten(count: Int) throws {
    let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let totals = try seal(plain)
    #expect(totals.byteCount == count && totals.sha256 == SHA256.digest(plain))
    #expect(try open() == plain)
    #expect(try SealedFileReader(.reading(bench.file("drop")), expecting: identity, unwrap: .recipient(secret)).verify() == totals)
  }

  @Test func anyFlippedBitIsRefused() throws {
    _ = try seal(Array("MSH|^~\\&|TEST".utf8))
    let sealed = bench.bytes("drop")
    for bit in 0..<(sealed.count * 8) {
      var changed = sealed
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      bench.put(changed, "drop")
      #expect(throws: TrustError.self, "bit \(bit)") { try open() }
    }
  }

  @Test func everyCutIsRefused() throws {
    _ = try seal([1, 2, 3])
    let sealed = bench.bytes("drop")
    for count in 0..<sealed.count {
      bench.put(Array(sealed.prefix(count)), "drop")
      #expect(throws: TrustError.self) { try open() }
    }
  }

  @Test func aCutBetweenChunksIsRefused() throws {
    _ = try seal([UInt8](repeating: 1, count: 40_000))
    let sealed = bench.bytes("drop")
    let last = 40_000 - 2 * 16_384 + 16
    bench.put(Array(sealed.dropLast(last)), "drop")
    #expect(code { _ = try open() } == "TRU-216")
  }

  @Test func bytesAfterTheEndAreRefused() throws {
    _ = try seal([1, 2, 3])
    bench.put(bench.bytes("drop") + [0], "drop")
    #expect(throws: TrustError.self) { try open() }
  }

  @Test func swappedChunksAreRefused() throws {
    _ = try seal([UInt8](repeating: 1, count: 40_000))
    var sealed = bench.bytes("drop")
    let full = 16_400, body = sealed.count - 2 * full - (40_000 - 2 * 16_384 + 16)
    let first = Array(sealed[body..<(body + full)])
    sealed.replaceSubrange(body..<(body + full), with: sealed[(body + full)..<(body + 2 * full)])
    sealed.replaceSubrange((body + full)..<(body + 2 * full), with: first)
    bench.put(sealed, "drop")
    #expect(code { _ = try open() } == "TRU-215")
  }

  @Test func aHeaderOnAnotherBodyIsRefused() throws {
    _ = try seal([1, 2, 3])
    let first = bench.bytes("drop")
    _ = try seal([4, 5, 6])
    let second = bench.bytes("drop")
    bench.put(Array(first.dropLast(19 + 56)) + second.suffix(19 + 56), "drop")
    #expect(code { _ = try open() } == "TRU-214")
  }

  @Test func aFileUnderAnotherNameIsRefused() throws {
    _ = try seal([1], as: SealedFileIdentity(purpose: .spool, site: identity.site, object: .random()))
    #expect(code { _ = try open() } == "TRU-211")
  }

  @Test func anotherPrivateKeyIsRefused() throws {
    _ = try seal([1])
    let other = try SecretKey.random()
    #expect(code { _ = try SealedFileReader(.reading(bench.file("drop")), expecting: identity, unwrap: .recipient(other)) } == "TRU-202")
  }

  @Test func aSharedKeyOpensTheOutbox() throws {
    let identity = SealedFileIdentity(purpose: .outbox, site: self.identity.site, object: self.identity.object)
    let file = try PendingFile(for: bench.file("extract"), mode: 0o600)
    let writer = try SealedFileWriter(file.file, identity: identity, wrap: .shared(secret))
    try writer.write(Array("a,b\r\n".utf8))
    let totals = try writer.finish()
    try file.commitNew()
    let reader = try SealedFileReader(.reading(bench.file("extract")), expecting: identity, unwrap: .shared(secret))
    #expect(try reader.verify() == totals)
  }

  @Test func plainBytesAreNotInTheFile() throws {
    _ = try seal(Array("TEST^ALPHA".utf8))
    #expect(bench.bytes("drop").firstRange(of: Array("ALPHA".utf8)) == nil)
  }

  /// The bytes that come out before the file is refused, in chunks; 3 where it is not.
  func chunksReleased() throws -> Int {
    let reader = try SealedFileReader(.reading(bench.file("drop")), expecting: identity, unwrap: .recipient(secret))
    var chunks = 0
    while (try? reader.next()) ?? nil != nil { chunks += 1 }
    return chunks
  }

  @Test(arguments: [0, 1, 2]) func nothingFromTheBadChunkOnIsReleased(chunk: Int) throws {
    _ = try seal([UInt8](repeating: 1, count: 40_000))
    let sealed = bench.bytes("drop"), body = sealed.count - 40_000 - 3 * 16
    for place in [0, 100, 7_000] {
      var changed = sealed
      changed[body + chunk * 16_400 + place] ^= 1
      bench.put(changed, "drop")
      #expect(try chunksReleased() == chunk)
    }
  }

  @Test func aChunkOfAnotherFileIsRefused() throws {
    _ = try seal([UInt8](repeating: 1, count: 40_000))
    let other = bench.bytes("drop")
    _ = try seal([UInt8](repeating: 1, count: 40_000))
    var sealed = bench.bytes("drop")
    let second = (sealed.count - 40_000 - 3 * 16) + 16_400
    sealed.replaceSubrange(second..<(second + 16_400), with: other[second..<(second + 16_400)])
    bench.put(sealed, "drop")
    #expect(try chunksReleased() == 1)
    #expect(code { _ = try open() } == "TRU-215")
  }

  @Test func withoutItsWrappedKeyAFileIsNoise() throws {
    _ = try seal(Array("MSH|^~\\&|TEST".utf8))
    var sealed = bench.bytes("drop")
    let end = sealed.count - (13 + 16) - 56
    for byte in (end - 65)..<end { sealed[byte] = 0 }
    bench.put(sealed, "drop")
    #expect(throws: TrustError.self) { try open() }
  }
}
