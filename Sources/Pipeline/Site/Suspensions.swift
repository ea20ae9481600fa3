import Core
import Extract
import Glibc
import Trust

/// `var/suspended.json`: the feeds and consumers that a person has stopped. It is read anew at each decision, so that a stop works in a night that runs.
struct Suspensions: Equatable {
  /// What can be stopped.
  enum Kind: String, CaseIterable {
    case feed = "feeds"
    case consumer = "consumers"
  }

  /// One stop.
  struct Entry: Equatable {
    var kind: Kind
    var name: String
    /// UTC.
    var since: String
    var by: String
    var reason: String
  }

  private(set) var entries: [Entry] = []

  static func path(_ folder: SiteFolder) -> String { folder.variable + "/suspended.json" }

  /// - Throws: PIP-130 (78) when the file cannot be read: nobody knows then what is stopped, so nothing goes on.
  static func read(_ folder: SiteFolder) throws -> Suspensions {
    let path = path(folder)
    guard DurableFile.exists(path) else { return Suspensions() }
    guard let json = try? JSONValue(parsing: try DurableFile.read(path, maximumBytes: 1 << 20)), case .object(let members) = json else { throw unreadable() }
    var all = Suspensions()
    for kind in Kind.allCases {
      guard let list = members[kind.rawValue]?.array else { throw unreadable() }
      for item in list {
        guard let name = item["name"]?.string, let since = item["since"]?.string, let by = item["by"]?.string, let reason = item["reason"]?.string else { throw unreadable() }
        all.entries.append(Entry(kind: kind, name: name, since: since, by: by, reason: reason))
      }
    }
    return all
  }

  private static func unreadable() -> PipelineError {
    PipelineError("PIP-130", .configuration, "var/suspended.json cannot be read, so nobody knows what is suspended", hint: "Restore it from a backup, or remove it and suspend again.")
  }

  func entry(_ kind: Kind, _ name: String) -> Entry? { entries.first { $0.kind == kind && $0.name == name } }
  func holds(_ kind: Kind, _ name: String) -> Bool { entry(kind, name) != nil }

  func applied(to feeds: [FeedFile]) -> [FeedFile] {
    feeds.map { feed in
      var feed = feed
      feed.isSuspended = holds(.feed, feed.name)
      return feed
    }
  }

  func applied(to consumers: [ConsumerFile]) -> [ConsumerFile] {
    consumers.map { consumer in
      var consumer = consumer
      consumer.isSuspended = holds(.consumer, consumer.consumer)
      return consumer
    }
  }

  /// Stops or frees one party; what was stopped before stays as it was said first. - Returns: false where nothing changed.
  mutating func set(_ entry: Entry, stopped: Bool) -> Bool {
    guard holds(entry.kind, entry.name) != stopped else { return false }
    if stopped { entries.append(entry) } else { entries.removeAll { $0.kind == entry.kind && $0.name == entry.name } }
    return true
  }

  func write(_ folder: SiteFolder) throws {
    let members = Dictionary(uniqueKeysWithValues: Kind.allCases.map { kind in
      (kind.rawValue, JSONValue.array(entries.filter { $0.kind == kind }.map {
        ["name": .string($0.name), "since": .string($0.since), "by": .string($0.by), "reason": .string($0.reason)]
      }))
    })
    try DurableFile.write(JSONValue.object(members).pretty, to: Self.path(folder), mode: 0o640)
  }

  /// Changes the file alone, under a lock of its own: a night that runs need not end first.
  static func change(_ folder: SiteFolder, _ body: (inout Suspensions) -> Bool) throws -> Bool {
    try Folder.make(folder.variable)
    let lock = try FileLock(path(folder) + ".lock", contention: .wait)
    return try withExtendedLifetime(lock) {
      var all = try read(folder)
      guard body(&all) else { return false }
      try all.write(folder)
      return true
    }
  }
}
