import Core
@testable import Store
import Testing

@Suite struct FoldTests {
  private func said(_ at: Int, _ cells: [StoredCell], rank: Int = 0) -> Assertion { Assertion(eventInstant: at, sourceRank: rank, cells: cells) }
  private func value(_ text: String) -> StoredCell { .value(Array(text.utf8)) }

  @Test("Absent keeps, null clears, a value sets")
  func states() {
    let versions = Fold.versions([said(1, [value("a"), value("b")]), said(2, [.absent, .null]), said(3, [value("c"), .absent])])
    #expect(versions.map(\.cells) == [[value("a"), value("b")], [value("a"), .absent], [value("c"), .absent]])
  }

  @Test("A version is valid until the next one begins, the last one for ever")
  func ranges() {
    let versions = Fold.versions([said(1, [value("a")]), said(5, [value("b")])])
    #expect(versions.map(\.validFrom) == [1, 5])
    #expect(versions.map(\.validTo) == [5, nil])
  }

  @Test("An assertion that changes nothing makes no version")
  func unchanged() {
    #expect(Fold.versions([said(1, [value("a")]), said(2, [value("a")]), said(3, [.absent])]).count == 1)
  }

  @Test("At one event time the higher source rank decides")
  func rank() {
    #expect(Fold.versions([said(1, [value("a")], rank: 2), said(1, [value("z")], rank: 1)]).map(\.cells) == [[value("a")]])
  }

  @Test("At one event time and rank the content decides, not the order of arrival")
  func content() {
    let one = said(1, [value("a")]), two = said(1, [value("b")])
    #expect(Fold.versions([one, two]) == Fold.versions([two, one]))
  }

  private func withdrawn(_ at: Int) -> Assertion { Assertion(eventInstant: at, sourceRank: 0, action: .withdraw, cells: [value("k"), value("z")]) }

  @Test("A withdrawal ends the row at its event time; what is said later begins anew and keeps nothing")
  func withdrawal() {
    let first = said(1, [value("k"), value("a")]), again = said(9, [value("k"), .absent])
    #expect(Fold.versions([first, withdrawn(5)]).map(\.validTo) == [5])
    let versions = Fold.versions([first, withdrawn(5), again])
    #expect(versions.map(\.validFrom) == [1, 9] && versions.map(\.validTo) == [5, nil])
    #expect(versions.last?.cells == [value("k"), .absent])
  }

  @Test("A withdrawal stands for what was said at its event time, and for what arrives late from before it")
  func withdrawnAtOnce() {
    #expect(Fold.versions([said(5, [value("k"), value("a")], rank: 1_000), withdrawn(5)]).isEmpty)
    let corrected = Assertion(eventInstant: 5, sourceRank: 1_000, action: .correct, cells: [value("k"), value("b")])
    #expect(Fold.versions([withdrawn(5), corrected]).isEmpty)
    #expect(Fold.versions([withdrawn(5), said(3, [value("k"), value("a")])]).map(\.validTo) == [5])
  }

  @Test("What is not final comes before all else of its event time, whatever the ranks of the sources")
  func announced() {
    let preliminary = Assertion(eventInstant: 5, sourceRank: 1_000, action: .announce, cells: [value("k"), value("z")])
    let final = said(5, [value("k"), value("a")], rank: 0)
    #expect(Fold.versions([final, preliminary]).map(\.cells) == [[value("k"), value("a")]])
    #expect(Fold.versions([said(4, [value("k"), value("a")], rank: 0), preliminary]).last?.cells == [value("k"), value("z")])
  }

  @Test("No assertions, no versions")
  func empty() { #expect(Fold.versions([]).isEmpty) }

  @Test("Any permutation of the same assertions gives the same versions", arguments: 0..<200)
  func permutations(seed: Int) {
    var random = Seeded(seed)
    let assertions = Self.assertions(&random)
    #expect(Fold.versions(assertions) == Fold.versions(assertions.shuffled(using: &random)), "seed \(seed)")
  }

  @Test("Repeating an assertion changes no version", arguments: 0..<50)
  func repetition(seed: Int) {
    var random = Seeded(seed)
    let assertions = Self.assertions(&random)
    #expect(Fold.versions(assertions + assertions.prefix(3)) == Fold.versions(assertions), "seed \(seed)")
  }

  /// The first cell is the key, which every assertion has.
  static func assertions(_ random: inout Seeded) -> [Assertion] {
    (0..<Int.random(in: 1...8, using: &random)).map { _ in
      let cells = (0..<3).map { field -> StoredCell in
        switch field == 0 ? 9 : Int.random(in: 0...3, using: &random) {
        case 0: .absent
        case 1: .null
        case 9: .value([0x6B])
        default: .value([UInt8.random(in: 0x61...0x63, using: &random)])
        }
      }
      let action = [RowAction.announce, .state, .state, .correct, .withdraw].randomElement(using: &random) ?? .state
      return Assertion(eventInstant: Int.random(in: 1...4, using: &random), sourceRank: Int.random(in: 0...1, using: &random), action: action, cells: cells)
    }
  }
}
