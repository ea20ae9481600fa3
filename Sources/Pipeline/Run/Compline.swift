import Core
import Extract
import Store

/// What the job executables call: options in, exit code out. Everything else of this module is its own affair.
public enum Compline {
  public static func pull(_ request: StageRequest) -> Int32 { StageRunner.run(.pull, request) { try PullStage.run($0) } }
  public static func ingest(_ request: StageRequest) -> Int32 { StageRunner.run(.ingest, request) { try IngestStage.run($0) } }
  public static func reconcile(_ request: StageRequest) -> Int32 { StageRunner.run(.reconcile, request) { try ReconcileStage.run($0) } }
  public static func extract(_ request: StageRequest) -> Int32 { StageRunner.run(.extract, request) { try ExtractStage.run($0) } }
  /// The hidden mode of extract that hands over what lies in the outbox.
  public static func deliver(_ request: StageRequest) -> Int32 { StageRunner.run(.deliver, request) { try DeliverStage.run($0) } }
  /// The hidden mode of extract that fetches the receipts of consumers.
  public static func receive(_ request: StageRequest) -> Int32 { StageRunner.run(.receive, request) { try ReceiptStage.run($0) } }
  public static func nightly(_ request: StageRequest) -> Int32 { NightlyRun.run(request) }
  /// The hidden mode of ingest that reads bytes from outside, without keys or files.
  public static func decodeWorker() -> Int32 { DecodeWorker.run() }

  public static func initialise(site: String, keys: String?, mappings: String?, zone: String) -> Int32 {
    OperatorRunner.run("init") { try Initialiser(site: site, keys: keys, mappings: mappings, zone: zone).run() }
  }

  /// Begins a feed from a template; the sample is laid by the caller's word, or where no night was closed yet.
  public static func newFeed(site: String, template: String, name: String?, laysSample: Bool?) -> Int32 {
    OperatorRunner.run("feed new") { try FeedNewCommand.run(site, template: template, name: name, laysSample: laysSample) }
  }

  /// The templates of a site's mappings, or of the shipped ones.
  public static func feedTemplates(site: String?) -> Int32 { OperatorRunner.run("feed templates") { try FeedNewCommand.list(site) } }

  /// What a pull would make of each file of a feed now; takes nothing.
  public static func checkFeed(site: String, feed: String, reveal: Bool, purpose: String?) -> Int32 {
    OperatorRunner.run("feed check") { try FeedCheckCommand.run(site, feed: feed, reveal: reveal, purpose: purpose) }
  }

  /// Opens every sealed drop and hashes it again.
  public static func spoolVerify(site: String, json: Bool) -> Int32 { OperatorRunner.run("spool verify") { try SpoolCommand.verify(site, json: json) } }

  public static func check(site: String) -> Int32 { OperatorRunner.run("check") { try SiteCheck.run(site) } }

  public static func status(site: String, night: String?, lists: StatusLists, json: Bool) -> Int32 {
    OperatorRunner.run("status") { try SiteStatus.run(site, night: night, lists: lists, json: json) }
  }

  /// Stops a feed or a consumer, and lets it go on.
  public static func suspend(site: String, name: String, reason: String?) -> Int32 {
    OperatorRunner.run("suspend") { try SuspendCommand.run(site, name: name, reason: reason, stops: true) }
  }
  public static func resume(site: String, name: String) -> Int32 { OperatorRunner.run("resume") { try SuspendCommand.run(site, name: name, reason: nil, stops: false) } }

  /// Every connection of a site; those alone that nobody uses where `stale`.
  public static func inventory(site: String, stale: Bool, json: Bool) -> Int32 {
    OperatorRunner.run("inventory") { try InventoryCommand.run(site, staleOnly: stale, json: json) }
  }

  /// Whether nights are closed as they should be; for a second scheduler to ask.
  public static func watch(site: String, hours: Int, json: Bool) -> Int32 { OperatorRunner.run("watch") { try WatchCommand.run(site, hours: hours, json: json) } }

  public static func inspect(files: [String], json: Bool) -> Int32 { OperatorRunner.run("inspect") { try FileInspection.run(files, json: json) } }
  /// Looks over mapping files, folders of them, or what the feeds of a site run: there `shipped` tells of the shipped mappings too.
  public static func lintMappings(paths: [String], mappings: String?, site: String?, shipped: Bool, json: Bool) -> Int32 {
    OperatorRunner.run("mapping lint") { try MappingLintCommand.run(paths, mappings: mappings, site: site, scope: shipped ? .all : .own, json: json) }
  }

