import Core
import Exchange
import Extract
import Reconcile
import Trust

/// What `check` warns of: nothing is refused, but a night would not go as somebody hopes.
struct SiteWarnings {
  let site: Site
  let account: String
  let today: BusinessDate
  let acts: AuditedActs
  /// Since when each feed and consumer is there.
  let begun: Beginnings
  /// How long before its end a grant is spoken of, in days.
  static let notice = 14

  var all: [String] { feeds + SharedFolders(site.feeds, site.partners).doubts + partners + consumers + grants }

  private var feeds: [String] {
    if site.feeds.isEmpty { return ["there are no feeds, so that no night can run"] }
    return site.feeds.flatMap { feed in
      var lines: [String] = []
      if feed.isSuspended { lines.append("feed \(feed.name): it is suspended; nothing is pulled or loaded (FEED-SUSPENDED)") }
      if feed.remote == nil, !Folder.isFolder(feed.folder) { lines.append("feed \(feed.name): its drop folder is not there; the night would end 76") }
      if feed.remote == nil, case .move(let target) = feed.afterRead, !Folder.isFolder(target) { lines.append("feed \(feed.name): the folder of 'after: {move: …}' is not there") }
      if let pattern = feed.patternsOfControl.first { lines.append("feed \(feed.name): a name that fits '\(pattern)' of 'files' may fit 'control' too, and counts as a control file then, not as a drop") }
      lines += begun.warnings(of: feed)
      lines += undiffed(feed).map { "feed \(feed.name): its file puts \($0) in force, and nobody has compared it with the version before over drops of this feed" }
      return lines + feed.expectation.tolerances.filter { $0.until < today }.map { "feed \(feed.name): the tolerance for \($0.code.rawValue) ended on \($0.until) and covers nothing" }
    }
  }

  /// Versions that the feed's file dates past the first, without a recorded diff: a promotion would have asked for one.
  private func undiffed(_ feed: FeedFile) -> [VersionName] {
    feed.versions.sorted { $0.key < $1.key }.flatMap { id, versions in
      zip(versions.entries, versions.entries.dropFirst()).compactMap { old, new in
        let pair = (VersionName(id, old.version), VersionName(id, new.version))
        let digests = (old: DiffRun.digest(pair.0, site.library), new: DiffRun.digest(pair.1, site.library))
        return (try? DiffRecord.find(pair.0, pair.1, feed: feed.name, digests: digests, in: site.folder, acts: acts)) == nil ? pair.1 : nil
      }
    }
  }

  private var partners: [String] {
    site.partners.flatMap { partner in
      var lines: [String] = []
      if partner.connection.pins(on: today).isEmpty { lines.append(ExchangeError.noPinInForce(partner.connection, on: today).summary + "; nothing goes to it or comes from it") }
      if let last = partner.connection.pins.map(\.until).max(), last >= today, last <= today.advanced(by: Self.notice) { lines.append("partner \(partner.name): its last pin ends on \(last)") }
      if let expires = partner.expires, expires <= today.advanced(by: Self.notice) { lines.append("partner \(partner.name): what its file says of our key ends on \(expires)") }
      return lines
    }
  }

  private var consumers: [String] {
    site.consumers.flatMap { consumer in
      var lines: [String] = []
      if let refusal = refusal(consumer) { lines.append("consumer \(consumer.consumer): gets nothing today, \(refusal)") }
      if let waiting = waiting(consumer) { lines.append(waiting) }
      if case .folder(let path) = consumer.delivery.place, !Folder.isFolder(site.folder.resolve(path)) { lines.append("consumer \(consumer.consumer): its delivery folder is not there; it is never made by the program") }
      if case .folder(let path)? = consumer.receipt?.place, !Folder.isFolder(site.folder.resolve(path)) { lines.append("consumer \(consumer.consumer): its folder of receipts is not there; the night would end 76") }
      return lines + begun.warnings(of: consumer)
    }
  }

  /// What nights before an agreement bring is withheld, and due once it is in force: nobody may have meant that.
  private func waiting(_ consumer: ConsumerFile) -> String? {
    guard let first = site.agreement(of: consumer)?.from, first > today, consumer.since ?? today < first else { return nil }
    return "consumer \(consumer.consumer): its agreement begins on \(first); what nights before that bring is withheld and goes out with its first extract. Where it is to have none of it, write since: \(first)"
  }

  private func refusal(_ consumer: ConsumerFile) -> String? {
    let agreement = site.agreement(of: consumer)
    guard case .refused(let reason) = AgreementGate.decide(consumer, agreement: agreement, businessDate: today, deliveryDate: today) else { return nil }
    let name = "the agreement \(consumer.agreement)"
    let why = switch reason {
    case .missing: agreement == nil ? "\(name) is not there" : "\(name) is not for the purpose \(consumer.purpose.rawValue)"
    case .notYet: "\(name) is not in force yet"
    case .expired: "\(name) has ended"
    case .envelopeNotPermitted: "\(name) does not permit envelope: none"
    case .suspended: "it is suspended"
    }
    return "\(why) (\(reason.rawValue))"
  }

  /// One line a last day: what the calling account may not do after it.
  private var grants: [String] {
    var ending: [BusinessDate: [String]] = [:]
    for verb in Verb.allCases {
      if case .permitted(let until) = site.people.decide(account: account, verb: verb, on: today), until <= today.advanced(by: Self.notice) {
        ending[until, default: []].append(verb.rawValue)
      }
    }
    return ending.sorted { $0.key < $1.key }.map { day, verbs in
      let what = verbs.count == Verb.allCases.count ? "all grants" : "the grants \(verbs.joined(separator: ", "))"
      return "\(what) of the account \(account) end on \(day); renew them in people.yaml"
    }
  }
}
