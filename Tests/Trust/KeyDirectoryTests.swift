import Core
import Glibc
import Testing
import Trust

@Suite struct KeyDirectoryTests {
  let bench = Workbench()

  @Test func everyKeyIsMadeAndLoads() throws {
    let keys = try bench.keys()
    #expect(keys.faults().isEmpty)
    #expect(KeyName.all.count == 15)
    #expect(try keys.spoolPublicKey() == AgreementPublicKey(of: keys.load(.spool)))
    #expect(try keys.verifyingKey(.auditSigning) == keys.signingKey(.auditSigning).verifyingKey)
  }

  @Test func keysAreNeverReplaced() throws {
    _ = try bench.keys()
    #expect(code { _ = try bench.keys() } == "TRU-104")
  }

  @Test func aHalfMadeDirectoryIsCompleted() throws {
    _ = try bench.keys()
    let kept = bench.bytes("keys/pull.key")
    unlink(bench.file("keys/audit.key"))
    bench.put([], "keys/.unfinished")
    #expect(code { _ = try KeyDirectory(at: bench.file("keys"), refusedInside: bench.file("site")) } == "TRU-110")
    #expect(try bench.keys().faults().isEmpty)
    #expect(bench.bytes("keys/pull.key") == kept)
  }

  @Test func aDirectoryInsideTheSiteIsRefused() throws {
    mkdir(bench.file("site"), 0o700)
    #expect(code { _ = try KeyDirectory.create(at: bench.file("site/keys"), outside: bench.file("site")) } == "TRU-102")
    symlink(bench.file("site"), bench.file("alias"))
    #expect(code { _ = try KeyDirectory.create(at: bench.file("alias/keys"), outside: bench.file("site")) } == "TRU-102")
  }

  @Test func aDirectoryThatOthersMayEnterIsRefused() throws {
    _ = try bench.keys()
    chmod(bench.file("keys"), 0o755)
    #expect(code { _ = try KeyDirectory(at: bench.file("keys"), refusedInside: bench.file("site")) } == "TRU-103")
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o601]) func aKeyThatOthersMayReadIsRefused(mode: mode_t) throws {
    let keys = try bench.keys()
    chmod(bench.file("keys/pull.key"), mode)
    let error = #expect(throws: TrustError.self) { try keys.load(.pull) }
    #expect(error?.code == "TRU-107" && error?.exitCode == .notPermitted && error?.hint.contains("chmod 600") == true)
  }

  @Test func linksAndFIFOsAreRefused() throws {
    let keys = try bench.keys()
    link(bench.file("keys/pull.key"), bench.file("keys/copy"))
    #expect(code { _ = try keys.load(.pull) } == "TRU-105")
    rename(bench.file("keys/index.key"), bench.file("elsewhere"))
    symlink(bench.file("elsewhere"), bench.file("keys/index.key"))
    #expect(code { _ = try keys.load(.index) } == "TRU-105")
    unlink(bench.file("keys/outbox.key"))
    mkfifo(bench.file("keys/outbox.key"), 0o600)
    #expect(code { _ = try keys.load(.outbox) } == "TRU-105")
  }

  @Test func wrongLengthAndContentAreRefused() throws {
    let keys = try bench.keys()
    bench.put(Array("0123".utf8), "keys/pull.key")
    #expect(code { _ = try keys.load(.pull) } == "TRU-108")
    bench.put([UInt8](repeating: UInt8(ascii: "g"), count: 64), "keys/pull.key")
    #expect(code { _ = try keys.load(.pull) } == "TRU-108")
  }

  @Test func aMissingKeyIsNamed() throws {
    let keys = try bench.keys()
    unlink(bench.file("keys/column-clinical.key"))
    let error = #expect(throws: TrustError.self) { try keys.load(.column(.clinical)) }
    #expect(error?.code == "TRU-101" && error?.summary.contains("column-clinical.key") == true)
  }
}

@Suite struct SignatureTests {
  let bench = Workbench()

