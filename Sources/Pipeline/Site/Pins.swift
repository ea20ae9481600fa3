import Core
import Map
import Trust

/// `var/pins.yaml`: which version of a set or mapping a feed reads. A name without a version is pinned at the feed's first night.
struct Pins: Equatable {
  /// Feed to name to pinned name, like `lab` to `hl7v2-standard` to `hl7v2-standard@1`.
  private(set) var feeds: [String: [String: String]] = [:]

  static func read(_ path: String) throws -> Pins {
    guard DurableFile.exists(path) else { return Pins() }
    let root = try OutlineReader.read(try DurableFile.read(path, maximumBytes: 1 << 20), file: "var/pins.yaml")
    var pins = Pins()
    for feed in root.entries {
      for pin in feed.value.entries { pins.feeds[feed.key, default: [:]][pin.key] = pin.value.text }
    }
    return pins
  }

  /// The pinned names of a feed's mappings, and whether something was pinned that was not before.
  mutating func resolve(_ feed: FeedFile, _ library: MappingLibrary) throws -> (names: [String], isNew: Bool) {
    var names: [String] = []
    var isNew = false
    for name in feed.mappings {
      if name.contains("@") {
        names.append(name)
        continue
      }
      if let pinned = feeds[feed.name]?[name] {
        names.append(pinned)
        continue
      }
      guard let latest = library.latestVersion(of: name) else {
        throw Self.unknown(name, feed, library)
      }
      feeds[feed.name, default: [:]][name] = latest
      names.append(latest)
      isNew = true
    }
    return (names, isNew)
  }

  private static func unknown(_ name: String, _ feed: FeedFile, _ library: MappingLibrary) -> ConfigurationError {
    let known = Set(library.paths.map { $0.split(separator: "/") }.filter { $0.count == 3 && ["sets", "hl7v2", "ccda", "csv"].contains($0[0]) }.map { String($0[1]) })
    let nearest = known.map { (distance: Spelling.distance($0, name), name: $0) }.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    return ConfigurationError(
      "PIP-106", "there is no set or mapping of the name '\(name)'", hint: "Did you mean \(nearest.map { "'\($0)'" }.joined(separator: ", "))?", file: feed.place.file,
      line: feed.place.line, column: feed.place.column)
  }

  func write(to path: String) throws {
    var text = "# Written by compline-ingest: the versions that each feed reads. Moved by a promotion, not by hand.\n"
    for feed in feeds.sorted(by: { $0.key < $1.key }) {
      text += "\(feed.key):\n"
      for pin in feed.value.sorted(by: { $0.key < $1.key }) { text += "  \(pin.key): \"\(pin.value)\"\n" }
    }
    try DurableFile.write(Array(text.utf8), to: path, mode: 0o600)
  }
}
