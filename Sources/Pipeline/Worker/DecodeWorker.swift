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
    WorkerFrame.widen(0)
    WorkerFrame.widen(1)
    var input = FrameReader(), output = FrameWriter(descriptor: 1)
    var session: (any DropSession)?
    do {
      while true {
        while let frame = try input.next() { try handle(frame.kind, input.bytes.span.extracting(frame.payload), &session, &output) }
        if !hasInput() { try output.flush() }
        guard input.fill(from: 0) > 0 else { return 0 }
      }
    } catch {
      return 1
    }
  }

  private static func handle(_ kind: WorkerFrame.Kind, _ payload: Span<UInt8>, _ session: inout (any DropSession)?, _ output: inout FrameWriter) throws {
    switch kind {
    case .setup:
      let ready = try WorkerSession(try WorkerSetup(from: payload.withUnsafeBufferPointer { Array($0) }))
      session = ready
      try output.write(.ready) { ready.outline.write(to: &$0) }
      try output.flush()
    case .show:
      session = try ShowSession(try ShowOrder(from: payload.withUnsafeBufferPointer { Array($0) }))
      try output.write(.ready) { _ in }
      try output.flush()
    case .dropBegins:
      var reader = ByteReader(payload.withUnsafeBufferPointer { Array($0) })
      session?.begin(trap: try reader.byte() == 1, number: try reader.integer())
    case .chunk: try session?.push(payload, into: &output)
    case .dropEnds:
      try session?.finish(into: &output)
      try output.flush()
    default: throw FrameError()
    }
  }

  /// Whether reading would not wait. Before it does, ingest gets what was said so far.
  private static func hasInput() -> Bool {
    var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    return poll(&input, 1, 0) > 0
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

/// What the worker does with the drops that come.
protocol DropSession {
  /// - number: of the drop among those of its feed's night, one-based; 0 where nobody counts them.
  mutating func begin(trap: Bool, number: Int)
  mutating func push(_ bytes: Span<UInt8>, into output: inout FrameWriter) throws
  mutating func finish(into output: inout FrameWriter) throws
}

/// One feed's decoder and mapping plan inside the worker.
private struct WorkerSession: DropSession {
  private var settings: DecodeSettings
  private let plan: MapPlan
  private var decoder: DropDecoder
  private var evaluator: MapEvaluator
  /// As each drop begins: its code tables cost more than many a document.
  private let freshEvaluator: MapEvaluator
  private var sums: BatchSums
  private var observer: CoverageObserver
  /// Rows given, by entity, so that ingest can compare.
  private var rowCounts: [Int]

  init(_ setup: WorkerSetup) throws {
    plan = try setup.plan()
    settings = DecodeSettings(format: setup.format, charset: setup.charset.isEmpty ? nil : setup.charset, names: plan.arenaNames)
    settings.layout = plan.layout
    settings.server = setup.server
    settings.envelope = setup.envelope
    decoder = DropDecoder(settings)
    freshEvaluator = MapEvaluator(plan: plan, businessDate: setup.businessDate, tracing: setup.traced)
    evaluator = freshEvaluator
    sums = BatchSums(plan: plan)
    observer = CoverageObserver(CoverageRules(plan))
    rowCounts = [Int](repeating: 0, count: plan.dictionary.entities.count)
  }

  var outline: PlanOutline { PlanOutline(plan) }

  mutating func begin(trap: Bool, number: Int) {
    // A test asks for a crash; the marker is never sent outside debug builds.
    if trap { kill(getpid(), SIGILL) }
    decoder = DropDecoder(settings)
    evaluator = freshEvaluator
    sums = BatchSums(plan: plan)
    observer.begin(drop: number > 0 ? number : nil)
    for entity in rowCounts.indices { rowCounts[entity] = 0 }
  }

  mutating func push(_ bytes: Span<UInt8>, into output: inout FrameWriter) throws {
    let decoder = decoder
    try decoder.push(bytes) { event, record in try Self.relay(event, record, decoder.member, &evaluator, &observer, &sums, &rowCounts, &output) }
  }

  mutating func finish(into output: inout FrameWriter) throws {
    let decoder = decoder
    let summary = try decoder.finish { event, record in try Self.relay(event, record, decoder.member, &evaluator, &observer, &sums, &rowCounts, &output) }
    try output.write(.coverage) { observer.write(to: &$0) }
    try output.write(.dropDone) { writer in
      writer.write(summary.messages)
      writer.write(summary.messagesDeclared)
      writer.write(UInt8(summary.truncated ? 1 : 0))
      writer.write(Int32(rowCounts.count))
      for count in rowCounts { writer.write(count) }
    }
  }

  /// What gave the traced field of each row.
  private static func write(_ evaluator: MapEvaluator, _ rows: Int, to output: inout FrameWriter) throws {
    let sources = (0..<rows).compactMap { row in evaluator.source(ofRow: row).map { (row, $0) } }
    try output.write(.sources) { writer in
      writer.write(Int32(sources.count))
      for (row, source) in sources {
        writer.write(Int32(row))
        source.write(to: &writer)
      }
    }
  }

  private static func relay(
    _ event: DecodeEvent, _ record: borrowing SourceRecord, _ member: Int, _ evaluator: inout MapEvaluator, _ observer: inout CoverageObserver,
    _ sums: inout BatchSums, _ rowCounts: inout [Int], _ output: inout FrameWriter
  ) throws {
    switch event {
    case .begin(let head): evaluator.begin(head)
    case .record:
      evaluator.record(record)
      observer.record(record, &evaluator)
    case .attachment(let head): try output.write(.attachment) { head.write(to: &$0) }
    case .attachmentBytes(let bytes): try output.write(.attachmentBytes) { $0.append(bytes.span) }
    case .attachmentEnd(let tail): try output.write(.attachmentEnd) { tail.write(to: &$0) }
    case .end(let tail):
      observer.end(tail, record)
      var message = evaluator.end(tail)
      message.place(inMember: member)
      if sums.isAsked { sums.add(message) }
      for row in message.rows.rows { rowCounts[Int(row.entity)] += 1 }
      if evaluator.isTracing { try write(evaluator, message.rows.rows.count, to: &output) }
      try output.write(.message) { message.write(to: &$0) }
    case .batch(let total):
      if let sum = sums.settle(total) { try output.write(.batch) { sum.write(to: &$0) } }
      try output.write(.batch) { total.write(to: &$0) }
    case .finding(let finding): try output.write(.finding) { finding.write(to: &$0) }
    }
  }
}
