import Core
import Reconcile
import Store
import Trust

/// `compline profile`: learns what a feed's messages look like, and freezes it for a person.
enum ProfileCommand {
  /// Learns over nights that are loaded, and writes `SITE/profiles/FEED.yaml`, not frozen.
  static func learn(_ path: String, feed: String, nights text: String) throws -> ExitCode {
    let desk = try OperatorDesk(path, .status)
    try require(feed, desk.site)
    let parts = text.split(separator: ".", omittingEmptySubsequences: true).map(String.init)
    guard parts.count == 2, text.contains(".."), let from = BusinessDate(parts[0]), let until = BusinessDate(parts[1]), from <= until else {
      throw PipelineError("PIP-422", .usage, "--nights is not a range of nights", hint: "Write --nights 2026-03-01..2026-03-14.")
    }
    let store = try SiteStores.open(desk.site, keys: .none, epoch: nil)
    var tallies: [(night: BusinessDate, tally: FeedTally)] = []
    for day in from.daysSinceEpoch...until.daysSinceEpoch {
      let night = BusinessDate(daysSinceEpoch: day)
      if let tally = try store.coverage(night: night)[feed] { tallies.append((night, tally)) }
    }
    guard var profile = FeedProfile.learn(feed: feed, tallies) else {
      throw PipelineError("PIP-423", .nothingUsable, "no night of the range has messages of the feed", hint: "Learn over nights that ingest has loaded.")
    }
    profile.tagKey = try store.tagKey() ?? ""
    try desk.record(night: until, outcome: .closed)
    try FeedProfiles.write(profile, desk.site.folder)
    Console.say(
      "profiles/\(feed).yaml: \(profile.nights) \(profile.nights == 1 ? "night" : "nights"), \(profile.looked) messages, \(profile.parts.count) parts, \(profile.fields.count) places. Read it, then: compline profile freeze \(feed) --person NAME")
    if profile.nights < 7 { Console.say("Fewer than seven nights say little of weekends; learn over more of them.") }
    return .closed
  }

  /// Freezes the profile as it lies there: from now on every night is held against it.
  static func freeze(_ path: String, feed: String, person: String) throws -> ExitCode {
    let desk = try OperatorDesk(path, .freeze)
    try require(feed, desk.site)
    guard let name = PlainName(person) else { throw PipelineError("PIP-424", .usage, "--person is not a plain name", hint: "Small letters, digits, points and dashes.") }
    guard var profile = try FeedProfiles.read(feed, desk.site.folder) else {
      throw PipelineError("PIP-425", .nothingUsable, "the feed has no profile", hint: "Learn one: compline profile learn \(feed) --nights A..B")
    }
    guard profile.isOf(try SiteStores.open(desk.site, keys: .none, epoch: nil).tagKey()) else {
      throw PipelineError("PIP-426", .configuration, "the profile profiles/\(feed).yaml was learned under other keys than this site's", hint: "Its codes cannot be compared. Learn it again: compline profile learn \(feed) --nights A..B")
    }
    profile.frozen = FeedProfile.Freeze(person: name.text, date: Clock.today(in: desk.site.configuration.zone))
    try desk.record(night: nil, outcome: .closed)
    try FeedProfiles.write(profile, desk.site.folder)
    Console.say("profiles/\(feed).yaml is frozen; the next night is held against it")
    return .closed
  }

  private static func require(_ feed: String, _ site: Site) throws {
    guard site.feeds.contains(where: { $0.name == feed }) else {
      throw PipelineError("PIP-403", .usage, "this site has no feed of that name", hint: "It has: \(site.feeds.map(\.name).joined(separator: ", ")).")
    }
  }
}
