import Core
import Exchange
import Trust

/// `compline spool verify`: every sealed drop opened and hashed again, against the journal.
enum SpoolCommand {
  /// The first so many are named on the screen; `--json` names all.
  private static let named = 50

  static func verify(_ path: String, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .audit)
    let spool = try Spool(folder: desk.site.folder.spool, site: try desk.site.plainName())
    let result = try SpoolVerification(spool, key: try desk.keys.load(.spool), pullKey: try desk.keys.load(.pull))
    let outcome: ExitCode = result.bad.isEmpty && result.unnamed.isEmpty ? .closed : .waiting
    try desk.record(night: nil, outcome: outcome)
    if json { Console.say(String(decoding: value(result).canonical, as: UTF8.self)) } else { say(result) }
    return outcome
  }

  private static func value(_ result: SpoolVerification) -> JSONValue {
    let bad = result.bad.map { item -> JSONValue in
      ["drop": .string(item.drop.id.hex), "feed": .string(item.drop.feed.text), "night": .string(item.drop.night.description), "condition": .string(word(item.condition))]
    }
    return ["whole": .integer(result.whole), "bytes": .integer(result.plainBytes), "bad": .array(bad), "unnamed": .array(result.unnamed.map { .string($0.hex) })]
  }

  private static func say(_ result: SpoolVerification) {
    Console.say("spool    \(result.whole) drops are whole, \(result.plainBytes) bytes; \(result.bad.count) are not")
    for item in result.bad.prefix(named) { Console.say("drop     \(item.drop.id)  \(item.drop.feed)  \(item.drop.night)  \(word(item.condition))") }
    if result.bad.count > named { Console.say("         and \(result.bad.count - named) more: --json names all") }
    for id in result.unnamed.prefix(named) { Console.say("file     \(id)  no record of the journal names it") }
    if !result.bad.isEmpty { Console.say("next     restore these files from a backup, or ask the sender for their night again") }
  }

  private static func word(_ condition: DropCondition) -> String {
    switch condition {
    case .whole: "whole"
    case .missing: "missing"
    case .damaged(let code): "damaged, \(code)"
    }
  }
}