  @Test func aSignatureHoldsForItsBytesOnly() throws {
    let key = try SigningKey(.random())
    let signature = try key.sign([1, 2, 3])
    #expect(try key.verifyingKey.verify(signature, of: [1, 2, 3]))
    #expect(try !key.verifyingKey.verify(signature, of: [1, 2]))
  }

  @Test func opensslVerifiesOurSignature() throws {
    let key = try SigningKey(.random())
    bench.put(Array("statement".utf8), "message")
    bench.put(try key.sign(Array("statement".utf8)), "signature")
    bench.put(Array(key.verifyingKey.pem.utf8), "key.pem")
    let arguments = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", bench.file("key.pem"), "-in", bench.file("message"), "-sigfile", bench.file("signature")]
    #expect(try run("/usr/bin/openssl", arguments) == 0)
  }

  @Test func pemComesBack() throws {
    let key = try SigningKey(.random()).verifyingKey
    #expect(try VerifyingKey(pem: key.pem) == key)
    #expect(code { _ = try VerifyingKey(pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") } == "TRU-109")
  }

  @Test(arguments: 0..<10) func base64ComesBack(count: Int) {
    let bytes = (0..<count).map { UInt8($0 * 29 & 255) }
    #expect(Base64.bytes(Base64.text(bytes)) == bytes)
  }
}

@Suite struct DurableFileTests {
  let bench = Workbench()

  @Test func aWriteReplacesWholeFiles() throws {
    try DurableFile.write([1], to: bench.file("a"), mode: 0o640)
    try DurableFile.write([2, 3], to: bench.file("a"), mode: 0o640)
    #expect(bench.bytes("a") == [2, 3])
    #expect(try DurableFile.names(in: bench.path) == ["a"])
  }

  @Test func aTakenNameIsNotReplaced() throws {
    bench.put([1], "a")
    bench.put([2], "b")
    #expect(code { try DurableFile.renameNoReplace(bench.file("a"), to: bench.file("b")) } == "TRU-303")
    #expect(bench.bytes("b") == [2])
  }

  @Test func anUncommittedFileGoesAway() throws {
    do { try PendingFile(for: bench.file("a"), mode: 0o600).file.write([1]) }
    #expect(try DurableFile.names(in: bench.path).isEmpty)
  }

  @Test func staleTemporariesAreRemoved() throws {
    bench.put([1], ".tmp-00ff")
    bench.put([1], "kept")
    #expect(try DurableFile.removeStaleTemporaries(in: bench.path) == 1)
    #expect(try DurableFile.names(in: bench.path) == ["kept"])
  }

  @Test func errorsNameTheErrno() throws {
    let error = #expect(throws: TrustError.self) { try DurableFile.write([1], to: bench.file("no/where"), mode: 0o600) }
    #expect(error?.summary.contains("ENOENT") == true && error?.exitCode == .inputOutput)
  }

  @Test func aHeldLockIsRefused() throws {
    let first = try FileLock(bench.file("lock"), contention: .refuse)
    let error = #expect(throws: TrustError.self) { try FileLock(bench.file("lock"), contention: .refuse) }
    #expect(error?.exitCode == .locked)
    withExtendedLifetime(first) {}
  }

  @Test(.timeLimit(.minutes(1))) func aLockWhoseHolderNeverEndsIsNotWaitedForWithoutEnd() throws {
    let first = try FileLock(bench.file("lock"), contention: .refuse)
    let error = #expect(throws: TrustError.self) { try FileLock(bench.file("lock"), contention: .wait, patienceMilliseconds: 50) }
    #expect(error?.code == "TRU-304" && error?.exitCode == .locked)
    withExtendedLifetime(first) {}
  }

  @Test func aReleasedLockIsFree() throws {
    do { _ = try FileLock(bench.file("lock"), contention: .refuse) }
    _ = try FileLock(bench.file("lock"), contention: .refuse)
  }
}
