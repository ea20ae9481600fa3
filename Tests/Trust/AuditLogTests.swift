import Core
import Testing
import Trust

@Suite struct AuditLogTests {
  let bench = Workbench()
  let log: AuditLog
  let key: SigningKey

  init() throws {
    log = try AuditLog(folder: bench.file("audit"))
    key = try SigningKey(.random())
    try log.signFirstCheckpoint(key, origin: "compline/mercy")
  }

  func entry(_ number: Int) throws -> AuditEntry {
    var entry = AuditEntry(instant: number, actor: try #require(PlainName("night")), verb: .ingest, subject: .site, outcome: .done)
    entry.counts = [.messages: number]
    return entry
  }

  func append(_ numbers: Range<Int>) throws { for number in numbers { try log.append(try entry(number)) } }

  @Test(arguments: 0..<9) func aSignedLogVerifies(count: Int) throws {
    try append(0..<count)
    try log.signCheckpoint(key, origin: "compline/mercy")
    let verdict = try log.verify(key.verifyingKey)
    #expect(verdict.size == count && verdict.checkpointedSize == count && verdict.tornBytes == 0)
  }

  @Test func entriesAfterTheCheckpointAreCounted() throws {
    try append(0..<3)
    try log.signCheckpoint(key, origin: "compline/mercy")
    try append(3..<5)
    let verdict = try log.verify(key.verifyingKey)
    #expect(verdict.size == 5 && verdict.checkpointedSize == 3)
  }

  @Test func onlyEntriesUnderTheCheckpointAreGivenToRestOn() throws {
    try append(0..<3)
    try log.signCheckpoint(key, origin: "compline/mercy")
    try append(3..<5)
    #expect(try log.signedEntries(key.verifyingKey) == Array(try log.entries().prefix(3)))
    bench.put(bench.bytes("audit/entries").map { $0 == UInt8(ascii: "2") ? UInt8(ascii: "7") : $0 }, "audit/entries")
    #expect(throws: TrustError.self) { try log.signedEntries(key.verifyingKey) }
  }

  @Test func aFlippedBitInAnyByteIsNoticed() throws {
    try append(0..<3)
    try log.signCheckpoint(key, origin: "compline/mercy")
    let entries = bench.bytes("audit/entries")
    for byte in entries.indices {
      var changed = entries
      changed[byte] ^= 1 << UInt8(byte % 8)
      bench.put(changed, "audit/entries")
      #expect(throws: TrustError.self, "byte \(byte)") { try log.verify(key.verifyingKey) }
    }
  }

  @Test func aChangedEntryIsNamed() throws {
    try append(0..<5)
    try log.signCheckpoint(key, origin: "compline/mercy")
    let text = String(decoding: bench.bytes("audit/entries"), as: UTF8.self)
    bench.put(Array(text.replacing(#""messages":3"#, with: #""messages":4"#).utf8), "audit/entries")
    let error = #expect(throws: TrustError.self) { try log.verify(key.verifyingKey) }
    #expect(error?.code == "TRU-413" && error?.summary.contains("entry 4 ") == true)
  }

  @Test func droppedAndSwappedEntriesAreNoticed() throws {
    try append(0..<4)
    try log.signCheckpoint(key, origin: "compline/mercy")
    let lines = bench.bytes("audit/entries").split(separator: 0x0A).map { $0 + [0x0A] }
    bench.put(Array(lines.dropLast().joined()), "audit/entries")
    #expect(code { _ = try log.verify(key.verifyingKey) } == "TRU-412")
    bench.put(Array([lines[1], lines[0], lines[2], lines[3]].joined()), "audit/entries")
    #expect(code { _ = try log.verify(key.verifyingKey) } == "TRU-413")
  }

  @Test func aChangedHistoryIsNotSignedAgain() throws {
    try append(0..<3)
    try log.signCheckpoint(key, origin: "compline/mercy")
    bench.put(Array(bench.bytes("audit/entries").split(separator: 0x0A).dropFirst().map { $0 + [0x0A] }.joined()), "audit/entries")
    try append(9..<12)
    #expect(code { try log.signCheckpoint(key, origin: "compline/mercy") } == "TRU-413")
  }

  @Test func aHistoryWithoutItsCheckpointIsNotSigned() throws {
    try append(0..<3)
    try log.signCheckpoint(key, origin: "compline/mercy")
    for name in ["checkpoint", "leaves"] { try DurableFile.remove(bench.file("audit/" + name)) }
    bench.put(Array(bench.bytes("audit/entries").split(separator: 0x0A).dropFirst().map { $0 + [0x0A] }.joined()), "audit/entries")
    #expect(code { try log.signCheckpoint(key, origin: "compline/mercy") } == "TRU-414")
    #expect(code { _ = try log.verify(key.verifyingKey) } == "TRU-414")
  }

  @Test func theFirstCheckpointStandsBeforeEveryEntry() throws {
    try append(0..<1)
    try DurableFile.remove(bench.file("audit/checkpoint"))
    #expect(code { try log.signFirstCheckpoint(key, origin: "compline/mercy") } == "TRU-414")
  }

  @Test func leafHashesWithoutEntriesAreNotANewLog() throws {
    try append(0..<1)
    try log.signCheckpoint(key, origin: "compline/mercy")
    for name in ["checkpoint", "entries"] { try DurableFile.remove(bench.file("audit/" + name)) }
    #expect(code { try log.signFirstCheckpoint(key, origin: "compline/mercy") } == "TRU-414")
  }

  @Test func aKilledFirstCheckpointIsMadeAgain() throws {
    try DurableFile.remove(bench.file("audit/checkpoint"))
    #expect(try log.signFirstCheckpoint(key, origin: "compline/mercy").size == 0)
    try append(0..<1)
    #expect(try log.signCheckpoint(key, origin: "compline/mercy").size == 1)
  }

  @Test func aSecondFirstCheckpointChangesNothing() throws {
    try append(0..<2)
    let last = try log.signCheckpoint(key, origin: "compline/mercy")
    let note = bench.bytes("audit/checkpoint")
    #expect(try log.signFirstCheckpoint(key, origin: "compline/other") == last)
    #expect(bench.bytes("audit/checkpoint") == note)
  }

  @Test func aTornEntryIsHealed() throws {
    try append(0..<2)
    bench.put(bench.bytes("audit/entries") + Array(#"{"actor":"ni"#.utf8), "audit/entries")
    try append(2..<3)
    try log.signCheckpoint(key, origin: "compline/mercy")
    #expect(try log.verify(key.verifyingKey).size == 3)
  }

  /// Power may go while the end of an entry is on the medium and its beginning is not: without its line feed it is none.
  @Test func anEntryWithAHoleIsHealed() throws {
    try append(0..<2)
    bench.put(bench.bytes("audit/entries") + [UInt8](repeating: 0, count: 200) + Array(#""v":1}"#.utf8), "audit/entries")
    try append(2..<3)
    try log.signCheckpoint(key, origin: "compline/mercy")
    #expect(try log.verify(key.verifyingKey).size == 3)
  }

  @Test func aForeignCheckpointIsRefused() throws {
    try append(0..<1)
    let foreign = try SigningKey(.random())
    #expect(code { try log.signCheckpoint(foreign, origin: "compline/mercy") } == "TRU-411")
    #expect(code { _ = try log.verify(foreign.verifyingKey) } == "TRU-411")
  }

  @Test(arguments: 1..<10) func everyEntryHasAProof(count: Int) throws {
    try append(0..<count)
    let checkpoint = try log.signCheckpoint(key, origin: "compline/mercy")
    let leaves = try log.entries()
    for index in 0..<count {
      let proof = try log.inclusionProof(index, under: checkpoint)
      #expect(try proof.root(of: leaves[index]) == checkpoint.root)
      if count > 1 { #expect(try proof.root(of: leaves[(index + 1) % count]) != checkpoint.root) }
    }
  }

  @Test func opensslVerifiesTheCheckpoint() throws {
    try append(0..<2)
    try log.signCheckpoint(key, origin: "compline/mercy")
    let lines = String(decoding: bench.bytes("audit/checkpoint"), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    bench.put(Array((lines[0...2].joined(separator: "\n") + "\n").utf8), "note")
    bench.put(Array(try #require(Base64.bytes(String(lines[4].split(separator: " ")[2]))).dropFirst(4)), "signature")
    bench.put(Array(key.verifyingKey.pem.utf8), "key.pem")
    let arguments = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", bench.file("key.pem"), "-in", bench.file("note"), "-sigfile", bench.file("signature")]
    #expect(try run("/usr/bin/openssl", arguments) == 0)
  }

  @Test func theEmptyTreeHasTheRootOfTheStandard() throws {
    let checkpoint = try log.signCheckpoint(key, origin: "compline/mercy")
    #expect(Hex.text(checkpoint.root) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}

@Suite struct AccessTests {
  let day = BusinessDate("2026-03-01")!

  func people(_ from: Int, _ until: Int) -> People {
    People([Principal(account: "night", roles: [], grants: [Grant([.ingest], from: day.advanced(by: from), until: day.advanced(by: until))])])
  }

  @Test func aLiveGrantPermits() {
    #expect(people(0, 0).decide(account: "night", verb: .ingest, on: day) == .permitted(until: day))
  }

  @Test func everythingElseIsDenied() {
    #expect(people(0, 0).decide(account: "other", verb: .ingest, on: day) == .denied(.unknownAccount))
    #expect(people(0, 0).decide(account: "night", verb: .export, on: day) == .denied(.noGrant))
    #expect(people(-9, -1).decide(account: "night", verb: .ingest, on: day) == .denied(.expired(day.advanced(by: -1))))
    #expect(people(1, 9).decide(account: "night", verb: .ingest, on: day) == .denied(.notYet(from: day.advanced(by: 1))))
  }

  @Test func aDenialExits77() {
    let error = #expect(throws: TrustError.self) { try Decision.denied(.noGrant).require(.export, account: "night") }
    #expect(error?.exitCode == .notPermitted)
  }
}

@Suite struct EventLogTests {
  let bench = Workbench()

  @Test func anEventIsOneLineOfJSON() throws {
    let log = try EventLog(appendingTo: bench.file("log"), clock: { 0 })
    log.event(.dropSealed, [.bytes(12), .finding(.dropEmpty), .feed(try #require(PlainName("lab")))])
    let line = #"{"at":"1970-01-01T00:00:00.000000Z","bytes":12,"event":"drop-sealed","feed":"lab","finding":"DROP-EMPTY"}"# + "\n"
    #expect(String(decoding: bench.bytes("log"), as: UTF8.self) == line)
  }

  @Test(arguments: ["", "DOE^JANE", "a b", "ä", String(repeating: "a", count: 65)]) func aNameOfAnotherFormIsRefused(text: String) {
    #expect(PlainName(text) == nil)
  }
}
