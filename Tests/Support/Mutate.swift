/// Damages bytes in reproducible ways: flipped, overwritten, cut out, doubled, cut off.
public enum Mutate {
  /// Calls `body` with `count` damaged copies; equal seeds give equal copies.
  public static func copies(of bytes: [UInt8], count: Int, seed: UInt64, _ body: ([UInt8]) -> Void) {
    var state = seed
    for _ in 0..<count { body(damaged(bytes, &state)) }
  }

  private static func damaged(_ bytes: [UInt8], _ state: inout UInt64) -> [UInt8] {
    var copy = bytes
    for _ in 0...next(&state, below: 4) where !copy.isEmpty {
      let at = next(&state, below: copy.count)
      switch next(&state, below: 5) {
      case 0: copy[at] ^= 1 << UInt8(next(&state, below: 8))
      case 1: copy[at] = UInt8(next(&state, below: 256))
      case 2: copy.removeSubrange(at..<min(copy.count, at + 1 + next(&state, below: 20)))
      case 3: copy.insert(contentsOf: copy[at..<min(copy.count, at + 40)], at: at)
      default: copy.removeSubrange(at...)
      }
    }
    return copy
  }

  /// SplitMix64, published by Sebastiano Vigna.
  private static func next(_ state: inout UInt64, below limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
  }
}
