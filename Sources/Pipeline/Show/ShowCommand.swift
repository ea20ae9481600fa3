import Core
import Decode
import Exchange
import Map
import Store
import Trust

/// `compline show`: one message of a sealed drop as a tree.
final class ShowCommand {
  private let request: ShowRequest
  private let desk: OperatorDesk
  private var subject = AuditEntry.Subject.site
  private var night: BusinessDate?
  private var isRecorded = false
  private var messages = 0
  private var outcome: MessageTail.Outcome?
  /// Of feeds of rows.
  private var layout: RowLayout?

  static func run(_ path: String, _ request: ShowRequest) throws -> ExitCode {
    let command = ShowCommand(request, try OperatorDesk(path, request.verb))
    do { try command.show() } catch {
      try? command.record(Failure.code(error))
      throw error
    }
    return .closed
  }

  private init(_ request: ShowRequest, _ desk: OperatorDesk) {
    self.request = request
    self.desk = desk
  }

  private func show() throws {
    let drop = try find()
    guard let id = ObjectID(hex: drop.id) else { throw PipelineError("PIP-203", .internalError, "a drop's id is not an id") }
    subject = .drop(id)
    night = drop.night
    guard !drop.isControl else { throw PipelineError("PIP-413", .nothingUsable, "the drop is a control file and holds no message") }
    guard let feed = desk.site.feeds.first(where: { $0.name == drop.feed }) else {
      throw PipelineError("PIP-414", .configuration, "the drop's feed is no longer in feeds/", hint: "Without its file nobody knows the format of the drop.")
    }
    var settings = DecodeSettings(format: feed.format, charset: feed.charset)
    layout = try rowLayout(of: feed)
    settings.layout = layout
    try decode(try reader(of: id), settings, drop)
    try settle()
  }

  /// How the files of a feed of rows are laid out; nil for other formats.
  private func rowLayout(of feed: FeedFile) throws -> RowLayout? {
    guard feed.format == .csv else { return nil }
    var pins = try Pins.read(desk.site.folder.pins)
    return try MapPlan.build(desk.site.library, mappings: try pins.resolve(feed, desk.site.library).names, format: .csv, zone: feed.zone).layout
  }

  private func find() throws -> DropEntry {
    let found = try SiteStores.open(desk.site, keys: .none, epoch: nil).drops(named: request.drop)
    guard let drop = found.first else {
      throw PipelineError("PIP-412", .nothingUsable, "no drop has that id or SHA-256", hint: "A drop is known once ingest has taken it in.")
    }
    guard found.count == 1 else { throw PipelineError("PIP-412", .usage, "these bytes came to \(found.count) feeds", hint: "Name the drop by its id.") }
    return drop
  }

  private func reader(of id: ObjectID) throws -> SealedFileReader {
    try Spool(folder: desk.site.folder.spool, site: try desk.site.plainName()).reader(of: id, key: try desk.keys.load(.spool))
  }

  private func decode(_ reader: SealedFileReader, _ settings: DecodeSettings, _ drop: DropEntry) throws {
    let decoder = DropDecoder(settings)
    while outcome == nil, let chunk = try reader.next() {
      try decoder.push(chunk) { event, record in try take(event, record, drop) }
    }
    guard outcome == nil else { return }
    _ = try decoder.finish { event, record in try take(event, record, drop) }
  }

  private func take(_ event: DecodeEvent, _ record: SourceRecord, _ drop: DropEntry) throws {
    switch event {
    case .begin: messages += 1
    case .record where messages == request.message && outcome == nil: try present(record, drop)
    case .end(let tail) where messages == request.message && outcome == nil: outcome = tail.outcome
    case .record, .end, .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
    }
  }

  /// The audit knows of it before anything is shown.
  private func present(_ record: SourceRecord, _ drop: DropEntry) throws {
    if !isRecorded {
      try self.record(.closed)
      say(head(drop), ["drop": .string(drop.id), "feed": .string(drop.feed), "night": .string(drop.night.description), "message": .integer(request.message)])
    }
    if let layout {
      let part = RowTree(record.segments, layout, request.view).part
      say(part.text, part.json)
    } else if record.part == .message {
      HL7Tree(record.segments, request.view).forEachPart { say($0.text, $0.json) }
    } else {
      let part = CDATree(record.arena, request.view).part(record)
      say(part.text, part.json)
    }
  }

  private func head(_ drop: DropEntry) -> String { "message \(request.message) of drop \(drop.id), feed \(drop.feed), night \(drop.night)" }

  private func say(_ text: String, _ json: @autoclosure () -> JSONValue) {
    Console.say(request.isJSON ? String(decoding: json().canonical, as: UTF8.self) : text)
  }

  private func settle() throws {
    switch outcome {
    case .decoded: return
    case .held(let finding), .rejected(let finding):
      throw PipelineError("PIP-415", .nothingUsable, "the message cannot be shown whole: \(finding.code.rawValue), \(finding.position.text)", hint: finding.code.hint)
    case nil:
      throw PipelineError("PIP-416", .nothingUsable, "the drop has \(messages) message\(messages == 1 ? "" : "s")", hint: "They are counted from 1.")
    }
  }

  private func record(_ outcome: ExitCode) throws {
    guard !isRecorded else { return }
    isRecorded = true
    try desk.record(night: night, outcome: outcome, subject: subject, purpose: request.purpose)
  }
}
