internal import Core
internal import Trust

/// One feed in one pull.
final class FeedPass {
  /// A marker without its file that was written later than this may belong to a file that is still to be seen; clocks differ too.
  private static let markerRest = Nanoseconds.of(seconds: 900)

  private let arrival: Intake.Arrival
  private let source: FeedSource
  private let session: SourceSession
  private let night: BusinessDate
  private let spool: Spool
  private let recipient: AgreementPublicKey
  private let log: EventLog
  private let clock: IntakeClock
  private var memory: FeedMemory
  private var result: FeedPull
  /// What became of the files of this pass: those that are tidied, by path, with their drops.
  private var tidied: [[UInt8]: ObjectID] = [:]

  init(
    _ arrival: Intake.Arrival, night: BusinessDate, _ journal: PullJournal, _ spool: Spool, _ keys: PullKeys, _ log: EventLog, _ clock: IntakeClock
  ) throws {
    (self.arrival, source, session) = (arrival, arrival.source, arrival.session)
    (self.night, self.spool, self.log, self.clock) = (night, spool, log, clock)
    recipient = keys.recipient
    memory = try FeedMemory(arrival.source, night: night, journal, key: keys.pull)
    result = FeedPull(feed: arrival.source.feed)
  }

  func run() throws -> FeedPull {
    (result.arriving, result.skipped, result.unreadable, result.fault) = (arrival.arriving, arrival.skipped, arrival.unreadable, arrival.fault)
    var left: ArraySlice<ListedFile> = []
    do {
      for marked in arrival.marked { try finish(marked) }
      let listed = try listed(), files = listed.files.map(\.file)
      left = listed.files[...]
      try expect(files[...])
      while let next = left.first {
        try take(next.file, digests: next.digests)
        left.removeFirst()
        if session.expected.first == next.file { session.expected.removeFirst() }
      }
      for manifest in listed.manifests { try take(manifest.file, tidies: manifest.isComplete && manifest.paths.allSatisfy { tidied[$0] != nil }) }
      try tidyMarkers()
    } catch let fault as TransportFault {
      // What was not reached may hide anything: the feed is not whole, the next one goes on.
      result.unreadable += max(left.count, 1)
      result.fault = .source(source, fault, session)
    }
    try conclude()
    return result
  }

  /// Only what is to be fetched: a file that was met before is not asked for.
  private func expect(_ files: ArraySlice<SourceFile>) throws {
    if files.isEmpty { return }
    session.expected = try files.filter { file in try file.stamp.byteCount <= source.maximumBytes && known(file) == nil }[...]
    try session.use { (transport) throws(TransportFault) in transport.expect(session.expected.map(\.place)) }
  }

  private func conclude() throws {
    if let fault = result.fault { log.event(.failed, [.feed(source.feed), .night(night), .error(fault)]) }
    if let fault = result.fileFault { log.event(.failed, [.feed(source.feed), .night(night), .error(fault)]) }
    if let fault = result.tidyFault { log.event(.failed, [.feed(source.feed), .night(night), .error(fault), .count(result.notTidied)]) }
    if result.arriving > 0 { log.event(.dropArriving, [.feed(source.feed), .night(night), .count(result.arriving)]) }
    if result.skipped > 0 { log.event(.dropSkipped, [.feed(source.feed), .night(night), .count(result.skipped)]) }
    let look = PullLook(
      night: night, feed: source.feed, arriving: result.arriving, skipped: result.skipped, unreadable: result.unreadable, missing: result.missing)
    if look != memory.lastLook { try memory.record([.look(look)]) }
  }

