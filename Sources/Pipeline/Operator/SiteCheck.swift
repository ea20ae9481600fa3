import Core
import Exchange
import Extract
import Map
import Store
import Trust

/// `compline check`: every file read, something opened with the keys, nothing changed.
enum SiteCheck {
  static func run(_ path: String) throws -> ExitCode {
    let desk = try OperatorDesk(path, .check)
    let site = desk.site
    try DictionaryFile.check(site.library)
    let store = try SiteStores.open(site, keys: .none, epoch: nil)
    let versions = try VersionsInForce(site, store: store)
    try describeFeeds(site, versions)
    try describePartners(site)
    try describeConsumers(site)
    if let worst = desk.keys.faults().first { throw worst.fault }
    try KeyProbe(site: site, keys: desk.keys).run()
    if let behind = try store.dictionaryBehind(site.dictionary) {
      Console.say("store     at data dictionary \(behind); the next ingest brings it up to \(site.dictionary.version)")
    }
    Console.say("keys      \(KeyName.all.count), all readable by this account alone; they open what this site sealed")
    Console.say("stages    one account runs them all: \(Authority.account())")
    let acts = try AuditedActs(site.folder, keys: desk.keys)
    let begun = try Beginnings(site, store), today = Clock.today(in: site.configuration.zone)
    let warnings = SiteWarnings(site: site, account: Authority.account(), today: today, acts: acts, begun: begun).all + (try VersionWarnings(site: site, versions: versions, acts: acts).all)
    for warning in warnings { Console.say("warning   \(warning)") }
    Console.say(warnings.isEmpty ? "check     nothing wrong found" : "check     no fault; warnings: \(warnings.count)")
    return .closed
  }

  private static func describeFeeds(_ site: Site, _ versions: VersionsInForce) throws {
    var versions = versions
    let today = Clock.today(in: site.configuration.zone)
    for feed in site.feeds {
      let names = try versions.resolve(feed, on: today).names
      _ = try MapPlan.build(site.library, mappings: names, format: feed.format, zone: feed.zone)
      Console.say("feed      \(feed.name): \(feed.format.rawValue), \(names.joined(separator: ", ")), due \(feed.dueBy.text) \(feed.zoneName)\(feed.since.map { ", from the night \($0)" } ?? "")")
      for night in versions.pins.changes(feed) {
        let names = try versions.resolve(feed, on: night).names
        _ = try MapPlan.build(site.library, mappings: names, format: feed.format, zone: feed.zone)
        Console.say("          from \(night): \(names.joined(separator: ", "))")
      }
    }
  }

  /// Each connection, its pins by fingerprint, and whether its key may be used; nothing is sent.
  private static func describePartners(_ site: Site) throws {
    for partner in site.partners {
      let connection = partner.connection
      Console.say("partner   \(partner.name): \(connection.user)@\(connection.host):\(connection.port), \(partner.purpose)")
      for pin in connection.pins { Console.say("          \(pin.type) \(pin.fingerprint), \(pin.since) to \(pin.until)") }
      // A credential or an agent is there in the unit that runs the night, not here.
      guard case .file = connection.identity else { continue }
      do throws(IdentityFault) { try SSHIdentity.check(connection) } catch { throw ExchangeError.identity(connection.name, error) }
    }
  }

  private static func describeConsumers(_ site: Site) throws {
    for consumer in site.consumers {
      if let agreement = site.agreement(of: consumer) { _ = try ExtractPlan.make(consumer, agreement: agreement, dictionary: site.dictionary) }
      Console.say("consumer  \(consumer.consumer): \(consumer.specification.id)@\(consumer.specification.version), agreement \(consumer.agreement)\(consumer.since.map { ", from the night \($0)" } ?? "")")
    }
    for agreement in site.agreements { Console.say("agreement \(agreement.agreement): \(agreement.from) to \(agreement.until)") }
  }
}
