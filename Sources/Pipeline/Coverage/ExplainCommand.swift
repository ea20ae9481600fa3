import Core
import Exchange
import Map
import Store
import Trust

/// `compline explain REF FIELD`: where one field of a row comes from. The sealed message is mapped again, by a worker without keys.
final class ExplainCommand {
  private static let patienceSeconds = 120

  private let desk: OperatorDesk
  private let request: ShowRequest
  private let ref: String
  private let field: String

  static func run(_ path: String, ref: String, field: String, reveal: Bool, purpose: String?) throws -> ExitCode {
    let request = try ShowRequest(drop: ref, message: 1, reveal: reveal, purpose: purpose, json: false)
    guard ref.utf8.count == 32 else {
      throw PipelineError("PIP-404", .usage, "the ref is not 32 hexadecimal digits", hint: "Take it from an export; identifiers of persons are refused on the command line.")
    }
    return try ExplainCommand(try OperatorDesk(path, reveal ? .reveal : .trace), request, ref, field).explain()
  }

  private init(_ desk: OperatorDesk, _ request: ShowRequest, _ ref: String, _ field: String) {
    self.desk = desk
    self.request = request
    self.ref = ref
    self.field = field
  }

  /// The newest assertion that says something of the field.
  private func explain() throws -> ExitCode {
    let entries = try SiteStores.open(desk.site, keys: .none, epoch: nil).trace(ref: ref)
    guard !entries.isEmpty else {
      try desk.record(night: nil, outcome: .nothingUsable)
      throw PipelineError("PIP-405", .nothingUsable, "no row has that ref", hint: "Take the ref of a row from an export.")
    }
    for entry in entries.reversed() {
      guard let text = try explain(entry) else { continue }
      try desk.record(night: entry.night, outcome: .closed, purpose: request.purpose)
      Console.say(text)
      return .closed
    }
    try desk.record(night: nil, outcome: .nothingUsable)
    throw PipelineError("PIP-441", .nothingUsable, "no message says anything of that field of the row", hint: "compline trace names the messages; docs/formats/dictionary.md the fields.")
  }

  private func explain(_ entry: TraceEntry) throws -> String? {
    guard let feed = desk.site.feeds.first(where: { $0.name == entry.feed }) else {
      throw PipelineError("PIP-414", .configuration, "the drop's feed is no longer in feeds/", hint: "Without its file nobody knows the format of the drop.")
    }
    let names = try names(entry, feed)
    let plan = try MapPlan.build(desk.site.library, mappings: names, format: feed.format, zone: feed.zone)
    guard let message = try message(entry, feed, names, plan), let cell = cell(entry, message, plan) else { return nil }
    let rules = try CoverageRules(plan, desk.site.library)
    return text(entry, cell, rules)
  }

  /// What the feed reads now; where that has the mapping in another version, the mapping as it was.
  private func names(_ entry: TraceEntry, _ feed: FeedFile) throws -> [String] {
    var pins = try Pins.read(desk.site.folder.pins)
    let names = try pins.resolve(feed, desk.site.library, on: entry.night).names
    let plan = try MapPlan.build(desk.site.library, mappings: names, format: feed.format, zone: feed.zone)
    if plan.mappings.contains(where: { $0.id == entry.mapping.id && $0.version == entry.mapping.version }) { return names }
    let others = plan.mappings.filter { $0.id != entry.mapping.id }.map { "\($0.id)@\($0.version)" }
    return others + ["\(entry.mapping.id)@\(entry.mapping.version)"]
  }

  // MARK: The message

  private func message(_ entry: TraceEntry, _ feed: FeedFile, _ names: [String], _ plan: MapPlan) throws -> MappedMessage? {
    guard let id = ObjectID(hex: entry.dropID) else { throw PipelineError("PIP-203", .internalError, "a drop's id is not an id") }
    let reader = try Spool(folder: desk.site.folder.spool, site: try desk.site.plainName()).reader(of: id, key: try desk.keys.load(.spool))
    var writer = ByteWriter()
    desk.site.library.write(to: &writer)
    let setup = WorkerSetup(
      library: writer.bytes, mappings: names, format: feed.format, charset: feed.charset ?? "", zone: ZoneFile.bytes(feed.zoneName) ?? [], businessDate: entry.night)
    let worker = try WorkerClient(setup: setup, dictionary: plan.dictionary, patienceSeconds: Self.patienceSeconds)
    defer { worker.stop() }
    var found: MappedMessage?
    do {
      _ = try worker.run(trap: false) { try reader.next() } take: { output in
        if case .message(let message) = output, message.ordinal == entry.messageOrdinal { found = message }
      }
    } catch is WorkerFailure { throw PipelineError("PIP-442", .internalError, "the decode worker stopped on the drop") }
    return found
  }

  private struct Cell {
    var entity: CanonicalEntity
    var field: Int
    var mapping: Int
    /// Nil where the message clears the field.
    var value: [UInt8]?
  }

  private func cell(_ entry: TraceEntry, _ message: MappedMessage, _ plan: MapPlan) -> Cell? {
    for number in message.rows.rows.indices {
      let row = message.rows.rows[number], mapping = plan.mappings[Int(row.mapping)], entity = plan.dictionary.entities[Int(row.entity)]
      guard mapping.id == entry.mapping.id, plan.rowPaths[Int(row.path)] == entry.rowPath, Int(row.occurrence) == entry.occurrence,
        let field = entity.index(of: field)
      else { continue }
      switch message.rows.cell(row: number, field: field).state {
      case .absent: continue
      case .null: return Cell(entity: entity, field: field, mapping: Int(row.mapping), value: nil)
      case .value: return Cell(entity: entity, field: field, mapping: Int(row.mapping), value: Array(message.rows.value(row: number, field: field)))
      }
    }
    return nil
  }

  // MARK: The answer

  private func text(_ entry: TraceEntry, _ cell: Cell, _ rules: CoverageRules) -> String {
    let field = cell.entity.fields[cell.field]
    let place = rules.place(of: "\(cell.entity.name).\(field.name)", in: cell.mapping)
    return """
      field    \(cell.entity.name).\(field.name): \(shown(cell.value, field.kind))
      mapping  \(entry.mapping.id)@\(entry.mapping.version), \(place)
      line     \(line(at: place))
      source   \(entry.rowPath), occurrence \(entry.occurrence), of message \(entry.messageOrdinal + 1) (\(entry.messageType)) at byte \(entry.messageByteOffset)
      drop     \(entry.dropID), feed \(entry.feed), night \(entry.night)
      """
  }

  private func shown(_ value: [UInt8]?, _ kind: CanonicalField.Kind) -> String {
    guard let value else { return "(cleared by the message)" }
    switch kind {
    case .reference: return (RowKey.parts(value) ?? []).map { plain($0) }.joined(separator: " ")
    case .date, .time: return request.view.text(value, isTime: true)
    default: return plain(value)
    }
  }

  private func plain(_ value: [UInt8]) -> String { request.view.text(value.map { $0 == 0x1F ? UInt8(ascii: "@") : $0 }) }

  /// The line of the mapping file as written.
  private func line(at place: String) -> String {
    let parts = place.split(separator: ":")
    guard parts.count == 2, let number = Int(parts[1]), let bytes = desk.site.library[String(parts[0].dropFirst("Mappings/".count))] else { return "" }
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.indices.contains(number - 1) else { return "" }
    return String(decoding: lines[number - 1].drop { $0 == 0x20 }, as: UTF8.self)
  }
}