  /// - Parameters:
  ///   - digests: the SHA-256 values that manifests give it; nil where none is asked.
  ///   - tidies: false for a manifest that has not done its work.
  private func take(_ file: SourceFile, digests: Set<[UInt8]>? = nil, tidies: Bool = true) throws {
    let kind = source.kind(of: file)
    if try known(file) != nil { return result.known += 1 }
    guard file.stamp.byteCount <= source.maximumBytes else { return leave(.tooLarge(source)) }
    let name = try memory.name(of: file, kind)
    // A folder's known name is hashed first, which is cheaper than sealing; a partner's bytes are not fetched twice.
    let isLikelyKnown = file.stamp.hasInode && memory.seen[name] != nil
    guard let fetched = try fetch(file, seals: !isLikelyKnown) else { return }
    guard digests?.contains(fetched.sha256) != false else { return result.missing += 1 }
    let hash = try memory.hash(of: file, kind, sha256: fetched.sha256)
    if let drop = memory.drops[hash] {
      try meet(file, drop, name, hash)
      return tidies ? try tidy(file, drop) : ()
    }
    guard let sealed = try fetched.sealed ?? sealed(file, expecting: fetched.sha256) else { return }
    try sealed.file.commitNew()
    try settle(file, kind, sealed.id, name, hash)
    if tidies { try tidy(file, sealed.id) }
  }

  /// The drop of a partner's file that need not be fetched again. What was taken away and is there again is another file, whatever its length and time.
  private func known(_ file: SourceFile) throws -> ObjectID? { source.afterRead == .leave ? try memory.fetched(file) : nil }

  /// Nil where it is not to be had whole, which is counted.
  private func fetch(_ file: SourceFile, seals: Bool) throws -> FetchedFile? {
    var fetch = try FileFetch(file, session) { [spool, recipient] in try seals ? .seal(spool, to: recipient) : .hash() }
    switch try fetch.run() {
    case .whole(let fetched): return fetched
    case .changed: result.arriving += 1
    case .unreadable: result.unreadable += 1
    case .overdue: leave(.fileOverdue(source))
    }
    return nil
  }

  /// A file that is not taken keeps the night from being whole.
  private func leave(_ reason: ExchangeError) {
    result.unreadable += 1
    if result.fileFault == nil { result.fileFault = reason }
  }

  /// Reads a file again to seal it; nil, and nothing left behind, when it is not what was hashed.
  private func sealed(_ file: SourceFile, expecting sha256: [UInt8]) throws -> (id: ObjectID, file: PendingFile)? {
    guard let fetched = try fetch(file, seals: true) else { return nil }
    if fetched.sha256 == sha256 { return fetched.sealed }
    result.arriving += 1
    return nil
  }

  /// The bytes are known: under this name too?
  private func meet(_ file: SourceFile, _ drop: ObjectID, _ name: [UInt8], _ hash: [UInt8]) throws {
    let stamp = try memory.stamp(fetched: file, drop, seen: arrival.at, now: clock.now())
    if memory.seen[name]?.contains(hash) == true {
      result.known += 1
      return try memory.record(stamp)
    }
    try memory.record([.duplicate(PulledDuplicate(night: night, feed: source.feed, keyedName: name, keyedHash: hash, original: drop))])
    try memory.record(stamp)
    result.duplicates += 1
    log.event(.dropDuplicate, [.drop(drop), .feed(source.feed), .night(night)])
  }

  /// A new drop lies sealed: journal first, then what the feed says of the source.
  private func settle(_ file: SourceFile, _ kind: DropKind, _ id: ObjectID, _ name: [UInt8], _ hash: [UInt8]) throws {
    let isResubmission = kind == .data && memory.seen[name] != nil
    let drop = PulledDrop(
      id: id, night: night, feed: source.feed, keyedName: name, keyedHash: hash, byteCount: file.stamp.byteCount, kind: kind,
      isResubmission: isResubmission, arrived: min(file.stamp.modified, arrival.at) / 1_000_000_000)
    try memory.record([.drop(drop)] + memory.stamp(fetched: file, id, seen: arrival.at, now: clock.now()))
    result.sealed += 1
    if isResubmission { result.resubmitted += 1 }
    log.event(.dropSealed, [.drop(id), .feed(source.feed), .night(night), .bytes(file.stamp.byteCount)])
  }

