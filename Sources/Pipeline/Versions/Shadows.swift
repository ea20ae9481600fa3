import Core
import Map
import Store
import Trust

/// `var/shadow.yaml`: the candidates that each night runs beside the versions in force.
struct Shadows: Sendable, Equatable {
  /// Feed to name to version.
  private(set) var feeds: [String: [String: Int]] = [:]

  private static func path(_ site: SiteFolder) -> String { site.variable + "/shadow.yaml" }

  static func read(_ site: SiteFolder) throws -> Shadows {
    guard DurableFile.exists(path(site)) else { return Shadows() }
    let root = try OutlineReader.read(try DurableFile.read(path(site), maximumBytes: 1 << 20), file: "var/shadow.yaml")
    var shadows = Shadows()
    for feed in root.entries {
      for entry in feed.value.entries { shadows.feeds[feed.key, default: [:]][entry.key] = entry.value.text.flatMap { Int($0) } }
    }
    return shadows
  }

  func write(in site: SiteFolder) throws {
    var text = "# Written by compline mapping shadow: versions that each night runs beside those in force. Nothing of them is loaded.\n"
    for feed in feeds.sorted(by: { $0.key < $1.key }) where !feed.value.isEmpty {
      text += "\(feed.key):\n"
      for entry in feed.value.sorted(by: { $0.key < $1.key }) { text += "  \(entry.key): \(entry.value)\n" }
    }
    if feeds.values.allSatisfy(\.isEmpty) { text += "{}\n" }
    try DurableFile.write(Array(text.utf8), to: Self.path(site), mode: 0o600)
  }

  /// The candidates of a feed, by name.
  func candidates(of feed: String) -> [VersionName] { (feeds[feed] ?? [:]).sorted { $0.key < $1.key }.map { VersionName($0.key, $0.value) } }

  mutating func add(_ candidate: VersionName, to feed: String) { feeds[feed, default: [:]][candidate.id] = candidate.version }

  /// False where it was not watched.
  mutating func remove(_ candidate: VersionName, of feed: String) -> Bool {
    guard feeds[feed]?[candidate.id] == candidate.version else { return false }
    feeds[feed]?[candidate.id] = nil
    return true
  }
}

/// The candidates of a night, run beside what was loaded. Nothing that goes wrong here holds up the night.
struct ShadowNight {
  let context: StageContext
  let store: SiteStore

  func run() throws {
    let shadows = try Shadows.read(context.site.folder)
    for feed in context.feeds {
      for candidate in shadows.candidates(of: feed.name) {
        do { try compare(candidate, feed) } catch {
          guard let coded = error as? any CodedError else { throw error }
          context.log.event(.failed, [.error(coded)])
          Console.report(job: "compline-ingest", coded)
        }
      }
    }
  }

  private func compare(_ candidate: VersionName, _ feed: FeedFile) throws {
    let range = StoredRange(feed: feed.name, first: context.night, last: context.night)
    guard !(try store.loadedDrops(feed: feed.name, from: range.first, through: range.last).isEmpty) else { return }
    let bench = try VersionBench(context.site, keys: context.keys, feed: feed.name, store: store)
    guard let current = try bench.names(on: context.night).compactMap({ VersionName($0) }).first(where: { $0.id == candidate.id }), current != candidate else { return }
    try context.tenure.check()
    let report = try bench.compare(current, candidate, over: range)
    let record = try DiffRecord.make(report, made: "shadow", id: id(current, candidate, feed))
    var entry = try AuditRecord.make(.diff, subject: .feed(try context.site.plainName(feed.name)), night: context.night, outcome: .closed)
    entry.digests[.diff] = SHA256.digest(record.bytes)
    entry.counts = [.drops: report.drops, .messages: report.messages, .rows: report.rowCount]
    try context.audit.append(entry)
    try record.write(in: context.site.folder)
  }

  /// The same for the same night and versions: a night that runs again replaces what it said before.
  private func id(_ old: VersionName, _ new: VersionName, _ feed: FeedFile) -> String {
    Hex.text(SHA256.digest(Array("shadow/\(feed.name)/\(context.night)/\(old)/\(new)".utf8)).prefix(16))
  }
}

extension Site {
  /// A name of the site's own files, as audit and log take it.
  func plainName(_ text: String) throws(PipelineError) -> PlainName {
    guard let name = PlainName(text) else { throw PipelineError("PIP-109", .configuration, "a feed's name cannot be used") }
    return name
  }
}
