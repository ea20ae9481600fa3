import Core
import Store
import Trust

/// `compline mapping promote FEED VERSION --from NIGHT`: puts a version in force, on the strength of a recorded diff.
enum PromoteCommand {
  static func run(_ path: String, _ request: PromotionRequest) throws -> ExitCode {
    let new = try VersionName.argument(request.version), responsible = try Responsible(person: request.person, reason: request.reason)
    guard let from = BusinessDate(request.from) else { throw PipelineError("PIP-401", .usage, "--from is not a day that exists", hint: "Write it as YYYY-MM-DD.") }
    let desk = try OperatorDesk(path, request.approves ? .approve : .promote)
    let tenure = try Tenure(alone: desk.site.folder.lock, job: "compline") { try SiteStores.open(desk.site, keys: .none, epoch: nil).storedEpoch() }
    // The lock goes with the tenure: it must outlive its last use by name.
    defer { withExtendedLifetime(tenure) {} }
    let acts = try AuditedActs(desk.site.folder, keys: desk.keys)
    let rules = PromotionRules(bench: try VersionBench(desk.site, keys: desk.keys, feed: request.feed), acts: acts, new: new, from: from)
    var promotion = try checked(rules, responsible)
    try tenure.check()
    if desk.site.configuration.promotionTakesTwo {
      guard request.approves else { return try propose(promotion, desk, responsible) }
      promotion = try agreed(promotion, responsible, desk.site, acts)
    } else if request.approves {
      throw PipelineError("PIP-827", .usage, "this site asks for no second person", hint: "Leave --approve out, or write policy: {promote: two-people} into site.yaml.")
    }
    return try putInForce(promotion, desk, responsible)
  }

  private static func checked(_ rules: PromotionRules, _ responsible: Responsible) throws -> Promotion {
    let old = try rules.current()
    try rules.requireFutureNight()
    let diff = try rules.recordedDiff(old)
    try rules.requirePlan(old)
    return Promotion(
      feed: rules.bench.feed.name, old: old, new: rules.new, from: rules.from, person: responsible.person.text, reason: responsible.reason.text,
      account: Authority.account(), diff: diff.id, at: Clock.now(), digests: rules.digests(old))
  }

  private static func propose(_ promotion: Promotion, _ desk: OperatorDesk, _ responsible: Responsible) throws -> ExitCode {
    try audit(promotion, desk, responsible, .waiting) { $0.digests[.promotion] = SHA256.digest(promotion.bytes) }
    try promotion.write(in: desk.site.folder)
    Console.say("proposed  \(promotion.new) for \(promotion.feed) from \(promotion.from); it waits for a second person, who runs the same with --approve")
    return .waiting
  }

  /// The proposal with the second person's consent; what it rests on must still be what is checked now.
  private static func agreed(_ checked: Promotion, _ responsible: Responsible, _ site: Site, _ acts: AuditedActs) throws -> Promotion {
    guard var proposal = try Promotion.proposed(checked.feed, checked.new, from: checked.from, in: site.folder, acts: acts), proposal.old == checked.old else {
      throw PipelineError("PIP-825", .usage, "nobody has proposed this version for this feed and night", hint: "One person runs it without --approve first.")
    }
    try proposal.requireSame(checked)
    let diff = try DurableFile.read("\(DiffRecord.folder(site.folder))/\(proposal.diff).json", maximumBytes: 16 << 20)
    guard acts.knows(diff: diff, of: checked.feed) else { throw DiffRecord.unknown(proposal.diff, proposal.old, proposal.new, checked.feed) }
    try proposal.approve(person: responsible.person.text, account: Authority.account())
    return proposal
  }

  private static func putInForce(_ promotion: Promotion, _ desk: OperatorDesk, _ responsible: Responsible) throws -> ExitCode {
    let proposal = SHA256.digest(promotion.asProposed.bytes)
    var promotion = promotion
    promotion.isInForce = true
    let folder = desk.site.folder
    var pins = try Pins.read(folder.pins)
    pins.promote(promotion.new, of: promotion.feed, from: promotion.from)
    // The audit speaks first: a promotion that is not in it does not happen.
    try audit(promotion, desk, responsible, .closed) { entry in
      entry.digests[.promotion] = proposal
      entry.digests[.pins] = pins.digest(of: promotion.feed)
    }
    try pins.write(to: folder.pins)
    try promotion.write(in: folder)
    var shadows = try Shadows.read(folder)
    if shadows.remove(promotion.new, of: promotion.feed) { try shadows.write(in: folder) }
    Console.say("promoted  \(promotion.feed) reads \(promotion.new) from the night \(promotion.from) on, \(promotion.old) before")
    return .closed
  }

  private static func audit(_ promotion: Promotion, _ desk: OperatorDesk, _ responsible: Responsible, _ outcome: ExitCode, _ fill: (inout AuditEntry) -> Void) throws {
    let record = try DurableFile.read("\(DiffRecord.folder(desk.site.folder))/\(promotion.diff).json", maximumBytes: 16 << 20)
    try desk.record(night: promotion.from, outcome: outcome, subject: .feed(try desk.feedName(promotion.feed))) { entry in
      (entry.person, entry.reason) = (responsible.person, responsible.reason)
      entry.digests[.diff] = SHA256.digest(record)
      entry.digests[.mapping] = Hex.bytes(DiffRun.digest(promotion.new, desk.site.library))
      fill(&entry)
    }
  }
}
