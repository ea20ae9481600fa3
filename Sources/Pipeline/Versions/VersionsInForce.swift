import Core
import Map
import Store

/// What each feed reads on which night: the ledger's word for nights that were loaded, then the feed's file, then the pins.
struct VersionsInForce {
  private(set) var pins: Pins
  private let site: Site
  private let store: SiteStore

  /// - Throws: PIP-117 (78) where a file is not the one that nights were loaded under.
  init(_ site: Site, store: SiteStore) throws {
    try ReleasedFiles.refuseChanged(site.library, store: store)
    pins = try Pins.read(site.folder.pins)
    self.site = site
    self.store = store
  }

  /// What a feed reads on a night, with versions, and whether something was pinned that was not before.
  ///
  /// A name that the night was loaded under keeps its version, whatever files and pins say by now.
  /// - Throws: PIP-116 (78) where the pin of a name is lost.
  mutating func resolve(_ feed: FeedFile, on night: BusinessDate) throws -> (names: [String], isNew: Bool) {
    let loaded = try store.versions(feed: feed.name)
    try refuseLostPins(feed, loaded)
    let resolved = try pins.resolve(feed, site.library, on: night)
    let own = Self.versions(loaded.first { $0.night == night }?.names ?? [])
    return (resolved.names.map { name in VersionName(name).flatMap { own[$0.id] }?.description ?? name }, resolved.isNew)
  }

  /// What a night was loaded under, in its order; where the ledger does not say it, what is in force on it.
  mutating func loaded(_ feed: FeedFile, on night: BusinessDate) throws -> [String] {
    if let own = try store.versions(feed: feed.name).first(where: { $0.night == night }) { return own.names }
    return try resolve(feed, on: night).names
  }

  /// Versions that files or pins put in force on nights that were loaded under others: those nights keep theirs.
  func backdated(_ feed: FeedFile) throws -> [Backdating] {
    var pins = pins
    var found: [Backdating] = []
    for (night, names) in try store.versions(feed: feed.name) {
      let own = Self.versions(names)
      for name in try pins.resolve(feed, site.library, on: night).names.compactMap({ VersionName($0) }) {
        guard let loaded = own[name.id], loaded != name else { continue }
        if let known = found.firstIndex(where: { $0.claimed == name && $0.loaded == loaded }) {
          found[known].nights += 1
        } else {
          found.append(Backdating(claimed: name, loaded: loaded, first: night, nights: 1))
        }
      }
    }
    return found
  }

  /// The latest version is taken at the first night of a name, never again: a newer one may be there that nobody promoted.
  private func refuseLostPins(_ feed: FeedFile, _ loaded: [(night: BusinessDate, names: [String])]) throws {
    let known = Self.versions(loaded.flatMap(\.names))
    let isLoaded = try store.lastLoadedNight(feed: feed.name) != nil
    for name in feed.mappings where !name.contains("@") && feed.versions[name] == nil && pins.pinned(name, of: feed.name) == nil {
      // Nights that the ledger holds without their versions may have been read by any name.
      guard known[name] != nil || loaded.isEmpty && isLoaded else { continue }
      let last = known[name].map { " under \($0)" } ?? ""
      throw PipelineError(
        "PIP-116", .configuration, "the feed '\(feed.name)' has nights that were loaded\(last), and var/pins.yaml pins no version of '\(name)'",
        hint: "Restore var/pins.yaml, or date the versions in the feed's file: \(name): [{version: \(known[name]?.version ?? 1)}].")
    }
  }

  /// By name; the last one where a name stands more than once.
  private static func versions(_ names: [String]) -> [String: VersionName] {
    names.compactMap { VersionName($0) }.reduce(into: [:]) { $0[$1.id] = $1 }
  }
}

/// A version that is said to have been in force on nights that were loaded under another one.
struct Backdating: Sendable, Equatable {
  var claimed: VersionName
  var loaded: VersionName
  var first: BusinessDate
  var nights: Int

  var text: String { "\(claimed) is put in force on \(nights == 1 ? "the night \(first)" : "\(nights) nights from \(first)"), loaded under \(loaded)" }
}
