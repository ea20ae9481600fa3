import Exchange
import Glibc
@testable import Pipeline
import Support
import Testing
import Trust

/// Who may go on: the run that holds the lock, and what it started.
@Suite struct TenureTests {
  private let folder = Result { try TemporaryFolder() }

  /// A child that another test starts holds what is open here until it is its own program, so a lock that was let go may be held a moment longer.
  private func run() throws -> SiteLock {
    let path = try folder.get().path("lock")
    for _ in 0..<100 {
      if let lock = try? SiteLock(path: path, job: "compline-nightly", floor: { 0 }) { return lock }
      _ = try FileLock(path, contention: .wait)
    }
    return try SiteLock(path: path, job: "compline-nightly") { 0 }
  }

  @Test func aLockPassesWhenAnotherRunTakesIt() throws {
    let path = try folder.get().path("lock"), first = try run().holder.nonce
    #expect(!SiteLock.hasPassed(from: first, at: path))
    let second = try run()
    #expect(SiteLock.hasPassed(from: first, at: path) && !SiteLock.hasPassed(from: second.holder.nonce, at: path))
  }

  @Test func aLockFileThatCannotBeReadSaysNothing() throws {
    #expect(!SiteLock.hasPassed(from: "0a", at: try folder.get().path("nowhere")))
  }

  /// Else both would wait: the child for its first line, the parent for the child.
  @Test func aChildToWhichNothingCanBeWrittenReadsTheEndOfItsInput() throws {
    let child = try ChildProcess(.init(path: "/bin/sh", arguments: ["-c", "exec cat >/dev/null"], pipesOutput: false))
    // What cannot be written: the pipe is full, and a write does not wait.
    _ = fcntl(child.input, F_SETFL, O_NONBLOCK)
    _ = kill(child.pid, SIGSTOP)
    #expect(!child.write([UInt8](repeating: 0x0A, count: 1 << 21)))
    _ = kill(child.pid, SIGCONT)
    #expect(child.wait() == .exited(0))
  }
}