  /// What was sealed goes where the feed says. A partner says too little of a file to know it again: what was taken out of its way is read once more.
  private func tidy(_ file: SourceFile, _ drop: ObjectID) throws {
    guard source.afterRead != .leave, !file.stamp.hasInode else { return tidyKnown(file, drop) }
    var tidying = SourceTidying(file, drop: drop)
    let outcome = tidying.setAside(session)
    guard case .done = outcome, let marked = tidying.marked else { return note(outcome, file, drop) }
    if try finish(marked) { tidied[file.path] = drop }
  }

  private func tidyKnown(_ file: SourceFile, _ drop: ObjectID) {
    var tidying = SourceTidying(file, drop: drop)
    note(tidying.run(source.afterRead, session), file, drop)
  }

  private func note(_ outcome: SourceTidying.Outcome, _ file: SourceFile, _ drop: ObjectID) {
    let fault: ExchangeError
    switch outcome {
    case .done:
      tidied[file.path] = drop
      return
    case .changed: fault = .changedAfterRead(source)
    case .failed(let reason): fault = .notTidied(source, errno: reason.number)
    }
    result.notTidied += 1
    if result.tidyFault == nil { result.tidyFault = fault }
  }

  /// Ends what a mark began: the sealed file goes where the feed says, anything else gets its name back. True where it went.
  @discardableResult
  private func finish(_ marked: MarkedFile) throws -> Bool {
    guard let fetched = try fetch(marked.file, seals: false) else { return false }
    let original = SourceFile(place: marked.original, stamp: marked.file.stamp)
    let isSealed = try memory.drops[memory.hash(of: original, source.kind(of: original), sha256: fetched.sha256)] == marked.drop
    if !isSealed { result.arriving += 1 }
    do throws(TransportFault) {
      try session.use { (transport) throws(TransportFault) in
        guard isSealed else { return try transport.move(marked.file.place, to: marked.original) }
        try SourceTidying.end(marked.file.place, original.name, marked.drop, source.afterRead, transport)
      }
      return isSealed
    } catch {
      if error.endsSession { throw error }
      if result.tidyFault == nil { result.tidyFault = .notTidied(source, errno: error.number) }
      result.notTidied += 1
      // What cannot go where it should keeps its name, as far as it can.
      if isSealed { try? session.use { (transport) throws(TransportFault) in try transport.move(marked.file.place, to: marked.original) } }
      return false
    }
  }
}

// MARK: - Manifests and markers

extension FeedPass {
  /// The files to take: all that are ready, or those of them that a manifest lists.
  private func listed() throws -> ListedFiles {
    guard case .manifest(let pattern) = source.completeness else { return ListedFiles(all: arrival.ready) }
    let listed = try ListedFiles(arrival.ready, pattern, session) { [memory] in memory.holds(sha256: $0) }
    result.missing += listed.missing
    result.unreadable += listed.unreadable
    result.arriving += listed.unlisted
    return listed
  }

  /// A marker follows its files once all of them are tidied; one that a killed run left follows the file that it named.
  private func tidyMarkers() throws {
    guard source.afterRead != .leave, case .marker(let pattern) = source.completeness else { return }
    let files = Dictionary(grouping: arrival.ready) { $0.sibling(pattern.marker(of: $0.name)) }
    for marker in arrival.markers {
      if let own = files[marker.path] {
        let drops = own.compactMap { tidied[$0.path] }
        if drops.count == arrival.sharers[marker.path] ?? own.count, let drop = drops.first { tidyKnown(marker, drop) }
      } else if let drop = try drop(thatLeft: marker, pattern) {
        tidyKnown(marker, drop)
      } else {
        result.skipped += 1
      }
    }
  }

  /// The drop whose file left this marker behind. Nil where the file is there again, and for a marker so young that its file may be on the way: a listing is no
  /// picture of one moment.
  private func drop(thatLeft marker: SourceFile, _ pattern: MarkerPattern) throws -> ObjectID? {
    guard let subject = pattern.subject(of: marker.name), Nanoseconds.between(marker.stamp.modified, arrival.at) >= Self.markerRest,
      let drop = try memory.drop(ofName: marker.sibling(subject))
    else { return nil }
    let place = marker.place.parent.appending(subject)
    return try session.use { (transport) throws(TransportFault) in try transport.status(of: place) } == nil ? drop : nil
  }
}
