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
  private let night: String?

  static func run(_ path: String, ref: String, field: String, asKnownOn night: String?, reveal: Bool, purpose: String?) throws -> ExitCode {
    let request = try ShowRequest(drop: ref, message: 1, reveal: reveal, purpose: purpose, json: false)
    guard ref.utf8.count == 32 else {
      throw PipelineError("PIP-404", .usage, "the ref is not 32 hexadecimal digits", hint: "Take it from an export; identifiers of persons are refused on the command line.")
    }
    return try ExplainCommand(try OperatorDesk(path, reveal ? .reveal : .trace), request, ref, field, night).explain()
  }

  private init(_ desk: OperatorDesk, _ request: ShowRequest, _ ref: String, _ field: String, _ night: String?) {
    self.desk = desk
    self.request = request
    self.ref = ref
    self.field = field
    self.night = night
  }

  /// The newest assertion that says something of the field.
  private func explain() throws -> ExitCode {
    try requireField()
    let store = try SiteStores.open(desk.site, keys: .none, epoch: nil)
    let entries = try KnownNight.resolve(night, desk.site).map { try store.trace(ref: ref, asKnownOn: $0) } ?? store.trace(ref: ref)
    guard !entries.isEmpty else {
      try desk.record(night: nil, outcome: .nothingUsable)
      throw PipelineError("PIP-405", .nothingUsable, "no row has that ref", hint: "Take the ref of a row from an export.")
    }
    try requireField(of: entries[0].entity)
    for entry in entries.reversed() {
      guard let text = try explain(entry) else { continue }
      try desk.record(night: entry.night, outcome: .closed, purpose: request.purpose)
      Console.say(text)
      return .closed
    }
    try desk.record(night: nil, outcome: .nothingUsable)
    throw PipelineError("PIP-441", .nothingUsable, "no message says anything of that field of the row", hint: "No sender filled it, or what filled it was taken back. compline trace names the messages.")
  }

  /// - Throws: PIP-443 where no entity has a field of that name, with the nearest one.
  private func requireField() throws {
    let known = Set(desk.site.dictionary.entities.flatMap { $0.fields.map(\.name) }).sorted()
    guard !known.contains(field), let near = known.min(by: { Spelling.distance($0, field) < Spelling.distance($1, field) }) else { return }
    throw PipelineError("PIP-443", .usage, "no entity has a field of that name", hint: "Did you mean '\(near)'? docs/formats/dictionary.md lists them.")
  }

  /// - Throws: PIP-443 where the row's entity has no such field, with the nearest one that it has.
  private func requireField(of name: String) throws {
    let known = (desk.site.dictionary[name]?.fields ?? []).map(\.name)
    guard !known.isEmpty, !known.contains(field), let near = known.min(by: { Spelling.distance($0, field) < Spelling.distance($1, field) }) else { return }
    try desk.record(night: nil, outcome: .usage)
    throw PipelineError("PIP-443", .usage, "the row is one of \(name), which has no field of that name", hint: "Did you mean '\(near)'? docs/formats/dictionary.md lists them.")
  }

  private func explain(_ entry: TraceEntry) throws -> String? {
    guard let feed = desk.site.feeds.first(where: { $0.name == entry.feed }) else {
      throw PipelineError("PIP-414", .configuration, "the drop's feed is no longer in feeds/", hint: "Without its file nobody knows the format of the drop.")
    }
    let names = try names(entry, feed)
    let plan = try MapPlan.build(desk.site.library, mappings: names, format: feed.format, zone: feed.zone, feed: feed.name)
    guard let (message, sources) = try message(entry, feed, names, plan), let cell = try cell(entry, message, plan) else { return nil }
    guard case .joined(let source, let place) = sources[cell.row], plan.mappings.indices.contains(place.mapping), plan.rowPaths.indices.contains(place.path) else {
      let origin = try ValueOrigin(plan, desk.site.library, mapping: cell.mapping, entity: cell.entity.name, field: field, source: sources[cell.row], type: message.type)
      return text(entry, cell, origin)
    }
    let origin = try ValueOrigin(plan, desk.site.library, mapping: place.mapping, entity: cell.entity.name, field: field, source: source, type: message.type)
    var other = entry
    other.mapping = MappingRef(id: plan.mappings[place.mapping].id, version: plan.mappings[place.mapping].version, digest: plan.mappings[place.mapping].digest)
    (other.rowPath, other.occurrence) = (plan.rowPaths[place.path], place.occurrence)
    return text(other, cell, origin) + "\njoined   to \(entry.place), which names the same key (repeated: agree)"
  }

  /// What the feed reads now; where that has the mapping in another version, or another one that an overlay stands over, the mapping as it was.
  private func names(_ entry: TraceEntry, _ feed: FeedFile) throws -> [String] {
    var pins = try Pins.read(desk.site.folder.pins)
    let names = try pins.resolve(feed, desk.site.library, on: entry.night).names
    let plan = try MapPlan.build(desk.site.library, mappings: names, format: feed.format, zone: feed.zone, feed: feed.name)
    if plan.mappings.contains(where: { $0.id == entry.mapping.id && $0.version == entry.mapping.version }) { return names }
    let own = "\(entry.mapping.id)@\(entry.mapping.version)", all = plan.mappings.map { "\($0.id)@\($0.version)" }
    let same = Set(try all.filter { try desk.site.library.areOne($0, own) })
    guard let place = all.firstIndex(where: { same.contains($0) }) else { return all + [own] }
    return Array(all[..<place]) + [own] + all[(place + 1)...].filter { !same.contains($0) }
  }

  // MARK: The message

  /// The message, and what gave the field of its rows.
  private func message(_ entry: TraceEntry, _ feed: FeedFile, _ names: [String], _ plan: MapPlan) throws -> (MappedMessage, [Int: CellSource])? {
    guard let id = ObjectID(hex: entry.dropID) else { throw PipelineError("PIP-203", .internalError, "a drop's id is not an id") }
    let reader = try Spool(folder: desk.site.folder.spool, site: try desk.site.plainName()).reader(of: id, key: try desk.keys.load(.spool))
    var writer = ByteWriter()
    desk.site.library.write(to: &writer)
    var setup = WorkerSetup(
      library: writer.bytes, mappings: names, format: feed.format, charset: feed.charset ?? "", zone: ZoneFile.bytes(feed.zoneName) ?? [],
      feed: feed.name, businessDate: entry.night)
    setup.traced = traced(entry, plan)
    setup.server = feed.server
    setup.envelope = feed.envelope
    let worker = try WorkerClient(setup: setup, dictionary: plan.dictionary, patienceSeconds: Self.patienceSeconds)
    defer { worker.stop() }
    var found: (MappedMessage, [Int: CellSource])?, sources: [Int: CellSource] = [:]
    do {
      _ = try worker.run(trap: false) { try reader.next() } take: { output in
        if case .sources(let next) = output { sources = next }
        if case .message(let message) = output, message.ordinal == entry.messageOrdinal { found = (message, sources) }
      }
    } catch is WorkerFailure { throw PipelineError("PIP-442", .internalError, "the decode worker stopped on the drop") }
    return found
  }

  /// The field of the row's entity.
  private func traced(_ entry: TraceEntry, _ plan: MapPlan) -> TracedField? {
    guard let entity = plan.dictionary.entities.firstIndex(where: { $0.name == entry.entity }) else { return nil }
    return plan.dictionary.entities[entity].index(of: field).map { TracedField(entity: entity, field: $0) }
  }

  private struct Cell {
    var row: Int
    var entity: CanonicalEntity
    var field: Int
    var mapping: Int
    /// Nil where the message clears the field.
    var value: [UInt8]?
  }

  private func cell(_ entry: TraceEntry, _ message: MappedMessage, _ plan: MapPlan) throws -> Cell? {
    let rows = message.rows.rows.indices.filter { number in
      let row = message.rows.rows[number], mapping = plan.mappings[Int(row.mapping)]
      return plan.dictionary.entities[Int(row.entity)].name == entry.entity && mapping.id == entry.mapping.id
        && plan.rowPaths[Int(row.path)] == entry.rowPath && Int(row.occurrence) == entry.occurrence
    }
    // A row that was moved has another key than its message says.
    guard let number = rows.count > 1 && !entry.isMoved ? try own(rows, message, plan) : rows.first else { return nil }
    let row = message.rows.rows[number], entity = plan.dictionary.entities[Int(row.entity)]
    guard let field = entity.index(of: field) else { return nil }
    let state = message.rows.cell(row: number, field: field).state
    guard state != .absent else { return nil }
    let value = state == .null ? nil : Array(message.rows.value(row: number, field: field))
    return Cell(row: number, entity: entity, field: field, mapping: Int(row.mapping), value: value)
  }

  /// Of the rows that one segment or entry makes, the one that has the ref: only its key tells.
  private func own(_ rows: [Int], _ message: MappedMessage, _ plan: MapPlan) throws -> Int? {
    let store = try SiteStores.open(desk.site, keys: StoreKeys(columns: [:], index: try desk.keys.load(.index)), epoch: nil)
    return try rows.first { number in
      let entity = plan.dictionary.entities[Int(message.rows.rows[number].entity)]
      return try message.rows.key(row: number, entity: entity).map { try store.ref(of: entity.name, key: $0) == ref } ?? false
    }
  }

  // MARK: The answer

  private func text(_ entry: TraceEntry, _ cell: Cell, _ origin: ValueOrigin) -> String {
    let field = cell.entity.fields[cell.field]
    let lines = ["field    \(cell.entity.name).\(field.name): \(shown(cell.value, field.kind))\(note(cell.value))"] + origin.lines(of: "\(entry.mapping.id)@\(entry.mapping.version)") + [
      "source   \(entry.place), of message \(entry.messageOrdinal + 1) (\(entry.messageType)) at byte \(entry.messageByteOffset)",
      "drop     \(entry.dropID), feed \(entry.feed), night \(entry.night)",
    ] + entry.notes
    return lines.joined(separator: "\n")
  }

  private func shown(_ value: [UInt8]?, _ kind: CanonicalField.Kind) -> String {
    guard let value else { return "(cleared by the message)" }
    switch kind {
    case .reference: return (RowKey.parts(value) ?? []).map { plain($0) }.joined(separator: " ")
    case .date, .time: return request.view.text(value, isTime: true)
    default: return plain(value)
    }
  }

  /// A shape may look like a value.
  private func note(_ value: [UInt8]?) -> String { value != nil && request.view == .masked ? "  (shape; --reveal shows it)" : "" }

  private func plain(_ value: [UInt8]) -> String { request.view.text(value.map { $0 == 0x1F ? UInt8(ascii: "@") : $0 }) }
}
