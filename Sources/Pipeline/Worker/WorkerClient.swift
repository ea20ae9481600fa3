import Core
import Map

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
  /// What gave the traced field of the rows of the next message, by row; comes where a field is traced.
  case sources([Int: CellSource])
  case message(MappedMessage)
  case batch(BatchTotal)
  case finding(Finding)
  /// A file that the next message carries, its bytes, its end.
  case attachment(AttachmentHead)
  case attachmentBytes([UInt8])
  case attachmentEnd(AttachmentTail)
  /// What the drop's messages look like; comes once, last.
  case coverage(FeedTally)
}

/// Ingest's end of a decode worker: gives it a drop and holds what comes back against closed forms.
final class WorkerClient {
  private typealias Frame = WorkerPipe.Frame

  private let pipe: WorkerPipe
  private let dictionary: CanonicalDictionary
  /// Of the plan that it has compiled.
  let outline: PlanOutline
  /// Messages of the present drop that came so far, and their rows by entity.
  private var messages = 0
  private var rows: [Int] = []

  /// - Parameter dictionary: rows that do not fit it come from a worker that can no longer be believed.
  init(setup: WorkerSetup, dictionary: CanonicalDictionary, patienceSeconds: Int) throws {
    self.dictionary = dictionary
    let pipe = try WorkerPipe(patienceSeconds: patienceSeconds)
    self.pipe = pipe
    var outline: PlanOutline?
    try pipe.send(.setup, setup.encoded) { _ in }
    try pipe.receive(until: .ready) { frame in
      var reader = ByteReader(pipe.frames.bytes, frame.payload)
      outline = try? PlanOutline(from: &reader)
    }
    guard let outline else { throw WorkerFailure() }
    self.outline = outline
  }

  /// Streams a drop through: `next` gives its plain text piece by piece, `take` gets what the worker makes of it.
  ///
  /// - Parameter number: of the drop among those of its feed's night, one-based; 0 where nobody counts them.
  func run(trap: Bool, number: Int = 0, next: () throws -> [UInt8]?, take: (WorkerOutput) throws -> Void) throws -> WorkerSummary {
    messages = 0
    rows = [Int](repeating: 0, count: dictionary.entities.count)
    var summary: WorkerSummary?
    func relay(_ frame: Frame) throws {
      if frame.kind == .dropDone { summary = try self.summary(frame) }
      if let output = try output(frame) { try take(output) }
    }
    var head = ByteWriter()
    head.write(UInt8(trap ? 1 : 0))
    head.write(number)
    try pipe.send(.dropBegins, head.bytes, relay)
    while let chunk = try next() { try pipe.send(.chunk, chunk, relay) }
    try pipe.send(.dropEnds, [], relay)
    try pipe.receive(until: .dropDone, relay)
    guard let summary else { throw WorkerFailure() }
    return summary
  }

  private func summary(_ frame: Frame) throws -> WorkerSummary {
    var reader = ByteReader(pipe.frames.bytes, frame.payload)
    do {
      var summary = WorkerSummary(messages: try reader.integer(), messagesDeclared: try reader.integer(), truncated: try reader.byte() == 1, rows: [])
      for _ in 0..<(try reader.count()) { summary.rows.append(try reader.integer()) }
      guard summary.messages == messages, summary.rows == rows, (0...messages).contains(summary.messagesDeclared) else { throw WorkerFailure() }
      return summary
    } catch { throw WorkerFailure() }
  }

  func stop() { pipe.stop() }

  private static func sources(_ reader: inout ByteReader) throws(FrameError) -> [Int: CellSource] {
    var sources: [Int: CellSource] = [:]
    for _ in 0..<(try reader.count()) {
      let row = Int(try reader.small())
      sources[row] = try CellSource(from: &reader)
    }
    return sources
  }

  private func output(_ frame: Frame) throws -> WorkerOutput? {
    var reader = ByteReader(pipe.frames.bytes, frame.payload)
    do {
      switch frame.kind {
      case .sources: return .sources(try Self.sources(&reader))
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
      case .attachmentBytes: return .attachmentBytes(Array(pipe.frames.bytes[frame.payload]))
      case .attachmentEnd: return .attachmentEnd(try AttachmentTail(from: &reader))
      case .coverage:
        let tally = try FeedTally(from: &reader)
        guard WorkerOutputRules.accept(tally, messages: messages) else { throw WorkerFailure() }
        return .coverage(tally)
      default: return nil
      }
    } catch { throw WorkerFailure() }
  }
}
