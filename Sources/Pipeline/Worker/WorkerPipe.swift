import Exchange
import Glibc

/// The worker died or made no progress in time; the drop is tried again or held.
struct WorkerFailure: Error {}

/// Our end of a worker: writes frames and reads frames through one `poll`, so that neither side can block the other.
final class WorkerPipe {
  /// A frame of the worker's; the payload lies in `frames`.
  typealias Frame = (kind: WorkerFrame.Kind, payload: Range<Int>)

  private let child: ChildProcess
  private(set) var frames = FrameReader()
  private let patienceMilliseconds: Int

  /// Starts a worker. It gets no keys, no files and no environment of ours.
  ///
  /// - Parameter patienceSeconds: without progress for so long it counts as stuck.
  init(patienceSeconds: Int) throws {
    child = try Installation.start(
      .init(path: Installation.path(of: "compline-ingest"), arguments: ["--decode-worker"], environment: ["SWIFT_BACKTRACE": "enable=no"], keepsErrors: false))
    patienceMilliseconds = patienceSeconds * 1_000
    _ = fcntl(child.input, F_SETFL, O_NONBLOCK)
    WorkerFrame.widen(child.input)
    WorkerFrame.widen(child.output)
  }

  func stop() {
    child.terminate()
    _ = child.wait()
  }

  /// Sends a frame from where its payload lies; what the worker says meanwhile is taken only when its pipe is full.
  func send(_ kind: WorkerFrame.Kind, _ payload: [UInt8], _ relay: (Frame) throws -> Void) throws {
    let head = WorkerFrame.head(kind, count: payload.count)
    var sent = 0
    while sent < head.count + payload.count {
      let count = write(head, payload, from: sent)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        if try wait(forWriting: true).readable { try readSome(relay) }
        continue
      }
      guard count > 0 else { throw WorkerFailure() }
      sent += count
    }
  }

  private func write(_ head: [UInt8], _ payload: [UInt8], from sent: Int) -> Int {
    head.withUnsafeBytes { head in
      payload.withUnsafeBytes { payload in
        let rest = (UnsafeRawBufferPointer(rebasing: head.dropFirst(sent)), UnsafeRawBufferPointer(rebasing: payload.dropFirst(max(0, sent - head.count))))
        let parts = [iovec(rest.0), iovec(rest.1)]
        return writev(child.input, parts, 2)
      }
    }
  }

  func receive(until kind: WorkerFrame.Kind, _ relay: (Frame) throws -> Void) throws {
    while true {
      while let frame = try nextFrame() {
        try relay(frame)
        if frame.kind == kind { return }
      }
      _ = try wait(forWriting: false)
      try fill()
    }
  }

  private func readSome(_ relay: (Frame) throws -> Void) throws {
    try fill()
    while let frame = try nextFrame() { try relay(frame) }
  }

  private func nextFrame() throws -> Frame? {
    do { return try frames.next() } catch { throw WorkerFailure() }
  }

  private func fill() throws {
    guard frames.fill(from: child.output) > 0 else { throw WorkerFailure() }
  }

  /// Waits for either side; no progress within the patience is a failure.
  private func wait(forWriting: Bool) throws -> (readable: Bool, writable: Bool) {
    var set = [pollfd(fd: child.output, events: Int16(POLLIN), revents: 0), pollfd(fd: child.input, events: Int16(POLLOUT), revents: 0)]
    let count = poll(&set, forWriting ? 2 : 1, Int32(patienceMilliseconds))
    if count < 0, errno == EINTR { return (false, false) }
    guard count > 0 else { throw WorkerFailure() }
    if forWriting, set[1].revents & Int16(POLLERR | POLLHUP) != 0, set[0].revents & Int16(POLLIN) == 0 { throw WorkerFailure() }
    return (set[0].revents & Int16(POLLIN | POLLHUP) != 0, forWriting && set[1].revents & Int16(POLLOUT) != 0)
  }
}

extension iovec {
  fileprivate init(_ bytes: UnsafeRawBufferPointer) { self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count) }
}
