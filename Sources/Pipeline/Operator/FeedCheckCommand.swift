import Core
import Exchange
import Extract
import Trust

/// `compline feed check`: what a pull would make of each file now, on one screen.
enum FeedCheckCommand {
  /// Files that are listed one by one; the others are in the counts.
  private static let listed = 40

  /// - Parameters:
  ///   - reveal: names in clear; they may hold names of people, so this needs the grant and the purpose that values need.
  static func run(_ path: String, feed name: String, reveal: Bool, purpose: String?) throws -> ExitCode {
    let purpose = try ShowRequest.checked(purpose, reveal: reveal)
    let desk = try OperatorDesk(path, reveal ? .reveal : .check)
    guard let feed = desk.site.feeds.first(where: { $0.name == name }) else {
      throw PipelineError("PIP-403", .usage, "this site has no feed of that name", hint: "It has: \(desk.site.feeds.map(\.name).joined(separator: ", ")).")
    }
    if reveal {
      try desk.record(night: nil, outcome: .closed, subject: .feed(try desk.site.plainName(name)), { $0.purpose = purpose })
    }
    let check = try FeedCheck(try PullStage.source(feed, desk.site), spool: desk.site.folder.spool, pullKey: try desk.keys.load(.pull), clock: PullStage.machineClock)
    if let fault = check.fault { throw PipelineError(fault.code, .peer, fault.summary, hint: fault.hint) }
    Console.say("feed     \(name), \(mode(feed)), due by \(feed.dueBy.text) \(feed.zoneName)")
    Console.say("from     \(feed.remote.map { "\($0.path) at the partner \($0.partner)" } ?? feed.folder)")
    if let since = feed.since { Console.say("since    \(since): nights before it do not look at the feed") }
    if feed.isSuspended { Console.say("state    suspended: a pull takes nothing until compline resume \(name)") }
    for fate in FeedCheck.Fate.allCases {
      let count = check.lines.count { $0.fate == fate }
      if count > 0 { Console.say("files    \(count): \(fate.rawValue)") }
    }
    if check.lines.isEmpty { Console.say("files    none") }
    if check.missing > 0 { Console.say("missing  \(check.missing) that a manifest lists, or manifests that are none") }
    if check.unusable > 0 { Console.say("names    \(check.unusable) that no file can have") }
    if check.unreadable > 0 { Console.say("folders  \(check.unreadable) that cannot be read") }
    say(check.lines, reveal)
    return .closed
  }

  private static func mode(_ feed: FeedFile) -> String {
    switch feed.completeness {
    case .rename: "complete: rename"
    case .settle(let seconds): "complete: settle, \(seconds)s"
    case .marker: "complete: marker"
    case .manifest: "complete: manifest"
    }
  }

  /// Without their names, files are numbered in the order of their paths.
  private static func say(_ lines: [FeedCheck.Line], _ reveal: Bool) {
    for (index, line) in lines.prefix(listed).enumerated() {
      let time = String(ClinicalTime.text(instant: line.modified * 1_000_000).prefix(19)) + "Z"
      Console.say("\(index + 1)  \(line.byteCount) bytes  \(time)  \(line.fate.rawValue)\(reveal ? "  " + printable(line.path) : "")")
    }
    if lines.count > listed { Console.say("and \(lines.count - listed) more") }
  }

  /// What a terminal would read as an order, and bytes that are no text, as escapes.
  private static func printable(_ path: [UInt8]) -> String {
    String(decoding: path, as: UTF8.self).unicodeScalars.map { $0.properties.generalCategory == .control || $0 == "\\" || $0.value == 0xFFFD ? "\\u{" + String($0.value, radix: 16) + "}" : String($0) }.joined()
  }
}
