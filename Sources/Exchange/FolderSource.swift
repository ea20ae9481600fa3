internal import Glibc
public import Trust

/// What becomes of a source file once its drop is sealed and journalled.
public enum AfterRead: Sendable, Equatable {
  case leave
  case delete
  /// Renamed into that folder, with the drop's id before its name; nothing there is ever replaced.
  case move(to: String)
}

/// The drop folder of a feed and how it is read.
public struct FolderSource: Sendable {
  /// The feed that it belongs to.
  public let feed: PlainName
  /// The folder, read with its subfolders.
  public let folder: String
  /// How the feed says that a file is whole.
  public let completeness: Completeness
  /// Names of control files; nil when the feed has none.
  public var control: NamePattern?
  /// What becomes of a file once it is sealed.
  public var afterRead = AfterRead.leave

  public init(feed: PlainName, folder: String, completeness: Completeness) {
    self.feed = feed
    self.folder = folder
    self.completeness = completeness
  }

  func kind(of file: SourceFile) -> DropKind {
    let name = file.path.split(separator: UInt8(ascii: "/")).last ?? []
    return control?.matches(name) == true ? .control : .data
  }
}

/// One walk through a drop folder: every regular file, and how many things were none.
struct FolderWalk {
  /// Deeper folders are counted as skipped.
  static let maximumDepth = 32
  private(set) var files: [SourceFile] = []
  /// Links, FIFOs, sockets, devices, folders too deep.
  private(set) var skipped = 0
  /// Folders that may not be read.
  private(set) var unreadable = 0
  private let excluded: FileStamp?

  /// - Throws: EXC-101 when the folder itself cannot be read.
  init(_ source: FolderSource) throws(ExchangeError) {
    if case .move(let target) = source.afterRead { excluded = FolderEntry.stamp(following: target) } else { excluded = nil }
    let root = Glibc.open(source.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw .folder(source.feed, errno: errno) }
    visit(root, [], depth: 0)
    files.sort { $0.path.lexicographicallyPrecedes($1.path) }
  }

  /// Takes over the descriptor.
  private mutating func visit(_ folder: Int32, _ prefix: [UInt8], depth: Int) {
    guard let stream = fdopendir(folder) else {
      close(folder)
      unreadable += 1
      return
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = FolderEntry.name(entry)
      if name == Array(".".utf8) || name == Array("..".utf8) { continue }
      take(name, in: folder, prefix, depth)
    }
  }

  private mutating func take(_ name: [UInt8], in folder: Int32, _ prefix: [UInt8], _ depth: Int) {
    // Gone since it was listed: not there, not counted.
    guard let (stamp, type) = FolderEntry.stamp(name, in: folder) else { return }
    switch type {
    case S_IFREG: files.append(SourceFile(path: prefix + name, stamp: stamp))
    case S_IFDIR where stamp.inode == excluded?.inode && stamp.device == excluded?.device: break
    case S_IFDIR where depth + 1 < Self.maximumDepth:
      let child = FolderEntry.open(name, in: folder, O_DIRECTORY)
      if child < 0 { unreadable += 1 } else { visit(child, prefix + name + [UInt8(ascii: "/")], depth: depth + 1) }
    default: skipped += 1
    }
  }
}

/// Calls on names as bytes, each relative to an open folder; no link is ever followed.
enum FolderEntry {
  static func terminated(_ name: some Sequence<UInt8>) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }

  static func name(_ entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in Array(UnsafeBufferPointer(start: bytes, count: strnlen(bytes, 256))) }
    }
  }

  static func open(_ name: some Sequence<UInt8>, in folder: Int32, _ flags: Int32) -> Int32 {
    openat(folder, terminated(name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags)
  }

  static func stamp(_ name: some Sequence<UInt8>, in folder: Int32) -> (FileStamp, mode_t)? {
    var status = stat()
    guard fstatat(folder, terminated(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    return (FileStamp(status), status.st_mode & S_IFMT)
  }

  static func stamp(following path: String) -> FileStamp? {
    var status = stat()
    return fstatat(AT_FDCWD, path, &status, 0) == 0 ? FileStamp(status) : nil
  }

  static func stamp(of descriptor: Int32) -> FileStamp? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return FileStamp(status)
  }
}

extension FileStamp {
  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    byteCount = Int(status.st_size)
    modified = Nanoseconds.of(seconds: status.st_mtim.tv_sec, and: status.st_mtim.tv_nsec)
    changed = Nanoseconds.of(seconds: status.st_ctim.tv_sec, and: status.st_ctim.tv_nsec)
  }
}

