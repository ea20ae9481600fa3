import Core
import Map
import Reconcile
import Store
import Trust

/// The profiles of a site: `SITE/profiles/FEED.yaml`, learned by the program, read and frozen by people.
enum FeedProfiles {
  private static func path(_ feed: String, _ folder: SiteFolder) -> String { "\(folder.path)/profiles/\(feed).yaml" }

  /// The profile of a feed; nil where there is none.
  static func read(_ feed: String, _ folder: SiteFolder) throws -> FeedProfile? {
    let path = path(feed, folder)
    guard DurableFile.exists(path) else { return nil }
    let profile = try FeedProfile(try OutlineReader.read(try DurableFile.read(path, maximumBytes: 16 << 20), file: "profiles/\(feed).yaml"))
    guard profile.feed == feed else {
      throw PipelineError("PIP-421", .configuration, "the profile profiles/\(feed).yaml is of another feed", hint: "Its first line must say 'profile: \(feed)'.")
    }
    return profile
  }

  static func write(_ profile: FeedProfile, _ folder: SiteFolder) throws {
    try Folder.make(folder.path + "/profiles")
    try DurableFile.write(Array(profile.text.utf8), to: path(profile.feed, folder), mode: 0o640)
  }

  /// What the statement of a night says of the places and codes of its feeds.
  static func coverage(of night: BusinessDate, _ site: Site, _ store: SiteStore) throws -> [String: FeedCoverage] {
    let tallies = try store.coverage(night: night), codes = try store.newCodes(night: night), tagKey = try store.tagKey()
    var coverage: [String: FeedCoverage] = [:]
    for (feed, tally) in tallies {
      let profile = site.feeds.contains { $0.name == feed } ? try read(feed, site.folder) : nil
      coverage[feed] = FeedCoverage(tally, newCodes: codes[feed] ?? [], profile: profile, tagKey: tagKey)
    }
    return coverage
  }
}
