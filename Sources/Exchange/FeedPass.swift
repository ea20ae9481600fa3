internal import Core
internal import Trust

/// One feed in one pull.
final class FeedPass {
  private let source: FolderSource
  private let night: BusinessDate
  private let journal: PullJournal
  private let spool: Spool
  private let recipient: AgreementPublicKey
  private let log: EventLog
  private let names: BlindIndex, hashes: BlindIndex
  private var result: FeedPull
  /// The drop of each keyed hash, the keyed hashes of each keyed name.
  private var drops: [[UInt8]: ObjectID] = [:]
  private var seen: [[UInt8]: Set<[UInt8]>] = [:]
  private var lastLook: PullLook?

  init(_ source: FolderSource, night: BusinessDate, _ journal: PullJournal, _ spool: Spool, _ keys: PullKeys, _ log: EventLog) throws {
    (self.source, self.night, self.journal, self.spool, self.log) = (source, night, journal, spool, log)
    recipient = keys.recipient
    names = try BlindIndex(key: keys.pull, label: "pull/name/" + source.feed.text)
    hashes = try BlindIndex(key: keys.pull, label: "pull/hash/" + source.feed.text)
    result = FeedPull(feed: source.feed)
    for record in journal.records { remember(record) }
  }

  private func remember(_ record: PullRecord) {
    switch record {
    case .drop(let drop) where drop.feed == source.feed:
      drops[drop.keyedHash] = drop.id
      seen[drop.keyedName, default: []].insert(drop.keyedHash)
    case .duplicate(let duplicate) where duplicate.feed == source.feed: seen[duplicate.keyedName, default: []].insert(duplicate.keyedHash)
    case .look(let look) where look.feed == source.feed && look.night == night: lastLook = look
    default: break
    }
  }

  private func record(_ record: PullRecord) throws {
    try journal.append(record)
    remember(record)
  }

  func run(_ arrival: Intake.Arrival) throws -> FeedPull {
    (result.arriving, result.skipped, result.unreadable, result.fault) = (arrival.arriving, arrival.skipped, arrival.unreadable, arrival.fault)
    if let fault = arrival.fault { log.event(.failed, [.feed(source.feed), .night(night), .error(fault)]) }
    for file in arrival.ready { try take(file) }
    if let fault = result.tidyFault { log.event(.failed, [.feed(source.feed), .night(night), .error(fault), .count(result.notTidied)]) }
    if result.arriving > 0 { log.event(.dropArriving, [.feed(source.feed), .night(night), .count(result.arriving)]) }
    if result.skipped > 0 { log.event(.dropSkipped, [.feed(source.feed), .night(night), .count(result.skipped)]) }
    let look = PullLook(night: night, feed: source.feed, arriving: result.arriving, skipped: result.skipped, unreadable: result.unreadable)
    if look != lastLook { try record(.look(look)) }
    return result
  }

  private func take(_ file: SourceFile) throws {
    guard let handle = SourceHandle(file, under: source.folder) else {
      result.arriving += 1
      return
    }
    let hash = try OpenSSLHash()
    switch try handle.read({ try hash.update($0) }) {
    case .changed: result.arriving += 1
    case .unreadable: result.unreadable += 1
    case .whole: try settle(file, handle, sha256: try hash.finish())
    }
  }

  /// What a file is known by. A control file is a statement made at a moment: the same count from elsewhere or a later night is another one.
  private func identity(_ file: SourceFile, _ kind: DropKind, _ sha256: [UInt8]) throws -> (name: [UInt8], hash: [UInt8]) {
    guard kind == .control else { return (try names.code(of: file.path), try hashes.code(of: sha256)) }
    let moment = file.path + [0] + (0..<8).map { UInt8(truncatingIfNeeded: file.stamp.modified >> (56 - 8 * $0)) }
    return (try names.code(of: moment), try hashes.code(of: sha256 + [0] + moment))
  }

  /// Name and bytes are known: what are they to us?
  private func settle(_ file: SourceFile, _ handle: SourceHandle, sha256: [UInt8]) throws {
    let kind = source.kind(of: file)
    let (name, hash) = try identity(file, kind, sha256)
    if let drop = drops[hash] {
      if seen[name]?.contains(hash) == true { result.known += 1 } else { try count(duplicateOf: drop, name, hash) }
      return tidy(handle, drop)
    }
    guard let id = try seal(handle, expecting: sha256) else {
      result.arriving += 1
      return
    }
    let isResubmission = kind == .data && seen[name] != nil
    try record(
      .drop(
        PulledDrop(
          id: id, night: night, feed: source.feed, keyedName: name, keyedHash: hash, byteCount: file.stamp.byteCount, kind: kind,
          isResubmission: isResubmission)))
    result.sealed += 1
    if isResubmission { result.resubmitted += 1 }
    log.event(.dropSealed, [.drop(id), .feed(source.feed), .night(night), .bytes(file.stamp.byteCount)])
    tidy(handle, id)
  }

  private func count(duplicateOf drop: ObjectID, _ name: [UInt8], _ hash: [UInt8]) throws {
    try record(.duplicate(PulledDuplicate(night: night, feed: source.feed, keyedName: name, keyedHash: hash, original: drop)))
    result.duplicates += 1
    log.event(.dropDuplicate, [.drop(drop), .feed(source.feed), .night(night)])
  }

  /// Seals the file while reading it a second time; nil, and nothing left behind, when it is not what was hashed.
  private func seal(_ handle: SourceHandle, expecting sha256: [UInt8]) throws -> ObjectID? {
    let id = try ObjectID.random()
    let (pending, writer) = try spool.begin(id, to: recipient)
    guard try handle.read({ try writer.write($0) }) == .whole, try writer.finish().sha256 == sha256 else { return nil }
    try pending.commitNew()
    return id
  }

  private func tidy(_ handle: SourceHandle, _ drop: ObjectID) {
    let fault: ExchangeError
    switch handle.finish(source.afterRead, drop: drop) {
    case .done: return
    case .changed: fault = .changedAfterRead(source.feed)
    case .failed(let number): fault = .notTidied(source.feed, errno: number)
    }
    result.notTidied += 1
    if result.tidyFault == nil { result.tidyFault = fault }
  }
}
