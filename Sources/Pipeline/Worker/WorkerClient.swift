import Core
import Glibc

/// How a drop went through the worker.
struct WorkerSummary: Equatable {
  var messages: Int
  var messagesDeclared: Int
  var truncated: Bool
  /// Rows that the worker gave, by entity.
  var rows: [Int]
}

/// What the worker says of a drop, in order.
enum WorkerOutput {
  case message(MappedMessage)
  case batch(BatchTotal)
  case finding(Finding)
  /// A file that the next message carries, its bytes, its end.
  case attachment(AttachmentHead)
  case attachmentBytes([UInt8])
  case attachmentEnd(AttachmentTail)
}

/// The worker died or made no progress in time; the drop is tried again or held.
struct WorkerFailure: Error {}

/// Ingest's end of a decode worker: writes chunks and reads rows through one `poll`, so that neither side can block the other.
final class WorkerClient {
  /// A frame of the worker's; the payload lies in `frames`.
  private typealias Frame = (kind: WorkerFrame.Kind, payload: Range<Int>)

  private let child: ChildProcess
  private let dictionary: CanonicalDictionary
  /// Messages of the present drop that came so far, and their rows by entity.
  private var messages = 0
  private var rows: [Int] = []
  private var frames = FrameReader()
  private let patienceMilliseconds: Int

  /// - Parameter dictionary: rows that do not fit it come from a worker that can no longer be believed.
  init(setup: WorkerSetup, dictionary: CanonicalDictionary, patienceSeconds: Int) throws {
    self.dictionary = dictionary
    child = try ChildProcess(
      .init(path: Installation.path(of: "compline-ingest"), arguments: ["--decode-worker"], environment: ["SWIFT_BACKTRACE": "enable=no"], keepsErrors: false))
    patienceMilliseconds = patienceSeconds * 1_000
    _ = fcntl(child.input, F_SETFL, O_NONBLOCK)
    WorkerFrame.widen(child.input)
    WorkerFrame.widen(child.output)
    try send(.setup, setup.encoded) { _ in }
    try receive(until: .ready) { _ in }
  }

  /// Streams a drop through: `next` gives its plain text piece by piece, `take` gets what the worker makes of it.
  func run(trap: Bool, next: () throws -> [UInt8]?, take: (WorkerOutput) throws -> Void) throws -> WorkerSummary {
    messages = 0
    rows = [Int](repeating: 0, count: dictionary.entities.count)
    var summary: WorkerSummary?
    func relay(_ frame: Frame) throws {
      if frame.kind == .dropDone { summary = try self.summary(frame) }
      if let output = try output(frame) { try take(output) }
    }
    try send(.dropBegins, [trap ? 1 : 0], relay)
    while let chunk = try next() { try send(.chunk, chunk, relay) }
    try send(.dropEnds, [], relay)
    try receive(until: .dropDone, relay)
    guard let summary else { throw WorkerFailure() }
    return summary
  }

  private func summary(_ frame: Frame) throws -> WorkerSummary {
    var reader = ByteReader(frames.bytes, frame.payload)
    do {
      var summary = WorkerSummary(messages: try reader.integer(), messagesDeclared: try reader.integer(), truncated: try reader.byte() == 1, rows: [])
      for _ in 0..<(try reader.count()) { summary.rows.append(try reader.integer()) }
      guard summary.messages == messages, summary.rows == rows, (0...messages).contains(summary.messagesDeclared) else { throw WorkerFailure() }
      return summary
    } catch { throw WorkerFailure() }
  }

  func stop() {
    child.terminate()
    _ = child.wait()
  }

  private func output(_ frame: Frame) throws -> WorkerOutput? {
    var reader = ByteReader(frames.bytes, frame.payload)
    do {
      switch frame.kind {
      case .message:
        let message = try MappedMessage(from: &reader)
        guard WorkerOutputRules(dictionary: dictionary).accept(message, ordinal: messages) else { throw WorkerFailure() }
        messages += 1
        for row in message.rows.rows { rows[Int(row.entity)] += 1 }
        return .message(message)
      case .batch:
        let total = try BatchTotal(from: &reader)
        guard WorkerOutputRules.accept(total) else { throw WorkerFailure() }
        return .batch(total)
      case .finding:
        let finding = try Finding(from: &reader)
        guard WorkerOutputRules.accept(finding) else { throw WorkerFailure() }
        return .finding(finding)
      case .attachment:
        let head = try AttachmentHead(from: &reader)
        guard WorkerOutputRules.accept(head, message: messages) else { throw WorkerFailure() }
        return .attachment(head)
      case .attachmentBytes: return .attachmentBytes(Array(frames.bytes[frame.payload]))
      case .attachmentEnd: return .attachmentEnd(try AttachmentTail(from: &reader))
      default: return nil
      }
    } catch { throw WorkerFailure() }
  }

  /// Sends a frame from where its payload lies; what the worker says meanwhile is taken only when its pipe is full.
  private func send(_ kind: WorkerFrame.Kind, _ payload: [UInt8], _ relay: (Frame) throws -> Void) throws {
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

  private func receive(until kind: WorkerFrame.Kind, _ relay: (Frame) throws -> Void) throws {
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
