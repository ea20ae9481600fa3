import Core

/// Which version of a set or mapping is in force on which business date: the first from the beginning, each later one from a night on.
struct DatedVersions: Sendable, Equatable {
  struct Entry: Sendable, Equatable {
    var version: Int
    /// The first night of it; nil for the first entry, which holds for all nights before.
    var from: BusinessDate?
  }

  private(set) var entries: [Entry]

  /// One version for all nights.
  init(_ version: Int) { entries = [Entry(version: version)] }

  /// The version in force on a night.
  func version(on night: BusinessDate) -> Int {
    (entries.last { entry in entry.from.map { $0 <= night } ?? true } ?? entries[0]).version
  }

  /// Puts a version in force from a night on; what was to begin on that night or later has never been in force and goes.
  mutating func promote(_ version: Int, from night: BusinessDate) {
    entries.removeAll { entry in entry.from.map { $0 >= night } ?? false }
    entries.append(Entry(version: version, from: night))
  }

  /// The nights from which another version holds.
  var changes: [BusinessDate] { entries.compactMap(\.from) }

  /// As files write it: `1`, or `[{version: 1}, {version: 2, from: 2026-03-01}]`.
  var text: String {
    if entries.count == 1 { return String(entries[0].version) }
    let parts = entries.map { entry in "{version: \(entry.version)\(entry.from.map { ", from: \($0)" } ?? "")}" }
    return "[\(parts.joined(separator: ", "))]"
  }

  /// Reads `1`, `name@1` or the list of a name.
  ///
  /// - Throws: CFG-216 with file, line and column.
  init(reading node: OutlineNode, of name: String) throws(ConfigurationError) {
    if let text = node.text {
      let number = text.hasPrefix(name + "@") ? String(text.dropFirst(name.utf8.count + 1)) : text
      entries = [Entry(version: try Self.number(number, node))]
      return
    }
    var entries: [Entry] = []
    for item in node.items ?? [] {
      try item.allow(["version", "from"], code: "CFG-216")
      let version = try Self.number(try item.required("version", code: "CFG-216"), item)
      entries.append(Entry(version: version, from: try Self.night(item, after: entries.last)))
    }
    guard !entries.isEmpty else { throw Self.fault("'\(name)' names no version", node) }
    self.entries = entries
  }

  private static func number(_ text: String, _ node: OutlineNode) throws(ConfigurationError) -> Int {
    guard let number = Int(text), number > 0, String(number) == text else { throw fault("a version is a number above zero", node) }
    return number
  }

  /// The first entry has no date, each later one a later date than the one before.
  private static func night(_ item: OutlineNode, after last: Entry?) throws(ConfigurationError) -> BusinessDate? {
    guard let last else {
      guard item["from"] == nil else { throw fault("the first version holds from the beginning and takes no 'from'", item) }
      return nil
    }
    guard let night = BusinessDate(try item.required("from", code: "CFG-216")) else { throw fault("'from' must be a day like 2026-03-01", item) }
    if let before = last.from, before >= night { throw fault("the versions must stand in the order of their nights", item) }
    return night
  }

  private static func fault(_ summary: String, _ node: OutlineNode) -> ConfigurationError {
    ConfigurationError("CFG-216", summary, hint: "Write: NAME: [{version: 1}, {version: 2, from: 2026-03-01}].", at: node)
  }
}

/// `mappings` of a feed: names, or names with dated versions.
struct FeedMappings: Sendable {
  /// In the order of the file; with `@version` where the list says one.
  var names: [String] = []
  /// The versions of the names that the file itself dates.
  var versions: [String: DatedVersions] = [:]

  /// `mappings: [a, b@2]`, or `mappings: {a: [{version: 1}, {version: 2, from: 2026-03-01}], b: 2}`.
  init(reading root: OutlineNode) throws(ConfigurationError) {
    let node = root["mappings"] ?? root
    guard node.entries.isEmpty || root["mappings"] == nil else {
      for entry in node.entries {
        names.append(entry.key)
        versions[entry.key] = try DatedVersions(reading: entry.value, of: entry.key)
      }
      return
    }
    names = try root.texts("mappings", code: "CFG-202")
    guard !names.isEmpty else { throw ConfigurationError("CFG-203", "'mappings' names no mapping or set", at: node) }
  }
}
