internal import Core
internal import Glibc

/// An exclusive flock on a file, held while this object lives. The lock dies with the process, so none is ever left behind.
public final class FileLock {
  /// What to do when another process holds it.
  public enum Contention: Sendable { case refuse, wait }

  /// The locked file; its holder may write who it is into it.
  public let file: OpenFile

  /// - Throws: TRU-304 (exit 75) when another process holds it and `contention` is `refuse`; TRU-301 otherwise.
  public init(_ path: String, contention: Contention) throws(TrustError) {
    file = try OpenFile.open(path, O_RDWR | O_CREAT, mode: 0o600)
    try lock(path, contention)
  }

  /// Locks a folder that must be there; nothing is written into it.
  ///
  /// - Throws: as for a file.
  public init(folder: String, contention: Contention) throws(TrustError) {
    file = try OpenFile.open(folder, O_RDONLY | O_DIRECTORY)
    try lock(folder, contention)
  }

  private func lock(_ path: String, _ contention: Contention) throws(TrustError) {
    let operation = LOCK_EX | (contention == .refuse ? LOCK_NB : 0)
    while flock(file.descriptor, operation) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw .system("flock", path) }
      throw TrustError("TRU-304", "another run holds the lock \(path)", hint: "Wait for it to end, or look at the process that the lock file names.", exit: .locked)
    }
  }
}
