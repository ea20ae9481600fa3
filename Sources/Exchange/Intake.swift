
/// The looks at the folders of a night, two where a wait can settle more.
struct Intake {
  /// What one folder holds.
  struct Arrival {
    let source: FeedSource
    let session: SourceSession
    /// When it was seen, as the clock of the intake goes.
    var at = 0
    var ready: [SourceFile] = []
    /// Beside whole files, or left behind by them.
    var markers: [SourceFile] = []
    /// Taken out of the way by a run that was killed.
    var marked: [MarkedFile] = []
    /// How many files of the folder a marker speaks of, taken or not, by its path; only where several may share one.
    var sharers: [[UInt8]: Int] = [:]
    var arriving = 0
    var skipped = 0
    var unreadable = 0
    var fault: ExchangeError?
  }

  private(set) var arrivals: [Arrival] = []

  /// - Parameter moment: what was written from then on is not looked at, in nanoseconds since the epoch.
  init(_ sources: [FeedSource], _ clock: IntakeClock, before moment: Int? = nil) {
    let sessions = sources.map { SourceSession($0, clock) }
    let first = zip(sources, sessions).map { source, session in
      // A partner may permit one session at a time, and the time of one feed is not that of another.
      defer { if sources.count > 1 { session.rest() } }
      return Seen(source, session, clock, moment)
    }
    let settled = zip(sources, first).map { SettledFiles($1.look, $0.completeness) }
    if let wait = settled.compactMap(\.wait).max() {
      for session in sessions { session.rest() }
      clock.wait(wait)
    }
    arrivals = sources.indices.map { index in
      let (source, session) = (sources[index], sessions[index])
      guard settled[index].wait != nil else { return first[index].arrival(source, session, settled[index]) }
      let second = Seen(source, session, clock, moment)
      if sources.count > 1 { session.rest() }
      return second.arrival(source, session, SettledFiles(second.look, after: first[index].look, source.completeness))
    }
  }

  /// One look at one folder.
  private struct Seen {
    var look: SettledFiles.Look
    var marked: [MarkedFile] = []
    var sharers: [[UInt8]: Int] = [:]
    var skipped = 0
    var unreadable = 0
    var fault: ExchangeError?

    init(_ source: FeedSource, _ session: SourceSession, _ clock: IntakeClock, _ moment: Int?) {
      look = SettledFiles.Look(files: [], at: clock.now())
      do throws(TransportFault) {
        let walk = try session.use { (transport) throws(TransportFault) in try IntakeWalk(transport, source.afterRead) }
        (skipped, unreadable) = (walk.skipped, walk.unreadable)
        sharers = source.sharers(of: walk.files)
        for file in walk.files where moment.map({ file.stamp.modified < $0 }) ?? true {
          if let mark = MarkedFile(file) {
            // Another feed of the folder, or none, may have made it.
            let isOurs = source.afterRead != .leave && (mark.isShortened || source.takes(SourceFile(place: mark.original, stamp: file.stamp)))
            if isOurs { marked.append(mark) } else { skipped += 1 }
          } else if source.takes(file) {
            look.files.append(file)
          } else {
            skipped += 1
          }
        }
      } catch {
        unreadable = 1
        fault = .source(source, error, session)
      }
    }

    func arrival(_ source: FeedSource, _ session: SourceSession, _ settled: SettledFiles) -> Arrival {
      Arrival(
        source: source, session: session, at: look.at, ready: settled.ready, markers: settled.markers, marked: marked, sharers: sharers, arriving: settled.arriving,
        skipped: skipped, unreadable: unreadable, fault: fault)
    }
  }
}
