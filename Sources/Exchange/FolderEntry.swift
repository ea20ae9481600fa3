internal import Glibc

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

  static func status(_ name: some Sequence<UInt8>, in folder: Int32) -> TransportStatus? {
    var status = stat()
    return fstatat(folder, terminated(name), &status, AT_SYMLINK_NOFOLLOW) == 0 ? TransportStatus(status) : nil
  }

  static func status(of descriptor: Int32) -> TransportStatus? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? TransportStatus(status) : nil
  }

  /// Gives a thing another name in one step, never over what is there. False with errno, EEXIST where the new name is taken.
  static func rename(_ name: [UInt8], in source: Int32, to new: [UInt8], in target: Int32) -> Bool {
    if let renameExclusive {
      if renameExclusive(source, terminated(name), target, terminated(new), noReplace) == 0 { return true }
      guard errno == EINVAL || errno == ENOSYS else { return false }
    }
    // A file system that cannot refuse by itself. A link does, and then a name of ours goes; where it is the new name that is ours, nobody else gives it.
    if !new.starts(with: SourceTidying.mark.utf8), linkat(source, terminated(name), target, terminated(new), 0) == 0 { return unlinkat(source, terminated(name), 0) == 0 }
    if errno == EEXIST { return false }
    let isTaken = status(new, in: target) != nil
    guard !isTaken, errno == ENOENT else {
      if isTaken { errno = EEXIST }
      return false
    }
    return renameat(source, terminated(name), target, terminated(new)) == 0
  }

  private typealias RenameExclusive = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
  /// renameat2(2), which the C library names only under a macro; nil where it has none.
  private static let renameExclusive = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: RenameExclusive.self) }
  /// RENAME_NOREPLACE.
  private static let noReplace: UInt32 = 1
}

extension TransportStatus {
  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    default: kind = .other
    }
    stamp = FileStamp(status)
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

extension TransportFault {
  /// What the system says of a call on a folder. A way that is no longer one, a link among them, is missing.
  init(errno number: Int32) {
    switch number {
    case ENOENT, ENOTDIR, ELOOP: self = .missing
    case EEXIST: self = .exists
    case EACCES, EPERM: self = .denied
    case ENOSPC, EDQUOT: self = .full
    default: self = .failed(number)
    }
  }

  /// The errno that says the same.
  var number: Int32 {
    switch self {
    case .missing: ENOENT
    case .exists: EEXIST
    case .denied: EACCES
    case .full: ENOSPC
    case .cut, .refused: ECONNRESET
    case .endless: EOVERFLOW
    case .failed(let number): number
    }
  }
}
