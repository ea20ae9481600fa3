import Core
import Extract
import Reconcile
import Store

/// `compline status --withheld`: the rows that each consumer was not sent in a night, by their refs. Never a value.
struct WithheldList {
  /// Rows of one consumer that are listed; the statement counts all.
  static let most = 1_000

  private struct Part {
    var consumer: ConsumerJudgement
    var rows: [WithheldRow]
    var file: ConsumerFile?

    var left: Int { max((consumer.ledger?.withheld.values.reduce(0, +) ?? 0) - rows.count, 0) }
  }

  private let parts: [Part]

  init(_ judgement: Judgement, _ site: Site, _ store: SiteStore) throws {
    parts = try judgement.consumers.map { consumer in
      let rows = try store.withheldRows(consumer: consumer.consumer, night: judgement.night, limit: Self.most)
      return Part(consumer: consumer, rows: rows, file: site.consumers.first { $0.consumer == consumer.consumer })
    }
  }

  var text: String {
    guard parts.contains(where: { !$0.rows.isEmpty }) else { return "\nNo row is withheld.\n" }
    return "\n" + parts.map(Self.text).joined() + "\nA line begins with the ref of a row: compline trace says which message of which drop it comes from.\n"
  }

  /// What to do stands once, behind the last of the lines of one reason.
  private static func text(_ part: Part) -> String {
    var text = ""
    for (index, row) in part.rows.enumerated() {
      text += "\(row.ref)  \(row.reason) \(row.entity)  \(part.consumer.consumer)\n"
      if index + 1 == part.rows.count || part.rows[index + 1].reason != row.reason { text += "    \(hint(row, part))\n" }
    }
    return text + (part.left == 0 ? "" : "    and \(part.left) more rows of \(part.consumer.consumer), which are counted and not listed\n")
  }

  private static func hint(_ row: WithheldRow, _ part: Part) -> String {
    let name = part.consumer.consumer
    if row.isWithdrawn { return "Nobody speaks of the row any more, and the consumer has it: tell \(name)." }
    if let refusal = BreakCode(rawValue: row.reason) { return refusal.hint + " The rows stay due." }
    guard let field = part.file?.specification.require.first(where: { $0.reason == row.reason })?.field else {
      return "consumers/\(name).yaml does not ask for this any more: the row goes out with the next extract."
    }
    return "consumers/\(name).yaml requires '\(field)', which the row lacks: ask its sender. It goes out in the night in which it has one."
  }

  /// One object a row, those that are listed.
  var json: JSONValue {
    .array(parts.flatMap { part in
      part.rows.map { row -> JSONValue in
        ["consumer": .string(part.consumer.consumer), "reason": .string(row.reason), "entity": .string(row.entity), "ref": .string(row.ref), "hint": .string(Self.hint(row, part))]
      }
    })
  }
}
