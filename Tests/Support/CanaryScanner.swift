/// Looks for planted values, in every disguise of `CanaryEncoding`, where no PHI may be.
///
/// A hit names the file, the place, the number of the value and the encoding; it never prints the value.
public struct CanaryScanner: Sendable {
  public struct Hit: Sendable, Equatable, CustomStringConvertible {
    public let file: String
    /// Bytes from the start of the file.
    public let offset: Int
    /// Index into the values that the scanner was made of.
    public let canary: Int
    public let encoding: CanaryEncoding

    public var description: String { "\(file): byte \(offset): canary \(canary) as \(encoding.rawValue)" }
  }

  /// What kind of file is scanned: the last four characters of a value betray it only where people read.
  public enum Output: Sendable { case text, binary }

  private struct Meaning: Sendable {
    let canary: Int
    let encoding: CanaryEncoding
  }

  private let automaton: ByteAutomaton
  /// By pattern: several values may look the same in an encoding, so each pattern may mean several.
  private let meanings: [[Meaning]]

  /// Values should be eight bytes or longer; shorter ones turn up by chance. Encodings of fewer than four bytes are left out.
  public init(_ values: [String]) {
    var index: [[UInt8]: Int] = [:], patterns: [[UInt8]] = [], meanings: [[Meaning]] = []
    for (canary, value) in values.enumerated() {
      var seen: Set<[UInt8]> = []
      for encoding in CanaryEncoding.allCases {
        for pattern in encoding.patterns(of: Array(value.utf8)) where pattern.count >= 4 && seen.insert(pattern).inserted {
          let number = index[pattern] ?? patterns.count
          if number == patterns.count {
            index[pattern] = number
            patterns.append(pattern)
            meanings.append([])
          }
          meanings[number].append(Meaning(canary: canary, encoding: encoding))
        }
      }
    }
    automaton = ByteAutomaton(patterns)
    self.meanings = meanings
  }

  /// The hits in some bytes, ascending by offset.
  public func hits(in bytes: [UInt8], file: String, output: Output) -> [Hit] {
    var hits: [Hit] = []
    automaton.scan(bytes) { pattern, offset in
      for meaning in meanings[pattern] {
        if meaning.encoding == .lastFour, output == .binary || !Self.standsAlone(bytes, offset) { continue }
        hits.append(Hit(file: file, offset: offset, canary: meaning.canary, encoding: meaning.encoding))
      }
    }
    return hits.sorted { $0.offset < $1.offset }
  }

  /// The hits in a file.
  public func hits(inFile path: String, output: Output) throws -> [Hit] { hits(in: try TestFile.read(path), file: path, output: output) }

  /// The hits in all files below a folder, their names included. `output` says for each relative path what it is; nil leaves it out.
  public func hits(under folder: String, output: (String) -> Output?) throws -> [Hit] {
    try TestFile.list(under: folder).flatMap { path -> [Hit] in
      guard let kind = output(path) else { return [] }
      return hits(in: Array(path.utf8), file: "(name of a file)", output: .binary)
        + hits(in: try TestFile.read(folder + "/" + path), file: path, output: kind)
    }
  }

  /// Four characters betray a value only as a word of their own or behind a mask (`***1234`, `xxxx1234`).
  private static func standsAlone(_ bytes: [UInt8], _ offset: Int) -> Bool {
    func isWord(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    let masks: [UInt8] = [UInt8(ascii: "x"), UInt8(ascii: "X")]
    if offset + 4 < bytes.count, isWord(bytes[offset + 4]) { return false }
    return offset == 0 || !isWord(bytes[offset - 1]) || masks.contains(bytes[offset - 1])
  }
}
