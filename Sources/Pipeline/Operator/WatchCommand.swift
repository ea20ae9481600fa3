import Core
import Glibc
import Store
import Trust

/// `compline watch`: the dead man's switch. A night that did not run says nothing by itself, so a second scheduler asks.
enum WatchCommand {
  static func run(_ path: String, hours: Int, json: Bool) throws -> ExitCode {
    guard (1...24 * 366).contains(hours) else { throw PipelineError("PIP-406", .usage, "--hours must be from 1 to 8784") }
    let desk = try OperatorDesk(path, .status)
    let due = try NightChoice.resolve(nil, site: desk.site)
    let last = try RunNights.all(desk.site.folder).last { isSigned($0, desk.site.folder) }
    let age = last.flatMap { signed(at: desk.site.folder.statements($0) + "/statement.json.sig") }.map { (Clock.secondsSinceEpoch() - $0) / 3_600 }
    // An older night that is closed again says nothing of those behind it.
    let isWell = (age ?? .max) < hours && last.map { $0 >= NightChoice.due(secondsAgo: hours * 3_600, site: desk.site) } ?? false
    if json {
      let line: JSONValue = [
        "well": .bool(isWell), "last_close": last.map { .string($0.description) } ?? .null, "hours_since": age.map { .integer($0) } ?? .null,
        "due": .string(due.description),
      ]
      Console.say(String(decoding: line.canonical, as: UTF8.self))
    } else {
      let words = last.map { "the last night that was run to its close is \($0), \(age ?? 0) \(age == 1 ? "hour" : "hours") ago" } ?? "no night was ever run to its close"
      Console.say("\(words); the night that is due is \(due)" + (isWell ? "" : ": look at var/log/cron.log or the journal of the unit, or run compline-nightly"))
    }
    return isWell ? .closed : .waiting
  }

  private static func isSigned(_ night: BusinessDate, _ folder: SiteFolder) -> Bool { DurableFile.exists(folder.statements(night) + "/statement.json.sig") }

  private static func signed(at path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim.tv_sec : nil
  }
}
