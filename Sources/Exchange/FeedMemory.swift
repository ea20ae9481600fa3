internal import Core
internal import Trust

/// What the journal says of one feed: which names and bytes were met.
struct FeedMemory {
  /// A second writing within this time can bear the same mtime: SFTP tells whole seconds, some servers two.
  private static let sameTime = Nanoseconds.of(seconds: 2)
  /// So far apart the clocks of a partner and ours may be.
  private static let clockDifference = Nanoseconds.of(seconds: 900)

  private let feed: PlainName
  private let night: BusinessDate
  private let journal: PullJournal?
  private let names: BlindIndex, hashes: BlindIndex
  /// The drop of each keyed hash.
  private(set) var drops: [[UInt8]: ObjectID] = [:]
  /// The keyed hashes of each keyed name.
  private(set) var seen: [[UInt8]: Set<[UInt8]>] = [:]
  private var stamps: [[UInt8]: PulledStamp] = [:]
  private(set) var lastLook: PullLook?

  init(_ source: FeedSource, night: BusinessDate, _ journal: PullJournal, key: SecretKey) throws {
    try self.init(source, night: night, journal, records: journal.records, key: key)
  }

  /// To look at only.
  init(_ source: FeedSource, records: [PullRecord], key: SecretKey) throws {
    try self.init(source, night: BusinessDate(daysSinceEpoch: 0), nil, records: records, key: key)
  }

  private init(_ source: FeedSource, night: BusinessDate, _ journal: PullJournal?, records: [PullRecord], key: SecretKey) throws {
    (feed, self.night, self.journal) = (source.feed, night, journal)
    names = try BlindIndex(key: key, label: "pull/name/" + source.feed.text)
    hashes = try BlindIndex(key: key, label: "pull/hash/" + source.feed.text)
    for record in records { remember(record) }
  }

  private mutating func remember(_ record: PullRecord) {
    switch record {
    case .drop(let drop) where drop.feed == feed:
      drops[drop.keyedHash] = drop.id
      seen[drop.keyedName, default: []].insert(drop.keyedHash)
    case .duplicate(let duplicate) where duplicate.feed == feed: seen[duplicate.keyedName, default: []].insert(duplicate.keyedHash)
    case .look(let look) where look.feed == feed && look.night == night: lastLook = look
    case .stamp(let stamp) where stamp.feed == feed: stamps[stamp.keyedName] = stamp
    default: break
    }
  }

  mutating func record(_ records: [PullRecord]) throws {
    if records.isEmpty { return }
    try journal?.append(records)
    for record in records { remember(record) }
  }

  /// A control file is a statement made at a moment: the same count from elsewhere or a later night is another one.
  func name(of file: SourceFile, _ kind: DropKind) throws -> [UInt8] { try names.code(of: kind == .control ? moment(of: file) : file.path) }

  func hash(of file: SourceFile, _ kind: DropKind, sha256: [UInt8]) throws -> [UInt8] {
    try hashes.code(of: kind == .control ? sha256 + [0] + moment(of: file) : sha256)
  }

  private func moment(of file: SourceFile) -> [UInt8] {
    file.path + [0] + (0..<8).map { UInt8(truncatingIfNeeded: file.stamp.modified >> (56 - 8 * $0)) }
  }
}

// MARK: - What came before

extension FeedMemory {
  /// Whether bytes lie sealed already.
  func holds(sha256: [UInt8]) -> Bool {
    guard let hash = try? hashes.code(of: sha256) else { return false }
    return drops[hash] != nil
  }

  /// A drop that came under this path.
  func drop(ofName path: [UInt8]) throws -> ObjectID? { try seen[names.code(of: path)]?.lazy.compactMap { drops[$0] }.first }
}

// MARK: - What need not be fetched again

extension FeedMemory {
  /// The drop of a partner's file that was fetched before and bears the same name, length and time. A folder is always read.
  func fetched(_ file: SourceFile) throws -> ObjectID? {
    guard !file.stamp.hasInode, let stamp = stamps[try names.code(of: file.path)], !stamp.isYoung, file.stamp.byteCount == stamp.byteCount,
      file.stamp.modified == stamp.modified
    else { return nil }
    return stamp.drop
  }

  /// What is to be recorded of a file that was fetched; nothing where that stands there already, or of a folder.
  ///
  /// - Parameters:
  ///   - seen: when the listing showed it, on our clock.
  ///   - now: after it was read whole.
  func stamp(fetched file: SourceFile, _ drop: ObjectID, seen: Int, now: Int) throws -> [PullRecord] {
    guard !file.stamp.hasInode else { return [] }
    // Read later than that after it was listed, or written so long ago that no difference of clocks explains it away, it cannot hide a second writing.
    // A time that says nothing, as of servers that give none, hides any.
    let isDated = (1..<Int.max).contains(file.stamp.modified)
    let isOld = isDated && (Nanoseconds.between(seen, now) >= Self.sameTime || Nanoseconds.between(file.stamp.modified, now) >= Self.clockDifference)
    let stamp = PulledStamp(
      night: night, feed: feed, keyedName: try names.code(of: file.path), byteCount: file.stamp.byteCount, modified: file.stamp.modified, drop: drop,
      isYoung: !isOld)
    var known = stamps[stamp.keyedName]
    known?.night = night
    return known == stamp ? [] : [.stamp(stamp)]
  }
}
