import Core

/// Reads a mapping without what its examples say. Half of the text of the library is examples, and no job that runs a mapping looks at them.
enum ExampleCut {
  private static let head = Array("\nexamples:".utf8)

  /// As `OutlineReader.read`, with one text in the place of the examples. Lines keep their numbers.
  ///
  /// - A file that cannot be read so is read whole: a line `examples:` within a text that goes over several lines is none.
  static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> OutlineNode {
    guard let short = without(bytes), let root = try? OutlineReader.read(short, file: file) else { return try OutlineReader.read(bytes, file: file) }
    return root
  }

  /// Nil where there is no block of that name at the left margin, on a line of its own.
  static func without(_ bytes: [UInt8]) -> [UInt8]? {
    guard let start = start(bytes) else { return nil }
    let end = end(bytes, after: start)
    var short = Array(bytes[..<start])
    short += Array(" [cut]".utf8)
    // Only what comes behind needs its line numbers.
    if end < bytes.count { short += bytes[start..<end].filter { $0 == UInt8(ascii: "\n") } }
    return short + bytes[end...]
  }

  /// Where the line `examples:` ends.
  private static func start(_ bytes: [UInt8]) -> Int? {
    var at = 0
    while let line = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) {
      let next = line + head.count
      if next < bytes.count, bytes[next] == UInt8(ascii: "\n"), bytes[line..<next].elementsEqual(head) { return next }
      at = line + 1
    }
    return nil
  }

  /// Where the next line begins that is no part of the block: one with something else than a blank, a dash or a comment at the left margin.
  private static func end(_ bytes: [UInt8], after start: Int) -> Int {
    var at = start
    while let line = bytes[at...].firstIndex(of: UInt8(ascii: "\n")), line + 1 < bytes.count {
      if ![UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "-"), UInt8(ascii: "#")].contains(bytes[line + 1]) { return line + 1 }
      at = line + 1
    }
    return bytes.count
  }
}
