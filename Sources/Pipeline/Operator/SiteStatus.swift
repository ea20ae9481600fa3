import Core
import Reconcile
import Store
import Trust

/// `compline status`: how a night stands, from the ledger.
enum SiteStatus {
  static func run(_ path: String, night text: String?, exceptions: Bool, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .status)
    let asked = try NightChoice.resolve(text, site: desk.site)
    let night = text == nil ? try RunNights.shown(for: asked, desk.site.folder) : asked
    let store = try SiteStores.open(desk.site, keys: .none, epoch: nil)
    let judgement = try ReconcileStage.judge(desk.site, night, store)
    let face = StatusFace(statement: Statement(site: desk.site.configuration.site, judgement: judgement), asked: asked, exceptions: exceptions ? try store.exceptions(night: night) : nil)
    Console.say(json ? String(decoding: face.json.canonical, as: UTF8.self) : face.text)
    try desk.record(night: night, outcome: judgement.exitCode)
    return judgement.exitCode
  }
}

/// The nights that have a statement.
enum RunNights {
  /// Ascending.
  static func all(_ folder: SiteFolder) throws -> [BusinessDate] {
    try Folder.names(folder.variable + "/statements").compactMap { BusinessDate($0) }.filter { DurableFile.exists(folder.statements($0) + "/statement.json") }.sorted()
  }

  /// The night itself where it ran, else the last one before it that did; the night itself where none did.
  static func shown(for night: BusinessDate, _ folder: SiteFolder) throws -> BusinessDate { try all(folder).last { $0 <= night } ?? night }
}

/// What `status` prints.
struct StatusFace {
  let statement: Statement
  /// The night that is due; another one is shown where it has not run.
  let asked: BusinessDate
  /// Nil where nobody asked for them.
  let exceptions: [ExceptionEntry]?

  private var shown: BusinessDate { statement.judgement.night }

  var text: String {
    var text = asked == shown ? "" : "night \(asked) has not run; the last night that ran is \(shown)\n\n"
    text += statement.summary()
    guard let exceptions else { return text }
    for item in exceptions { text += line(item) }
    if !exceptions.isEmpty { text += "\nEach line begins with the ref of the exception. compline trace takes the ref of a row, from an export.\n" }
    return text
  }

  private func line(_ item: ExceptionEntry) -> String {
    let message = item.messageOrdinal.map { "message \($0 + 1)" } ?? "whole drop"
    let entity = item.entity.map { " \($0)" } ?? ""
    let number = number(of: item).map { "drop \($0)" } ?? "drop"
    return "\(item.ref)  \(item.code.rawValue)\(entity)  \(item.feed), \(number) (\(item.dropID)), \(message)  \(item.position.text)  (\(item.ownerRole))\n    \(item.code.hint)\n"
  }

  /// The number that the statement gives the drop: its place among the feed's, one-based.
  private func number(of item: ExceptionEntry) -> Int? {
    statement.judgement.feeds.first { $0.feed == item.feed }?.ledger.drops.firstIndex { $0.id == item.dropID }.map { $0 + 1 }
  }

  var json: JSONValue {
    guard case .object(var members) = statement.json else { return statement.json }
    if asked != shown { members["night_not_run"] = .string(asked.description) }
    if let exceptions { members["exception_list"] = .array(exceptions.map(object)) }
    return .object(members)
  }

  private func object(_ item: ExceptionEntry) -> JSONValue {
    [
      "ref": .string(item.ref), "code": .string(item.code.rawValue), "feed": .string(item.feed), "drop": .string(item.dropID),
      "drop_number": number(of: item).map { .integer($0) } ?? .null, "message": item.messageOrdinal.map { .integer($0 + 1) } ?? .null,
      "entity": item.entity.map { .string($0) } ?? .null, "position": .string(item.position.text), "owner_role": .string(item.ownerRole),
      "hint": .string(item.code.hint),
    ]
  }
}
