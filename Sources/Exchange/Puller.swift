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
  /// Links, FIFOs, devices, and names that the feed does not take.
  public var skipped = 0
  /// Files and folders that could not be read; each keeps the night from being whole.
  public var unreadable = 0
  /// Files that a manifest lists and that did not come as it says, and manifests that are none.
  public var missing = 0
  /// Source files that could not be moved or removed; their drops are safe.
  public var notTidied = 0
  /// Why the first of them could not: EXC-102 the file system said no, EXC-103 the file had changed. Nil when there is none.
  public var tidyFault: ExchangeError?
  /// Why the first of the files that were left alone was: EXC-107 it took too long, EXC-108 it is larger than the feed takes. Nil when there is none.
  public var fileFault: ExchangeError?
  /// EXC-101 when the folder itself could not be read, EXC-104 to 106 when its session broke off for good, listed without an end or took too long, or why the partner could not be verified.
  public var fault: ExchangeError?

  init(feed: PlainName) { self.feed = feed }
}

/// Fetches what partners dropped and seals it. Plain bytes are never written.
///
/// - Order for a new file: read once, hashed and sealed together; fsync; rename; fsync of the folder; journal; only then what the feed says of
///   the source. A name that is known is hashed first, and read again where its bytes are new; a partner's file is never fetched twice for that.
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
  /// - Parameter moment: of a missed night that is run later: what was written from then on, in seconds since the epoch, belongs to the next.
  /// - Throws: `ExchangeError` and `TrustError` for our own files; a feed whose folder fails only carries a `fault`.
  public func pull(_ sources: [FeedSource], night: BusinessDate, before moment: Int? = nil) throws -> [FeedPull] {
    let journal = try PullJournal(in: spool.folder)
    let aside = try spool.setOrphansAside(known: Set(journal.records.compactMap(Self.dropID)))
    if aside > 0 { log.event(.orphanSetAside, [.night(night), .count(aside)]) }
    let removed = try spool.removeTemporaries()
    if removed > 0 { log.event(.temporaryRemoved, [.night(night), .count(removed)]) }
    return try Intake(sources, clock, before: moment.map { Nanoseconds.of(seconds: $0) }).arrivals.map { arrival in
      let pass = try FeedPass(arrival, night: night, journal, spool, keys, log, clock)
      defer { arrival.session.rest() }
      return try pass.run()
    }
  }

  private static func dropID(_ record: PullRecord) -> ObjectID? {
    if case .drop(let drop) = record { return drop.id }
    return nil
  }
}
