import Core
import Store
import Trust

/// `compline identity`: who may be one person, and what a person says of it. Refs, scores and names of fields; never a value.
enum IdentityCommand {
  /// - limit: how many pairs are printed, those of the highest score.
  static func candidates(_ path: String, limit: Int, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .identity)
    let rules = try CandidateRules.newest(desk.site.library, desk.site.dictionary), store = try open(desk, rules, epoch: nil)
    let decided = Dictionary(uniqueKeysWithValues: try store.identityDecisions().map { ($0.one + $0.other, $0.verdict) })
    let search = try CandidateSearch(store, rules, numbers: LoadRules(checkDigits: desk.site.configuration.checkDigits), spillingTo: try folder(desk.site))
    var found: [Candidate] = [], count = 0
    try search.run { candidate in
      if decided[candidate.one + candidate.other] != nil { return }
      count += 1
      found.append(candidate)
      if found.count > 2 * limit { found = best(found, limit) }
    }
    found = best(found, limit)
    try desk.record(night: nil, outcome: .closed, subject: .site) { $0.counts = [.rows: search.outcome.patients, .entries: count] }
    for candidate in found { Console.say(json ? String(decoding: object(candidate, rules).canonical, as: UTF8.self) : line(candidate, rules)) }
    if !json { Console.say(summary(search.outcome, count, found.count, rules)) }
    return .closed
  }

  private static func best(_ candidates: [Candidate], _ limit: Int) -> [Candidate] {
    Array(candidates.sorted { ($1.comparison.score, $0.one, $0.other) < ($0.comparison.score, $1.one, $1.other) }.prefix(limit))
  }

  /// What a person says of two patients; recorded with the rules of the day and the score under them. `same` links them from now on.
  static func decide(_ path: String, _ refs: (String, String), _ verdict: IdentityDecision.Verdict, person: String, reason: String) throws -> ExitCode {
    let responsible = try Responsible(person: person, reason: reason)
    guard let one = ObjectID(hex: refs.0), ObjectID(hex: refs.1) != nil, refs.0 != refs.1 else {
      throw PipelineError("PIP-861", .usage, "two refs of patients are needed, 32 hexadecimal digits each", hint: "compline identity candidates prints them; identifiers of persons are refused here.")
    }
    let desk = try OperatorDesk(path, .identity)
    let tenure = try Tenure(alone: desk.site.folder.lock, job: "compline") { try SiteStores.open(desk.site, keys: .none, epoch: nil).storedEpoch() }
    defer { withExtendedLifetime(tenure) {} }
    try tenure.check()
    let rules = try CandidateRules.newest(desk.site.library, desk.site.dictionary), store = try SiteStores.open(desk.site, keys: try SiteStores.allKeys(desk.keys), epoch: tenure.epoch)
    guard let comparison = try CandidateSearch(store, rules, numbers: LoadRules(checkDigits: desk.site.configuration.checkDigits), spillingTo: try folder(desk.site)).compare(refs.0, refs.1) else {
      throw PipelineError("PIP-862", .nothingUsable, "one of the refs is no patient that stands", hint: "Take refs of patients from compline identity candidates.")
    }
    let decision = IdentityDecision(
      refs, verdict, rule: rules.name, score: comparison.score, agrees: comparison.agrees.map { rules.fields[$0].name }, person: responsible.person.text,
      reason: responsible.reason.text)
    try desk.record(night: nil, outcome: .closed, subject: .row(one)) { entry in
      (entry.person, entry.reason) = (responsible.person, responsible.reason)
      entry.digests[.identity] = SHA256.digest(JSONValue.object(members(decision)).canonical)
    }
    let run = try store.beginRun(stage: "identity", night: Clock.today(in: desk.site.configuration.zone), started: Clock.now())
    try store.record(decision, run: run)
    try store.endRun(run, ended: Clock.now(), exit: Int(ExitCode.closed.rawValue))
    Console.say("\(decision.one) \(decision.other): \(verdict.rawValue), under \(rules.name), score \(comparison.score). \(effect(verdict))")
    return .closed
  }

  private static func effect(_ verdict: IdentityDecision.Verdict) -> String {
    switch verdict {
    case .same: "Recorded: what refers to either counts for one of them, until somebody says different."
    case .different: "Recorded: nothing but messages joins them."
    }
  }

  /// Keys of the classes that the rules compare, no others.
  private static func open(_ desk: OperatorDesk, _ rules: CandidateRules, epoch: Int?) throws -> SiteStore {
    let patient = desk.site.dictionary["patient"]?.fields ?? []
    let numbers = (desk.site.dictionary["identifier"]?.fields ?? []).filter { ["identifier", "type"].contains($0.name) }
    let classes = Set(rules.fields.compactMap { $0.place.map { patient[$0].dataClass } } + numbers.map(\.dataClass))
    return try SiteStores.open(desk.site, keys: try SiteStores.keys(for: classes, desk.keys), epoch: epoch)
  }

  private static func folder(_ site: Site) throws -> String {
    try Folder.make(site.folder.variable)
    return site.folder.variable
  }

  // MARK: What is printed

  private static func names(_ places: [Int], _ rules: CandidateRules) -> [String] { places.map { rules.fields[$0].name } }

  private static func line(_ candidate: Candidate, _ rules: CandidateRules) -> String {
    let comparison = candidate.comparison
    let parts = [("agree", comparison.agrees), ("near", comparison.near), ("differ", comparison.differs)].filter { !$0.1.isEmpty }
    let fields = parts.map { "\($0.0) \(names($0.1, rules).joined(separator: ", "))" }.joined(separator: "; ")
    return "\(candidate.one) \(candidate.other)  score \(comparison.score)\(comparison.isAlways ? " (by rule)" : "")  \(fields)"
  }

  private static func object(_ candidate: Candidate, _ rules: CandidateRules) -> JSONValue {
    func list(_ places: [Int]) -> JSONValue { .array(names(places, rules).map { .string($0) }) }
    let comparison = candidate.comparison
    return [
      "one": .string(candidate.one), "other": .string(candidate.other), "score": .integer(comparison.score), "by_rule": .bool(comparison.isAlways),
      "agree": list(comparison.agrees), "near": list(comparison.near), "differ": list(comparison.differs), "rule": .string(rules.name),
    ]
  }

  private static func members(_ decision: IdentityDecision) -> [String: JSONValue] {
    [
      "one": .string(decision.one), "other": .string(decision.other), "verdict": .string(decision.verdict.rawValue), "rule": .string(decision.rule),
      "score": .integer(decision.score), "agrees": .array(decision.agrees.map { .string($0) }), "person": .string(decision.person), "reason": .string(decision.reason),
    ]
  }

  private static func summary(_ outcome: CandidateSearch.Outcome, _ count: Int, _ shown: Int, _ rules: CandidateRules) -> String {
    var text = "\(count) candidates of \(outcome.patients) patients, \(outcome.pairs) pairs compared, under \(rules.name)"
    if shown < count { text += "; the \(shown) of the highest score are shown (--limit)" }
    if outcome.blocksPassedBy > 0 { text += "; \(outcome.blocksPassedBy) blocks of more than \(rules.block) patients were passed by" }
    return text
  }
}
