import Core
import Exchange
import Glibc
import Synchronization
import Testing
import Trust

@Suite struct CompletenessTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(arguments: ["a.hl7.part", "a.tmp", "a.filepart", ".a.hl7", "A.PART"]) func underRenameATemporaryNameIsArriving(name: String) throws {
    bench.drop("one", name)
    let pulled = try bench.pull()
    #expect(pulled.arriving == 1 && pulled.sealed == 0 && bench.clock.waitedSeconds.isEmpty)
  }

  @Test func aFeedTakesTheNamesThatItSaysAndLeavesTheOthersUncounted() throws {
    for name in ["a.hl7", "b.HL7", "c.csv", "d.hl7.part", "e.csv.part", ".f.hl7"] { bench.drop(name, name) }
    let pulled = try bench.pull(try bench.source { $0.files = [NamePattern("*.hl7"), NamePattern("?.HL7")] })
    #expect(pulled.sealed == 2 && pulled.arriving == 2 && pulled.skipped == 2)
  }

  @Test func whereFilesStandStillATemporaryNameIsNoneThatIsTaken() throws {
    bench.drop("half", "a.hl7.filepart")
    let pulled = try bench.pull(try bench.source(.settle(windowSeconds: 60)) { $0.files = [NamePattern("*.hl7")] })
    #expect(pulled.sealed == 0 && pulled.skipped == 1)
  }

  @Test func aMarkerIsTakenWithItsFileAndAControlFileWhateverFilesSays() throws {
    for name in ["a.hl7", "a.hl7.done", "b.csv", "b.csv.done", "night.ctl", "night.ctl.done"] { bench.drop(name, name) }
    let pattern = try #require(MarkerPattern("{name}.done"))
    let pulled = try bench.pull(try bench.source(.marker(pattern)) {
      $0.files = [NamePattern("*.hl7")]
      $0.control = NamePattern("*.ctl")
    })
    #expect(pulled.sealed == 2 && pulled.skipped >= 2)
  }

  @Test(arguments: [("*.hl7", "*.csv", true), ("*.hl7", "adt*", false), ("adt*.hl7", "oru*.hl7", true), ("*", "*.csv", false), ("a.hl7", "*.csv", true), ("a.hl7", "?.hl7", false)])
  func patternsAreApartWhereNoNameFitsBoth(one: String, other: String, isApart: Bool) {
    #expect(NamePattern(one).isApart(from: NamePattern(other)) == isApart && NamePattern(other).isApart(from: NamePattern(one)) == isApart)
  }

  @Test func anOldFileNeedsNoSecondLook() throws {
    bench.drop("one", "a.hl7", age: 61)
    #expect(try bench.pull(try bench.source(.settle(windowSeconds: 60))).sealed == 1)
    #expect(bench.clock.waitedSeconds.isEmpty)
  }

  @Test func aYoungFileIsTakenWhenItStoodStill() throws {
    bench.drop("one", "a.hl7", age: 20)
    #expect(try bench.pull(try bench.source(.settle(windowSeconds: 60))).sealed == 1)
    #expect(bench.clock.waitedSeconds == [40])
  }

  @Test func aFileThatGrowsMeanwhileIsArriving() throws {
    bench.drop("one", "a.hl7", age: 20)
    let bench = UncheckedBox(bench)
    bench.value.clock.meanwhile.withLock { $0 = { bench.value.drop("one and more", "a.hl7", age: 20) } }
    let pulled = try bench.value.pull(try bench.value.source(.settle(windowSeconds: 60)))
    #expect(pulled.sealed == 0 && pulled.arriving == 1)
  }

  @Test func aFileFromTheFutureIsArrivingAndNotWaitedFor() throws {
    bench.drop("one", "a.hl7", age: -3600)
    #expect(try bench.pull(try bench.source(.settle(windowSeconds: 60))).arriving == 1)
    #expect(bench.clock.waitedSeconds.isEmpty)
  }

  @Test func anMTimePastAllCountingIsStillUnsettledOrSettled() throws {
    bench.drop("one", "future.hl7", age: -13_000_000_000)
    bench.drop("two", "ancient.hl7", age: 13_400_000_000)
    let pulled = try bench.pull(try bench.source(.settle(windowSeconds: 60)))
    #expect(pulled.sealed == 1 && pulled.arriving == 1 && bench.clock.waitedSeconds.isEmpty)
  }

  @Test func looksLieFiveSecondsApart() throws {
    bench.drop("one", "a.hl7", age: 59)
    try bench.pull(try bench.source(.settle(windowSeconds: 60)))
    #expect(bench.clock.waitedSeconds == [5])
  }

  @Test func aNightWaitsOnceForAllFeeds() throws {
    bench.drop("one", "a.hl7", age: 20)
    bench.drop("two", "b.hl7", age: 1)
    let other = FeedSource(feed: try #require(PlainName("adt")), folder: bench.path + "/drops", completeness: .settle(windowSeconds: 60))
    let puller = Puller(spool: bench.spool, keys: bench.keys, log: .silent, clock: bench.clock.intake)
    let pulled = try puller.pull([other, try bench.source(.settle(windowSeconds: 60))], night: bench.night)
    #expect(pulled.map(\.sealed) == [2, 2] && bench.clock.waitedSeconds == [59])
  }

  @Test func theLastLookOfANightIsRecorded() throws {
    bench.drop("one", "a.part")
    try bench.pull()
    bench.drop("two", "b.part")
    try bench.pull()
    let looks = try bench.records().compactMap { if case .look(let look) = $0 { look.arriving } else { nil } }
    #expect(looks == [1, 2])
  }
}

