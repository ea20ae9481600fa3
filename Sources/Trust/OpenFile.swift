internal import Core
internal import Glibc

/// An open file descriptor, closed when the last reference goes; every call retries EINTR.
public final class OpenFile {
  /// Valid while this object lives.
  public let descriptor: Int32
  /// How errors name it: a path of ours, never one of a partner's.
  let place: String

  /// Takes over a descriptor. `place` stands in errors: leave it empty for files whose names partners chose.
  public init(adopting descriptor: Int32, place: String) {
    self.descriptor = descriptor
    self.place = place
  }

  deinit { _ = close(descriptor) }

  /// Opens a regular file for reading; a symbolic link as the last component is refused, and nothing is waited for.
  ///
  /// - Throws: TRU-305 for a FIFO, device or folder, TRU-301 otherwise.
  public static func reading(_ path: String) throws(TrustError) -> OpenFile {
    let file = try open(path, O_RDONLY | O_NONBLOCK)
    guard try file.status().st_mode & S_IFMT == S_IFREG else {
      throw TrustError("TRU-305", "\(path) is not a regular file", hint: "Name a file; FIFOs, devices and folders are not read.", exit: .inputOutput)
    }
    return file
  }

  static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(TrustError) -> OpenFile {
    let descriptor = unsafe Glibc.open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .system("open", path) }
    return OpenFile(adopting: descriptor, place: path)
  }

  /// Up to `count` bytes; fewer only at the end of the file.
  public func read(upTo count: Int) throws(TrustError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = unsafe out.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress! + filled, count - filled) }
      if got < 0 {
        if errno == EINTR { continue }
        throw .system("read", place)
      }
      if got == 0 { break }
      filled += got
    }
    if filled < count { out.removeLast(count - filled) }
    return out
  }

  /// Writes all of it, however many calls that takes.
  public func write(_ bytes: [UInt8]) throws(TrustError) {
    var done = 0
    while done < bytes.count {
      let put = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
      if put < 0 {
        if errno == EINTR { continue }
        throw .system("write", place)
      }
      done += put
    }
  }

  /// Waits until the bytes are on the medium. An error means that the file is to be given up, never synced again.
  public func sync() throws(TrustError) {
    guard fsync(descriptor) == 0 else { throw .system("fsync", place) }
  }

  /// Sets the position for the next read or write, in bytes from the start.
  public func seek(to offset: Int) throws(TrustError) {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw .system("lseek", place) }
  }

  /// The length in bytes.
  public func byteCount() throws(TrustError) -> Int { Int(try status().st_size) }

  /// Cuts the file to that length.
  public func truncate(to count: Int) throws(TrustError) {
    guard ftruncate(descriptor, off_t(count)) == 0 else { throw .system("ftruncate", place) }
  }

  func status() throws(TrustError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .system("fstat", place) }
    return status
  }
}
