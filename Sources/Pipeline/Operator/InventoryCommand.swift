import Core
import Exchange
import Extract
import Reconcile
import Store
import Trust

/// `compline inventory`: each connection of a site with all that a person needs to answer for it. What is not in it cannot be opened, since it is made of
/// the very files that connections are made of.
enum InventoryCommand {
  /// Unused for so many nights is stale.
  static let staleNights = 35

  static func run(_ path: String, staleOnly: Bool, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .status)
    let list = try Inventory(desk.site).connections.filter { !staleOnly || $0.isStale }
    if json {
      Console.say(String(decoding: (["connections": .array(list.map(\.json))] as JSONValue).canonical, as: UTF8.self))
    } else {
      Console.say(list.isEmpty ? (staleOnly ? "Nothing is stale." : "This site has no connection.") : list.map(\.text).joined(separator: "\n"))
    }
    try desk.record(night: nil, outcome: .closed)
    return .closed
  }
}

/// One way in or out.
struct Connection {
  enum Direction: String { case inward = "in", outward = "out", receipts = "receipts in", both = "in and out" }

  var kind: String
  var name: String
  var owner: String
  var purpose: String
  var direction: Direction
  var place: String
  /// How each side knows the other.
  var authentication: String
  var format: String
  /// What a feed does when something is wrong; empty for consumers.
  var failure = ""
  /// Host keys, agreements and certificates with their days.
  var terms: [String] = []
  /// The last night in which something came or went; nil where nothing ever did.
  var lastSuccess: BusinessDate?
  var isStale = false
  var suspended: Suspensions.Entry?
  /// How to end it at once, and for good.
  var revoke: String

  private var lines: [(String, String)] {
    [
      ("owner", owner), ("purpose", purpose), ("direction", direction.rawValue), ("place", place), ("authentication", authentication), ("format", format),
      ("on failure", failure), ("terms", terms.joined(separator: "; ")), ("last success", lastSuccess.map { "night \($0)" } ?? "never"),
      ("suspended", suspended.map { "since \($0.since) by \($0.by)\($0.reason.isEmpty ? "" : ": \($0.reason)")" } ?? ""), ("revoke", revoke),
    ].filter { !$0.1.isEmpty }
  }

  var text: String {
    let mark = suspended != nil ? "  SUSPENDED" : isStale ? "  STALE" : ""
    return "\(kind) \(name)\(mark)\n" + lines.map { "  \(($0.0 + ":").padded(to: 16))\($0.1)\n" }.joined()
  }

  var json: JSONValue {
    var members: [String: JSONValue] = ["kind": .string(kind), "name": .string(name), "stale": .bool(isStale)]
    for (key, value) in lines { members[key.replacing(" ", with: "_")] = .string(value) }
    members["terms"] = .array(terms.map { .string($0) })
    members["last_success"] = lastSuccess.map { .string($0.description) } ?? .null
    return .object(members)
  }
}

/// What a site's files and its ledger say of its connections.
struct Inventory {
  let connections: [Connection]

  init(_ site: Site) throws {
    let store = try SiteStores.open(site, keys: .none, epoch: nil), today = Clock.today(in: site.configuration.zone)
    let stops = try Suspensions.read(site.folder)
    let used = (feeds: try store.lastNights(.feeds), consumers: try store.lastNights(.consumers))
    let feeds = site.feeds.map { Self.feed($0, site, last: used.feeds[$0.name], stops.entry(.feed, $0.name)) }
    let consumers = site.consumers.flatMap { Self.consumer($0, site, last: used.consumers[$0.consumer], stops.entry(.consumer, $0.consumer)) }
    let partners = site.partners.map { Self.partner($0, site, today) }
    connections = (feeds + consumers).map { connection in
      var connection = connection
      connection.isStale = connection.lastSuccess.map { $0.advanced(by: InventoryCommand.staleNights) < today } ?? true
      return connection
    } + partners
  }

