/// Damages bytes in reproducible ways: flipped, overwritten, cut out, doubled, cut off, moved, and tokens put in.
public enum Mutate {
  /// Calls `body` with `count` damaged copies; equal seeds give equal copies.
  ///
  /// - Parameter tokens: what the reader knows: words whose wrong place hurts more than any random byte.
  public static func copies(of bytes: [UInt8], count: Int, seed: UInt64, tokens: [[UInt8]] = [], _ body: ([UInt8]) -> Void) {
    var generator = SeededGenerator(seed)
    for _ in 0..<count { body(damaged(bytes, tokens, &generator)) }
  }

  /// A copy damaged one to four times.
  public static func damaged(_ bytes: [UInt8], _ tokens: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
    var copy = bytes
    for _ in 0...Int.random(in: 0..<4, using: &generator) where !copy.isEmpty { damage(&copy, tokens, &generator) }
    return copy
  }

  private static func damage(_ copy: inout [UInt8], _ tokens: [[UInt8]], _ generator: inout SeededGenerator) {
    let at = Int.random(in: 0..<copy.count, using: &generator), kind = Int.random(in: 0..<(tokens.isEmpty ? 6 : 9), using: &generator)
    switch kind {
    case 0: copy[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: copy[at] = UInt8.random(in: 0...255, using: &generator)
    case 2: copy.removeSubrange(at..<min(copy.count, at + Int.random(in: 1...20, using: &generator)))
    case 3: copy.insert(contentsOf: copy[at..<min(copy.count, at + Int.random(in: 1...200, using: &generator))], at: at)
    case 4: copy.removeSubrange(at...)
    case 5: move(&copy, from: at, to: Int.random(in: 0..<copy.count, using: &generator))
    default: copy.insert(contentsOf: tokens[Int.random(in: 0..<tokens.count, using: &generator)], at: at)
    }
  }

  /// Moves some bytes to another place.
  private static func move(_ copy: inout [UInt8], from: Int, to: Int) {
    let part = Array(copy[from..<min(copy.count, from + 60)])
    copy.removeSubrange(from..<(from + part.count))
    copy.insert(contentsOf: part, at: min(to, copy.count))
  }
}