  public static func trace(site: String, ref: String, asKnownOn night: String?, json: Bool) -> Int32 {
    OperatorRunner.run("trace") { try RowTrace.run(site, ref: ref, asKnownOn: night, json: json) }
  }

  /// One message of a drop as a tree: shapes of values, or the values themselves for a purpose and with a grant.
  public static func show(site: String, drop: String, message: Int, reveal: Bool, purpose: String?, json: Bool) -> Int32 {
    OperatorRunner.run("show") { try ShowCommand.run(site, try ShowRequest(drop: drop, message: message, reveal: reveal, purpose: purpose, json: json)) }
  }

  public static func digest(site: String, asKnownOn night: String?, json: Bool) -> Int32 {
    OperatorRunner.run("digest") { try SiteDigest.run(site, asKnownOn: night, json: json) }
  }
  /// The roles and the schema that a PostgreSQL needs for the site, as a page of SQL for its administrator.
  public static func storeSetup(site: String) -> Int32 { OperatorRunner.run("store setup") { try StoreSetup.run(site) } }
  /// Takes the store over to where another site file says, and proves it by the digest.
  public static func storeCopy(site: String, to file: String) -> Int32 { OperatorRunner.run("store copy") { try StoreCopyCommand.run(site, to: file) } }
  public static func export(site: String, to folder: String, asKnownOn night: String?) -> Int32 {
    OperatorRunner.run("export") { try SiteExport.run(site, to: folder, asKnownOn: night) }
  }
  public static func auditVerify(site: String, json: Bool) -> Int32 { OperatorRunner.run("audit verify") { try AuditVerification.run(site, json: json) } }

  /// The newest data dictionary of a folder of mappings, as a page to read.
  public static func printDictionary(mappings: String) -> Int32 {
    OperatorRunner.run("mapping dictionary") { try DictionaryPrint.run(mappings: mappings) }
  }

  public static func demoNight(site: String, night: String?, wave: Int, closing: Bool) -> Int32 {
    OperatorRunner.run("demo-night") { try DemoCommand(site: site, night: night).run(wave: wave, closing: closing) }
  }

  /// Freezes what is new in a folder of mappings, or in a site's own.
  public static func releaseMappings(site: String?, mappings: String?, zone: String?, dryRun: Bool) -> Int32 {
    OperatorRunner.run("mapping release") { try ReleaseCommand.run(site: site, mappings: mappings, zone: zone, isDry: dryRun) }
  }

  /// Compares two versions over the stored drops of a feed; `lists` shows each row that differs, under its pseudonym.
  public static func diffMappings(site: String, old: String, new: String, on range: String, lists: Bool, json: Bool) -> Int32 {
    OperatorRunner.run("mapping diff") { try DiffCommand.run(site, old: old, new: new, on: range, lists: lists, json: json) }
  }

  /// Puts a version in force for a feed from a night on; with `approve` as the second person.
  public static func promoteMapping(site: String, _ request: PromotionRequest) -> Int32 {
    OperatorRunner.run("mapping promote") { try PromoteCommand.run(site, request) }
  }

  /// Lets each night run a candidate beside the version in force, or stops that.
  public static func shadowMapping(site: String, feed: String, candidate: String?, nights: Int, stop: Bool, json: Bool) -> Int32 {
    OperatorRunner.run("mapping shadow") { try ShadowCommand.run(site, feed: feed, candidate: candidate, nights: nights, stops: stop, json: json) }
  }

  /// Runs the stored drops of a night again: dry, or for good.
  public static func replay(site: String, _ request: ReplayRequest) -> Int32 {
    OperatorRunner.run("replay") { try ReplayCommand.run(site, request) }
  }

  /// Pairs of patients who may be one person, those of the highest score.
  public static func identityCandidates(site: String, limit: Int, json: Bool) -> Int32 {
    OperatorRunner.run("identity candidates") { try IdentityCommand.candidates(site, limit: limit, json: json) }
  }

  /// Records what a person says of two patients.
  public static func identityDecide(site: String, one: String, other: String, isSame: Bool, person: String, reason: String) -> Int32 {
    OperatorRunner.run("identity decide") { try IdentityCommand.decide(site, (one, other), isSame ? .same : .different, person: person, reason: reason) }
  }

  /// Takes back what a run of ingest brought: dry, or for good; or lets its drops be loaded again.
  public static func undo(site: String, _ request: UndoRequest) -> Int32 { OperatorRunner.run("undo") { try UndoCommand.run(site, request) } }
}
