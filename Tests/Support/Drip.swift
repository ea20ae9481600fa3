/// Feeds a reader in pieces: where the pieces end must never show in what it reads.
public enum Drip {
  /// The split points at which a reader gives something else than for the whole; -1 stands for one byte at a time.
  ///
  /// - Parameter read: reads a fresh drop from its pieces.
  public static func differingSplits<Result: Equatable>(of bytes: [UInt8], _ read: ([[UInt8]]) -> Result) -> [Int] {
    let whole = read([bytes])
    var differing = read(bytes.map { [$0] }) == whole ? [] : [-1]
    for split in bytes.indices.dropFirst() where read([Array(bytes[..<split]), Array(bytes[split...])]) != whole { differing.append(split) }
    return differing
  }
}
