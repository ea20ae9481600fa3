import Core
import Map
import Store
import Trust

/// `compline mapping diff OLD NEW --on FEED`: two versions over stored drops.
enum DiffCommand {
  static func run(_ path: String, old: String, new: String, on range: String, lists: Bool, json: Bool) throws -> ExitCode {
    let versions = (old: try VersionName.argument(old), new: try VersionName.argument(new)), range = try StoredRange(range)
    let desk = try OperatorDesk(path, .diff)
    let bench = try VersionBench(desk.site, keys: desk.keys, feed: range.feed)
    let report = try bench.compare(versions.old, versions.new, over: range) { row in
      if lists { Console.say(json ? String(decoding: row.json.canonical, as: UTF8.self) : "\(row.change.rawValue) \(row.entity) \(row.key) \(row.fields.joined(separator: " "))") }
    }
    let record = try DiffRecord.make(report, made: "diff")
    try desk.record(record, of: report)
    try record.write(in: desk.site.folder)
    Console.say(json ? String(decoding: report.json.canonical, as: UTF8.self) : "\(report.text)\nrecorded as var/diffs/\(record.id).json")
    return .closed
  }
}

/// What comparing needs of a site: the feed, its versions, the keys that open drops and make pseudonyms.
struct VersionBench {
  let site: Site
  let feed: FeedFile
  let store: SiteStore
  let versions: VersionsInForce
  let spoolKey: SecretKey
  private let indexKey: SecretKey

  init(_ site: Site, keys: KeyDirectory, feed name: String, store: SiteStore? = nil) throws {
    guard let feed = site.feeds.first(where: { $0.name == name }) else {
      throw PipelineError("PIP-403", .usage, "this site has no feed of that name", hint: "It has: \(site.feeds.map(\.name).joined(separator: ", ")).")
    }
    self.site = site
    self.feed = feed
    self.store = try store ?? SiteStores.open(site, keys: .none, epoch: nil)
    versions = try VersionsInForce(site, store: self.store)
    (spoolKey, indexKey) = (try keys.load(.spool), try keys.load(.index))
  }

  /// What the ledger says that a night was loaded under, else the mappings in force on it, with versions.
  func names(on night: BusinessDate) throws -> [String] {
    var versions = versions
    return try versions.loaded(feed, on: night)
  }

  /// Compares over the loaded drops of a range. What the feed reads beside the two is what was in force on the last night.
  ///
  /// - Throws: PIP-814 where there is no loaded drop.
  func compare(_ old: VersionName, _ new: VersionName, over range: StoredRange, rows: (DiffRow) throws -> Void = { _ in }) throws -> DiffReport {
    for version in [old, new] where site.library.latestVersion(of: version.description) == nil { throw VersionSwap.unknown(version, site.library) }
    let drops = try store.loadedDrops(feed: feed.name, from: range.first, through: range.last)
    guard let last = drops.last else {
      throw PipelineError("PIP-814", .nothingUsable, "the feed '\(feed.name)' has no loaded drop in those nights", hint: "See compline status --night.")
    }
    let run = DiffRun(site: site, feed: feed, old: old, new: new, spoolKey: spoolKey, indexKey: indexKey)
    return try run.run(drops, names: try names(on: last.night), store: store, rows: rows)
  }
}

extension OperatorDesk {
  /// The audit record of a comparison: which feed, how much, and the digest of what was written down.
  func record(_ record: DiffRecord, of report: DiffReport) throws {
    try self.record(night: report.last, outcome: .closed, subject: .feed(try feedName(report.feed))) { entry in
      entry.digests[.diff] = SHA256.digest(record.bytes)
      entry.counts = [.drops: report.drops, .messages: report.messages, .rows: report.rowCount]
    }
  }

  func feedName(_ text: String) throws -> PlainName { try site.plainName(text) }
}
