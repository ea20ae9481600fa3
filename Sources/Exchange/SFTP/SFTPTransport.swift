/// A session with a partner's SFTP server. Nothing that the server says is trusted further than it can be checked.
///
/// - Links: the protocol has no O_NOFOLLOW. Each folder on the way and the file itself are asked for without following before, and what was
///   opened is compared with that after, so that a link or a FIFO is never read.
final class SFTPTransport: Transport {
  private static let listAhead = 4

  let client: SFTPClient
  private let paths: SFTPPaths
  private let totalSeconds: Int
  /// Folders below the two of the session that were seen to be folders.
  private var folders: Set<PartnerPath> = []
  private var ahead: SFTPPrefetch?

  init(_ client: SFTPClient, paths: SFTPPaths, totalSeconds: Int) {
    (self.client, self.paths, self.totalSeconds) = (client, paths, totalSeconds)
  }

  deinit { client.finish(.cut) }

  /// Whether the folder of the session is there, by whatever way the partner laid it.
  func enter() throws(TransportFault) {
    let attributes = try client.attributes(try client.send(.status(path: try paths.bytes(of: PartnerPath()))))
    guard attributes.kind == .folder else { throw .missing }
  }

  func list(_ folder: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry] {
    try walk(to: folder)
    let handle = try client.handle(try client.send(.openFolder(path: try paths.bytes(of: folder))))
    defer { _ = try? client.send(.close(handle: handle)) }
    var seen: Set<[UInt8]> = [], entries: [TransportEntry] = []
    var asked: ArraySlice<SFTPClient.Ticket> = []
    while true {
      while asked.count < Self.listAhead { asked.append(try client.send(.readFolder(handle: handle))) }
      guard let ticket = asked.popFirst() else { break }
      guard let names = try names(ticket) else { break }
      for name in names {
        try count.take(name.name)
        if name.isDots { continue }
        guard name.isComponent else {
          count.leaveOut()
          continue
        }
        if seen.insert(name.name).inserted { entries.append(try entry(name, in: folder)) }
      }
    }
    return entries
  }

  /// Nil at the end of the folder.
  private func names(_ ticket: SFTPClient.Ticket) throws(TransportFault) -> [SFTPName]? {
    switch try client.wait(for: ticket) {
    case .names(let names): return names.isEmpty ? nil : names
    case .status(SFTPReply.Code.end): return nil
    case let other: throw client.fault(other)
    }
  }

  /// What a listing leaves out is asked for once.
  private func entry(_ name: SFTPName, in folder: PartnerPath) throws(TransportFault) -> TransportEntry {
    let said = name.attributes
    guard said.permissions == nil || said.size == nil || said.modified == nil else { return TransportEntry(name: name.name, status: TransportStatus(said)) }
    let more = try? client.attributes(try client.send(.linkStatus(path: try paths.bytes(of: folder.appending(name.name)))))
    return TransportEntry(name: name.name, status: TransportStatus(more ?? said))
  }

  func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus? { try linkStatus(of: path).map(TransportStatus.init) }

  private func linkStatus(of path: PartnerPath) throws(TransportFault) -> SFTPAttributes? {
    do throws(TransportFault) {
      try walk(to: path.parent)
      return try client.attributes(try client.send(.linkStatus(path: try paths.bytes(of: path))))
    } catch {
      if error == .missing { return nil }
      throw error
    }
  }

  /// Sees that every folder on the way is one, and no link.
  private func walk(to folder: PartnerPath) throws(TransportFault) {
    if folder.components.isEmpty || folders.contains(folder) { return }
    try walk(to: folder.parent)
    guard try client.attributes(try client.send(.linkStatus(path: try paths.bytes(of: folder)))).kind == .folder else { throw .missing }
    folders.insert(folder)
  }

  func expect(_ paths: [PartnerPath]) {
    ahead = SFTPPrefetch(client, paths) { [unowned self] (path) throws(TransportFault) -> [UInt8] in
      try walk(to: path.parent)
      return try self.paths.bytes(of: path)
    }
  }

  func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader {
    let deadline = Monotonic.moment(after: min(nanoseconds, Nanoseconds.of(seconds: totalSeconds)))
    client.link.deadline = deadline
    defer { client.link.deadline = nil }
    // One that was expected may have come already.
    if let fetched = try ahead?.take(path) { return fetched }
    guard let before = try linkStatus(of: path), TransportStatus(before).kind == .file else { throw .missing }
    let handle = try client.handle(try client.send(.open(path: try paths.bytes(of: path), flags: .read, SFTPAttributes())))
    let reader = SFTPReader(client, handle: handle, hint: Int(clamping: before.size ?? 0), deadline: deadline)
    let opened = try client.attributes(try client.send(.handleStatus(handle: handle)))
    if opened != before {
      // It grew, or another thing has its name now.
      guard TransportStatus(opened).kind == .file, try linkStatus(of: path)?.kind == .file else { throw .missing }
    }
    return reader
  }

  func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter {
    try walk(to: path.parent)
    let name = try paths.bytes(of: path), folder = try paths.bytes(of: path.parent), deadline = Monotonic.moment(after: Nanoseconds.of(seconds: totalSeconds))
    let handle: [UInt8]
    do throws(TransportFault) {
      handle = try client.handle(try client.send(.open(path: name, flags: [.write, .create, .exclusive], SFTPAttributes(mode: 0o640))))
    } catch {
      throw try reason(error, taken: path, in: folder)
    }
    // Whatever the umask there; a server that refuses keeps its own mode.
    try client.send(.setHandleStatus(handle: handle, SFTPAttributes(mode: 0o640)))
    return SFTPWriter(client, handle: handle, deadline: deadline) { [self] () throws(TransportFault) -> Bool in try isFull(folder) }
  }

  /// The protocol has one word for a name that is taken, a full disk and all else: it is asked which.
  private func reason(_ fault: TransportFault, taken path: PartnerPath, in folder: [UInt8]) throws(TransportFault) -> TransportFault {
    guard case .failed = fault else { return fault }
    if try linkStatus(of: path) != nil { return .exists }
    return try isFull(folder) ? .full : fault
  }

  /// Where the server can say: no block or no inode is left for us.
  private func isFull(_ folder: [UInt8]) throws(TransportFault) -> Bool {
    guard client.greeting?.offers("statvfs@openssh.com") == true, case .extended(let body) = try client.answer(to: .space(path: folder)) else { return false }
    // f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, …
    var fields = SFTPFields(body), numbers: [UInt64] = []
    while numbers.count < 8, let number = try? fields.longNumber() { numbers.append(number) }
    guard numbers.count == 8 else { return false }
    return numbers[4] == 0 || (numbers[5] > 0 && numbers[7] == 0)
  }

  /// RENAME of version 3 refuses a name that is taken. What replaces it (posix-rename) is never asked for, and a link with a removal neither: between the two
  /// the partner may put another file under the old name.
  func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault) {
    try walk(to: path.parent)
    try walk(to: new.parent)
    let (old, target) = (try paths.bytes(of: path), try paths.bytes(of: new))
    if try linkStatus(of: new) != nil { throw .exists }
    do throws(TransportFault) { try client.perform(.rename(old: old, new: target)) } catch {
      guard case .failed = error else { throw error }
      throw try linkStatus(of: new) == nil ? error : .exists
    }
  }

  func remove(_ path: PartnerPath) throws(TransportFault) {
    try walk(to: path.parent)
    do throws(TransportFault) { try client.perform(.remove(path: try paths.bytes(of: path))) } catch { if error != .missing { throw error } }
  }
}
