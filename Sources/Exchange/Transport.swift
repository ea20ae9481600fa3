/// One session with one partner, or a folder of this machine: the calls that intake and delivery are made of.
///
/// - Synchronous, used by one thread. No call follows a link, and none replaces anything that is there.
/// - After `.cut` every further call throws it: the session is over, and its connector may open another.
protocol Transport: AnyObject {
  /// What lies in a folder, in no order, `.` and `..` left out. Names that are no component of a path are counted and left out.
  ///
  /// - Throws: `.endless` once the count is past its limits.
  func list(_ folder: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry]
  /// What a name is now; nil where nothing is.
  func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus?
  /// Opens a regular file for reading, which is to be done within so many nanoseconds: then the session is cut.
  ///
  /// - Throws: `.missing` where it is gone or is no regular file.
  func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader
  /// Says which files will be opened next, in this order: some may be fetched ahead. A later call takes the place of an earlier one.
  func expect(_ paths: [PartnerPath])
  /// Makes a new file, readable by its owner and its group. - Throws: `.exists` where the name is taken.
  func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter
  /// Gives a file another name, which lasts before the old one goes. - Throws: `.exists` where the new name is taken.
  func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault)
  /// Takes a file away; nothing happens where it is gone.
  func remove(_ path: PartnerPath) throws(TransportFault)
}

extension Transport {
  /// A folder of this machine gains nothing by it.
  func expect(_ paths: [PartnerPath]) {}

  /// For as long as the session itself may last.
  func open(_ path: PartnerPath) throws(TransportFault) -> any TransportReader { try open(path, within: .max) }
}

/// A file that is open at a partner's; closed when the last reference goes.
protocol TransportReader: AnyObject {
  /// What the open file is now, not what its name says.
  func stamp() throws(TransportFault) -> FileStamp
  /// Calls `body` with the bytes from `offset` on, in order and at most 256 KiB at a time, up to `end` or the end of the file if that comes first.
  ///
  /// - Returns: where it ended.
  /// - Throws: `TransportFault`, and whatever `body` throws.
  func read(from offset: Int, to end: Int, _ body: ([UInt8]) throws -> Void) throws -> Int
}

/// A file that is being written at a partner's.
protocol TransportWriter: AnyObject {
  func write(_ bytes: [UInt8]) throws(TransportFault)
  /// Waits until every byte has been taken, on the medium where the transport can say so, and closes the file.
  ///
  /// - Returns: what the partner says that the file is now.
  func finish() throws(TransportFault) -> FileStamp
}

/// Where something lies at a partner's. Raw bytes, because partners write any; never printed, because they hold names of people.
struct PartnerPath: Hashable, Sendable {
  /// Which of the folders of a session it lies below.
  enum Base: Hashable, Sendable {
    /// The folder of the feed or the consumer.
    case own
    /// Where files go once they are read.
    case aside
  }

  var base = Base.own
  /// None of them empty, `.` or `..`, with a slash or NUL in it.
  var components: [[UInt8]] = []

  /// The folder that it lies in; the folder of the session lies in itself.
  var parent: PartnerPath { PartnerPath(base: base, components: components.dropLast()) }
  /// The path of what lies in this folder under a name.
  func appending(_ name: [UInt8]) -> PartnerPath { PartnerPath(base: base, components: components + [name]) }
}

/// A thing in a partner's folder.
struct TransportEntry: Equatable, Sendable {
  var name: [UInt8]
  var status: TransportStatus
}

/// What a name stands for.
struct TransportStatus: Equatable, Sendable {
  enum Kind: Sendable { case file, folder, link, other }
  var kind: Kind
  var stamp: FileStamp
}

/// Why a call did not do what it was asked.
enum TransportFault: Error, Equatable {
  /// Nothing lies there, or not what was asked for.
  case missing
  case exists
  case denied
  /// The partner has no room.
  case full
  /// More names or folders than a walk takes in.
  case endless
  /// The session is over; another may go on where it stood.
  case cut
  /// The partner cannot be verified, or does not let us in: not to be tried again tonight.
  case refused(ExchangeError)
  /// Anything else, as an errno; EIO where the transport knows none.
  case failed(Int32)
}

/// Opens sessions with one partner, one at a time.
protocol TransportConnector: Sendable {
  /// A session that may last so many nanoseconds, from now on and with all that is asked in it: then it is cut. A folder of this machine cannot be cut.
  ///
  /// - Throws: `.refused`, `.cut`; `.missing` or `.denied` where the folder itself cannot be used.
  func connect(within nanoseconds: Int) throws(TransportFault) -> any Transport
}
