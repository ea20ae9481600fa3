import Core
import Extract
import Reconcile
import Store
import Trust

/// Weighs the night: the ledger against what was expected, then the statement. It holds no keys.
enum ReconcileStage {
  static func run(_ context: StageContext) throws -> ExitCode {
    try context.tenure.check()
    let store = try SiteStores.open(context.site, keys: .none, epoch: context.request.dryRun ? nil : context.tenure.epoch)
    let run = context.request.dryRun ? nil : try store.beginRun(stage: Stage.reconcile.rawValue, night: context.night, started: Clock.now())
    let judgement = try judge(context.site, context.night, store)
    if let run {
      try context.tenure.check()
      // A stage that was stopped, and goes on when another run has written its statement, may not put its own over it.
      try store.asWriter { try write(judgement, context) }
      try store.endRun(run, ended: Clock.now(), exit: Int(judgement.exitCode.rawValue))
    }
    let statement = Statement(site: context.site.configuration.site, judgement: judgement)
    if context.request.json {
      Console.say(String(decoding: statement.json.canonical, as: UTF8.self))
    } else if context.request.dryRun {
      Console.say("would write the statement of the ledger as it stands:\n\n" + statement.summary())
    }
    return judgement.exitCode
  }

  /// The judgement of a night as the ledger stands now.
  static func judge(_ site: Site, _ night: BusinessDate, _ store: SiteStore) throws -> Judgement {
    var judgement = Reconciler.judge(
      try store.night(night), feeds: site.feeds.map { $0.expectation(on: night) },
      consumers: try consumers(site, night, store), earlier: try earlier(site, night),
      coverage: try FeedProfiles.coverage(of: night, site, store))
    judgement.exceptionList = ListedException.list(judgement.feeds, groups: try store.exceptionGroups(night: night))
    return judgement
  }

  private static func consumers(_ site: Site, _ night: BusinessDate, _ store: SiteStore) throws -> [ConsumerExpectation] {
    let first = try store.firstNights()
    return site.consumers.map { consumer in
      var expectation = ConsumerExpectation(consumer: consumer.consumer, owner: consumer.owner, purpose: consumer.purpose.rawValue)
      expectation.isAwaited = consumer.counts(on: night)
      expectation.firstNight = first.consumers[consumer.consumer]
      if let own = expectation.firstNight, let site = first.site { expectation.isLaterThanSite = site < own }
      return expectation
    }
  }

  /// The breaks that the statement of the night before left, with the nights they were first seen.
  private static func earlier(_ site: Site, _ night: BusinessDate) throws -> [EarlierBreak] {
    let path = site.folder.statements(night.advanced(by: -1)) + "/statement.json"
    guard DurableFile.exists(path) else { return [] }
    guard let statement = try? JSONValue(parsing: try DurableFile.read(path, maximumBytes: 256 << 20)) else { return [] }
    return EarlierBreak.list(inStatement: statement)
  }

  private static func write(_ judgement: Judgement, _ context: StageContext) throws {
    let folder = context.site.folder.statements(context.night)
    try Folder.make(folder)
    let statement = Statement(site: context.site.configuration.site, judgement: judgement)
    // The signature is of the statement that the close saw; what is written anew is unsigned until the next close.
    try DurableFile.remove(folder + "/statement.json.sig")
    try DurableFile.write(statement.json.pretty, to: folder + "/statement.json", mode: 0o640)
    try DurableFile.write(statement.breaksCSV, to: folder + "/breaks.csv", mode: 0o640)
    try DurableFile.write(statement.html, to: folder + "/statement.html", mode: 0o640)
  }
}
