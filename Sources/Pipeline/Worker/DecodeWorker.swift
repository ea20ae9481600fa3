import Core
import Decode
import Glibc
import Map
import Trust

/// The process that touches bytes from outside: it holds no keys, opens no files, and speaks only through its two pipes.
enum DecodeWorker {
  /// Runs until standard input ends; the exit status is for the parent, which reads nothing into it but "it ended".
  static func run() -> Int32 {
    confine()
    var frames = FrameBuffer()
    var session: WorkerSession?
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(0, $0.baseAddress!, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return 0 }
      frames.append(chunk[..<count])
      do {
        while let frame = try frames.next() { try handle(frame, &session) }
      } catch {
        return 1
      }
    }
  }

  private static func handle(_ frame: WorkerFrame, _ session: inout WorkerSession?) throws {
    switch frame.kind {
    case .setup:
      session = try WorkerSession(try WorkerSetup(from: frame.payload))
      try send(.ready, [])
    case .dropBegins: session?.begin(trap: frame.payload == [1])
    case .chunk: try session?.push(frame.payload, send: send)
    case .dropEnds: try session?.finish(send: send)
    default: throw FrameError()
    }
  }

  private static func send(_ kind: WorkerFrame.Kind, _ payload: [UInt8]) throws {
    let bytes = WorkerFrame(kind: kind, payload: payload).encoded
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { write(1, $0.baseAddress! + sent, bytes.count - sent) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FrameError() }
      sent += count
    }
  }

  /// No new files, no core dump, no new privileges: what a poisoned document could still do is compute.
  private static func confine() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &none)
    var memory = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
    try? Hardening.apply()
    try? Hardening.forbidNewPrivileges()
    signal(SIGPIPE, SIG_IGN)
  }
}

/// One feed's decoder and mapping plan inside the worker.
private struct WorkerSession {
  private let settings: DecodeSettings
  private let plan: MapPlan
  private let businessDate: BusinessDate
  private var decoder: DropDecoder
  private var evaluator: MapEvaluator

  init(_ setup: WorkerSetup) throws {
    var reader = ByteReader(setup.library)
    let library = try MappingLibrary(from: &reader)
    plan = try MapPlan.build(library, mappings: setup.mappings, format: setup.format, zone: ZoneRules(tzif: setup.zone))
    settings = DecodeSettings(format: setup.format, charset: setup.charset.isEmpty ? nil : setup.charset, names: plan.arenaNames)
    businessDate = setup.businessDate
    decoder = DropDecoder(settings)
    evaluator = MapEvaluator(plan: plan, businessDate: businessDate)
  }

  mutating func begin(trap: Bool) {
    // A test asks for a crash; the marker is never sent outside debug builds.
    if trap { kill(getpid(), SIGILL) }
    decoder = DropDecoder(settings)
    evaluator = MapEvaluator(plan: plan, businessDate: businessDate)
  }

  mutating func push(_ bytes: [UInt8], send: (WorkerFrame.Kind, [UInt8]) throws -> Void) throws {
    try decoder.push(bytes) { event, record in try Self.relay(event, record, &evaluator, send) }
  }

  mutating func finish(send: (WorkerFrame.Kind, [UInt8]) throws -> Void) throws {
    let summary = try decoder.finish { event, record in try Self.relay(event, record, &evaluator, send) }
    var writer = ByteWriter()
    writer.write(summary.messages)
    writer.write(summary.messagesDeclared)
    writer.write(UInt8(summary.truncated ? 1 : 0))
    try send(.dropDone, writer.bytes)
  }

  private static func relay(_ event: DecodeEvent, _ record: borrowing SourceRecord, _ evaluator: inout MapEvaluator, _ send: (WorkerFrame.Kind, [UInt8]) throws -> Void) throws {
    var writer = ByteWriter()
    switch event {
    case .begin(let head): evaluator.begin(head)
    case .record: evaluator.record(record)
    case .end(let tail):
      evaluator.end(tail).write(to: &writer)
      try send(.message, writer.bytes)
    case .batch(let total):
      total.write(to: &writer)
      try send(.batch, writer.bytes)
    case .finding(let finding):
      finding.write(to: &writer)
      try send(.finding, writer.bytes)
    }
  }
}
