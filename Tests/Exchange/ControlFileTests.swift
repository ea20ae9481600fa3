import Core
import Exchange
import Testing

@Suite struct ControlFileTests {
  let bench: Workbench
  let source: FeedSource

  init() throws {
    bench = try Workbench()
    source = try bench.source { $0.control = NamePattern("*.ctl") }
    bench.drop("documents,8", "batch.ctl")
    try bench.pull(source)
  }

  @Test func theSameCountUnderAnotherNameIsItsOwnDrop() throws {
    bench.drop("documents,8", "batch-2.ctl")
    let pulled = try bench.pull(source)
    #expect(pulled.sealed == 1 && pulled.duplicates == 0 && pulled.known == 1)
  }

  @Test(arguments: ["documents,8", "documents,9"]) func aControlFileWrittenAnewIsANewDropAndNoResubmission(content: String) throws {
    bench.drop(content, "batch.ctl", age: 60)
    let pulled = try bench.pull(source, bench.night.advanced(by: 1))
    #expect(pulled.sealed == 1 && pulled.resubmitted == 0)
    #expect(try bench.drops().map(\.night) == [bench.night, bench.night.advanced(by: 1)])
  }

  @Test func otherBytesAtTheSameMomentAreNoResubmission() throws {
    bench.drop("documents,9", "batch.ctl")
    let pulled = try bench.pull(source)
    #expect(pulled.sealed == 1 && pulled.resubmitted == 0)
  }

  @Test func oneLeftLyingIsKnownInEveryNight() throws {
    for later in 0..<3 { #expect(try bench.pull(source, bench.night.advanced(by: later)).known == 1) }
    #expect(try bench.drops().count == 1)
  }

  @Test func aDataFileOfTheSameBytesIsNoDuplicateOfIt() throws {
    bench.drop("documents,8", "a.csv")
    #expect(try bench.pull(source).sealed == 1)
  }
}
