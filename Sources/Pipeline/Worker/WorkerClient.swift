import Core
import Glibc

/// How a drop went through the worker.
struct WorkerSummary: Equatable {
  var messages: Int
  var messagesDeclared: Int
  var truncated: Bool
}

/// What the worker says of a drop, in order.
enum WorkerOutput {
  case message(MappedMessage)
  case batch(BatchTotal)
  case finding(Finding)
}

/// The worker died or made no progress in time; the drop is tried again or held.
struct WorkerFailure: Error {}

/// Ingest's end of a decode worker: writes chunks and reads rows through one `poll`, so that neither side can block the other.
final class WorkerClient {
  private let child: ChildProcess
  private let dictionary: CanonicalDictionary
  /// Messages of the present drop that came so far.
  private var messages = 0
  private var frames = FrameBuffer()
  private let patienceMilliseconds: Int
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// - Parameter dictionary: rows that do not fit it come from a worker that can no longer be believed.
  init(setup: WorkerSetup, dictionary: CanonicalDictionary, patienceSeconds: Int) throws {
    self.dictionary = dictionary
    child = try ChildProcess(
      .init(path: Installation.path(of: "compline-ingest"), arguments: ["--decode-worker"], environment: ["SWIFT_BACKTRACE": "enable=no"], keepsErrors: false))
    patienceMilliseconds = patienceSeconds * 1_000
    _ = fcntl(child.input, F_SETFL, O_NONBLOCK)
    try send(WorkerFrame(kind: .setup, payload: setup.encoded)) { _ in }
    _ = try receive(until: .ready) { _ in }
  }

  /// Streams a drop through: `next` gives its plain text piece by piece, `take` gets what the worker makes of it.
  func run(trap: Bool, next: () throws -> [UInt8]?, take: (WorkerOutput) throws -> Void) throws -> WorkerSummary {
    messages = 0
    func relay(_ frame: WorkerFrame) throws {
      if let output = try output(frame) { try take(output) }
    }
    try send(WorkerFrame(kind: .dropBegins, payload: [trap ? 1 : 0]), relay)
    while let chunk = try next() { try send(WorkerFrame(kind: .chunk, payload: chunk), relay) }
    try send(WorkerFrame(kind: .dropEnds, payload: []), relay)
    var reader = ByteReader(try receive(until: .dropDone, relay).payload)
    do {
      let summary = WorkerSummary(messages: try reader.integer(), messagesDeclared: try reader.integer(), truncated: try reader.byte() == 1)
      guard summary.messages == messages, (0...messages).contains(summary.messagesDeclared) else { throw WorkerFailure() }
      return summary
    } catch { throw WorkerFailure() }
  }

  func stop() {
    child.terminate()
    _ = child.wait()
  }

  private func output(_ frame: WorkerFrame) throws -> WorkerOutput? {
    var reader = ByteReader(frame.payload)
    do {
      switch frame.kind {
      case .message:
        let message = try MappedMessage(from: &reader)
        guard WorkerOutputRules(dictionary: dictionary).accept(message, ordinal: messages) else { throw WorkerFailure() }
        messages += 1
        return .message(message)
      case .batch:
        let total = try BatchTotal(from: &reader)
        guard WorkerOutputRules.accept(total) else { throw WorkerFailure() }
        return .batch(total)
      case .finding:
        let finding = try Finding(from: &reader)
        guard WorkerOutputRules.accept(finding) else { throw WorkerFailure() }
        return .finding(finding)
      default: return nil
      }
    } catch { throw WorkerFailure() }
  }

  private func send(_ frame: WorkerFrame, _ relay: (WorkerFrame) throws -> Void) throws {
    let bytes = frame.encoded
    var sent = 0
    while sent < bytes.count {
      let ready = try wait(forWriting: true)
      if ready.readable { try readSome(relay) }
      guard ready.writable else { continue }
      let count = bytes.withUnsafeBytes { write(child.input, $0.baseAddress! + sent, bytes.count - sent) }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { throw WorkerFailure() }
      sent += count
    }
  }

  private func receive(until kind: WorkerFrame.Kind, _ relay: (WorkerFrame) throws -> Void) throws -> WorkerFrame {
    while true {
      while let frame = try nextFrame() {
        if frame.kind == kind { return frame }
        try relay(frame)
      }
      _ = try wait(forWriting: false)
      try fill()
    }
  }

  private func readSome(_ relay: (WorkerFrame) throws -> Void) throws {
    try fill()
    while let frame = try nextFrame() { try relay(frame) }
  }

  private func nextFrame() throws -> WorkerFrame? {
    do { return try frames.next() } catch { throw WorkerFailure() }
  }

  private func fill() throws {
    let count = buffer.withUnsafeMutableBytes { read(child.output, $0.baseAddress!, $0.count) }
    if count < 0, errno == EINTR { return }
    guard count > 0 else { throw WorkerFailure() }
    frames.append(buffer[..<count])
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