  /// A partner's server: what proves each side, for how long, and who goes over it.
  private static func partner(_ partner: PartnerFile, _ site: Site, _ today: BusinessDate) -> Connection {
    let link = partner.connection, memory = PartnerMemory(of: link.name, in: site.folder.variable + "/partners")
    let users = site.feeds.filter { $0.remote?.partner == partner.name }.map(\.name) + site.consumers.filter { uses($0, partner.name) }.map(\.consumer)
    var terms = link.pins.map { pin in "host key \(pin.type) \(pin.fingerprint) \(pin.since) to \(pin.until)\(days(pin, today))" }
    if let expires = partner.expires { terms.append("our key until \(expires)") }
    if let refusal = memory.refusal { terms.append("refused in the night \(refusal.night) with \(refusal.code)") }
    let identity = switch link.identity { case .file: "a key file" case .credential(let name): "the credential \(name)" case .agent: "an agent" }
    let jump = link.jump.map { ", through \($0)" } ?? ""
    let last = memory.lastSuccess.map { BusinessDate(daysSinceEpoch: ($0 + site.configuration.zone.offset(atUTC: $0)) / 86_400) }
    var connection = Connection(
      kind: "partner", name: partner.name, owner: partner.owner, purpose: partner.purpose, direction: .both, place: "\(link.user)@\(link.host):\(link.port)\(jump)",
      authentication: "SSH public key (\(identity)\(link.certificate == nil ? "" : " with a certificate")), its host key pinned", format: "sftp",
      terms: terms + ["used by \(users.isEmpty ? "nobody" : users.joined(separator: ", "))"], lastSuccess: last, revoke: partner.revoke)
    connection.isStale = users.isEmpty || (last.map { $0.advanced(by: InventoryCommand.staleNights) < today } ?? true)
    return connection
  }

  private static func uses(_ consumer: ConsumerFile, _ partner: String) -> Bool {
    [consumer.delivery.place, consumer.receipt?.place].contains { if case .partner(partner, _) = $0 { true } else { false } }
  }

  /// How old a pin is, and how long it lasts.
  private static func days(_ pin: HostKeyPin, _ today: BusinessDate) -> String {
    let age = today.daysSinceEpoch - pin.since.daysSinceEpoch, left = pin.until.daysSinceEpoch - today.daysSinceEpoch
    return age < 0 ? " (in \(-age) days)" : left < 0 ? " (ended)" : " (\(age) days old, \(left) left)"
  }

  private static func feed(_ feed: FeedFile, _ site: Site, last: BusinessDate?, _ stop: Suspensions.Entry?) -> Connection {
    let after = switch feed.afterRead { case .leave: "left there" case .delete: "deleted there" case .move: "moved aside there" }
    var connection = Connection(
      kind: "feed", name: feed.name, owner: feed.owner, purpose: "intake for \(feed.mappings.joined(separator: ", "))", direction: .inward,
      place: "\(feed.remote.map { "sftp:\($0.partner):\($0.path)" } ?? feed.folder), due by \(feed.dueBy.text) \(feed.zoneName); files are \(after)", authentication: feed.remote == nil ? "rights of the folder" : "that of the partner", format: feed.format.rawValue,
      failure: feed.expectation.failure.words, lastSuccess: last, suspended: stop, revoke: "compline suspend \(feed.name); then remove feeds/\(feed.name).yaml")
    guard let remote = feed.remote, let partner = site.partners.first(where: { $0.name == remote.partner }) else { return connection }
    connection.place = "\(remote.path) at \(partner.place), due by \(feed.dueBy.text) \(feed.zoneName); files are \(after)"
    (connection.authentication, connection.terms) = (partner.authentication, partner.terms)
    connection.revoke = "compline suspend \(feed.name); \(partner.revoke)"
    return connection
  }

  private static func consumer(_ consumer: ConsumerFile, _ site: Site, last: BusinessDate?, _ stop: Suspensions.Entry?) -> [Connection] {
    let name = consumer.consumer
    var out = Connection(
      kind: "consumer", name: name, owner: consumer.owner, purpose: "\(consumer.purpose.rawValue), \(consumer.specification.name)", direction: .outward,
      place: ConsumerPlaces.text(consumer.delivery.place, site.folder), authentication: authentication(consumer.delivery.place), format: "csv, envelope \(consumer.envelope.rawValue)",
      terms: [terms(consumer, site)], lastSuccess: last, suspended: stop, revoke: "compline suspend \(name); then remove consumers/\(name).yaml")
    guard let receipt = consumer.receipt else { return [out] }
    out.terms.append("answers within \(receipt.nights) night\(receipt.nights == 1 ? "" : "s")")
    var back = out
    (back.direction, back.place, back.format) = (.receipts, ConsumerPlaces.text(receipt.place, site.folder), receipt.format.rawValue)
    back.authentication = authentication(receipt.place)
    return [out, back]
  }

  private static func authentication(_ place: ConsumerFile.Place) -> String {
    if case .partner = place { "that of the partner" } else { "rights of the folder" }
  }

  private static func terms(_ consumer: ConsumerFile, _ site: Site) -> String {
    guard let agreement = site.agreement(of: consumer) else { return "agreement \(consumer.agreement) is not registered" }
    return "agreement \(agreement.agreement) (\(agreement.kind.rawValue)) until \(agreement.until), review by \(agreement.review)"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - utf8.count)) }
}
