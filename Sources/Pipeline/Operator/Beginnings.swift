import Core
import Extract
import Store
import Trust

/// Since when each feed and each consumer is there, and which nights ran before.
struct Beginnings {
  private let folder: SiteFolder
  /// The nights that ran, ascending.
  private let nights: [BusinessDate]
  private let looks: [String: [BusinessDate]]
  private let extracts: [String: [BusinessDate]]

  init(_ site: Site, _ store: SiteStore) throws {
    (folder, nights) = (site.folder, try RunNights.all(site.folder))
    (looks, extracts) = (try store.lookNights(), try store.extractNights())
  }

  /// Nights that ran before a feed came would look for it when they run again.
  func warnings(of feed: FeedFile) -> [String] {
    guard feed.since == nil, let gap = gap(looks[feed.name] ?? [], "feeds", feed.name) else { return [] }
    return ["feed \(feed.name): nights up to \(gap.last) ran before anybody looked at it; run again, they would take its files and miss its drops. Where it began later, write since: \(gap.next)"]
  }

  /// A consumer gets what changes from its first night on; nights before it that run again would go to it too.
  func warnings(of consumer: ConsumerFile) -> [String] {
    let name = consumer.consumer
    guard consumer.since == nil, let gap = gap(extracts[name] ?? [], "consumers", name) else { return [] }
    return [
      "consumer \(name): nights up to \(gap.last) ran before it had an extract, and it gets nothing of them unless one runs again. Where it is to have none, write since: \(gap.next); where it may, compline-extract --consumer \(name) --night NIGHT for each, oldest first"
    ]
  }

  /// The last night that ran without a party, and the first one with it; nil where it was always there.
  private func gap(_ own: [BusinessDate], _ kind: String, _ name: String) -> (last: BusinessDate, next: BusinessDate)? {
    guard let newest = nights.last else { return nil }
    let first = own.first ?? newest.advanced(by: 1), there = Set(own)
    guard let last = nights.last(where: { $0 < first || !there.contains($0) && !knows($0, kind, name) }) else { return nil }
    return (last, own.first { $0 > last } ?? newest.advanced(by: 1))
  }

  /// Whether the statement of a night that ran speaks of a party: a feed that could not be looked at, or a consumer that was not served, was there.
  private func knows(_ night: BusinessDate, _ kind: String, _ name: String) -> Bool {
    guard let bytes = try? DurableFile.read(folder.statements(night) + "/statement.json", maximumBytes: 256 << 20), let statement = try? JSONValue(parsing: bytes) else { return true }
    return statement[kind]?.array?.contains { $0[String(kind.dropLast())]?.string == name } ?? true
  }
}
