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
