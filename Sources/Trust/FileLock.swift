internal import Core
internal import Glibc

/// An exclusive flock on a file, held while this object lives. The lock dies with the process, so none is ever left behind.
public final class FileLock {
  /// What to do when another process holds it: refuse at once, or after a while, since a holder that was stopped never lets go.
  public enum Contention: Sendable { case refuse, wait }

  private static let lookMilliseconds = 10

  /// The locked file; its holder may write who it is into it.
  public let file: OpenFile

  /// - Throws: TRU-304 (exit 75) when another process holds it for longer than `contention` waits; TRU-301 otherwise.
  public init(_ path: String, contention: Contention, patienceMilliseconds: Int = 30_000) throws(TrustError) {
    file = try OpenFile.open(path, O_RDWR | O_CREAT, mode: 0o600)
    try lock(path, contention == .wait ? patienceMilliseconds : 0)
  }

  /// Locks a folder that must be there; nothing is written into it.
  ///
  /// - Throws: as for a file.
  public init(folder: String, contention: Contention, patienceMilliseconds: Int = 30_000) throws(TrustError) {
    file = try OpenFile.open(folder, O_RDONLY | O_DIRECTORY)
    try lock(folder, contention == .wait ? patienceMilliseconds : 0)
  }

  private func lock(_ path: String, _ milliseconds: Int) throws(TrustError) {
    var patience = milliseconds
    while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else { throw .system("flock", path) }
      guard patience > 0 else {
        throw TrustError("TRU-304", "another run holds the lock \(path)", hint: "Wait for it to end, or look at the process that the lock file names.", exit: .locked)
      }
      usleep(UInt32(Self.lookMilliseconds) * 1_000)
      patience -= Self.lookMilliseconds
    }
  }
}
