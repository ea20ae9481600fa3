import Core

/// What `check` warns of in the versions of a site: what is in force without anybody's word, and what does not agree with the ledger.
struct VersionWarnings {
  let site: Site
  let versions: VersionsInForce
  let acts: AuditedActs

  var all: [String] {
    get throws { try site.feeds.flatMap { try lines($0) } }
  }

  private func lines(_ feed: FeedFile) throws -> [String] {
    let backdated = try versions.backdated(feed).map {
      "feed \(feed.name): \($0.text); loaded nights keep their versions, and run again under others with compline replay"
    }
    guard let pins = versions.pins.feeds[feed.name], !pins.isEmpty, !acts.knows(pins: versions.pins.digest(of: feed.name), of: feed.name) else { return backdated }
    let names = pins.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: ", ")
    return backdated + ["feed \(feed.name): the audit does not know the pins in var/pins.yaml (\(names)); they are moved by compline mapping promote, not by hand"]
  }
}
