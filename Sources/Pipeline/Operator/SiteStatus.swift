import Core
import Reconcile
import Store
import Trust

/// `compline status`: how a night stands, from the ledger.
enum SiteStatus {
  static func run(_ path: String, night text: String?, exceptions: Bool, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .status)
    let night = try NightChoice.resolve(text, site: desk.site)
    let store = try SiteStores.open(desk.site, keys: .none, epoch: nil)
    let judgement = try ReconcileStage.judge(desk.site, night, store)
    let statement = Statement(site: desk.site.configuration.site, judgement: judgement)
    let list = exceptions ? try store.exceptions(night: night) : []
    if json {
      var value = statement.json
      if exceptions, case .object(var members) = value {
        members["exception_list"] = .array(list.map(object))
        value = .object(members)
      }
      Console.say(String(decoding: value.canonical, as: UTF8.self))
    } else {
      Console.say(statement.summary())
      for item in list { Console.say(line(item)) }
    }
    try desk.record(night: night, outcome: judgement.exitCode)
    return judgement.exitCode
  }

  private static func object(_ item: ExceptionEntry) -> JSONValue {
    [
      "ref": .string(item.ref), "code": .string(item.code.rawValue), "feed": .string(item.feed), "drop": .string(item.dropID),
      "message": item.messageOrdinal.map { .integer($0 + 1) } ?? .null, "entity": item.entity.map { .string($0) } ?? .null,
      "position": .string(item.position.text), "owner_role": .string(item.ownerRole), "hint": .string(item.code.hint),
    ]
  }

  private static func line(_ item: ExceptionEntry) -> String {
    let message = item.messageOrdinal.map { "message \($0 + 1)" } ?? "whole drop"
    let entity = item.entity.map { " \($0)" } ?? ""
    return "\(item.ref)  \(item.code.rawValue)\(entity)  \(item.feed), drop \(item.dropID), \(message)  \(item.position.text)  (\(item.ownerRole))"
  }
}
