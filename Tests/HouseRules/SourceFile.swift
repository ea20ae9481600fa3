import Support

/// A file of the repository as the house rules see it.
struct SourceFile: Sendable {
  /// Relative to the root of the repository.
  let path: String
  let bytes: [UInt8]
  /// The same length and lines, with comments and the contents of string literals blanked.
  let code: [UInt8]

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    var blanker = Blanker(bytes)
    code = path.hasSuffix(".swift") ? blanker.blanked() : bytes
  }

  init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }

  var lineCount: Int { bytes.count { $0 == 0x0A } }
  var codeLines: [String] { String(decoding: code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  var lines: [String] { String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

  /// `Core` for `Sources/Core/…`, `Jobs` for `Jobs/…`.
  var room: String {
    let parts = path.split(separator: "/")
    return parts.first == "Sources" && parts.count > 2 ? String(parts[1]) : String(parts.first ?? "")
  }
}

/// The checked-out repository.
enum Repository {
  static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  /// The Swift files below some top-level folders.
  static func swiftFiles(_ folders: [String]) throws -> [SourceFile] {
    try files(folders).filter { $0.path.hasSuffix(".swift") }
  }

  /// All files below some top-level folders, but for what the program and the build write.
  static func files(_ folders: [String]) throws -> [SourceFile] {
    try folders.flatMap { folder -> [SourceFile] in
      guard let paths = try? TestFile.list(under: root + "/" + folder) else { return [] }
      return try paths.map { folder + "/" + $0 }.filter { path in !written.contains { path.hasPrefix($0) } }
        .map { SourceFile(path: $0, bytes: try TestFile.read(root + "/" + $0)) }
    }
  }

  static func file(_ path: String) throws -> SourceFile { SourceFile(path: path, bytes: try TestFile.read(root + "/" + path)) }

  private static let written = ["Sites/demo/var/", "Sites/demo/drops/", "Sites/demo/delivery/", "Sites/demo.keys/"]
}

/// Blanks comments and the contents of string literals; interpolated code stays.
private struct Blanker {
  private enum Mode {
    /// Code inside an interpolation ends when its parentheses close; the outermost never does.
    case code(open: Int)
    case string(hashes: Int, isMultiline: Bool)
  }

  private let source: [UInt8]
  private var out: [UInt8]
  private var at = 0
  private var modes = [Mode.code(open: 0)]

  init(_ source: [UInt8]) {
    self.source = source
    out = source
  }

  mutating func blanked() -> [UInt8] {
    while at < source.count {
      switch modes[modes.count - 1] {
      case .code(let open): readCode(open)
      case .string(let hashes, let isMultiline): readString(hashes, isMultiline)
      }
    }
    return out
  }

  private func starts(_ text: String, at place: Int) -> Bool {
    place + text.utf8.count <= source.count && source[place..<(place + text.utf8.count)].elementsEqual(text.utf8)
  }

  private mutating func blank(_ count: Int) {
    for index in at..<min(at + count, source.count) where out[index] != 0x0A { out[index] = 0x20 }
    at += count
  }

  private mutating func readCode(_ open: Int) {
    if starts("//", at: at) { return blank((source[at...].firstIndex(of: 0x0A) ?? source.count) - at) }
    if starts("/*", at: at) { return blankBlockComment() }
    let hashes = source[at...].prefix { $0 == UInt8(ascii: "#") }.count
    if starts("\"", at: at + hashes) {
      let isMultiline = starts("\"\"\"", at: at + hashes)
      modes.append(.string(hashes: hashes, isMultiline: isMultiline))
      at += hashes + (isMultiline ? 3 : 1)
      return
    }
    switch source[at] {
    case UInt8(ascii: "("): modes[modes.count - 1] = .code(open: open + 1)
    case UInt8(ascii: ")") where modes.count > 1 && open == 1: modes.removeLast()
    case UInt8(ascii: ")"): modes[modes.count - 1] = .code(open: open - 1)
    default: break
    }
    at += 1
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if starts("/*", at: at) { depth += 1 }
      if starts("*/", at: at) { depth -= 1 }
      blank(starts("/*", at: at) || starts("*/", at: at) ? 2 : 1)
    } while depth > 0 && at < source.count
  }

  private mutating func readString(_ hashes: Int, _ isMultiline: Bool) {
    let marks = String(repeating: "#", count: hashes), quote = isMultiline ? "\"\"\"" : "\""
    if starts("\\" + marks + "(", at: at) {
      at += 1 + hashes
      modes.append(.code(open: 0))
    } else if starts("\\" + marks, at: at) {
      blank(2 + hashes)
    } else if starts(quote + marks, at: at) {
      at += quote.utf8.count + hashes
      modes.removeLast()
    } else {
      blank(1)
    }
  }
}