/// One source file under its folder's descriptor: opened, checked again, moved or removed without a path that others could bend.
final class SourceHandle {
  private let folder: Int32
  private let name: [UInt8]
  private let stamp: FileStamp

  /// Nil when the way to it has changed.
  init?(_ file: SourceFile, under root: String) {
    var components = file.path.split(separator: UInt8(ascii: "/")).map(Array.init)
    name = components.removeLast()
    stamp = file.stamp
    var at = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for component in components where at >= 0 {
      let next = FolderEntry.open(component, in: at, O_DIRECTORY)
      close(at)
      at = next
    }
    folder = at
    if at < 0 { return nil }
  }

  deinit { if folder >= 0 { close(folder) } }

  /// What came of reading it.
  enum Reading { case whole, changed, unreadable }

  /// Calls `body` with its bytes, 64 KiB at a time, and says whether it stood still meanwhile.
  func read(_ body: ([UInt8]) throws -> Void) throws -> Reading {
    let descriptor = FolderEntry.open(name, in: folder, 0)
    guard descriptor >= 0 else { return errno == ENOENT || errno == ELOOP ? .changed : .unreadable }
    let file = OpenFile(adopting: descriptor, place: "")
    guard FolderEntry.stamp(of: descriptor) == stamp else { return .changed }
    var left = stamp.byteCount
    while left > 0 {
      guard let block = try? file.read(upTo: min(left, 1 << 16)) else { return .unreadable }
      if block.isEmpty { return .changed }
      try body(block)
      left -= block.count
    }
    return FolderEntry.stamp(of: descriptor) == stamp ? .whole : .changed
  }

  /// What came of tidying it.
  enum Tidying { case done, changed, failed(Int32) }

  /// Does what the feed says. A file that changed since is left alone.
  func finish(_ action: AfterRead, drop: ObjectID) -> Tidying {
    if action == .leave { return .done }
    guard FolderEntry.stamp(name, in: folder)?.0 == stamp else { return .changed }
    let isDone =
      switch action {
      case .leave: true
      case .delete: unlinkat(folder, FolderEntry.terminated(name), 0) == 0 && fsync(folder) == 0
      case .move(let path): move(to: path, drop)
      }
    return isDone ? .done : .failed(errno)
  }

  /// False with the reason in errno.
  private func move(to path: String, _ drop: ObjectID) -> Bool {
    let target = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard target >= 0 else { return false }
    let isDone = move(into: target, drop), reason = errno
    close(target)
    errno = reason
    return isDone
  }

  private func move(into target: Int32, _ drop: ObjectID) -> Bool {
    for attempt in 1...1000 {
      let new = newName(drop, attempt)
      if linkat(folder, FolderEntry.terminated(name), target, FolderEntry.terminated(new), 0) == 0 { return leave(for: target) }
      if errno != EEXIST { return moveWithoutLinks(to: target, new) }
      if FolderEntry.stamp(new, in: target)?.0.inode == stamp.inode {
        // A kill came between link and unlink.
        return leave(for: target)
      }
    }
    errno = EEXIST
    return false
  }

  /// The new name lasts before the old one goes: of two folders, a loss of power may keep what was done in one of them alone.
  private func leave(for target: Int32) -> Bool { fsync(target) == 0 && unlinkat(folder, FolderEntry.terminated(name), 0) == 0 && fsync(folder) == 0 }

  /// For file systems without hard links; the site's lock keeps our own runs apart.
  private func moveWithoutLinks(to target: Int32, _ new: [UInt8]) -> Bool {
    guard errno == EPERM || errno == ENOTSUP else { return false }
    guard FolderEntry.stamp(new, in: target) == nil else {
      errno = EEXIST
      return false
    }
    return renameat(folder, FolderEntry.terminated(name), target, FolderEntry.terminated(new)) == 0 && fsync(target) == 0 && fsync(folder) == 0
  }

  /// `<drop id>-<name>`, cut to the 255 bytes that a name may have.
  private func newName(_ drop: ObjectID, _ attempt: Int) -> [UInt8] {
    let mark = attempt == 1 ? "-" : "-\(attempt)-"
    return Array((Array((drop.hex + mark).utf8) + name).prefix(255))
  }
}
