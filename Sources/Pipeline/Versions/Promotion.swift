import Core
import Map
import Store
import Trust

/// A version that is to be in force for a feed from a night on: what it rests on, who asked, who agreed. `var/promotions/*.json`, 0640.
struct Promotion: Sendable, Equatable {
  var feed: String
  var old: VersionName
  var new: VersionName
  var from: BusinessDate
  var person: String
  var reason: String
  var account: String
  /// The recorded diff that it rests on.
  var diff: String
  var at: String
  /// SHA-256 over the files that each version is read from: what the diff compared.
  var digests: (old: String, new: String)
  /// The second person and account, where the site asks for one.
  var approver: (person: String, account: String)?
  var isInForce = false

  static func == (left: Self, right: Self) -> Bool { left.json == right.json }

  var json: JSONValue {
    [
      "feed": .string(feed), "old": .string(old.description), "new": .string(new.description), "from": .string(from.description), "person": .string(person),
      "reason": .string(reason), "account": .string(account), "diff": .string(diff), "at": .string(at),
      "old_sha256": .string(digests.old), "new_sha256": .string(digests.new),
      "approver": approver.map { ["person": .string($0.person), "account": .string($0.account)] } ?? .null, "state": .string(isInForce ? "in-force" : "proposed"),
    ]
  }

  private static func folder(_ site: SiteFolder) -> String { site.variable + "/promotions" }

  private static func path(_ feed: String, _ new: VersionName, _ from: BusinessDate, _ site: SiteFolder) -> String {
    "\(folder(site))/\(feed).\(new.id).\(new.version).\(from).json"
  }

  /// The proposal as it was before anybody agreed to it.
  var asProposed: Promotion {
    var proposal = self
    (proposal.approver, proposal.isInForce) = (nil, false)
    return proposal
  }

  /// As it stands in its file; the audit holds the SHA-256 of it.
  var bytes: [UInt8] { json.pretty }

  func write(in site: SiteFolder) throws {
    try Folder.make(Self.folder(site))
    try DurableFile.write(bytes, to: Self.path(feed, new, from, site), mode: 0o640)
  }

  /// The one that waits for a second person; nil where there is none.
  ///
  /// - Throws: PIP-828 (77) where the file is not what somebody proposed by the audit's word.
  static func proposed(_ feed: String, _ new: VersionName, from night: BusinessDate, in site: SiteFolder, acts: AuditedActs) throws -> Promotion? {
    let path = path(feed, new, night, site)
    guard DurableFile.exists(path) else { return nil }
    let bytes = try DurableFile.read(path, maximumBytes: 1 << 20)
    guard let value = try? JSONValue(parsing: bytes), value["state"]?.string != "in-force" else { return nil }
    func text(_ key: String) -> String { value[key]?.string ?? "" }
    guard let known = acts.proposal(bytes, of: feed), let old = VersionName(text("old")), known.account == text("account"), known.person == text("person") else {
      throw PipelineError(
        "PIP-828", .notPermitted, "the proposal is not what the audit knows: its file in var/promotions was changed or put there, or it was used already",
        hint: "Propose it anew, without --approve.")
    }
    return Promotion(
      feed: feed, old: old, new: new, from: night, person: text("person"), reason: text("reason"), account: text("account"), diff: text("diff"), at: text("at"),
      digests: (text("old_sha256"), text("new_sha256")))
  }

  /// What the two versions are read from must still be what was proposed.
  ///
  /// - Throws: PIP-824 (77).
  func requireSame(_ checked: Promotion) throws(PipelineError) {
    guard digests == checked.digests else {
      throw PipelineError(
        "PIP-824", .notPermitted, "what \(old) or \(new) is read from has changed since it was compared and proposed",
        hint: "Compare the two anew, and propose it anew, without --approve.")
    }
  }

  /// The second person must be another one, under another account.
  mutating func approve(person: String, account: String) throws(PipelineError) {
    guard account != self.account, person != self.person else {
      throw PipelineError("PIP-826", .notPermitted, "the second person is the one who proposed it", hint: "Another person agrees, under an own account.")
    }
    approver = (person, account)
  }
}

/// What a promotion must satisfy before it is written down.
struct PromotionRules {
  let bench: VersionBench
  let acts: AuditedActs
  let new: VersionName
  let from: BusinessDate

  /// The version that is in force on that night now.
  ///
  /// - Throws: PIP-820 where the feed's file says the version itself, PIP-821 where it reads nothing of the name, PIP-822 where it is in force already.
  func current() throws -> VersionName {
    let feed = bench.feed
    guard feed.versions[new.id] == nil, !feed.mappings.contains(where: { $0.hasPrefix(new.id + "@") }) else {
      throw PipelineError("PIP-820", .configuration, "the file of the feed '\(feed.name)' names the version of '\(new.id)' itself", hint: "Change it there, or name it without a version.")
    }
    guard feed.mappings.contains(new.id), let pinned = bench.versions.pins.pinned(new.id, of: feed.name) else {
      throw PipelineError("PIP-821", .configuration, "the feed '\(feed.name)' is not pinned to a version of '\(new.id)'", hint: "It reads \(feed.mappings.joined(separator: ", ")); names are pinned at the first night.")
    }
    let version = pinned.version(on: from)
    guard version != new.version else { throw PipelineError("PIP-822", .usage, "'\(new)' is in force on that night already") }
    return VersionName(new.id, version)
  }

  /// Nights that were loaded keep the version that they were loaded under.
  func requireFutureNight() throws {
    guard let last = try bench.store.lastLoadedNight(feed: bench.feed.name), from <= last else { return }
    throw PipelineError("PIP-823", .usage, "the night \(last) of this feed was loaded under the version in force", hint: "Begin with a later night, and run older ones again with: compline replay.")
  }

  /// The feed must compile with it.
  func requirePlan(_ old: VersionName) throws {
    let swap = try VersionSwap(new, replacing: [], in: try bench.names(on: from), of: bench.site.library)
    _ = try MapPlan.build(swap.library, mappings: swap.names, format: bench.feed.format, zone: bench.feed.zone)
  }

  /// SHA-256 over what each of the two is read from now.
  func digests(_ old: VersionName) -> (old: String, new: String) { (DiffRun.digest(old, bench.site.library), DiffRun.digest(new, bench.site.library)) }

  /// - Throws: PIP-824 where nobody compared exactly these two over drops of this feed, PIP-829 where a record says so and the audit does not.
  func recordedDiff(_ old: VersionName) throws -> DiffRecord {
    let digests = digests(old)
    guard let record = try DiffRecord.find(old, new, feed: bench.feed.name, digests: digests, in: bench.site.folder, acts: acts) else {
      if try DiffRecord.find(old, new, feed: bench.feed.name, digests: digests, in: bench.site.folder, acts: acts, includeEmpty: true) != nil {
        throw PipelineError(
          "PIP-824", .notPermitted, "the recorded diff of \(old) and \(new) looked at 0 messages of '\(bench.feed.name)'",
          hint: "Compare over nights that have some: compline mapping diff \(old) \(new) --on \(bench.feed.name):NIGHT..NIGHT.")
      }
      throw PipelineError(
        "PIP-824", .notPermitted, "there is no recorded diff of \(old) and \(new) over drops of '\(bench.feed.name)'",
        hint: "Make one: compline mapping diff \(old) \(new) --on \(bench.feed.name).")
    }
    return record
  }
}
