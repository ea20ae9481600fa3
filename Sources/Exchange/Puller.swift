public import Core
public import Trust

/// All the keys that pull holds: it can seal and recognise, never open.
public struct PullKeys: Sendable {
  /// The public half of the spool's key.
  public let recipient: AgreementPublicKey
  /// For keyed names and hashes.
  public let pull: SecretKey

  public init(recipient: AgreementPublicKey, pull: SecretKey) {
    self.recipient = recipient
    self.pull = pull
  }
}

/// What one pull did for one feed.
public struct FeedPull: Sendable, Equatable {
  /// The feed that was pulled.
  public let feed: PlainName
  /// New drops, resubmissions included.
  public var sealed = 0
  /// New drops whose name was used before for other bytes.
  public var resubmitted = 0
  /// Names under which known bytes came for the first time.
  public var duplicates = 0
  /// Name and bytes met before: nothing new.
  public var known = 0
  /// Files that are not whole yet, or changed while they were read.
  public var arriving = 0
  /// Links, FIFOs, devices.
  public var skipped = 0
  /// Files and folders that could not be read; each keeps the night from being whole.
  public var unreadable = 0
  /// Source files that could not be moved or removed; their drops are safe.
  public var notTidied = 0
  /// Why the first of them could not: EXC-102 the file system said no, EXC-103 the file had changed. Nil when there is none.
  public var tidyFault: ExchangeError?
  /// EXC-101 when the folder itself could not be read.
  public var fault: ExchangeError?

  init(feed: PlainName) { self.feed = feed }
}

/// Fetches what partners dropped and seals it. Plain bytes are never written.
///
/// - Order for a new file: read and hash; seal while reading again; fsync; rename; fsync of the folder; journal; only then what the feed says of the source.
/// - Idempotent: a second pull of the same folder adds nothing; a killed one leaves at most one sealed file without a record, which the next moves into `orphans`.
public final class Puller {
  private let spool: Spool
  private let keys: PullKeys
  private let log: EventLog
  private let clock: IntakeClock

  public init(spool: Spool, keys: PullKeys, log: EventLog, clock: IntakeClock) {
    self.spool = spool
    self.keys = keys
    self.log = log
    self.clock = clock
  }

  /// Pulls every feed once, for a night. Waits at most one settle window, once for all feeds.
  ///
  /// - Throws: `ExchangeError` and `TrustError` for our own files; a feed whose folder fails only carries a `fault`.
  public func pull(_ sources: [FolderSource], night: BusinessDate) throws -> [FeedPull] {
    let journal = try PullJournal(in: spool.folder)
    let aside = try spool.setOrphansAside(known: Set(journal.records.compactMap(Self.dropID)))
    if aside > 0 { log.event(.orphanSetAside, [.night(night), .count(aside)]) }
    let removed = try spool.removeTemporaries()
    if removed > 0 { log.event(.temporaryRemoved, [.night(night), .count(removed)]) }
    return try Intake(sources, clock).arrivals.map { arrival in
      let pass = try FeedPass(arrival.source, night: night, journal, spool, keys, log)
      return try pass.run(arrival)
    }
  }

  private static func dropID(_ record: PullRecord) -> ObjectID? {
    if case .drop(let drop) = record { return drop.id }
    return nil
  }
}

/// The looks at all folders of a night, two where a wait can settle more.
struct Intake {
  /// What one folder holds.
  struct Arrival {
    let source: FolderSource
    var ready: [SourceFile] = []
    var arriving = 0
    var skipped = 0
    var unreadable = 0
    var fault: ExchangeError?
  }

  private(set) var arrivals: [Arrival] = []

  init(_ sources: [FolderSource], _ clock: IntakeClock) {
    let first = sources.map { Self.look($0, clock) }
    let settled = zip(sources, first).map { SettledFiles($1.look, $0.completeness) }
    guard let wait = settled.compactMap(\.wait).max() else {
      arrivals = sources.indices.map { Self.arrival(sources[$0], first[$0], settled[$0]) }
      return
    }
    clock.wait(wait)
    arrivals = sources.indices.map { index in
      guard settled[index].wait != nil else { return Self.arrival(sources[index], first[index], settled[index]) }
      let second = Self.look(sources[index], clock)
      return Self.arrival(sources[index], second, SettledFiles(second.look, after: first[index].look, sources[index].completeness))
    }
  }

  private typealias Seen = (look: SettledFiles.Look, skipped: Int, unreadable: Int, fault: ExchangeError?)

  private static func look(_ source: FolderSource, _ clock: IntakeClock) -> Seen {
    do throws(ExchangeError) {
      let walk = try FolderWalk(source)
      return (SettledFiles.Look(files: walk.files, at: clock.now()), walk.skipped, walk.unreadable, nil)
    } catch {
      return (SettledFiles.Look(files: [], at: clock.now()), 0, 1, error)
    }
  }

  private static func arrival(_ source: FolderSource, _ seen: Seen, _ settled: SettledFiles) -> Arrival {
    Arrival(source: source, ready: settled.ready, arriving: settled.arriving, skipped: seen.skipped, unreadable: seen.unreadable, fault: seen.fault)
  }
}
