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
        throw PipelineError("PIP-106", .configuration, "feeds: the feed '\(feed.name)' names the mapping '\(name)', which is not there", hint: "Legal: the sets and mappings below the mappings folder.")
      }
      feeds[feed.name, default: [:]][name] = latest
      names.append(latest)
      isNew = true
    }
    return (names, isNew)
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
