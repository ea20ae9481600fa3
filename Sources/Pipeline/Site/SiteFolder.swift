import Core
import Glibc
import Trust

/// The paths of a site. Everything the program writes lies below `var`.
struct SiteFolder: Sendable, Equatable {
  /// Absolute, without a final slash.
  let path: String

  init(_ path: String) throws(PipelineError) {
    guard let real = realpath(path, nil) else {
      throw PipelineError("PIP-101", .configuration, "there is no site folder at the path given", hint: "Make one with: compline init SITE")
    }
    defer { free(real) }
    self.path = String(cString: real)
  }

  var configuration: String { path + "/site.yaml" }
  var people: String { path + "/people.yaml" }
  var feeds: String { path + "/feeds" }
  var consumers: String { path + "/consumers" }
  var agreements: String { path + "/agreements" }
  var partners: String { path + "/partners" }
  var mappings: String { path + "/mappings" }
  var variable: String { path + "/var" }
  var lock: String { variable + "/lock" }
  var spool: String { variable + "/spool" }
  var receipts: String { variable + "/receipts" }
  var documents: String { variable + "/documents" }
  var store: String { variable + "/store/compline.sqlite" }
  var audit: String { variable + "/audit" }
  var pins: String { variable + "/pins.yaml" }
  var log: String { variable + "/log/compline.jsonl" }
  var metrics: String { variable + "/metrics/compline.prom" }
  func statements(_ night: BusinessDate) -> String { "\(variable)/statements/\(night)" }
  func outbox(_ consumer: String, _ night: BusinessDate) -> String { "\(variable)/outbox/\(consumer)/\(night)" }

  /// The folders of ours in which a killed run may have left a temporary file; the audit sweeps its own, under its own lock.
  func sweepable() throws -> [String] {
    var folders = [variable, variable + "/store", variable + "/metrics", variable + "/log", variable + "/ssh", variable + "/partners"]
    for part in ["statements", "outbox"] {
      for inner in try Folder.names("\(variable)/\(part)") {
        folders.append("\(variable)/\(part)/\(inner)")
        if part == "outbox" { folders += try Folder.names("\(variable)/\(part)/\(inner)").map { "\(variable)/\(part)/\(inner)/\($0)" } }
      }
    }
    return folders.filter(Folder.isFolder)
  }

  /// A path from a site file: absolute, or below the site.
  func resolve(_ text: String) -> String { text.hasPrefix("/") ? text : path + "/" + text }
}

/// What a killed run left behind.
enum StaleFiles {
  /// Only under the site's lock: a temporary file of a living run must not go.
  static func remove(below folder: SiteFolder) throws {
    for place in try folder.sweepable() { try DurableFile.removeStaleTemporaries(in: place) }
  }
}
