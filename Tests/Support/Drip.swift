/// Feeds a reader in pieces: where the pieces end must never show in what it reads.
public enum Drip {
  /// The split points at which a reader gives something else than for the whole; -1 stands for one byte at a time.
  ///
  /// - Parameter read: reads a fresh drop from its pieces.
  public static func differingSplits<Result: Equatable>(of bytes: [UInt8], _ read: ([[UInt8]]) -> Result) -> [Int] {
    let byByte = read(bytes.map { [$0] }) == read([bytes]) ? [] : [-1]
    return byByte + differingSplits(of: bytes, at: Array(bytes.indices.dropFirst()), read)
  }

  /// The same for some split points only.
  public static func differingSplits<Result: Equatable>(of bytes: [UInt8], at splits: [Int], _ read: ([[UInt8]]) -> Result) -> [Int] {
    let whole = read([bytes])
    return splits.filter { read([Array(bytes[..<$0]), Array(bytes[$0...])]) != whole }
  }

  /// The bytes cut at every one of some ascending places.
  public static func pieces(of bytes: [UInt8], cutAt places: [Int]) -> [[UInt8]] {
    var pieces: [[UInt8]] = [], start = 0
    for place in places where place > start && place < bytes.count {
      pieces.append(Array(bytes[start..<place]))
      start = place
    }
    return pieces + [Array(bytes[start...])]
  }

  /// The bytes in pieces of one size.
  public static func pieces(of bytes: [UInt8], size: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: max(size, 1)).map { Array(bytes[$0..<min(bytes.count, $0 + max(size, 1))]) }
  }

  /// The bytes in pieces of random sizes, empty ones among them; equal seeds give equal pieces.
  public static func pieces(of bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
    var generator = SeededGenerator(seed), pieces: [[UInt8]] = [], start = 0
    let longest = 1 << Int.random(in: 1...12, using: &generator)
    while start < bytes.count {
      let end = min(bytes.count, start + Int.random(in: 0...longest, using: &generator))
      pieces.append(Array(bytes[start..<end]))
      start = end
    }
    return pieces
  }

  /// The places where a reader of segments or of tags changes its mind: before and after each byte that is no letter, digit or
  /// blank, moved by `shift`.
  public static func boundaries(of bytes: [UInt8], movedBy shift: Int) -> [Int] {
    bytes.indices.filter { isBoundary(bytes[$0]) }.map { $0 + shift }.filter { $0 > 0 && $0 < bytes.count }
  }

  private static func isBoundary(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: false
    default: true
    }
  }
}
