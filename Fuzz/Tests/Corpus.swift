import Core
import Decode
import Glibc
import Oracle
import Support

/// The real files that `CORPUS` names, with the settings by which they are read.
struct Corpus: Sendable {
  struct File: Sendable, CustomStringConvertible {
    let name: String
    let bytes: [UInt8]
    let format: SourceFormat

    var description: String { name }
    var settings: DecodeSettings { DecodeSettings(format: format) }
    var tokens: [[UInt8]] { Tokens.of(format) }
  }

  static let folder: String? = getenv("CORPUS").map { String(cString: $0) }

  /// All of them, ascending by name.
  static let files: [File] = SourceFormat.allCases.flatMap { format -> [File] in
    let root = (folder ?? "") + "/" + format.rawValue
    return ((try? TestFile.list(under: root)) ?? []).compactMap { path in
      (try? TestFile.read(root + "/" + path)).map { File(name: "\(format.rawValue)/\(path)", bytes: $0, format: format) }
    }
  }

  /// Breaches of a check of each file, as lines that name the file; at most 40 of them.
  static func breaches(_ check: (File) -> [Breach]) -> [String] {
    var lines: [String] = []
    for file in files where lines.count < 40 { lines += Set(check(file)).map { "\(file.name): \($0)" } }
    return lines.sorted()
  }
}
