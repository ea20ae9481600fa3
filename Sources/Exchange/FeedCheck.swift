internal import Core
public import Trust

/// What a pull would make of each file of a feed's folder now. Takes nothing, writes nothing.
public struct FeedCheck {
  /// What becomes of a file.
  public enum Fate: String, Sendable, CaseIterable {
    case taken = "take"
    /// Its name was used before for other bytes.
    case resubmitted = "take, its name was used before for other bytes"
    case duplicate = "count as a duplicate: its bytes came under another name"
    case known = "nothing: met before"
    /// Of a partner: whether its bytes are new shows when they are fetched.
    case fetched = "fetch, its name was met before"
    case control = "take as a control file or manifest"
    case arriving = "wait: still arriving"
    case noMarker = "wait: no marker, or one older than the file"
    case marker = "nothing: a marker"
    case unlisted = "wait: in no manifest, or not with these bytes"
    case otherName = "skip: its name is none of 'files'"
    case notAFile = "skip: a link, a FIFO, a device, or too deep"
    case unreadable = "skip: cannot be read"
    case tooLarge = "skip: larger than the feed takes (limits.drop)"
  }

  /// One file.
  public struct Line: Sendable {
    /// Relative to the folder; raw bytes that may hold names of people.
    public let path: [UInt8]
    public let byteCount: Int
    /// Seconds since the epoch.
    public let modified: Int
    public let fate: Fate
  }

  /// Ascending by path.
  public private(set) var lines: [Line] = []
  /// Folders that could not be read.
  public private(set) var unreadable = 0
  /// Files that a manifest lists and that are not there as it says.
  public private(set) var missing = 0
  /// Names that no file can have: never asked for.
  public private(set) var unusable = 0
  /// Why there is nothing to say.
  public private(set) var fault: ExchangeError?

  /// Looks once, and does not wait: what a second look may settle shows as arriving. Reads a folder's files to know their bytes.
  ///
  /// - Parameter pullKey: recognises names and bytes that were met before.
  public init(_ source: FeedSource, spool: String, pullKey: SecretKey, clock: IntakeClock) throws {
    let session = SourceSession(source, clock)
    let memory = try FeedMemory(source, records: PullJournal.records(at: spool), key: pullKey)
    do {
      let walk = try session.use { (transport) throws(TransportFault) in try IntakeWalk(transport, source.afterRead) }
      (unreadable, unusable) = (walk.unreadable, walk.unusable)
      for file in walk.others { add(file, .notAFile) }
      for file in walk.files where !source.takes(file) { add(file, .otherName) }
      try judge(walk.files.filter(source.takes), source, session, memory, clock)
    } catch let error as TransportFault { fault = .source(source, error, session) }
    lines.sort { $0.path.lexicographicallyPrecedes($1.path) }
  }

  private mutating func add(_ file: SourceFile, _ fate: Fate) {
    lines.append(Line(path: file.path, byteCount: file.stamp.byteCount, modified: file.stamp.modified / 1_000_000_000, fate: fate))
  }

  private mutating func judge(_ files: [SourceFile], _ source: FeedSource, _ session: SourceSession, _ memory: FeedMemory, _ clock: IntakeClock) throws {
    let settled = SettledFiles(SettledFiles.Look(files: files, at: clock.now()), source.completeness)
    for marker in settled.markers { add(marker, .marker) }
    let decided = Set((settled.ready + settled.markers).map(\.path))
    for file in files where !decided.contains(file.path) {
      if case .marker = source.completeness { add(file, .noMarker) } else { add(file, .arriving) }
    }
    var listed = ListedFiles(all: settled.ready)
    if case .manifest(let pattern) = source.completeness { listed = try ListedFiles(settled.ready, pattern, session) { memory.holds(sha256: $0) } }
    missing = listed.missing
    let digests = Dictionary(listed.files.map { ($0.file.path, $0.digests) }, uniquingKeysWith: { left, _ in left })
    for file in settled.ready {
      if source.kind(of: file) == .data, digests[file.path] == nil { add(file, .unlisted) } else { add(file, try fate(of: file, digests[file.path] ?? nil, source, session, memory)) }
    }
  }

  private func fate(of file: SourceFile, _ digests: Set<[UInt8]>?, _ source: FeedSource, _ session: SourceSession, _ memory: FeedMemory) throws -> Fate {
    let kind = source.kind(of: file), name = try memory.name(of: file, kind), isNamed = memory.seen[name] != nil
    if source.afterRead == .leave, try memory.fetched(file) != nil { return .known }
    if file.stamp.byteCount > source.maximumBytes { return .tooLarge }
    guard file.stamp.hasInode else { return isNamed ? .fetched : kind == .control ? .control : .taken }
    var fetch = try FileFetch(file, session) { try .hash() }
    switch try fetch.run() {
    case .changed: return .arriving
    case .unreadable, .overdue: return .unreadable
    case .whole(let fetched):
      if let digests, !digests.contains(fetched.sha256) { return .unlisted }
      let hash = try memory.hash(of: file, kind, sha256: fetched.sha256)
      if memory.drops[hash] != nil { return memory.seen[name]?.contains(hash) == true ? .known : .duplicate }
      return kind == .control ? .control : isNamed ? .resubmitted : .taken
    }
  }
}
