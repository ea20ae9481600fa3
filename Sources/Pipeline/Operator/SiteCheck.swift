import Core
import Extract
import Map
import Store
import Trust

/// `compline check`: every file read, nothing changed.
enum SiteCheck {
  static func run(_ path: String) throws -> ExitCode {
    let desk = try OperatorDesk(path, .check)
    let site = desk.site
    var pins = try Pins.read(site.folder.pins)
    for feed in site.feeds {
      let names = try pins.resolve(feed, site.library).names
      _ = try MapPlan.build(site.library, mappings: names, format: feed.format, zone: feed.zone)
      let there = Folder.isFolder(feed.folder) ? "" : "  (its drop folder is not there yet)"
      Console.say("feed      \(feed.name): \(feed.format.rawValue), \(names.joined(separator: ", ")), due \(feed.dueBy.text) \(feed.zoneName)\(there)")
    }
    for consumer in site.consumers {
      if let agreement = site.agreement(of: consumer) { _ = try ExtractPlan.make(consumer, agreement: agreement, dictionary: site.dictionary) }
      Console.say("consumer  \(consumer.consumer): \(consumer.specification.id)@\(consumer.specification.version), agreement \(consumer.agreement)") }
    for agreement in site.agreements { Console.say("agreement \(agreement.agreement): \(agreement.from) to \(agreement.until)") }
    if let worst = desk.keys.faults().first { throw worst.fault }
    _ = try SiteStores.open(site, keys: .none, epoch: nil)
    Console.say("keys      \(KeyName.all.count), all readable by this account alone")
    Console.say("stages    one account runs them all: \(Authority.account())")
    Console.say("check     nothing wrong found")
    return .closed
  }
}
