import Core
import Decode
import Testing

/// Values that a sender chose so that a hash anyone can compute (FNV-1a of 32 bits) is the same for all of them.
@Suite struct CollisionTests {
  /// Pairs of endings that lead from one state of the hash to one other; all combinations of them fall together.
  private static func colliding(_ stages: Int) -> [String] {
    var state: UInt32 = 2_166_136_261, values = [""]
    for _ in 0..<stages {
      var seen: [UInt32: Int] = [:], index = 0
      while true {
        let next = hash(word(index), from: state)
        if let other = seen.updateValue(index, forKey: next) {
          values = values.flatMap { [$0 + word(other), $0 + word(index)] }
          state = next
          break
        }
        index += 1
      }
    }
    return values
  }

  private static func word(_ index: Int) -> String { "n" + String(index, radix: 16) }

  private static func hash(_ word: String, from state: UInt32) -> UInt32 { word.utf8.reduce(state) { ($0 ^ UInt32($1)) &* 16_777_619 } }

  private static let values = colliding(13)

  @Test func anchorsThatFallTogetherCostNoMoreThanOthers() {
    let narrative = "<text>" + Self.values.map { "<td ID=\"\($0)\"/>" }.joined() + "</text>"
    let elapsed = ContinuousClock().measure { #expect(Decoded(cda: Sample.document(Sample.body(Sample.section("1", narrative)))).fates == ["decoded"]) }
    #expect(elapsed < .seconds(6))
  }

  @Test func anchorsThatFallTogetherAreToldApart() {
    var arena = NodeArena()
    arena.anchorName = 0
    let root = arena.addElement(1, parent: -1)
    let elements = Self.values.prefix(3_000).map { value in
      let element = arena.addElement(1, parent: root)
      arena.addAttribute(0, value: value.utf8, to: element)
      return element
    }
    #expect(zip(Self.values, elements).allSatisfy { arena.anchor(Array($0.0.utf8)[...], from: root) == $0.1 })
  }
}
