import Core
import Map
import Trust

/// `var/pins.yaml`: which version of a set or mapping a feed reads from which night on. A name without a version is pinned at the feed's first night.
struct Pins: Equatable {
  /// Feed to name to versions, like `lab` to `hl7v2-standard` to version 1, and version 2 from a night on.
  private(set) var feeds: [String: [String: DatedVersions]] = [:]

  static func read(_ path: String) throws -> Pins {
    guard DurableFile.exists(path) else { return Pins() }
    let root = try OutlineReader.read(try DurableFile.read(path, maximumBytes: 1 << 20), file: "var/pins.yaml")
    var pins = Pins()
    for feed in root.entries {
      for pin in feed.value.entries { pins.feeds[feed.key, default: [:]][pin.key] = try DatedVersions(reading: pin.value, of: pin.key) }
    }
    return pins
  }

  /// The names of a feed's mappings with the versions in force on a night, and whether something was pinned that was not before.
  mutating func resolve(_ feed: FeedFile, _ library: MappingLibrary, on night: BusinessDate) throws -> (names: [String], isNew: Bool) {
    var names: [String] = []
    var isNew = false
    for name in feed.mappings {
      if name.contains("@") {
        guard library.latestVersion(of: name) != nil else { throw Self.unknown(name, feed, library) }
        names.append(name)
        continue
      }
      if let known = versions(of: name, feed) {
        names.append("\(name)@\(known.version(on: night))")
        continue
      }
      guard let latest = library.latestVersion(of: name).flatMap({ VersionName($0) }) else { throw Self.unknown(name, feed, library) }
      feeds[feed.name, default: [:]][name] = DatedVersions(latest.version)
      names.append(latest.description)
      isNew = true
    }
    return (names, isNew)
  }

  /// What the feed's file dates goes before what was pinned.
  private func versions(of name: String, _ feed: FeedFile) -> DatedVersions? { feed.versions[name] ?? feeds[feed.name]?[name] }

  /// The nights from which a feed is read by another version of something, ascending.
  func changes(_ feed: FeedFile) -> [BusinessDate] { Set(feed.mappings.compactMap { versions(of: $0, feed) }.flatMap(\.changes)).sorted() }

  /// The versions that a feed was pinned to under a name; nil where it never was.
  func pinned(_ name: String, of feed: String) -> DatedVersions? { feeds[feed]?[name] }

  /// Puts a version in force from a night on.
  mutating func promote(_ version: VersionName, of feed: String, from night: BusinessDate) {
    if feeds[feed]?[version.id] == nil { feeds[feed, default: [:]][version.id] = DatedVersions(version.version) }
    feeds[feed]?[version.id]?.promote(version.version, from: night)
  }

  /// SHA-256 of what is written of a feed, 32 bytes: the audit holds it for each act that changes it.
  func digest(of feed: String) -> [UInt8] {
    let lines = (feeds[feed] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)\n" }
    return SHA256.digest(Array("\(feed):\n\(lines.joined())".utf8))
  }

  private static let rooms = ["sets", "hl7v2", "ccda", "csv", "fhir"]

  private static func unknown(_ name: String, _ feed: FeedFile, _ library: MappingLibrary) -> ConfigurationError {
    let parts = library.paths.map { $0.split(separator: "/") }.filter { $0.count == 3 && Self.rooms.contains(String($0[0])) }
    let known = Set(parts.map { part in name.contains("@") ? "\(part[1])@\(part[2].dropLast(5))" : String(part[1]) })
    let nearest = known.map { (distance: Spelling.distance($0, name), name: $0) }.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    return ConfigurationError(
      "PIP-106", "there is no set or mapping of the name '\(name)'", hint: "Did you mean \(nearest.map { "'\($0)'" }.joined(separator: ", "))?", file: feed.place.file,
      line: feed.place.line, column: feed.place.column)
  }

  func write(to path: String) throws {
    var text = "# Written by compline-ingest: the versions that each feed reads. Moved by compline mapping promote, not by hand.\n"
    for feed in feeds.sorted(by: { $0.key < $1.key }) {
      text += "\(feed.key):\n"
      for pin in feed.value.sorted(by: { $0.key < $1.key }) { text += "  \(pin.key): \(pin.value.entries.count == 1 ? "\"\(pin.key)@\(pin.value.text)\"" : pin.value.text)\n" }
    }
    try DurableFile.write(Array(text.utf8), to: path, mode: 0o600)
  }
}
