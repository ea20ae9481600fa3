import Core
@testable import Store
import Testing

@Suite struct CurrentStateTests {
  @Test("Taken one by one in any order, assertions end in the open version of the fold", arguments: 0..<200)
  func agrees(seed: Int) {
    var random = Seeded(seed)
    let assertions = FoldTests.assertions(&random)
    var state = CurrentState(fieldCount: 3)
    for assertion in assertions.shuffled(using: &random) { _ = state.apply(assertion) }
    let open = Fold.versions(assertions).last { $0.validTo == nil }
    #expect(state.cells == open?.cells ?? [.absent, .absent, .absent], "seed \(seed)")
  }

  @Test("It says that the content changed exactly when it did", arguments: 0..<100)
  func change(seed: Int) {
    var random = Seeded(seed)
    var state = CurrentState(fieldCount: 3)
    for assertion in FoldTests.assertions(&random) {
      let before = state.cells
      #expect(state.apply(assertion) == (state.cells != before), "seed \(seed)")
    }
  }

  @Test("The newest assertions say of the next one what all of them say, or that they do not decide it", arguments: 0..<400)
  func newest(seed: Int) {
    var random = Seeded(seed), whole = CurrentState(fieldCount: 3)
    let assertions = (0..<3).flatMap { _ in FoldTests.assertions(&random) }.sorted { ($0.eventInstant, $0.sourceRank) > ($1.eventInstant, $1.sourceRank) }
    for assertion in assertions { _ = whole.apply(assertion) }
    let count = Int.random(in: 1...6, using: &random)
    var some = CurrentState(newest: Array(assertions.prefix(count)), areAll: assertions.count < count, fieldCount: 3)
    for next in FoldTests.assertions(&random) {
      let decides = some.decides(next), changed = some.apply(next), truth = whole.apply(next)
      #expect(!decides || changed == truth, "seed \(seed)")
      #expect(!some.isWhole || some.cells == whole.cells, "seed \(seed)")
    }
  }

  @Test("The newest assertions decide what says no more fields than they do, and nothing else")
  func decided() {
    func said(_ at: Int, _ cells: [StoredCell]) -> Assertion { Assertion(eventInstant: at, sourceRank: 0, cells: cells) }
    let key = StoredCell.value([0x6B]), some = CurrentState(newest: [said(9, [key, key, .absent]), said(8, [key, key, key])], areAll: false, fieldCount: 3)
    #expect(some.decides(said(10, [key, .null, .absent])) && some.decides(said(5, [key, key, .absent])))
    #expect(!some.decides(said(10, [key, .absent, key])))
    #expect(!some.decides(Assertion(eventInstant: 10, sourceRank: 0, action: .withdraw, cells: [key, .absent, .absent])))
  }

  @Test("A row that is said of again and again is held, however many others pass, and they are not")
  func busyRow() throws {
    var cache = CurrentCache(), state = CurrentState(fieldCount: 1)
    _ = state.apply(Assertion(eventInstant: 1, sourceRank: 0, cells: [.value([UInt8](repeating: 65, count: 10_000))]))
    let refs = try (0..<4_000).map { try #require(Bytes16(withUnsafeBytes(of: ($0, 0)) { Array($0) })) }
    for ref in refs {
      cache.remember(state, ref)
      cache.remember(state, refs[0])
    }
    #expect(cache[refs[0]] != nil && cache[refs[3_999]] != nil)
    #expect(refs.count { cache[$0] != nil } < 500)
  }
}
