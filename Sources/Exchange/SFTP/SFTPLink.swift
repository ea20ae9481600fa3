internal import Glibc

/// The two pipes of a session and what its program complains of, without blocking and never longer than the limits allow.
///
/// Complaints are kept to 64 KiB and only ever classified: they hold names of hosts, users and files.
final class SFTPLink {
  /// What happened to the other side.
  enum Ending: Error { case closed, stalled, overdue }

  private let child: ChildProcess
  private var outgoing: [UInt8] = []
  private var sent = 0
  private var block = [UInt8](repeating: 0, count: 1 << 18)
  private(set) var complaints: [UInt8] = []
  private var hearsEnd = false
  /// F_SETPIPE_SZ of fcntl(2), which the C library names only under a macro; it does harm to no one where it fails.
  private static let setPipeSize: Int32 = 1031
  /// Nothing moved for so long, in nanoseconds: the session is stalled.
  var stall: Int
  /// When the file at work must be done; nil while none is.
  var deadline: Int?
  /// When the session must be over, whatever is at work.
  private let over: Int

  /// - Parameter nanoseconds: how long the session may last, from now on.
  init(_ child: ChildProcess, stallSeconds: Int, within nanoseconds: Int) {
    self.child = child
    over = Monotonic.moment(after: nanoseconds)
    stall = Nanoseconds.of(seconds: stallSeconds)
    for descriptor in [child.input, child.output, child.errors] where descriptor >= 0 {
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      _ = fcntl(descriptor, Self.setPipeSize, Int32(1 << 20))
    }
  }

  /// Puts bytes in the line; they leave with `move` and `flush`.
  func queue(_ append: (inout [UInt8]) -> Void) { append(&outgoing) }

  var queuedByteCount: Int { outgoing.count - sent }

  /// Sends what there is room for, waits until something can be read, and gives it.
  func move(_ body: (ArraySlice<UInt8>) throws(SFTPFault) -> Void) throws {
    var lastMove = Monotonic.now()
    flush()
    while true {
      let ready = try wait(until: lastMove + stall)
      if ready.canSend, flush() { lastMove = Monotonic.now() }
      if ready.complained { listen() }
      guard ready.canRead else { continue }
      let count = read(child.output, &block, block.count)
      if count > 0 { return try body(block[..<count]) }
      if count == 0 || (errno != EAGAIN && errno != EINTR) { throw Ending.closed }
    }
  }

  private typealias Readiness = (canRead: Bool, canSend: Bool, complained: Bool)

  /// Stalled at `silence`. Past a deadline nothing is looked at any more: however much the other side sends, it does not decide how long this takes.
  private func wait(until silence: Int) throws(Ending) -> Readiness {
    let last = min(over, deadline ?? .max), limit = min(silence, last)
    while true {
      let now = Monotonic.now()
      if now >= last { throw .overdue }
      var watched = [
        pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: queuedByteCount > 0 ? child.input : -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: hearsEnd ? -1 : child.errors, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&watched, nfds_t(watched.count), limit <= now ? 0 : Int32(clamping: (limit - now) / 1_000_000 + 1))
      if count > 0 {
        let ready = (canRead: watched[0].revents != 0, canSend: watched[1].revents != 0, complained: watched[2].revents != 0)
        // Complaints alone are no sign of life.
        guard ready.canRead || ready.canSend || now < silence else { throw .stalled }
        return ready
      }
      if count < 0, errno != EINTR { throw .closed }
      if count == 0, limit <= now { throw .stalled }
    }
  }

  /// True when bytes left.
  @discardableResult
  func flush() -> Bool {
    let before = sent
    while sent < outgoing.count {
      let count = outgoing.withUnsafeBytes { write(child.input, $0.baseAddress! + sent, outgoing.count - sent) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      sent += count
    }
    let hasSent = sent > before
    if sent == outgoing.count {
      outgoing.removeAll(keepingCapacity: true)
      sent = 0
    }
    return hasSent
  }

  /// Takes in what was complained of; what goes past 64 KiB is dropped, and nobody is listened to for ever.
  func listen() {
    var part = [UInt8](repeating: 0, count: 4_096)
    for _ in 0..<64 {
      let count = read(child.errors, &part, part.count)
      if count == 0 { hearsEnd = true }
      guard count > 0 else { return }
      complaints += part[..<min(count, max(0, (1 << 16) - complaints.count))]
    }
  }

  /// Ends the program by force; the session sees a cut.
  func kill() { child.terminate() }

  /// Reads the last complaints and ends the program: within a second by itself, else by force.
  func end() {
    child.closeInput()
    let limit = Monotonic.now() + 1_000_000_000
    while !hearsEnd, Monotonic.now() < limit {
      var watched = pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0)
      _ = poll(&watched, 1, 100)
      listen()
    }
    child.terminate()
    _ = child.wait()
  }
}

/// The clock that no one sets.
enum Monotonic {
  /// Nanoseconds since some moment.
  static func now() -> Int {
    var moment = timespec()
    clock_gettime(CLOCK_MONOTONIC, &moment)
    return moment.tv_sec * 1_000_000_000 + moment.tv_nsec
  }

  /// So many nanoseconds from now; the end of time where that is later.
  static func moment(after nanoseconds: Int) -> Int {
    let (moment, isTooLate) = now().addingReportingOverflow(nanoseconds)
    return isTooLate ? .max : moment
  }
}
