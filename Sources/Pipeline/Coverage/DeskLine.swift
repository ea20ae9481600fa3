import Core
import Map

/// One message as a line of JSON, for programs that compare: verdict, rows with all their fields, held rows, findings. Values are shown.
struct DeskLine {
  let plan: MapPlan
  let file: String
  let message: MappedMessage

  var json: JSONValue {
    let verdict = verdict
    var members: [String: JSONValue] = [
      "file": .string(file), "message": .integer(message.ordinal + 1), "type": .string(message.type), "verdict": .string(verdict.word),
      "rows": .array(message.rows.rows.indices.map(row)),
      "held": .array(message.heldRows.map { .object(["entity": .string(plan.dictionary.entities[$0.entity].name)].merging(Self.members($0.finding)) { $1 }) }),
      "skipped": .array(message.skipped.map { ["entity": .string(plan.dictionary.entities[$0.entity].name), "rule": .string($0.rule), "rows": .integer($0.count)] }),
      "findings": .array(message.findings.map { .object(Self.members($0)) }),
    ]
    members.merge(verdict.more) { $1 }
    return .object(members)
  }

  private var verdict: (word: String, more: [String: JSONValue]) {
    switch message.verdict {
    case .rows: ("rows", [:])
    case .filtered(let rule): ("filtered", ["rule": .string(rule)])
    case .held(let finding): ("held", Self.members(finding))
    case .rejected(let finding): ("rejected", Self.members(finding))
    }
  }

  private static func members(_ finding: Finding) -> [String: JSONValue] {
    ["code": .string(finding.code.rawValue), "at": .string(finding.position.text)]
  }

  private func row(_ number: Int) -> JSONValue {
    let row = message.rows.rows[number], entity = plan.dictionary.entities[Int(row.entity)], mapping = plan.mappings[Int(row.mapping)]
    var members: [String: JSONValue] = [
      "entity": .string(entity.name), "mapping": .string("\(mapping.id)@\(mapping.version)"), "from": .string(plan.rowPaths[Int(row.path)]),
      "occurrence": .integer(Int(row.occurrence)), "fields": .object(fields(number, entity)), "cleared": .array(cleared(number, entity)),
      "event_time": .string(ClinicalTime.text(instant: row.eventInstant)),
    ]
    if row.eventTimeIsFallback { members["event_time_is_fallback"] = true }
    if let word = RowAction.words.first(where: { $0.action == row.action })?.word { members["does"] = .string(word) }
    return .object(members)
  }

  /// As `compline export` writes them.
  private func fields(_ number: Int, _ entity: CanonicalEntity) -> [String: JSONValue] {
    let line = ExportLine(dictionary: plan.dictionary)
    var fields: [String: JSONValue] = [:]
    for cell in message.rows.cellRange(row: number).map({ message.rows.cells[$0] }) where cell.state == .value {
      let field = entity.fields[Int(cell.field)]
      fields[field.name] = line.value(Array(message.rows.bytes[Int(cell.start)..<Int(cell.start + cell.count)]), field.kind)
    }
    return fields
  }

  private func cleared(_ number: Int, _ entity: CanonicalEntity) -> [JSONValue] {
    message.rows.cellRange(row: number).map { message.rows.cells[$0] }.filter { $0.state == .null }.map { .string(entity.fields[Int($0.field)].name) }
  }
}
