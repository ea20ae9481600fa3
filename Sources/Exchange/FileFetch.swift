internal import Trust

/// What the bytes of a file go into as they come: the seal where they may be new, a hash alone where they are likely known.
struct FetchSink {
  private enum Kind {
    case hash(OpenSSLHash)
    case seal(ObjectID, PendingFile, SealedFileWriter)
  }

  private let kind: Kind

  static func hash() throws -> FetchSink { FetchSink(kind: .hash(try OpenSSLHash())) }

  /// Under a temporary name, which goes with the sink.
  static func seal(_ spool: Spool, to recipient: AgreementPublicKey) throws -> FetchSink {
    let id = try ObjectID.random()
    let (file, writer) = try spool.begin(id, to: recipient)
    return FetchSink(kind: .seal(id, file, writer))
  }

  func write(_ bytes: [UInt8]) throws {
    switch kind {
    case .hash(let hash): try hash.update(bytes)
    case .seal(_, _, let writer): try writer.write(bytes)
    }
  }

  /// The SHA-256 of all of it, and the sealed file that waits to be committed, where there is one.
  func finish() throws -> FetchedFile {
    switch kind {
    case .hash(let hash): FetchedFile(sha256: try hash.finish(), sealed: nil)
    case .seal(let id, let file, let writer): FetchedFile(sha256: try writer.finish().sha256, sealed: (id, file))
    }
  }
}

/// A file that was read whole and stood still meanwhile.
struct FetchedFile {
  var sha256: [UInt8]
  var sealed: (id: ObjectID, file: PendingFile)?
}

/// Reads one file whole, over as many sessions as that takes.
///
/// A session that is cut is opened again, and the file goes on where it stood if its stamp is the same and the last block, read again, is what
/// came before; it begins anew otherwise. What the stamp of the listing does not say any more has changed.
struct FileFetch {
  enum Outcome {
    case whole(FetchedFile)
    /// It changed, grew or went away.
    case changed
    case unreadable
    /// It took longer than a file may, over all its sessions.
    case overdue
  }

  let session: SourceSession
  let file: SourceFile
  let makeSink: () throws -> FetchSink
  private var sink: FetchSink
  private var at = 0
  private var last: [UInt8] = []
  /// A cut gives it no more time.
  private let end: Int

  private struct Overdue: Error {}

  init(_ file: SourceFile, _ session: SourceSession, into makeSink: @escaping () throws -> FetchSink) throws {
    (self.file, self.session, self.makeSink) = (file, session, makeSink)
    (sink, end) = (try makeSink(), session.fileEnd)
  }

  /// - Throws: `TransportFault` where the session is over for good, and what our own side says.
  mutating func run() throws -> Outcome {
    while true {
      do { return try read() } catch is Overdue { return .overdue } catch let fault as TransportFault {
        switch fault {
        case .cut where session.end == nil && session.left(until: end) <= 0:
          session.drop()
          return .overdue
        case .cut, .refused: try session.recover(from: fault)
        case .missing: return .changed
        case .exists, .denied, .full, .endless, .failed: return .unreadable
        }
      }
    }
  }

  private mutating func read() throws -> Outcome {
    let reader = try session.open().open(file.place, within: session.left(until: end))
    guard try reader.stamp() == file.stamp else { return .changed }
    if at > 0, try !agrees(reader) { try restart() }
    // One byte further than the size says: a partner's size is a hint, and more than it says is another file.
    let end = try reader.read(from: at, to: max(file.stamp.byteCount, file.stamp.byteCount &+ 1)) { try take($0) }
    guard end == file.stamp.byteCount, at == end, try reader.stamp() == file.stamp else { return .changed }
    return .whole(try sink.finish())
  }

  private mutating func take(_ block: [UInt8]) throws {
    try sink.write(block)
    at += block.count
    last = block
    session.progress()
    if session.left(until: end) <= 0 { throw Overdue() }
  }

  /// Whether the last block still reads as it did.
  private func agrees(_ reader: any TransportReader) throws -> Bool {
    var again: [UInt8] = []
    _ = try reader.read(from: at - last.count, to: at) { again += $0 }
    return again == last
  }

  private mutating func restart() throws {
    sink = try makeSink()
    (at, last) = (0, [])
  }
}
