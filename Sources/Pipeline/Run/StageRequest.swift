import Core

/// What a job was asked to do: the same options for every stage.
public struct StageRequest: Sendable {
  public var site: String
  public var night: String?
  public var feeds: [String]
  public var consumers: [String]
  public var json: Bool
  public var dryRun: Bool
  /// Hidden: the stage was started by `compline-nightly` and gets the lock's nonce on standard input.
  public var underNightly: Bool
  /// Hidden: of a missed night, what was written from this moment on is left for a later one; in seconds since the epoch.
  public var writtenBefore: Int?

  public init(site: String, night: String? = nil, feeds: [String] = [], consumers: [String] = [], json: Bool = false, dryRun: Bool = false, underNightly: Bool = false) {
    self.site = site
    self.night = night
    self.feeds = feeds
    self.consumers = consumers
    self.json = json
    self.dryRun = dryRun
    self.underNightly = underNightly
  }
}

/// The night a job works on.
enum NightChoice {
  /// The one asked for, or the last business date whose latest `arrival.by` has passed in the site's zone (none: yesterday).
  static func resolve(_ text: String?, site: Site) throws -> BusinessDate {
    let today = Clock.today(in: site.configuration.zone)
    guard let text else { return due(secondsAgo: 0, site: site) }
    guard let night = BusinessDate(text) else { throw PipelineError("PIP-401", .usage, "--night is not a day that exists", hint: "Write it as YYYY-MM-DD.") }
    guard night <= today else { throw PipelineError("PIP-402", .usage, "--night is later than today", hint: "Today is \(today) in the site's zone.") }
    return night
  }

  /// The last business date that was due so long ago.
  static func due(secondsAgo: Int, site: Site) -> BusinessDate {
    let local = Clock.local(in: site.configuration.zone) - secondsAgo, day = BusinessDate(daysSinceEpoch: local / 86_400)
    guard let due = site.feeds.map(\.dueBy.minutes).max(), local % 86_400 / 60 >= due else { return day.advanced(by: -1) }
    return day
  }
}
