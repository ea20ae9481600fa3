public import Core
internal import Glibc
internal import Logging

/// What happened: a closed list.
public enum EventName: String, Sendable, CaseIterable {
  case runStarted = "run-started"
  case runEnded = "run-ended"
  case stageStarted = "stage-started"
  case stageEnded = "stage-ended"
  case dropSealed = "drop-sealed"
  case dropDuplicate = "drop-duplicate"
  case dropArriving = "drop-arriving"
  case dropSkipped = "drop-skipped"
  case dropIngested = "drop-ingested"
  case dropHeld = "drop-held"
  case orphanSetAside = "orphan-set-aside"
  case temporaryRemoved = "temporary-removed"
  case workerStarted = "worker-started"
  case workerDied = "worker-died"
  case workerOverran = "worker-overran"
  case batchLoaded = "batch-loaded"
  case statementWritten = "statement-written"
  case extractSealed = "extract-sealed"
  case extractDelivered = "extract-delivered"
  case extractRefused = "extract-refused"
  case checkpointSigned = "checkpoint-signed"
  case nightClosed = "night-closed"
  case failed
}

/// What is said about it: numbers, our own ids, codes, and names from the site's own files. There is no case for a text.
public enum EventField: Sendable {
  case run(ObjectID)
  case drop(ObjectID)
  case extract(ObjectID)
  case feed(PlainName)
  case consumer(PlainName)
  case stage(Verb)
  case night(BusinessDate)
  case finding(FindingCode)
  /// Only the code of the error is written.
  case error(any CodedError)
  case exit(ExitCode)
  case epoch(Int)
  case bytes(Int)
  case count(Int)
  case milliseconds(Int)
}

/// The operator's log: one JSON object a line, typed events only, so that no value from a message can be written.
public struct EventLog: Sendable {
  private let logger: Logger

  /// Appends to the file, made with mode 0600. `clock` gives microseconds since the epoch.
  public init(appendingTo path: String, clock: @escaping @Sendable () -> Int) throws(TrustError) {
    let file = try OpenFile.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    let handler = JSONLineHandler(descriptor: LogDescriptor(file), clock: clock)
    logger = Logger(label: "compline") { _ in handler }
  }

  private init(_ logger: Logger) { self.logger = logger }

  /// Writes nothing.
  public static let silent = EventLog(Logger(label: "compline") { _ in SwiftLogNoOpLogHandler() })

  /// Writes one event. A log that cannot be written never stops a night; the audit log does.
  public func event(_ name: EventName, _ fields: [EventField] = []) {
    var metadata: Logger.Metadata = [:]
    for field in fields {
      let (key, value) = Self.pair(field)
      metadata[key] = value
    }
    logger.log(level: name == .failed ? .error : .info, Logger.Message(stringLiteral: name.rawValue), metadata: metadata)
  }

  private static func pair(_ field: EventField) -> (String, Logger.MetadataValue) {
    switch field {
    case .run(let id): ("run", .string(id.hex))
    case .drop(let id): ("drop", .string(id.hex))
    case .extract(let id): ("extract", .string(id.hex))
    case .feed(let name): ("feed", .string(name.text))
    case .consumer(let name): ("consumer", .string(name.text))
    case .stage(let verb): ("stage", .string(verb.rawValue))
    case .night(let night): ("night", .string(night.description))
    case .finding(let code): ("finding", .string(code.rawValue))
    case .error(let error): ("error", .string(error.code))
    case .exit(let code): ("exit", .stringConvertible(Int(code.rawValue)))
    case .epoch(let number): ("epoch", .stringConvertible(number))
    case .bytes(let number): ("bytes", .stringConvertible(number))
    case .count(let number): ("count", .stringConvertible(number))
    case .milliseconds(let number): ("ms", .stringConvertible(number))
    }
  }
}

/// The file of the log; one `write` a line, so that lines of several processes do not mix (O_APPEND).
private final class LogDescriptor: @unchecked Sendable {
  private let file: OpenFile
  init(_ file: OpenFile) { self.file = file }
  func write(_ line: [UInt8]) { try? file.write(line) }
}

private struct JSONLineHandler: LogHandler {
  let descriptor: LogDescriptor
  let clock: @Sendable () -> Int
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info
  var metadataProvider: Logger.MetadataProvider?

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var members: [String: JSONValue] = ["at": .string(ClinicalTime.text(instant: clock())), "event": .string(event.message.description)]
    for (key, value) in event.metadata ?? [:] {
      if case .stringConvertible(let number) = value, let number = number as? Int { members[key] = .integer(number) }
      if case .string(let text) = value { members[key] = .string(text) }
    }
    descriptor.write(JSONValue.object(members).canonical + [0x0A])
  }
}
