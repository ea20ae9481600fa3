import Core
import Testing
import Trust

@testable import Exchange

/// Time is the bench's: a call takes as long as the partner is told to let it take.
@Suite("A partner that takes its time") struct DeadlineTests {
  let bench: Workbench
  let partner = FakePartner()

  init() throws { bench = try Workbench() }

  func source(file: Int? = nil, total: Int? = nil) throws -> FeedSource {
    var source = FeedSource(feed: try #require(PlainName("lab")), place: .partner(partner), completeness: .rename)
    (source.patience.fileSeconds, source.patience.totalSeconds) = (file, total)
    return source
  }

  func slow(_ calls: String..., seconds: Int) {
    partner.state.withLock { $0.pace = { [clock = bench.clock] in if calls.contains($0) { clock.pass(seconds: seconds) } } }
  }

  @Test("A session that takes too long is given up with a code, whatever takes the time", arguments: ["connect", "list", "open", "stamp", "read", "status", "move"])
  func overdue(call: String) throws {
    for number in 0..<50 { partner.put("\(number).hl7", [UInt8(number)]) }
    slow(call, seconds: 700)
    var source = try source(total: 600)
    source.afterRead = .move(to: "done")
    let before = bench.clock.intake.elapsed(), pulled = try bench.pull(source)
    #expect(pulled.fault?.code == "EXC-106" && pulled.fault?.exitCode == .peer)
    #expect(bench.clock.intake.elapsed() - before <= 1_400_000_000_000)
  }

  @Test("The next feed has its own time") func nextFeed() throws {
    partner.put("a.hl7", [1])
    bench.drop("one", "b.hl7")
    slow("list", seconds: 700)
    let puller = Puller(spool: bench.spool, keys: bench.keys, log: .silent, clock: bench.clock.intake)
    var other = FeedSource(feed: try #require(PlainName("adt")), folder: bench.path + "/drops", completeness: .rename)
    other.patience.totalSeconds = 600
    let pulled = try puller.pull([try source(total: 600), other], night: bench.night)
    #expect(pulled.map { $0.fault?.code } == ["EXC-106", nil] && pulled[1].sealed == 1)
  }

  @Test("Sessions that are cut share one time") func cuts() throws {
    partner.put("a.hl7", PartnerPullTests.content(100_000))
    partner.state.withLock { $0.cuts = [Int](repeating: 2_500, count: 200) }
    slow("connect", seconds: 100)
    var source = try source(total: 1_000)
    source.patience.seconds = 100_000
    #expect(try bench.pull(source).fault?.code == "EXC-106")
    #expect(partner.state.withLock { $0.connects } <= 11)
  }

  @Test("A file has one deadline over all its sessions; past it the next file is read") func file() throws {
    partner.put("a.hl7", PartnerPullTests.content(5_000))
    partner.put("b.hl7", [7])
    partner.state.withLock { $0.cuts = [1_500, 1_500, 1_500] }
    slow("read", seconds: 50)
    let pulled = try bench.pull(try source(file: 180))
    #expect(pulled.sealed == 1 && pulled.unreadable == 1 && pulled.fileFault?.code == "EXC-107" && pulled.fault == nil)
    #expect(try bench.drops().map(\.byteCount) == [1])
  }

  @Test("A file that is larger than the feed takes is not fetched, counted and named by its code") func tooLarge() throws {
    partner.put("a.hl7", PartnerPullTests.content(5_000))
    partner.put("b.hl7", [7])
    var source = try source()
    source.maximumBytes = 4_999
    let pulled = try bench.pull(source)
    #expect(pulled.sealed == 1 && pulled.unreadable == 1 && pulled.fileFault?.code == "EXC-108")
    #expect(partner.state.withLock { $0.bytesRead } == 1)
  }
}

@Suite("Listings without an end") struct EndlessListingTests {
  /// What each folder lists.
  private final class Listing: Transport {
    private let entries: [TransportEntry]
    init(_ entries: [TransportEntry]) { self.entries = entries }

    func list(_ folder: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry] {
      for entry in entries { try count.take(entry.name) }
      return entries
    }
    func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus? { nil }
    func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader { throw .missing }
    func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter { throw .denied }
    func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault) { throw .denied }
    func remove(_ path: PartnerPath) throws(TransportFault) { throw .denied }
  }

  private func walk(_ kind: TransportStatus.Kind, _ names: [[UInt8]]) throws -> IntakeWalk {
    let stamp = FileStamp(device: 0, inode: 0, byteCount: 1, modified: 0, changed: 0)
    return try IntakeWalk(Listing(names.map { TransportEntry(name: $0, status: TransportStatus(kind: kind, stamp: stamp)) }), .leave)
  }

  @Test("Folders in folders are walked up to a number of them") func folders() throws {
    #expect(throws: TransportFault.endless) { try walk(.folder, [[1], [2]]) }
  }

  @Test("Names and their bytes are counted over all folders of a walk") func names() throws {
    #expect(throws: TransportFault.endless) { try walk(.file, (0...1_000_000).map { _ in [1] }) }
    #expect(throws: TransportFault.endless) { try walk(.file, (0...64).map { _ in [UInt8](repeating: 1, count: 1 << 20) }) }
    #expect(try walk(.file, [[1], [2], [3]]).files.count == 3)
  }
}
