import Core
import Glibc
import Trust

/// One run a site: `var/lock` is flocked by the run that holds it and says who that is.
///
/// The file holds one line of JSON padded to 512 bytes, written by one call, so that a reader never sees half of it:
/// the epoch (it only grows, and every commit demands one not below the store's), the holder's pid, job and a nonce.
/// A stage started by `compline-nightly` takes no lock: it gets the nonce on standard input and checks it against the file and its parent.
final class SiteLock {
  struct Holder: Sendable, Equatable {
    var epoch: Int
    var pid: Int
    var job: String
    var nonce: String
    var started: String
  }

  let holder: Holder
  private let lock: FileLock

  /// Takes the lock at once or throws exit 75 naming the holder.
  ///
  /// - Parameter floor: the epoch that the store has seen; a lock file that was lost or damaged starts above it.
  init(path: String, job: String, floor: () throws -> Int) throws {
    guard let lock = try Self.take(path) else {
      let other = Self.holder(at: path)
      let name = other.map { "\($0.job), process \($0.pid), since \($0.started)" } ?? "another run"
      throw PipelineError("PIP-301", .locked, "this site is locked by \(name)", hint: "Wait until it ends; the lock goes with its process.")
    }
    let epoch = max(Self.holder(at: path)?.epoch ?? 0, try floor()) + 1
    holder = Holder(epoch: epoch, pid: Int(getpid()), job: job, nonce: Hex.text(try RandomBytes.make(16)), started: Clock.now())
    self.lock = lock
    try lock.file.seek(to: 0)
    try lock.file.write(Self.encode(holder))
    try lock.file.sync()
  }

  /// Nil when another process holds it.
  private static func take(_ path: String) throws -> FileLock? {
    do { return try FileLock(path, contention: .refuse) } catch where error.exitCode == .locked { return nil }
  }

  /// Whether a run other than that of the nonce has taken the lock. A file that cannot be read says nothing.
  static func hasPassed(from nonce: String, at path: String) -> Bool { holder(at: path).map { $0.nonce != nonce } ?? false }

  /// Who holds or last held the lock.
  static func holder(at path: String) -> Holder? {
    guard let bytes = try? DurableFile.read(path, maximumBytes: 4_096), let text = try? JSONValue(parsing: bytes) else { return nil }
    guard let epoch = text["epoch"]?.integer, (0...1 << 60).contains(epoch), let pid = text["pid"]?.integer, let job = text["job"]?.string, let nonce = text["nonce"]?.string, let started = text["started"]?.string else { return nil }
    return Holder(epoch: epoch, pid: pid, job: job, nonce: nonce, started: started)
  }

  private static func encode(_ holder: Holder) -> [UInt8] {
    let value: JSONValue = [
      "epoch": .integer(holder.epoch), "pid": .integer(holder.pid), "job": .string(holder.job), "nonce": .string(holder.nonce), "started": .string(holder.started),
    ]
    let line = value.canonical
    return line + [UInt8](repeating: 0x20, count: max(0, 511 - line.count)) + [0x0A]
  }
}

/// The right to work on a site: the lock itself, or the word of the nightly run that holds it.
final class Tenure {
  let epoch: Int
  /// True for a stage that `compline-nightly` started: it signs no checkpoint.
  let isStage: Bool
  /// What a child needs to work under this tenure.
  let nonce: String
  private let lock: SiteLock?
  private let parent: ParentWatch?
  private let path: String

  /// A dry run changes nothing and needs no lock.
  init() {
    (epoch, isStage, nonce, lock, parent, path) = (0, false, "", nil, nil, "")
  }

  /// Takes the lock.
  init(alone path: String, job: String, floor: () throws -> Int) throws {
    let lock = try SiteLock(path: path, job: job, floor: floor)
    epoch = lock.holder.epoch
    isStage = false
    nonce = lock.holder.nonce
    self.lock = lock
    (parent, self.path) = (nil, path)
  }

  /// Checks the nonce on standard input against the lock file and the parent; what extract starts is a grandchild and shows the nonce alone.
  init(underNightly path: String, isOfExtract: Bool) throws {
    let watch = ParentWatch()
    guard let nonce = watch.firstLine(), let holder = SiteLock.holder(at: path), holder.nonce == nonce, isOfExtract || holder.pid == Int(getppid()) else {
      throw PipelineError("PIP-302", .locked, "this stage was not started by the run that holds the lock", hint: "Start it alone, without --under-nightly.")
    }
    epoch = holder.epoch
    isStage = true
    self.nonce = nonce
    lock = nil
    (parent, self.path) = (watch, path)
    watch.start()
  }

  /// Throws when the run of this stage is gone: to be asked before each effect.
  ///
  /// What extract starts hears of its parent alone, and that one may be stopped itself; so the lock is asked too.
  func check() throws(PipelineError) {
    if let parent, parent.isGone || SiteLock.hasPassed(from: nonce, at: path) { throw PipelineError("PIP-303", .locked, "the nightly run that started this stage is gone", hint: "Run compline-nightly again.") }
  }
}

/// Watches standard input: its end means that the parent is gone.
final class ParentWatch: @unchecked Sendable {
  // The lock guards `gone`, the only state shared with the watching thread.
  private let mutex = Mutex()
  private var gone = false

  var isGone: Bool { mutex.locked { gone } }

  func firstLine() -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 128, read(0, &byte, 1) == 1 {
      if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    return nil
  }

  func start() {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self).toOpaque()
    pthread_create(&thread, nil, { box in
      let watch = Unmanaged<ParentWatch>.fromOpaque(box!).takeRetainedValue()
      var byte: UInt8 = 0
      while true {
        let count = read(0, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      watch.mutex.locked { watch.gone = true }
      return nil
    }, box)
    pthread_detach(thread)
  }
}

/// A mutual exclusion lock on the heap.
final class Mutex: @unchecked Sendable {
  private let handle = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() { pthread_mutex_init(handle, nil) }

  deinit {
    pthread_mutex_destroy(handle)
    handle.deallocate()
  }

  func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(handle)
    defer { pthread_mutex_unlock(handle) }
    return body()
  }
}