/// Carries the bench into the clock's closure, which runs on the test's own thread.
final class UncheckedBox<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

@Suite struct PullJournalTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    bench.drop("one", "a.hl7")
    try bench.pull()
  }

  func put(_ bytes: [UInt8]) throws {
    let file = open(bench.path + "/spool/journal", O_WRONLY | O_TRUNC)
    defer { close(file) }
    try #require(bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == bytes.count)
  }

  @Test func tornTailsAreHealed() throws {
    let whole = bench.bytes("spool/journal")
    let firstEnd = try #require(whole.firstIndex(of: 0x0A)) + 1
    for count in stride(from: firstEnd, to: whole.count, by: 7) {
      try put(Array(whole.prefix(count)))
      #expect(try bench.records().count == 1)
      #expect(try bench.pull().known == 1)
      #expect(bench.bytes("spool/journal") == whole)
    }
  }

  @Test func aLastLineWithAHoleIsNoRecord() throws {
    let whole = bench.bytes("spool/journal"), firstEnd = try #require(whole.firstIndex(of: 0x0A)) + 1
    for end in stride(from: firstEnd + 1, to: whole.count, by: 7) {
      try put(Array(whole[..<firstEnd]) + [UInt8](repeating: 0, count: end - firstEnd) + whole[end...])
      #expect(try bench.records().count == 1)
      #expect(try bench.pull().known == 1)
      #expect(bench.bytes("spool/journal") == whole)
    }
  }

  @Test func aHoleBeforeTheLastLineIsNoticed() throws {
    var changed = bench.bytes("spool/journal")
    for byte in 0..<20 { changed[byte] = 0 }
    try put(changed)
    #expect(code { _ = try bench.records() } == "EXC-201")
  }

  @Test func aFlippedBitInAnyByteIsNoticed() throws {
    let whole = bench.bytes("spool/journal")
    let last = whole.count - 1
    for byte in 0..<last {
      var changed = whole
      changed[byte] ^= 1 << UInt8(byte % 7)
      try put(changed)
      #expect(throws: (any Error).self, "byte \(byte)") { try bench.records() }
    }
  }

  @Test func theErrorNamesTheLine() throws {
    var changed = bench.bytes("spool/journal")
    changed[0] ^= 1
    try put(changed)
    #expect(code { _ = try bench.records() } == "EXC-201")
    #expect(code { try bench.pull() } == "EXC-201")
  }

  @Test func aRemovedOrRepeatedLineIsNoticed() throws {
    bench.drop("two", "b.hl7")
    try bench.pull(nil, bench.night.advanced(by: 1))
    let lines = bench.bytes("spool/journal").split(separator: 0x0A).map { $0 + [0x0A] }
    try #require(lines.count >= 4)
    for index in lines.indices.dropLast() {
      try put(Array((lines[..<index] + lines[(index + 1)...]).joined()))
      #expect(code { _ = try bench.records() } == "EXC-201")
      try put(Array((lines[...index] + lines[index...]).joined()))
      #expect(code { _ = try bench.records() } == "EXC-201")
    }
  }

  @Test func noJournalIsNoRecords() throws {
    #expect(try PullJournal.records(at: bench.path + "/nowhere").isEmpty)
  }
}
