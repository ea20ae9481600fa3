import Core
import Map
import Store
import Trust

/// `compline mapping shadow FEED VERSION`: compares it over the last nights and lets each later night do the same.
enum ShadowCommand {
  static func run(_ path: String, feed: String, candidate text: String?, nights: Int, stops: Bool, json: Bool) throws -> ExitCode {
    guard stops || text != nil else { throw PipelineError("PIP-801", .usage, "shadow runs a version", hint: "Name it like hl7v2-standard@2.") }
    let named = try text.map { try VersionName.argument($0) }
    guard (1...366).contains(nights) else { throw PipelineError("PIP-808", .usage, "--nights is a number from 1 to 366") }
    let desk = try OperatorDesk(path, .diff)
    let bench = try VersionBench(desk.site, keys: desk.keys, feed: feed)
    let tenure = try Tenure(alone: desk.site.folder.lock, job: "compline") { try bench.store.storedEpoch() }
    // The lock goes with the tenure: it must outlive its last use by name.
    defer { withExtendedLifetime(tenure) {} }
    guard !stops, let candidate = named else { return try stop(named, bench, desk) }
    guard desk.site.library.latestVersion(of: candidate.description) != nil else { throw VersionSwap.unknown(candidate, desk.site.library) }
    let today = Clock.today(in: desk.site.configuration.zone)
    let last = try bench.store.lastLoadedNight(feed: feed)
    guard let current = try bench.names(on: last ?? today).compactMap({ VersionName($0) }).first(where: { $0.id == candidate.id }) else {
      throw PipelineError("PIP-821", .configuration, "the feed '\(feed)' reads nothing of the name '\(candidate.id)'", hint: "A shadow is of a name that the feed itself reads.")
    }
    guard current != candidate else { throw PipelineError("PIP-822", .usage, "'\(candidate)' is in force already") }
    if let last {
      let report = try bench.compare(current, candidate, over: StoredRange(feed: feed, first: last.advanced(by: 1 - nights), last: last))
      let record = try DiffRecord.make(report, made: "shadow")
      try desk.record(record, of: report)
      try record.write(in: desk.site.folder)
      Console.say(json ? String(decoding: report.json.canonical, as: UTF8.self) : "\(report.text)\nrecorded as var/diffs/\(record.id).json")
    } else {
      try desk.record(night: nil, outcome: .closed, subject: .feed(try desk.feedName(feed)))
    }
    try tenure.check()
    var shadows = try Shadows.read(desk.site.folder)
    shadows.add(candidate, to: feed)
    try shadows.write(in: desk.site.folder)
    if !json { Console.say("each night of \(feed) now compares \(candidate) with what is in force, into var/diffs; nothing of it is loaded") }
    return .closed
  }

  /// Without a version: all candidates of the feed.
  private static func stop(_ candidate: VersionName?, _ bench: VersionBench, _ desk: OperatorDesk) throws -> ExitCode {
    var shadows = try Shadows.read(desk.site.folder)
    let watched = shadows.candidates(of: bench.feed.name), stopped = candidate.map { [$0] } ?? watched
    guard !stopped.isEmpty, stopped.allSatisfy({ shadows.remove($0, of: bench.feed.name) }) else {
      let list = watched.isEmpty ? "Nothing is." : "These are: \(watched.map(\.description).joined(separator: ", "))."
      throw PipelineError("PIP-809", .usage, candidate.map { "'\($0)' is not watched for this feed" } ?? "no version is watched for this feed", hint: list)
    }
    try desk.record(night: nil, outcome: .closed, subject: .feed(try desk.feedName(bench.feed.name)))
    try shadows.write(in: desk.site.folder)
    Console.say("the nights of \(bench.feed.name) no longer run \(stopped.map(\.description).joined(separator: ", "))")
    return .closed
  }
}
