import Core
import Exchange

/// A folder at a partner's: `from: {sftp: PARTNER, path: FOLDER, after: …}`.
struct RemoteFolder: Sendable, Equatable {
  var partner: String
  /// Relative to where the partner lets us in, or absolute.
  var path: String
  /// Where read files are moved to; nil where they stay or go.
  var aside: String?

  static let keyNames = ["sftp", "path", "files", "after", "control"]

  static func read(_ from: OutlineNode) throws(ConfigurationError) -> (folder: RemoteFolder, after: AfterRead, control: String?) {
    try from.allow(keyNames, code: "CFG-201")
    var remote = RemoteFolder(partner: try Name.required(from, "sftp"), path: try path("path", from), aside: nil)
    let control = try from.optional("control", code: "CFG-202")
    guard let after = from["after"] else { return (remote, .leave, control) }
    switch after.text {
    case "leave": return (remote, .leave, control)
    case "delete": return (remote, .delete, control)
    default:
      guard after["move"] != nil else { throw ConfigurationError("CFG-207", "'after' must be leave, delete or {move: FOLDER}", at: after) }
      try after.allow(["move"], code: "CFG-201")
      let target = try path("move", after)
      guard target.hasPrefix("/") == remote.path.hasPrefix("/") else {
        throw ConfigurationError(
          "CFG-231", "'path' and 'move' must both be absolute, or both relative: else nobody can tell whether one lies in the other", hint: "Write both from the root, or both from where the partner lets us in.",
          at: after["move"] ?? after)
      }
      guard !isInside(target, remote.path) else {
        throw ConfigurationError("CFG-214", "'move' lies inside the folder that is read, so that each file would be read again", hint: "Name a folder beside it.", at: after["move"] ?? after)
      }
      remote.aside = target
      return (remote, .move(to: target), control)
    }
  }

  /// No dots, no doubled slashes: what a path says is where it lies, and nothing else can be meant.
  private static func path(_ key: String, _ node: OutlineNode) throws(ConfigurationError) -> String {
    let text = try node.required(key, code: "CFG-202")
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(text.hasPrefix("/") ? 1 : 0)
    guard text.utf8.count <= 1_024, text == "/" || parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw ConfigurationError("CFG-229", "'\(key)' must be a folder at the partner's, like outbound/lab, without dots and final slash", at: node[key] ?? node)
    }
    return text
  }

  private static func isInside(_ path: String, _ folder: String) -> Bool { path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/") }

  /// Whether one holds the other, on one server under one account. Where a partner lets us in is not known here, so that of a relative path and an absolute one
  /// either may lie in the other.
  func overlaps(_ other: RemoteFolder) -> Bool {
    path.hasPrefix("/") != other.path.hasPrefix("/") || Self.isInside(path, other.path) || Self.isInside(other.path, path)
  }
}
