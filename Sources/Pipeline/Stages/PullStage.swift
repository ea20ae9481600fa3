import Core
import Exchange
import Glibc
import Trust

/// Looks at each feed's folder and seals what is whole. Holds the spool's public key and the pull key; no store.
enum PullStage {
  static func run(_ context: StageContext) throws -> ExitCode {
    try context.tenure.check()
    if context.request.dryRun { return try preview(context) }
    let keys = PullKeys(recipient: try context.keys.spoolPublicKey(), pull: try context.keys.load(.pull))
    let spool = try Spool(folder: context.site.folder.spool, site: try context.site.plainName())
    let puller = Puller(spool: spool, keys: keys, log: context.log, clock: machineClock)
    let feeds = try puller.pull(try context.awaitedFeeds.filter { !$0.isSuspended }.map { try source($0, context.site) }, night: context.night, before: context.request.writtenBefore)
    return ExitCode.worst(feeds.map { outcome($0, job: Stage.pull.job) })
  }

  /// What each feed would give now. A partner is not asked: that would be a visit.
  private static func preview(_ context: StageContext) throws -> ExitCode {
    var report = DryRunReport()
    for feed in context.feeds {
      if let since = feed.since, !feed.counts(on: context.night) {
        report.add("\(feed.name): counts from the night \(since)")
      } else if feed.isSuspended {
        report.add("\(feed.name): suspended, would not be looked at", .waiting)
      } else if let remote = feed.remote {
        report.add("\(feed.name): would look below \(remote.path) at the partner \(remote.partner); compline feed check asks it")
      } else {
        try preview(feed, context, &report)
      }
    }
    return report.say(.pull, context)
  }

  private static func preview(_ feed: FeedFile, _ context: StageContext, _ report: inout DryRunReport) throws {
    let check = try FeedCheck(try source(feed, context.site), spool: context.site.folder.spool, pullKey: try context.keys.load(.pull), clock: machineClock)
    if let fault = check.fault {
      report.add("\(feed.name): would look below \(feed.folder)", .peer)
      return Console.report(job: Stage.pull.job, PipelineError(fault.code, .peer, fault.summary, hint: fault.hint))
    }
    let waits = check.unreadable > 0 || check.missing > 0 || check.lines.contains { $0.fate == .unreadable || $0.fate == .tooLarge }
    report.add("\(feed.name): would look below \(feed.folder)", waits ? .waiting : .closed)
    for fate in FeedCheck.Fate.allCases {
      let count = check.lines.count { $0.fate == fate }
      if count > 0 { report.add("  files \(count): \(fate.rawValue)") }
    }
    if check.lines.isEmpty { report.add("  files none") }
  }

  static func source(_ feed: FeedFile, _ site: Site) throws -> FeedSource {
    guard let name = PlainName(feed.name) else { throw PipelineError("PIP-109", .configuration, "a feed's name cannot be used") }
    var source = try feed.remote.map { try remote($0, name, feed, site) } ?? FeedSource(feed: name, folder: feed.folder, completeness: feed.completeness)
    source.control = feed.controlPattern.map { NamePattern($0) }
    source.files = feed.namePatterns.map { NamePattern($0) }
    source.afterRead = feed.afterRead
    source.maximumBytes = feed.limits.dropBytes
    return source
  }

  private static func remote(_ folder: RemoteFolder, _ name: PlainName, _ feed: FeedFile, _ site: Site) throws -> FeedSource {
    let partner = try PartnerConnections.connector(folder.partner, path: (folder.path, folder.aside), site)
    var source = FeedSource(feed: name, partner: partner.connector, completeness: feed.completeness)
    source.patience = partner.patience
    return source
  }

  /// A feed whose folder fails is a peer that failed: the others go on, the night says so.
  static func outcome(_ pull: FeedPull, job: String) -> ExitCode {
    if let fault = pull.fault {
      // A missing key or a wrong setting of ours is not the peer's.
      let code = fault.exitCode == .inputOutput ? .peer : fault.exitCode
      Console.report(job: job, PipelineError(fault.code, code, fault.summary, hint: fault.hint))
      return code
    }
    if let fault = pull.fileFault { Console.report(job: job, PipelineError(fault.code, .waiting, fault.summary, hint: fault.hint)) }
    if let fault = pull.tidyFault { Console.report(job: job, PipelineError(fault.code, .waiting, fault.summary, hint: fault.hint)) }
    return pull.unreadable > 0 || pull.notTidied > 0 ? .waiting : .closed
  }

  static var machineClock: IntakeClock {
    IntakeClock {
      var moment = timespec()
      clock_gettime(CLOCK_REALTIME, &moment)
      return moment.tv_sec * 1_000_000_000 + moment.tv_nsec
    } elapsed: {
      var moment = timespec()
      clock_gettime(CLOCK_MONOTONIC, &moment)
      return moment.tv_sec * 1_000_000_000 + moment.tv_nsec
    } wait: { nanoseconds in
      var left = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
      var rest = timespec()
      while nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }
  }
}
