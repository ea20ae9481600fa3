internal import Core
internal import Glibc

/// Files that are either there whole or not there, whenever the power goes: temporary, fsync, rename, fsync of the folder.
public enum DurableFile {
  static let temporaryPrefix = ".tmp-"

  /// Writes the bytes and puts the file in place of whatever has that name.
  public static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(TrustError) {
    let pending = try PendingFile(for: path, mode: mode)
    try pending.file.write(bytes)
    try pending.commitReplacing()
  }

  /// The whole of a regular file. A symbolic link as the last component is refused.
  ///
  /// - Throws: TRU-301 with the errno, TRU-302 when it is longer than `maximumBytes`.
  public static func read(_ path: String, maximumBytes: Int) throws(TrustError) -> [UInt8] {
    let file = try OpenFile.reading(path)
    let count = try file.byteCount()
    guard count <= maximumBytes else {
      throw TrustError("TRU-302", "\(path) is longer than \(maximumBytes) bytes", hint: "Look at what wrote it.", exit: .inputOutput)
    }
    return try file.read(upTo: count)
  }

  /// True when something has that name, a dangling link included.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// Removes a file if it is there, and makes that durable.
  public static func remove(_ path: String) throws(TrustError) {
    if unsafe unlink(path) != 0 {
      if errno == ENOENT { return }
      throw .system("unlink", path)
    }
    try syncDirectory(PathText.folder(of: path))
  }

  /// Renames, and fails with TRU-303 when the new name is taken. Both folders are synced.
  public static func renameNoReplace(_ old: String, to new: String) throws(TrustError) {
    try renameRefusing(old, new)
    try syncDirectory(PathText.folder(of: new))
    if PathText.folder(of: old) != PathText.folder(of: new) { try syncDirectory(PathText.folder(of: old)) }
  }

  /// A hard link fails when the name is taken, where rename would replace it; a kill in between leaves two names of one file.
  static func renameRefusing(_ old: String, _ new: String) throws(TrustError) {
    if unsafe link(old, new) == 0 {
      guard unsafe unlink(old) == 0 else { throw .system("unlink", old) }
      return
    }
    if errno == EEXIST { throw taken(new) }
    guard errno == EPERM || errno == ENOTSUP else { throw .system("link", new) }
    // File systems without hard links: we hold the lock of the folder, so looking first is enough.
    if exists(new) { throw taken(new) }
    guard unsafe rename(old, new) == 0 else { throw .system("rename", new) }
  }

  private static func taken(_ path: String) -> TrustError {
    TrustError("TRU-303", "\(path) exists already", hint: "It is never overwritten; move it away if it is not wanted.", exit: .inputOutput)
  }

  /// Makes the names in a folder durable.
  public static func syncDirectory(_ path: String) throws(TrustError) {
    try OpenFile.open(path, O_RDONLY | O_DIRECTORY).sync()
  }

  /// Makes a folder and those above it that are missing, each with that mode; an existing one is left as it is.
  public static func makeDirectory(_ path: String, mode: UInt32) throws(TrustError) {
    if unsafe mkdir(path, mode) == 0 { return try syncDirectory(PathText.folder(of: path)) }
    switch errno {
    case EEXIST: return
    case ENOENT:
      let parent = PathText.folder(of: path)
      guard parent != path else { throw .system("mkdir", path, number: ENOENT) }
      try makeDirectory(parent, mode: mode)
      guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw .system("mkdir", path) }
      try syncDirectory(parent)
    default: throw .system("mkdir", path)
    }
  }

  /// Removes what killed writers left in a folder; call it under the lock of that folder. Returns how many.
  @discardableResult
  public static func removeStaleTemporaries(in folder: String) throws(TrustError) -> Int {
    var removed = 0
    for name in try names(in: folder) where name.hasPrefix(temporaryPrefix) {
      if unsafe unlink(folder + "/" + name) == 0 { removed += 1 }
    }
    return removed
  }

  /// The names in a folder of ours, sorted by bytes, without `.` and `..`; a missing folder has none.
  public static func names(in folder: String) throws(TrustError) -> [String] {
    guard let stream = unsafe opendir(folder) else {
      if errno == ENOENT { return [] }
      throw .system("opendir", folder)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

/// A file that is being written under a temporary name beside its place; given up when it goes away uncommitted.
public final class PendingFile {
  /// Write here.
  public let file: OpenFile
  private let temporary: String
  private let path: String
  private var isCommitted = false

  /// Makes `.tmp-<random>` in the folder of `path`.
  public init(for path: String, mode: UInt32) throws(TrustError) {
    self.path = path
    temporary = PathText.folder(of: path) + "/" + DurableFile.temporaryPrefix + Hex.text(try RandomBytes.make(12))
    file = try OpenFile.open(temporary, O_RDWR | O_CREAT | O_EXCL, mode: mode)
    guard fchmod(file.descriptor, mode) == 0 else { throw .system("fchmod", temporary) }
  }

  deinit { if !isCommitted { _ = unsafe unlink(temporary) } }

  /// fsync, rename over whatever has the name, fsync of the folder.
  public func commitReplacing() throws(TrustError) {
    try file.sync()
    guard unsafe rename(temporary, path) == 0 else { throw .system("rename", path) }
    isCommitted = true
    try DurableFile.syncDirectory(PathText.folder(of: path))
  }

  /// fsync, rename, fsync of the folder; TRU-303 when the name is taken.
  public func commitNew() throws(TrustError) {
    try file.sync()
    try DurableFile.renameRefusing(temporary, path)
    isCommitted = true
    try DurableFile.syncDirectory(PathText.folder(of: path))
  }
}

/// Paths as text, without asking the file system except where it says so.
enum PathText {
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func last(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// The path without links; a last component that does not exist yet is kept as it is. Nil when its folder does not exist either.
  static func resolved(_ path: String) -> String? {
    var text = path
    while text.count > 1, text.hasSuffix("/") { text.removeLast() }
    if let real = real(text) { return real }
    guard let parent = real(folder(of: text)) else { return nil }
    return (parent == "/" ? "" : parent) + "/" + last(of: text)
  }

  private static func real(_ path: String) -> String? {
    guard let pointer = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(pointer) }
    return unsafe String(cString: pointer)
  }

  static func isInside(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }
}
