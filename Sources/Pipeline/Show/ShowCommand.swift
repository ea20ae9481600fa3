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
    let result = try decode(try reader(of: id), feed, drop)
    try sayDocuments(drop)
    try settle(result)
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

  /// The drop goes through a worker without keys, as in the night: what hides in it meets no key.
  private func decode(_ reader: SealedFileReader, _ feed: FeedFile, _ drop: DropEntry) throws -> ShowResult {
    var order = ShowOrder(format: feed.format, charset: feed.charset ?? "", message: request.message, view: request.view, isJSON: request.isJSON)
    order.envelope = feed.envelope
    order.rows = try rows(of: feed, on: drop.night)
    do { return try ShowClient(order).run { try reader.next() } take: { try present($0, drop) } } catch is WorkerFailure {
      throw PipelineError("PIP-417", .nothingUsable, "the decoder broke off over this drop", hint: "Its bytes lie sealed as they came; the night holds such a drop.")
    }
  }

  /// The mappings of a feed of rows, which say how its files are laid out; nil for other formats.
  private func rows(of feed: FeedFile, on night: BusinessDate) throws -> WorkerSetup? {
    guard feed.format == .csv else { return nil }
    var pins = try Pins.read(desk.site.folder.pins), writer = ByteWriter()
    let mappings = try pins.resolve(feed, desk.site.library, on: night).names
    desk.site.library.write(to: &writer)
    return WorkerSetup(
      library: writer.bytes, mappings: mappings, format: .csv, charset: feed.charset ?? "", zone: ZoneFile.bytes(feed.zoneName) ?? [], feed: feed.name,
      businessDate: BusinessDate(daysSinceEpoch: 0))
  }

  /// The audit knows of it before anything is shown.
  private func present(_ part: String, _ drop: DropEntry) throws {
    if !isRecorded {
      try record(.closed)
      say(head(drop), ["drop": .string(drop.id), "feed": .string(drop.feed), "night": .string(drop.night.description), "message": .integer(request.message), "values": .string(request.view == .masked ? "shapes" : "clear")])
      if request.view == .masked, !request.isJSON { Console.say("values are shapes: A a letter, 9 a digit; --reveal --purpose PURPOSE shows them") }
    }
    Console.say(part)
  }

  /// The files that the message carried, where it was loaded: they lie sealed beside the store.
  private func sayDocuments(_ drop: DropEntry) throws {
    guard isRecorded else { return }
    let all = try SiteStores.open(desk.site, keys: .none, epoch: nil).attachments(drop: drop.id).filter { $0.messageOrdinal == request.message - 1 }
    for line in all.map({ DocumentLine($0) }) { say(line.text, line.json) }
  }

  private func head(_ drop: DropEntry) -> String { "message \(request.message) of drop \(drop.id), feed \(drop.feed), night \(drop.night)" }

  private func say(_ text: String, _ json: @autoclosure () -> JSONValue) {
    Console.say(request.isJSON ? String(decoding: json().canonical, as: UTF8.self) : text)
  }

  private func settle(_ result: ShowResult) throws {
    switch result.outcome {
    case .decoded: return
    case .held(let finding), .rejected(let finding):
      throw PipelineError("PIP-415", .nothingUsable, "the message cannot be shown whole: \(finding.code.rawValue), \(finding.position.text)", hint: finding.code.hint)
    case nil:
      throw PipelineError("PIP-416", .nothingUsable, "the drop has \(result.messages) message\(result.messages == 1 ? "" : "s")", hint: "They are counted from 1.")
    }
  }

  private func record(_ outcome: ExitCode) throws {
    guard !isRecorded else { return }
    isRecorded = true
    try desk.record(night: night, outcome: outcome, subject: subject, purpose: request.purpose)
  }
}
