import Core
import Exchange
import Glibc
import Testing
import Trust

@Suite struct PullerTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func aFileBecomesASealedDrop() throws {
    bench.drop("MSH|TEST^ALPHA", "a.hl7")
    #expect(try bench.pull().sealed == 1)
    let drop = try #require(try bench.drops().first)
    #expect(try bench.plain(drop) == "MSH|TEST^ALPHA")
    #expect(drop.byteCount == 14 && drop.kind == .data && !drop.isResubmission && drop.night == bench.night)
  }

  @Test func anEmptyFileIsADrop() throws {
    bench.drop("", "a.hl7")
    try bench.pull()
    #expect(try bench.plain(try #require(try bench.drops().first)) == "")
  }

  @Test func aSecondPullAddsNothing() throws {
    bench.drop("one", "a.hl7")
    try bench.pull()
    let journal = bench.bytes("spool/journal")
    let second = try bench.pull()
    #expect(second.known == 1 && second.sealed == 0 && bench.bytes("spool/journal") == journal)
  }

  @Test func aDropBelongsToTheNightThatMetItFirst() throws {
    bench.drop("one", "a.hl7")
    try bench.pull()
    try bench.pull(nil, bench.night.advanced(by: 1))
    #expect(try bench.drops().map(\.night) == [bench.night])
  }

  @Test func knownBytesUnderAnotherNameAreADuplicateOnceAName() throws {
    bench.drop("one", "a.hl7")
    bench.drop("one", "b.hl7")
    #expect(try bench.pull().duplicates == 1)
    let again = try bench.pull()
    #expect(again.duplicates == 0 && again.known == 2)
    #expect(try bench.drops().count == 1)
  }

  @Test func aKnownNameWithOtherBytesIsAResubmission() throws {
    bench.drop("one", "a.hl7")
    try bench.pull()
    bench.drop("two", "a.hl7")
    #expect(try bench.pull().resubmitted == 1)
    #expect(try bench.drops().map(\.isResubmission) == [false, true])
  }

  @Test func theFirstBytesUnderTheOldNameAreNothingNew() throws {
    for content in ["one", "two", "one"] {
      bench.drop(content, "a.hl7")
      try bench.pull()
    }
    #expect(try bench.drops().count == 2 && bench.records().count == 3)
  }

  @Test func feedsDoNotShareIdentities() throws {
    bench.drop("one", "a.hl7")
    try bench.pull()
    let other = FeedSource(feed: try #require(PlainName("adt")), folder: bench.path + "/drops", completeness: .rename)
    #expect(try bench.pull(other).sealed == 1)
    let drops = try bench.drops()
    #expect(drops[0].keyedHash != drops[1].keyedHash && drops[0].keyedName != drops[1].keyedName)
  }

  @Test func aFileFromTheFutureOrLongAgoStopsNothing() throws {
    bench.drop("one", "future.hl7", age: -13_000_000_000)
    bench.drop("two", "ancient.hl7", age: 13_400_000_000)
    #expect(try bench.pull().sealed == 2)
  }

  @Test func controlFilesAreMarked() throws {
    bench.drop("documents,3", "batch.ctl")
    bench.drop("<ClinicalDocument/>", "a.xml")
    try bench.pull(try bench.source { $0.control = NamePattern("*.ctl") })
    #expect(try bench.drops().map(\.kind) == [.data, .control])
  }

  @Test func neitherNamesNorBytesNorPlainHashesStandInTheSpool() throws {
    bench.drop("MSH|TEST^ALPHA", "ALPHA-TEST.hl7")
    try bench.pull()
    let drop = try #require(try bench.drops().first)
    let sealed = try DurableFile.read(bench.spool.path(of: drop.id), maximumBytes: 1 << 20)
    for secret in ["ALPHA", SHA256.digest("MSH|TEST^ALPHA".utf8).reduce("") { $0 + Hex.text([$1]) }] {
      #expect((sealed + bench.bytes("spool/journal")).firstRange(of: Array(secret.utf8)) == nil)
    }
  }

  @Test func theSourceIsLeftUnlessTheFeedSaysOtherwise() throws {
    bench.drop("one", "a.hl7")
    try bench.pull()
    #expect(bench.bytes("drops/a.hl7") == Array("one".utf8))
  }

  @Test func deletedSourcesAreGoneAfterTheRecord() throws {
    bench.drop("one", "a.hl7")
    bench.drop("one", "b.hl7")
    let pulled = try bench.pull(try bench.source { $0.afterRead = .delete })
    #expect(pulled.sealed == 1 && pulled.duplicates == 1 && pulled.notTidied == 0)
    #expect(try DurableFile.names(in: bench.path + "/drops").isEmpty)
  }

  @Test func movedSourcesCarryTheDropAndAreNotPulledAgain() throws {
    let target = bench.path + "/drops/done"
    mkdir(target, 0o700)
    bench.drop("one", "a.hl7")
    bench.drop("one", [UInt8](repeating: 0x61, count: 255))
    let source = try bench.source { $0.afterRead = .move(to: target) }
    #expect(try bench.pull(source).notTidied == 0)
    let id = try #require(try bench.drops().first).id.hex
    #expect(try DurableFile.names(in: target).allSatisfy { $0.hasPrefix(id) } && DurableFile.names(in: target).count == 2)
    #expect(try bench.pull(source).known == 0)
  }

  @Test func aFolderToMoveToThatIsMissingIsSaid() throws {
    bench.drop("one", "a.hl7")
    bench.drop("two", "b.hl7")
    let pulled = try bench.pull(try bench.source { $0.afterRead = .move(to: bench.path + "/nowhere") })
    #expect(pulled.sealed == 2 && pulled.notTidied == 2)
    #expect(pulled.tidyFault?.code == "EXC-102" && pulled.tidyFault?.summary.contains("ENOENT") == true)
    #expect(bench.bytes("drops/a.hl7") == Array("one".utf8))
  }

  @Test func whatCouldNotBeMovedIsMovedByTheNextPull() throws {
    bench.drop("one", "a.hl7")
    let target = bench.path + "/done"
    let source = try bench.source { $0.afterRead = .move(to: target) }
    try bench.pull(source)
    mkdir(target, 0o700)
    let pulled = try bench.pull(source)
    #expect(pulled.known == 1 && pulled.notTidied == 0 && pulled.tidyFault == nil)
    #expect(try DurableFile.names(in: target).count == 1)
  }

  @Test func aFolderThatIsMissingFailsItsFeedAlone() throws {
    bench.drop("one", "a.hl7")
    let missing = FeedSource(feed: try #require(PlainName("adt")), folder: bench.path + "/nowhere", completeness: .rename)
    let puller = Puller(spool: bench.spool, keys: bench.keys, log: .silent, clock: bench.clock.intake)
    let pulled = try puller.pull([missing, try bench.source()], night: bench.night)
    #expect(pulled[0].fault?.code == "EXC-101" && pulled[1].sealed == 1)
  }
}

@Suite struct HostileNameTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  static let names: [[UInt8]] = [
    Array("a\nb.hl7".utf8), Array("-rf".utf8), [UInt8](repeating: 0x78, count: 255), [0xFF, 0xFE, 0x2E], Array("a b;$(c)`d`\\\"'".utf8), Array("…".utf8),
  ]

  @Test(arguments: names) func anyNameIsPulled(name: [UInt8]) throws {
    bench.drop("one", name)
    #expect(try bench.pull().sealed == 1)
  }

  @Test func linksAndFIFOsAreSkippedAndCounted() throws {
    bench.drop("one", "a.hl7")
    symlink(bench.path + "/drops/a.hl7", bench.path + "/drops/link")
    symlink(bench.path, bench.path + "/drops/folder")
    mkfifo(bench.path + "/drops/fifo", 0o600)
    let pulled = try bench.pull()
    #expect(pulled.sealed == 1 && pulled.skipped == 3)
  }

  @Test func subfoldersAreReadAndNamesKeepThem() throws {
    mkdir(bench.path + "/drops/x", 0o700)
    bench.drop("one", "x/a.hl7")
    bench.drop("two", "a.hl7")
    #expect(try bench.pull().resubmitted == 0)
    #expect(try bench.drops().count == 2)
  }

  @Test func foldersTooDeepAreSkipped() throws {
    var folder = bench.path + "/drops"
    for _ in 0..<40 {
      folder += "/d"
      mkdir(folder, 0o700)
    }
    #expect(try bench.pull().skipped == 1)
  }

  @Test(arguments: [("*.ctl", "a.ctl", true), ("*.ctl", "a.ctl.hl7", false), ("a?c*", "abc", true), ("a?c", "ac", false), ("*a*b*", "xxaxxbxx", true), ("", "a", false), ("*", "", true)])
  func patternsMatchWholeNames(pattern: String, name: String, fits: Bool) {
    #expect(NamePattern(pattern).matches(name.utf8) == fits)
  }
}
