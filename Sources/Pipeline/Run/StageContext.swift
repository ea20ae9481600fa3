import Core
import Extract
import Store
import Trust

/// What a stage works with: the site, the night, the right to work, the keys it may load, the audit.
struct StageContext {
  let site: Site
  let night: BusinessDate
  let request: StageRequest
  let tenure: Tenure
  let keys: KeyDirectory
  let audit: AuditLog
  let log: EventLog

  var feeds: [FeedFile] { request.feeds.isEmpty ? site.feeds : site.feeds.filter { request.feeds.contains($0.name) } }
  /// Those that count in the night: the others are not looked at.
  var awaitedFeeds: [FeedFile] { feeds.filter { $0.counts(on: night) } }
  var consumers: [String] { request.consumers.isEmpty ? site.consumers.map(\.consumer) : request.consumers }

  /// Those that get something of the night: the others are not served.
  var awaitedConsumers: [ConsumerFile] { site.consumers.filter { consumers.contains($0.consumer) && $0.counts(on: night) } }

  init(_ stage: Stage, _ request: StageRequest) throws {
    site = try Site.open(request.site)
    self.request = request
    night = try NightChoice.resolve(request.night, site: site)
    try Self.known(request.feeds, site.feeds.map(\.name), "feed")
    try Self.known(request.consumers, site.consumers.map(\.consumer), "consumer")
    try Self.begun(request.feeds, site.feeds, night)
    // What was made for a consumer before its file said 'since' is still handed over.
    if !request.underNightly { try Self.begun(request.consumers, site.consumers, night) }
    try Authority.require(stage.verb, site)
    guard !site.feeds.isEmpty else { throw PipelineError("PIP-110", .configuration, "this site has no feed", hint: "compline feed templates lists beginnings, compline feed new TEMPLATE --site SITE writes one.") }
    keys = try KeyDirectory(at: site.configuration.keys, refusedInside: site.folder.path)
    audit = try AuditLog(folder: site.folder.audit)
    if request.dryRun {
      (tenure, log) = (Tenure(), .silent)
      return
    }
    try Folder.make(site.folder.variable)
    tenure = try Self.tenure(stage, request, site)
    if !tenure.isStage { try StaleFiles.remove(below: site.folder) }
    try Folder.make(site.folder.variable + "/log")
    log = try EventLog(appendingTo: site.folder.log, clock: { Clock.secondsSinceEpoch() * 1_000_000 })
  }

  /// Pull never opens the store, so it takes the lock file's word for the epoch.
  private static func tenure(_ stage: Stage, _ request: StageRequest, _ site: Site) throws -> Tenure {
    if request.underNightly { return try Tenure(underNightly: site.folder.lock, isOfExtract: stage.isOfExtract) }
    return try Tenure(alone: site.folder.lock, job: stage.job) {
      stage == .pull ? 0 : try SiteStores.open(site, keys: .none, epoch: nil).storedEpoch()
    }
  }

  private static func known(_ names: [String], _ all: [String], _ kind: String) throws {
    for name in names where !all.contains(name) {
      throw PipelineError("PIP-403", .usage, "this site has no \(kind) of that name", hint: all.isEmpty ? "It has none." : "It has: \(all.joined(separator: ", ")).")
    }
  }
}

extension StageContext {
  /// A feed that was asked for by name must count in the night: else nothing would be done, and nobody told.
  private static func begun(_ names: [String], _ feeds: [FeedFile], _ night: BusinessDate) throws {
    guard let feed = feeds.first(where: { names.contains($0.name) && !$0.counts(on: night) }), let first = feed.since else { return }
    throw PipelineError("PIP-419", .usage, "the feed '\(feed.name)' counts from the night \(first), not in \(night)", hint: "Name a later night, or change 'since' in feeds/\(feed.name).yaml.")
  }

  private static func begun(_ names: [String], _ consumers: [ConsumerFile], _ night: BusinessDate) throws {
    guard let consumer = consumers.first(where: { names.contains($0.consumer) && !$0.counts(on: night) }), let first = consumer.since else { return }
    throw PipelineError(
      "PIP-452", .usage, "the consumer '\(consumer.consumer)' gets what changes from the night \(first) on, nothing of \(night)",
      hint: "Name a later night; or, where it may have that one, change 'since' in consumers/\(consumer.consumer).yaml.")
  }
}

/// Runs one stage from options to exit code: the same frame around each.
enum StageRunner {
  static func run(_ stage: Stage, _ request: StageRequest, _ body: (StageContext) throws -> ExitCode) -> Int32 {
    do {
      let context = try StageContext(stage, request)
      let outcome = try ending(stage, context, body)
      return outcome.rawValue
    } catch {
      return Failure.report(job: stage.job, error).rawValue
    }
  }

  /// The stage itself, its one audit record, and the checkpoint where it runs alone.
  private static func ending(_ stage: Stage, _ context: StageContext, _ body: (StageContext) throws -> ExitCode) throws -> ExitCode {
    let outcome: ExitCode
    do {
      outcome = try body(context)
    } catch {
      if !context.request.dryRun { try? record(stage, context, Failure.code(error)) }
      throw error
    }
    guard !context.request.dryRun else { return outcome }
    try record(stage, context, outcome)
    return outcome
  }

  private static func record(_ stage: Stage, _ context: StageContext, _ outcome: ExitCode) throws {
    try context.audit.append(AuditRecord.make(stage.verb, night: context.night, outcome: outcome))
    if !context.tenure.isStage { try AuditHead.sign(context.audit, keys: context.keys, site: context.site) }
  }
}

/// Turns whatever was thrown into one line and an exit code.
enum Failure {
  static func report(job: String, _ error: any Error) -> ExitCode {
    let coded = error as? any CodedError ?? PipelineError("PIP-900", .internalError, "an unexpected fault of kind \(type(of: error))", hint: "Report it with this code.")
    Console.report(job: job, coded)
    return coded.exitCode
  }

  static func code(_ error: any Error) -> ExitCode { (error as? any CodedError)?.exitCode ?? .internalError }
}

/// What the program writes into the audit of its own acts.
enum AuditRecord {
  static func make(_ verb: Verb, subject: AuditEntry.Subject = .site, night: BusinessDate?, outcome: ExitCode) throws -> AuditEntry {
    guard let actor = PlainName(Authority.account()) else {
      throw PipelineError("PIP-502", .notPermitted, "the calling account's name cannot stand in the audit", hint: "Run the jobs under an account of letters, digits, dots and dashes.")
    }
    var entry = AuditEntry(instant: Clock.secondsSinceEpoch() * 1_000_000, actor: actor, verb: verb, subject: subject, outcome: .ended(outcome))
    entry.night = night
    return entry
  }
}

/// The signed head of the audit.
enum AuditHead {
  static func origin(_ site: Site) -> String { "compline/\(site.configuration.site)/audit" }

  @discardableResult
  static func sign(_ audit: AuditLog, keys: KeyDirectory, site: Site) throws -> Checkpoint {
    try audit.signCheckpoint(try keys.signingKey(.auditSigning), origin: origin(site))
  }
}
