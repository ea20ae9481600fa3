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
}
