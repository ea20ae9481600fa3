internal import Glibc
internal import Trust

/// Opens a folder of this machine as a transport.
struct FolderConnector: TransportConnector {
  /// The folder itself; a link is followed here alone, because the site names it.
  var own: String
  /// Where files go once they are read; nil where they stay.
  var aside: String?

  func connect(within nanoseconds: Int) throws(TransportFault) -> any Transport { try FolderTransport(own: own, aside: aside) }
}

/// A folder of this machine. Every way below it is walked by descriptors, so that nobody can bend it meanwhile.
final class FolderTransport: Transport {
  private let own: OpenFile
  private let aside: String?

  init(own path: String, aside: String?) throws(TransportFault) {
    own = try Self.open(path)
    self.aside = aside
  }

  private static func open(_ path: String) throws(TransportFault) -> OpenFile {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TransportFault(errno: errno) }
    return OpenFile(adopting: descriptor, place: "")
  }

  private func root(_ base: PartnerPath.Base) throws(TransportFault) -> OpenFile {
    switch base {
    case .own: return own
    case .aside:
      guard let aside else { throw .missing }
      return try Self.open(aside)
    }
  }

  private func folder(_ base: PartnerPath.Base, _ components: some Sequence<[UInt8]>) throws(TransportFault) -> OpenFile {
    var at = try root(base)
    for component in components { at = try Self.adopt(FolderEntry.open(component, in: at.descriptor, O_DIRECTORY)) }
    return at
  }

  private static func adopt(_ descriptor: Int32) throws(TransportFault) -> OpenFile {
    guard descriptor >= 0 else { throw TransportFault(errno: errno) }
    return OpenFile(adopting: descriptor, place: "")
  }

  /// The open folder that holds what a path names, and its name there.
  private func place(_ path: PartnerPath) throws(TransportFault) -> (folder: OpenFile, name: [UInt8]) {
    guard let name = path.components.last else { throw .missing }
    return (try folder(path.base, path.components.dropLast()), name)
  }

  func list(_ path: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry] {
    let folder = try folder(path.base, path.components)
    // A description of its own, because the stream moves through it and takes it along.
    let descriptor = FolderEntry.open(Array(".".utf8), in: folder.descriptor, O_DIRECTORY)
    guard descriptor >= 0 else { throw TransportFault(errno: errno) }
    guard let stream = fdopendir(descriptor) else {
      close(descriptor)
      throw .failed(EIO)
    }
    defer { closedir(stream) }
    var entries: [TransportEntry] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = FolderEntry.name(entry)
      try count.take(name)
      if name == Array(".".utf8) || name == Array("..".utf8) { continue }
      if let status = FolderEntry.status(name, in: folder.descriptor) {
        entries.append(TransportEntry(name: name, status: status))
      } else if errno != ENOENT {
        // Not gone since it was listed, but nobody can say what it is.
        count.miss()
      }
      errno = 0
    }
    if errno != 0 { throw TransportFault(errno: errno) }
    return entries
  }

  func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus? {
    do throws(TransportFault) {
      guard !path.components.isEmpty else { return FolderEntry.status(of: try root(path.base).descriptor) }
      let (folder, name) = try place(path)
      if let status = FolderEntry.status(name, in: folder.descriptor) { return status }
      throw TransportFault(errno: errno)
    } catch {
      if error == .missing { return nil }
      throw error
    }
  }

  func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader {
    let (folder, name) = try place(path)
    let reader = FolderReader(try Self.adopt(FolderEntry.open(name, in: folder.descriptor, 0)))
    _ = try reader.stamp()
    return reader
  }

  func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter {
    let (folder, name) = try place(path)
    let descriptor = openat(folder.descriptor, FolderEntry.terminated(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
    let file = try Self.adopt(descriptor)
    // The group may read it, whatever the umask.
    _ = fchmod(descriptor, 0o640)
    return FolderWriter(file)
  }

  func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault) {
    let (source, name) = try place(path), (target, newName) = try place(new)
    if path.parent != new.parent, linkat(source.descriptor, FolderEntry.terminated(name), target.descriptor, FolderEntry.terminated(newName), 0) == 0 {
      // The new name lasts before the old one goes: of two folders, a loss of power may keep what was done in one of them alone.
      try Self.sync(target)
      return try Self.unlink(name, in: source)
    }
    if path.parent != new.parent, errno != EPERM, errno != ENOTSUP { throw TransportFault(errno: errno) }
    // One step: with a link and an unlink, a file that takes the old name in between would be the one that is unlinked.
    guard FolderEntry.rename(name, in: source.descriptor, to: newName, in: target.descriptor) else { throw TransportFault(errno: errno) }
    try Self.sync(target)
    if path.parent != new.parent { try Self.sync(source) }
  }

  func remove(_ path: PartnerPath) throws(TransportFault) {
    do throws(TransportFault) {
      let (folder, name) = try place(path)
      try Self.unlink(name, in: folder)
    } catch {
      if error != .missing { throw error }
    }
  }

  private static func unlink(_ name: [UInt8], in folder: OpenFile) throws(TransportFault) {
    guard unlinkat(folder.descriptor, FolderEntry.terminated(name), 0) == 0 else { throw TransportFault(errno: errno) }
    try sync(folder)
  }

  private static func sync(_ folder: OpenFile) throws(TransportFault) {
    guard fsync(folder.descriptor) == 0 else { throw TransportFault(errno: errno) }
  }
}

/// A file of a folder, open for reading.
private final class FolderReader: TransportReader {
  private static let blockBytes = 1 << 16
  private let file: OpenFile

  init(_ file: OpenFile) { self.file = file }

  func stamp() throws(TransportFault) -> FileStamp {
    guard let status = FolderEntry.status(of: file.descriptor), status.kind == .file else { throw .missing }
    return status.stamp
  }

  func read(from offset: Int, to end: Int, _ body: ([UInt8]) throws -> Void) throws -> Int {
    var at = offset
    while at < end {
      let block = try block(at: at, count: min(end - at, Self.blockBytes))
      if block.isEmpty { break }
      try body(block)
      at += block.count
    }
    return at
  }

  private func block(at offset: Int, count: Int) throws(TransportFault) -> [UInt8] {
    var got = 0
    var bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      repeat { got = pread(file.descriptor, buffer.baseAddress, count, off_t(offset)) } while got < 0 && errno == EINTR
      filled = max(got, 0)
    }
    if got < 0 { throw TransportFault(errno: errno) }
    // Fewer than asked for is no end yet.
    while bytes.count < count, got > 0 {
      let more = try block(at: offset + bytes.count, count: count - bytes.count)
      bytes += more
      got = more.count
    }
    return bytes
  }
}

/// A file of a folder that is being written.
private final class FolderWriter: TransportWriter {
  private let file: OpenFile

  init(_ file: OpenFile) { self.file = file }

  func write(_ bytes: [UInt8]) throws(TransportFault) {
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { Glibc.write(file.descriptor, $0.baseAddress! + done, bytes.count - done) }
      if put < 0, errno == EINTR { continue }
      guard put >= 0 else { throw TransportFault(errno: errno) }
      done += put
    }
  }

  func finish() throws(TransportFault) -> FileStamp {
    guard fsync(file.descriptor) == 0, let status = FolderEntry.status(of: file.descriptor) else { throw TransportFault(errno: errno) }
    return status.stamp
  }
}
