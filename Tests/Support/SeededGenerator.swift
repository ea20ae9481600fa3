import Glibc

/// SplitMix64: the same seed gives the same numbers on every machine.
///
/// Give a test its seeds as arguments, `@Test(arguments: SeededGenerator.seeds(20))`, so that a failure names the seed that
/// failed; `COMPLINE_SEED=<that seed>` makes it the first one of the next run.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(_ seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// `count` bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

  /// From `COMPLINE_SEED`, else drawn once a process.
  public static let base: UInt64 = getenv("COMPLINE_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64.max)

  /// The base seed and more that follow from it.
  public static func seeds(_ count: Int) -> [UInt64] {
    var generator = SeededGenerator(base)
    return [base] + (1..<max(count, 1)).map { _ in generator.next() }
  }
}
