import Core
import Exchange
import Glibc
import Testing
import Trust

@Suite struct OrphanTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    bench.drop("one", "a.hl7")
    try bench.pull()
  }

  /// Cuts the journal to its first lines.
  func shorten(to count: Int) throws {
    let lines = bench.bytes("spool/journal").split(separator: 0x0A).prefix(count).map { $0 + [0x0A] }
    try #require(truncate(bench.path + "/spool/journal", off_t(lines.joined().count)) == 0)
  }

  @Test func withoutItsJournalASpoolIsLeftAlone() throws {
    unlink(bench.path + "/spool/journal")
    let files = try bench.spoolFiles()
    #expect(code { try bench.pull() } == "EXC-203")
    #expect(code { _ = try bench.records() } == "EXC-203")
    #expect(try bench.spoolFiles() == files && !DurableFile.exists(bench.path + "/spool/journal"))
  }

  @Test func aJournalThatLostDropsRemovesNone() throws {
    bench.drop("two", "b.hl7")
    try bench.pull()
    try shorten(to: 0)
    let files = try bench.spoolFiles()
    #expect(code { try bench.pull() } == "EXC-204")
    #expect(try bench.spoolFiles() == files)
  }

  @Test func theOneSealedFileThatAKillLeavesIsSetAsideAndPulledAgain() throws {
    let orphan = try #require(try bench.drops().first)
    let sealed = try DurableFile.read(bench.spool.path(of: orphan.id), maximumBytes: 1 << 20)
    try shorten(to: 0)
    #expect(try bench.pull().sealed == 1)
    let drop = try #require(try bench.drops().first)
    #expect(drop.id != orphan.id && bench.bytes("spool/orphans/\(orphan.id.hex).sealed") == sealed)
    #expect(try bench.spoolFiles() == [drop.id.hex + ".sealed"])
  }

  @Test func temporaryFilesOfAKillAreRemoved() throws {
    let shard = bench.path + "/spool/" + (try #require(try bench.drops().first)).id.hex.prefix(2)
    try DurableFile.write([1], to: shard + "/.tmp-0011", mode: 0o600)
    try bench.pull()
    #expect(try bench.spoolFiles().count == 1)
  }
}
