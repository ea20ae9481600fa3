import Core
import Glibc
import Trust

/// A feed to begin with: `templates/<name>` beside the shipped mappings, a feed file in which NAME and ZONE are filled in, and a synthetic drop.
struct FeedTemplate {
  let name: String
  let folder: String

  private static let limit = 1 << 20

  /// The templates of a folder of mappings, by name.
  static func all(_ mappings: String) throws -> [FeedTemplate] {
    try Folder.names("\(mappings)/templates").map { FeedTemplate(name: $0, folder: "\(mappings)/templates/\($0)") }
  }

  static func named(_ name: String, _ mappings: String) throws -> FeedTemplate {
    let all = try all(mappings)
    guard let found = all.first(where: { $0.name == name }) else {
      throw PipelineError("PIP-720", .usage, "there is no such template", hint: "Templates are: \(all.map(\.name).joined(separator: ", "))")
    }
    return found
  }

  /// What the template is for: the comment in its first line.
  var purpose: String { get throws { try text().split(separator: "\n").first.map { String($0.drop { $0 == "#" || $0 == " " }) } ?? "" } }

  /// The feed file for a feed of that name.
  ///
  /// - since: the first night that it counts in; nil for a feed that is there from the beginning.
  func feed(named feed: String, zone: String, since: BusinessDate?) throws -> [UInt8] {
    let first = since.map { "# the first night that it counts in: older ones, run again, do not look at it\nsince: \($0)\n" } ?? ""
    return Array((try text().replacing("NAME", with: feed).replacing("ZONE", with: zone) + first).utf8)
  }

  /// The synthetic files, by name.
  func drop() throws -> [(name: String, bytes: [UInt8])] {
    try Folder.names("\(folder)/drop").map { ($0, try DurableFile.read("\(folder)/drop/\($0)", maximumBytes: Self.limit)) }
  }

  private func text() throws -> String { String(decoding: try DurableFile.read("\(folder)/feed.yaml", maximumBytes: Self.limit), as: UTF8.self) }
}

/// Synthetic files laid into a drop folder.
enum SyntheticDrop {
  /// Long past every settle window.
  private static let modified = 1_600_000_000

  /// Writes a file, its folder too, so that it counts as settled.
  static func lay(_ bytes: [UInt8], at path: String) throws {
    try Folder.make(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)))
    try DurableFile.write(bytes, to: path, mode: 0o600)
    let moment = timespec(tv_sec: modified, tv_nsec: 0)
    guard utimensat(AT_FDCWD, path, [moment, moment], 0) == 0 else { throw PipelineError.system("PIP-703", "the time of a synthetic drop could not be set") }
  }
}
