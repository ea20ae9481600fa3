import Core
import Exchange
import Extract
import Glibc
import Reconcile
import Store
import Trust

/// The whole night: the four stages, each in a process of its own, the final statement, the close.
enum NightlyRun {
  /// The nights that were missed, oldest first, then the one that is due; each once.
  static func run(_ request: StageRequest) -> Int32 {
    do {
      guard let missed = try MissedNights.before(request), !missed.nights.isEmpty else { return close(request) }
      if !request.json { Console.say(missed.words) }
      if request.dryRun { return close(request) }
      var outcomes: [ExitCode] = []
      for night in missed.nights {
        var own = request
        (own.night, own.writtenBefore) = (night.date.description, night.until)
        outcomes.append(ExitCode(rawValue: close(own)) ?? .internalError)
        if let last = outcomes.last, stops(last) { return last.rawValue }
      }
      if missed.left == 0 { outcomes.append(ExitCode(rawValue: close(request)) ?? .internalError) }
      return ExitCode.worst(outcomes).rawValue
    } catch { return Failure.report(job: Stage.nightly.job, error).rawValue }
  }

  private static func close(_ request: StageRequest) -> Int32 {
    StageRunner.run(.nightly, request) { context in
      var outcomes: [ExitCode] = []
      for stage in context.request.dryRun ? dryStages : stages {
        let outcome = try start(stage, context)
        outcomes.append(outcome)
        if stops(outcome) { return outcome }
      }
      if context.request.dryRun {
        var report = DryRunReport()
        report.add("reconcile: would judge the books after the load; a dry run loads nothing. compline status shows them as they stand", ExitCode.worst(outcomes))
        return report.say(.nightly, context)
      }
      let judgement = try close(context)
      return ExitCode.worst(outcomes.filter { $0 != .waiting } + [judgement.exitCode])
    }
  }

  private static let stages: [Stage] = [.pull, .ingest, .reconcile, .extract, .reconcile]
  /// Books that nothing was loaded into would only say what is missing in them.
  private static let dryStages: [Stage] = [.pull, .ingest, .extract]

  /// A stage that ends so leaves the night as it stands: what follows would build on sand.
  private static func stops(_ outcome: ExitCode) -> Bool {
    switch outcome {
    case .usage, .internalError, .inputOutput, .locked, .notPermitted, .configuration: true
    case .closed, .waiting, .nothingUsable, .peer: false
    }
  }

  private static func start(_ stage: Stage, _ context: StageContext) throws -> ExitCode {
    var arguments = ["--site", context.site.folder.path, "--night", context.night.description]
    if !context.request.dryRun { arguments.append("--under-nightly") }
    for feed in context.request.feeds { arguments += ["--feed", feed] }
    for consumer in context.request.consumers { arguments += ["--consumer", consumer] }
    if context.request.dryRun { arguments += ["--dry-run"] + (context.request.json ? ["--json"] : []) }
    if stage == .pull, let moment = context.request.writtenBefore { arguments += ["--written-before", String(moment)] }
    let child = try Installation.start(.init(path: Installation.path(of: stage.job), arguments: arguments, environment: Environment.forChildren, pipesOutput: false))
    _ = child.write(Array((context.tenure.nonce + "\n").utf8))
    switch child.wait() {
    case .exited(let status): return ExitCode(rawValue: status) ?? .internalError
    case .signalled(let signal):
      throw PipelineError("PIP-601", .internalError, "the stage '\(stage.rawValue)' ended by signal \(signal)", hint: "Run compline-nightly again; finished work is kept.")
    }
  }

  /// Signs the statement, the checkpoint, and what every consumer holds; then the metrics.
  private static func close(_ context: StageContext) throws -> Judgement {
    let store = try SiteStores.open(context.site, keys: .none, epoch: context.tenure.epoch)
    let judgement = try ReconcileStage.judge(context.site, context.night, store)
    let folder = context.site.folder.statements(context.night)
    let statement = try DurableFile.read(folder + "/statement.json", maximumBytes: 256 << 20)
    try DurableFile.write(try context.keys.signingKey(.statementSigning).sign(statement), to: folder + "/statement.json.sig", mode: 0o640)
    try AuditHead.sign(context.audit, keys: context.keys, site: context.site)
    try DeliveryRecord.addProofs(context)
    if try Folder.names(context.site.folder.variable + "/statements").last == context.night.description {
      try Metrics.write(judgement, waiting: try store.oldestWaiting(), to: context.site.folder.metrics)
    }
    if context.request.json {
      Console.say(String(decoding: Statement(site: context.site.configuration.site, judgement: judgement).json.canonical, as: UTF8.self))
    } else {
      Console.say(Statement(site: context.site.configuration.site, judgement: judgement).summary(places: try Places.list(context)))
    }
    return judgement
  }
}

/// Where the things lie that a person opens next.
enum Places {
  static func list(_ context: StageContext) throws -> [(label: String, path: String)] {
    let folder = context.site.folder
    var places = [("statement", folder.statements(context.night) + "/statement.html")]
    for consumer in context.site.consumers {
      let outbox = folder.outbox(consumer.consumer, context.night)
      guard DurableFile.exists(outbox + "/manifest.json") else { continue }
      places.append(("manifest for \(consumer.consumer)", outbox + "/manifest.json"))
      if let delivered = try DeliveryRecord.read(outbox)?["file"]?.string { places.append(("extract for \(consumer.consumer)", delivered)) }
    }
    return places
  }
}

/// The environment that children get: nothing of ours but what they need.
enum Environment {
  static var forChildren: [String: String] {
    var environment = ["SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    for name in ["CREDENTIALS_DIRECTORY", "SSH_AUTH_SOCK", "COMPLINE_TRAP_ON", "PGSERVICEFILE", "PGPASSFILE"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    return environment
  }
}
