import Core
import Reconcile
import Store
import Trust

/// `compline status`: how a night stands, from the ledger.
enum SiteStatus {
  static func run(_ path: String, night text: String?, lists: StatusLists, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .status)
    let asked = try NightChoice.resolve(text, site: desk.site)
    let night = text == nil ? try RunNights.shown(for: asked, desk.site.folder) : asked
    let store = try SiteStores.open(desk.site, keys: .none, epoch: nil)
    let judgement = try ReconcileStage.judge(desk.site, night, store)
    guard !judgement.isOfNothing else {
      let face = NightNotRun(night: night, last: try RunNights.all(desk.site.folder).last)
      Console.say(json ? String(decoding: face.json.canonical, as: UTF8.self) : face.text)
      try desk.record(night: night, outcome: .waiting)
      return .waiting
    }
    let withheld = lists.contains(.withheld) ? try WithheldList(judgement, desk.site, store) : nil
    let face = StatusFace(
      statement: Statement(site: desk.site.configuration.site, judgement: judgement), asked: asked, listsExceptions: lists.contains(.exceptions), withheld: withheld)
    Console.say(json ? String(decoding: face.json.canonical, as: UTF8.self) : face.text)
    try desk.record(night: night, outcome: judgement.exitCode)
    return judgement.exitCode
  }
}

extension Judgement {
  /// True where the ledger knows no run, no look and no drop of the night: what is missing in it says nothing.
  fileprivate var isOfNothing: Bool { runs.isEmpty && feeds.allSatisfy { !$0.ledger.looked && $0.ledger.drops.isEmpty && $0.ledger.dropsPending == 0 } }
}

/// What `status` prints of a night that nobody ran.
struct NightNotRun {
  let night: BusinessDate
  /// The last night that ran; nil where none did.
  let last: BusinessDate?

  var text: String {
    guard let last else { return "night \(night) has not run, nor has any other of this site\nnext  compline-nightly runs the night that is due" }
    let head = "night \(night) has not run; the last night that ran is \(last)\n"
    guard night < last else { return head + "next  compline-nightly without --night runs the nights that were missed, oldest first, then the one that is due" }
    return head + "next  nothing, unless files of that night lie there still: compline-nightly --night \(night) takes into it whatever lies in the folders now"
  }

  var json: JSONValue { ["night": .string(night.description), "night_not_run": .string(night.description), "state": .null, "last_night": last.map { .string($0.description) } ?? .null] }
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

/// What `status` lists one by one.
public struct StatusLists: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let exceptions = StatusLists(rawValue: 1)
  /// The rows that consumers were not sent.
  public static let withheld = StatusLists(rawValue: 2)
}

/// What `status` prints.
struct StatusFace {
  let statement: Statement
  /// The night that is due; another one is shown where it has not run.
  let asked: BusinessDate
  let listsExceptions: Bool
  /// Nil where they are not asked for.
  let withheld: WithheldList?

  private var shown: BusinessDate { statement.judgement.night }

  var text: String {
    var text = asked == shown ? "" : "night \(asked) has not run; the last night that ran is \(shown)\n\n"
    text += statement.summary()
    if listsExceptions { text += exceptionText }
    if let withheld { text += withheld.text }
    return text
  }

  private var exceptionText: String {
    var text = ""
    let list = statement.judgement.exceptionList
    for (index, item) in list.enumerated() { text += line(item, isLast: index + 1 == list.count || list[index + 1].code != item.code) }
    if !list.isEmpty { text += "\nA line begins with the ref of an exception at that place. compline trace takes the ref of a row, from an export.\n" }
    return text
  }

  /// What to do stands once, behind the last of the lines of one code.
  private func line(_ item: ListedException, isLast: Bool) -> String {
    let drop = item.drop.map { "drop \($0) (\(item.dropID))" } ?? (item.dropID.isEmpty ? "the feed" : "drop (\(item.dropID))")
    let message = item.messages.map { ListedException.span($0, "message") } ?? (item.dropID.isEmpty ? "" : "whole drop")
    let place = [item.feed, drop, message].filter { !$0.isEmpty }.joined(separator: ", ")
    let ref = item.ref.isEmpty ? String(repeating: "-", count: 32) : item.ref
    let head = "\(ref)  \(item.code.rawValue)\(item.entity.map { " \($0)" } ?? "")  \(place)  \(item.position)  (\(item.code.ownerRole))\n"
    return isLast ? head + "    \(item.code.hint)\n" : head
  }

  var json: JSONValue {
    guard case .object(var members) = statement.json else { return statement.json }
    if asked != shown { members["night_not_run"] = .string(asked.description) }
    members["exception_list"] = listsExceptions ? .array(statement.judgement.exceptionList.map(\.namedJSON)) : nil
    if let withheld { members["withheld_list"] = withheld.json }
    return .object(members)
  }
}
