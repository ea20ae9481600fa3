import Core
import Synchronization
import Testing
import Trust

@testable import Exchange

@Suite("Pulling from a partner whose sessions break off and whose files have no inodes") struct PartnerPullTests {
  let bench: Workbench
  let partner = FakePartner()

  init() throws { bench = try Workbench() }

  func source(_ change: (inout FeedSource) -> Void = { _ in }) throws -> FeedSource {
    var source = FeedSource(feed: try #require(PlainName("lab")), place: .partner(partner), completeness: .rename)
    change(&source)
    return source
  }

  static func content(_ count: Int, seed: Int = 1) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 7 &+ seed &* 17) } }

  func plain() throws -> Set<String> { Set(try bench.drops().map { try bench.plain($0) }) }

  @Test("A file goes on where its session was cut, and is whole")
  func resumes() throws {
    partner.put("a.hl7", Self.content(9_500))
    partner.state.withLock { $0.cuts = [1_000, 2_500, 0, 3_000] }
    #expect(try bench.pull(source()).sealed == 1)
    #expect(try plain() == [String(decoding: Self.content(9_500), as: UTF8.self)])
    #expect(partner.state.withLock { $0.bytesRead } < 2 * 9_500)
  }

  @Test("Content that changed under the same length and time is read anew, never spliced")
  func anew() throws {
    partner.put("a.hl7", Self.content(5_000))
    partner.state.withLock { state in
      state.cuts = [2_000]
      state.before["read"] = { $0.before["open"] = { $0.files = $0.files.mapValues { FakePartner.File(bytes: Self.content(5_000, seed: 2), modified: $0.modified) } } }
    }
    #expect(try bench.pull(source()).sealed == 1)
    #expect(try plain() == [String(decoding: Self.content(5_000, seed: 2), as: UTF8.self)])
  }

  @Test("A file that is not the one that was listed is arriving", arguments: [4_999, 5_001])
  func changed(count: Int) throws {
    partner.put("a.hl7", Self.content(5_000))
    partner.state.withLock { state in
      state.before["read"] = { $0.files = $0.files.mapValues { FakePartner.File(bytes: Self.content(count), modified: $0.modified) } }
    }
    let pulled = try bench.pull(source())
    #expect(pulled.sealed == 0 && pulled.arriving == 1)
    #expect(try bench.spoolFiles().isEmpty)
  }

  @Test("After the last vain try the feed carries a fault and the next one goes on")
  func givenUp() throws {
    partner.put("a.hl7", [1])
    partner.state.withLock { $0.deaf = 100 }
    bench.drop("one", "b.hl7")
    let puller = Puller(spool: bench.spool, keys: bench.keys, log: .silent, clock: bench.clock.intake)
    let other = FeedSource(feed: try #require(PlainName("adt")), folder: bench.path + "/drops", completeness: .rename)
    let pulled = try puller.pull([source(), other], night: bench.night)
    #expect(pulled[0].fault?.code == "EXC-104" && pulled[0].fault?.exitCode == .peer && pulled[0].unreadable == 1 && pulled[1].sealed == 1)
    #expect(partner.state.withLock { $0.connects } == 5)
  }

  @Test("Of receipts the fault names the consumer, not a feed", arguments: [(FeedSource.Matter.drops, "feed adt: "), (.receipts, "consumer adt (receipts): ")])
  func ofReceipts(matter: FeedSource.Matter, title: String) throws {
    var missing = FeedSource(feed: try #require(PlainName("adt")), folder: bench.path + "/nowhere", completeness: .rename)
    missing.matter = matter
    #expect(try #require(bench.pull(missing).fault).summary.hasPrefix(title))
  }

  @Test("Waits grow, and their sum is bounded even where each session brings something")
  func bounded() throws {
    partner.put("a.hl7", Self.content(100_000))
    partner.state.withLock { $0.cuts = [Int](repeating: 100, count: 2_000) }
    let pulled = try bench.pull(source { $0.patience.seconds = 60 })
    #expect(pulled.fault?.code == "EXC-104")
    let waits = bench.clock.waits.withLock { $0.reduce(0, +) }
    #expect(waits <= 61)
  }

  @Test("Files that came whole before the end stay, and the next pull goes on")
  func goesOn() throws {
    for number in 0..<10 { partner.put("\(number).hl7", Self.content(1_000, seed: number)) }
    partner.state.withLock { $0.cuts = [4_500, 0, 0, 0, 0, 0] }
    #expect(try bench.pull(source()).sealed == 4)
    #expect(try bench.pull(source()).sealed == 6)
    #expect(try plain().count == 10)
  }

  @Test("Five hundred files over two hundred cuts, with the partner at work meanwhile: each settled file once, byte for byte")
  func manyCuts() throws {
    var random = SeededBytes(7)
    for number in 0..<500 { partner.put("f\(number).hl7", Self.content(1 + random.next(4_000), seed: number)) }
    partner.state.withLock { state in state.cuts = (0..<200).map { _ in random.next(9_000) } }
    partner.state.withLock { state in
      state.before["read"] = { state in
        for path in state.files.keys where path.components[0].last == 0x37 { state.files[path]?.bytes += [1] }
      }
    }
    let whole = Set(partner.state.withLock { $0.files.values.map(\.bytes) }.map { String(decoding: $0, as: UTF8.self) })
    _ = try bench.pull(source { $0.patience.seconds = 100_000 })
    _ = try bench.pull(source())
    #expect(try bench.drops().count == 500)
    let now = Set(partner.state.withLock { $0.files.values.map(\.bytes) }.map { String(decoding: $0, as: UTF8.self) })
    #expect(try plain() == now && now.count == whole.count)
  }

  // MARK: What was met before

  @Test("A file met before is not fetched again")
  func known() throws {
    partner.put("a.hl7", Self.content(5_000))
    try bench.pull(source())
    #expect(try bench.pull(source()).known == 1)
    #expect(partner.state.withLock { $0.bytesRead } == 5_000)
  }

  @Test("A file that was young when it was fetched is looked at again")
  func young() throws {
    partner.put("a.hl7", [1, 2, 3], age: 1)
    try bench.pull(source())
    partner.state.withLock { $0.files = $0.files.mapValues { FakePartner.File(bytes: [3, 2, 1], modified: $0.modified) } }
    #expect(try bench.pull(source()).resubmitted == 1)
  }

  @Test("The same length at another time is fetched, and remembered once it proves known")
  func touched() throws {
    partner.put("a.hl7", [1, 2, 3])
    try bench.pull(source())
    partner.put("a.hl7", [1, 2, 3], age: 1_800)
    #expect(try bench.pull(source()).known == 1)
    #expect(try bench.pull(source()).known == 1)
    #expect(partner.state.withLock { $0.bytesRead } == 6)
  }
}

@Suite("Tidying at a partner's") struct PartnerTidyTests {
  let bench: Workbench
  let partner = FakePartner()

  init() throws {
    bench = try Workbench()
    partner.put("a.hl7", [1, 2, 3])
  }

  func pull(_ action: AfterRead) throws -> FeedPull {
    var source = FeedSource(feed: try #require(PlainName("lab")), place: .partner(partner), completeness: .rename)
    source.afterRead = action
    return try bench.pull(source)
  }

  @Test func aSealedFileIsDeletedOverASessionThatIsCutAtAnyCall() throws {
    for call in ["status", "move", "remove", "list", "open", "stamp"] {
      partner.put("\(call).hl7", Array(call.utf8))
      partner.state.withLock { $0.cutAfter = [call] }
      #expect(try pull(.delete).notTidied == 0, "\(call)")
      #expect(partner.names().isEmpty, "\(call)")
    }
    #expect(try bench.drops().count == 7)
  }

  @Test func aFilePutInItsPlaceAtTheLastMomentIsPutBack() throws {
    partner.state.withLock { state in
      state.before["move"] = { $0.files = $0.files.mapValues { FakePartner.File(bytes: [9], modified: $0.modified) } }
    }
    let pulled = try pull(.delete)
    #expect(pulled.sealed == 1 && pulled.tidyFault?.code == "EXC-103")
    #expect(partner.bytes("a.hl7") == [9] && partner.names().count == 1)
  }

  @Test(arguments: [AfterRead.delete, .move(to: "done")]) func aFileOfTheSameLengthAndTimeThatTookTheNameIsReadBeforeItGoes(action: AfterRead) throws {
    partner.state.withLock { state in
      state.before["move"] = { $0.files = $0.files.mapValues { FakePartner.File(bytes: [4, 5, 6], modified: $0.modified) } }
    }
    #expect(try pull(action).arriving == 1)
    #expect(partner.bytes("a.hl7") == [4, 5, 6] && partner.names().count == 1 && partner.names(.aside).isEmpty)
  }

  @Test(arguments: [0, 1_700_000_000]) func aNewFileOfTheNameLengthAndTimeOfOneThatWasTakenAwayIsTaken(seconds: Int) throws {
    for content in [[1, 2, 3], [4, 5, 6]] as [[UInt8]] {
      partner.state.withLock { $0.files = [PartnerPath().appending(Array("a.hl7".utf8)): FakePartner.File(bytes: content, modified: seconds * 1_000_000_000)] }
      #expect(try pull(.delete).sealed == 1 && partner.names().isEmpty)
    }
  }

  @Test func whereNoTimesAreToldEveryFileIsReadAgain() throws {
    for content in [[1, 2, 3], [4, 5, 6]] as [[UInt8]] {
      partner.state.withLock { $0.files = [PartnerPath().appending(Array("a.hl7".utf8)): FakePartner.File(bytes: content, modified: 0)] }
      #expect(try pull(.leave).sealed == 1)
    }
  }

  @Test func aFileThatCannotGoIntoTheOtherFolderKeepsItsNameUntilItCan() throws {
    partner.state.withLock { $0.hasAside = false }
    #expect(try pull(.move(to: "done")).notTidied == 1 && partner.names() == ["a.hl7"])
    partner.state.withLock { $0.hasAside = true }
    #expect(try pull(.move(to: "done")).known == 1 && partner.names().isEmpty && partner.names(.aside).count == 1)
  }

  @Test func movedFilesCarryTheDropAndReplaceNothing() throws {
    #expect(try pull(.move(to: "done")).notTidied == 0)
    let id = try #require(try bench.drops().first).id.hex
    #expect(partner.names(.aside) == [id + "-a.hl7"] && partner.names().isEmpty)
    partner.put("a.hl7", [1, 2, 3])
    #expect(try pull(.move(to: "done")).known == 1)
    #expect(partner.names(.aside) == [id + "-2-a.hl7", id + "-a.hl7"])
  }

  @Test func aMoveThatWentThroughBeforeTheCutIsNotTakenTwice() throws {
    partner.state.withLock { $0.cutAfter = ["move"] }
    #expect(try pull(.move(to: "done")).notTidied == 0)
    #expect(partner.names(.aside).count == 1)
  }

  @Test func whatAMoveDidLateToAnotherFileIsGivenBack() throws {
    _ = try pull(.move(to: "done"))
    let id = try #require(try bench.drops().first).id.hex
    partner.put(".compline-\(id)-a.hl7", [4, 5, 6, 7])
    #expect(try pull(.move(to: "done")).arriving == 1)
    #expect(partner.bytes("a.hl7") == [4, 5, 6, 7] && partner.names(.aside).count == 1)
  }

  @Test func aHoleInADropsLineTakesTheStampThatWasWrittenWithIt() throws {
    _ = try pull(.leave)
    let path = bench.path + "/spool/journal", lines = bench.bytes("spool/journal").split(separator: 0x0A, omittingEmptySubsequences: false)
    let pair = Array(lines[0] + [0x0A] + lines[1] + [0x0A])
    for hole in [1, 20, lines[0].count, lines[0].count + 1, lines[0].count + 30] {
      try DurableFile.write([UInt8](repeating: 0, count: hole) + pair[hole...], to: path, mode: 0o600)
      #expect(try bench.records().isEmpty, "\(hole)")
    }
  }

  @Test func whatAKilledDeletionLeftIsEnded() throws {
    _ = try pull(.leave)
    let id = try #require(try bench.drops().first).id.hex
    partner.state.withLock { $0.files = [:] }
    partner.put(".compline-\(id)-a.hl7", [1, 2, 3])
    partner.put(".compline-\(id)-b.hl7", [4])
    let pulled = try pull(.delete)
    #expect(pulled.arriving == 1 && partner.names() == ["b.hl7"])
    #expect(try pull(.delete).sealed == 1)
  }
}

/// Small numbers from a seed.
struct SeededBytes {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
