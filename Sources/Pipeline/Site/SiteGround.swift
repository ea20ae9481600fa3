import Core
import Glibc

/// What the folders that people name in site files may not touch: everything the program writes, and the keys.
struct SiteGround {
  let folder: SiteFolder
  /// The folder of the keys, as site.yaml says it.
  let keys: String

  /// Resolves the folder of a key and refuses it inside `var` or the keys: there it would be read as a drop, or swept.
  func place(_ key: String, of node: OutlineNode) throws(ConfigurationError) -> String {
    let path = folder.resolve(try node.required(key, code: "CFG-202"))
    try refuseInside(path, key, node)
    return path
  }

  /// A drop folder is read with its subfolders, so it may not hold `var` or the keys either.
  func dropFolder(of node: OutlineNode) throws(ConfigurationError) -> String {
    let path = try place("drop", of: node)
    guard let near = closed.first(where: { PathPlace.isInside($0.path, path) }) else { return path }
    throw ConfigurationError("CFG-213", "'drop' holds \(near.name), which would be read as a delivery", hint: "Name a folder of its own, like drops/lab.", at: node["drop"] ?? node)
  }

  func refuseInside(_ path: String, _ key: String, _ node: OutlineNode) throws(ConfigurationError) {
    guard let near = closed.first(where: { PathPlace.isInside(path, $0.path) }) else { return }
    throw ConfigurationError("CFG-213", "'\(key)' lies inside \(near.name)", hint: "Name a folder outside of what the program writes and of the keys.", at: node[key] ?? node)
  }

  private var closed: [(name: String, path: String)] { [("var", folder.variable), ("the keys folder", keys)] }
}

/// Where a path really lies, also when its last parts do not exist yet.
enum PathPlace {
  /// The path without links and dots; what does not exist is kept as it is written.
  static func real(_ path: String) -> String {
    var known = absolute(path).split(separator: "/").map(String.init)
    var missing: [String] = []
    while !known.isEmpty {
      if let real = linkless("/" + known.joined(separator: "/")) { return joined(real, missing) }
      missing.insert(known.removeLast(), at: 0)
    }
    return joined("/", missing)
  }

  /// True for the folder itself and everything below it.
  static func isInside(_ path: String, _ folder: String) -> Bool {
    let path = real(path), folder = real(folder)
    return path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }

  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }

  private static func linkless(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  private static func joined(_ base: String, _ rest: [String]) -> String {
    var parts = base.split(separator: "/").map(String.init)
    for part in rest where part != "." {
      if part != ".." { parts.append(part) } else if !parts.isEmpty { parts.removeLast() }
    }
    return "/" + parts.joined(separator: "/")
  }
}
