import Core
import Map
import Trust

/// `compline mapping run`: a mapping over a message of the analyst's own, without a site; values are shown.
enum MappingRunCommand {
  private static let maximumBytes = 64 << 20

  static func run(_ name: String, on file: String, mappings: String?, zone: String) throws -> ExitCode {
    let desk = try MappingDesk(name, folder: mappings, zone: zone)
    var run = try DeskRun(desk)
    var count = 0, rows = 0
    let plan = run.plan, rules = run.rules
    try run.run(try message(file, desk.format), desk.format) { message, tally in
      count += 1
      rows += message.rows.rows.count
      Console.say(DeskReport(plan: plan, rules: rules, message: message, tally: tally).text)
    }
    guard count > 0 else { throw PipelineError("PIP-434", .nothingUsable, "no message was found in the file", hint: "An HL7 v2 message begins with MSH; a document with ClinicalDocument, a resource with {.") }
    return rows > 0 ? .closed : .waiting
  }

  /// Writes one line of JSON a message. The files are read as a feed reads them, not as a pasted text.
  ///
  /// - Returns: 65 where none of the files holds a message.
  static func write(_ name: String, on files: [String], mappings: String?, zone: String) throws -> ExitCode {
    let desk = try MappingDesk(name, folder: mappings, zone: zone)
    var run = try DeskRun(desk)
    let plan = run.plan
    var count = 0, rows = 0
    for file in files {
      try run.run(try DurableFile.read(file, maximumBytes: maximumBytes), desk.format) { message, _ in
        count += 1
        rows += message.rows.rows.count
        Console.say(String(decoding: DeskLine(plan: plan, file: file, message: message).json.canonical, as: UTF8.self))
      }
    }
    return count == 0 ? .nothingUsable : rows > 0 ? .closed : .waiting
  }

  /// A pasted message has the line ends of the clipboard, and often blanks before its lines.
  private static func message(_ file: String, _ format: SourceFormat) throws -> [UInt8] {
    let bytes = try DurableFile.read(file, maximumBytes: maximumBytes)
    guard format == .hl7v2 else { return bytes }
    let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }.map { Array($0.drop { $0 == 0x20 || $0 == 0x09 }) }.filter { !$0.isEmpty }
    return lines.flatMap { $0 + [0x0D] }
  }
}

/// One message as an analyst reads it: its rows, its populated places, its findings.
struct DeskReport {
  let plan: MapPlan
  let rules: CoverageRules
  let message: MappedMessage
  let tally: FeedTally

  var text: String {
    ([head] + rowLines + heldLines + findingLines + placeLines).joined(separator: "\n") + "\n"
  }

  static func messages(_ count: Int) -> String { "\(count) \(count == 1 ? "message" : "messages")" }

  private var head: String {
    let verdict = switch message.verdict {
    case .rows: "\(message.rows.rows.count) \(message.rows.rows.count == 1 ? "row" : "rows"), \(message.heldRows.count) held"
    case .filtered(let rule): "filtered by \(rule)"
    case .held(let finding): "held: \(finding.code.rawValue) at \(finding.position.text)"
    case .rejected(let finding): "rejected: \(finding.code.rawValue) at \(finding.position.text)"
    }
    return "message \(message.ordinal + 1), \(message.type.isEmpty ? "no type" : message.type): \(verdict)"
  }

  // MARK: Rows

  private var rowLines: [String] {
    message.rows.rows.indices.flatMap { number -> [String] in
      let row = message.rows.rows[number], entity = plan.dictionary.entities[Int(row.entity)], mapping = plan.mappings[Int(row.mapping)]
      let does = RowAction.words.first { $0.action == row.action }.map { ", does \($0.word)" } ?? ""
      // The header of a document and a whole resource come once, and have no number.
      let ordinal = row.occurrence > 0 ? " \(row.occurrence)" : ""
      let head = "", title = "\(entity.name), from \(plan.rowPaths[Int(row.path)])\(ordinal), by \(mapping.id)@\(mapping.version)\(does)"
      return [head, title] + message.rows.cellRange(row: number).map { cell($0, entity, Int(row.mapping)) }
    }
  }

  private func cell(_ index: Int, _ entity: CanonicalEntity, _ mapping: Int) -> String {
    let cell = message.rows.cells[index], field = entity.fields[Int(cell.field)]
    let value = Array(message.rows.bytes[Int(cell.start)..<Int(cell.start + cell.count)])
    let shown = cell.state == .null ? "(cleared)" : shown(value, field.kind)
    return "  \(Self.padded(field.name, 18)) \(Self.padded(shown, 34)) \(rules.place(of: "\(entity.name).\(field.name)", in: mapping))"
  }

  /// A reference as its target's key, as examples write it; what that key refers to itself, as the patient of a visit, is left out.
  private func shown(_ value: [UInt8], _ kind: CanonicalField.Kind) -> String {
    guard case .reference(let name) = kind, let target = plan.dictionary[name] else { return Self.text(value) }
    let own = zip(target.keyFields, RowKey.parts(value) ?? []).filter { !target.fields[$0.0].isReference }
    return own.map { Self.text($0.1) }.joined(separator: " ")
  }

  private static func text(_ value: [UInt8]) -> String { ValueView.revealed.text(value.map { $0 == 0x1F ? UInt8(ascii: "@") : $0 }) }

  static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

  private var heldLines: [String] {
    message.heldRows.isEmpty ? [] : ["", "held rows"] + message.heldRows.map {
      "  \(plan.dictionary.entities[$0.entity].name): \($0.finding.code.rawValue) at \($0.finding.position.text). \($0.finding.code.hint)"
    }
  }

  private var findingLines: [String] {
    let skipped = message.skipped.map { "  \(plan.dictionary.entities[$0.entity].name): \($0.count) skipped by rule \($0.rule)" }
    let codes = tally.list(.unmapped).map { "  \($0.item.path): '\($0.item.value)' stands not in \($0.item.scope)" }
    let findings = message.findings.map { "  \($0.code.rawValue) at \($0.position.text)" }
    return skipped.isEmpty && codes.isEmpty && findings.isEmpty ? [] : ["", "findings"] + findings + codes + skipped
  }

  // MARK: Places

  private var placeLines: [String] {
    let fields = tally.list(.field)
    let counts = FeedTally.Fate.allCases.map { fate in "\(fields.count { $0.sight.fate == fate }) \(Self.word(fate))" }
    return ["", "populated places: " + [counts[1], counts[2], counts[0]].joined(separator: ", ")] + fields.map { place($0.item, $0.sight) }
  }

  private func place(_ item: FeedTally.Item, _ sight: FeedTally.Sight) -> String {
    let why = switch sight.fate {
    case .read: rules.reader(of: item.path, in: item.scope).map { "by \($0.target), \(rules.place(of: $0.target, in: $0.mapping))" } ?? ""
    case .ignored: sight.reason
    case .unread: "no line reads or ignores it"
    }
    return "  \(Self.padded(item.path, 18)) \(Self.padded(Self.word(sight.fate), 8)) \(why)"
  }

  static func word(_ fate: FeedTally.Fate) -> String {
    switch fate {
    case .read: "read"
    case .ignored: "ignored"
    case .unread: "unread"
    }
  }
}
