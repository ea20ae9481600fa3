import Support
import Testing

/// The wrapper in `cron/`, around a job that only says what it was given.
@Suite struct CronTests {
  private let folder: TemporaryFolder
  private var site: String { folder.path("site") }

  init() throws {
    folder = try TemporaryFolder()
    try TestFile.makeFolder(folder.path("site"))
    try folder.write("#!/bin/sh\nenv\necho \"arguments: $*\"\necho complaint >&2\numask\ncat\nexit 3\n", to: "bin/compline-nightly")
    _ = try Tools.run("chmod", ["755", folder.path("bin/compline-nightly")])
  }

  private func cron(_ arguments: [String]) throws -> ToolResult {
    try Tools.run(Repository.root + "/cron/compline-cron", arguments, environment: ["COMPLINE_BIN": folder.path("bin"), "SECRET": "not for the job"], input: [0x21])
  }

  private func log() throws -> String { String(decoding: try folder.read("site/var/log/cron.log"), as: UTF8.self) }

  @Test("The job's exit code is the wrapper's, and nothing is said outside the log") func exitCode() throws {
    let result = try cron([site, "compline-nightly"])
    #expect(result.exit == 3 && result.standardOutput.isEmpty && result.standardError.isEmpty)
    #expect(try log().contains("compline-nightly ended 3\n"))
  }

  @Test("The job gets the site, its arguments and a clean environment without backtraces") func environment() throws {
    _ = try cron([site, "compline-nightly", "--night", "2026-03-01"])
    let log = try log()
    #expect(log.contains("arguments: --site \(site) --night 2026-03-01\n") && log.contains("SWIFT_BACKTRACE=enable=no\n") && log.contains("0077\n"))
    #expect(!log.contains("SECRET") && !log.contains("!"))
  }

  @Test("The log is private and grows") func privateLog() throws {
    for _ in 0..<2 { _ = try cron([site, "compline-nightly"]) }
    #expect(try Tools.run("stat", ["-c", "%a", site + "/var/log", site + "/var/log/cron.log"]).outputText == "700\n600\n")
    #expect(try log().split(separator: "\n").count { $0.hasSuffix("started") } == 2)
  }

  /// What the monitor was asked: a curl of the test's own writes down its config.
  private func told(_ what: String, ping: String) throws -> String {
    try folder.write("#!/bin/sh\ncat >>'\(folder.path("asked"))'\n", to: "tools/curl")
    _ = try Tools.run("chmod", ["755", folder.path("tools/curl")])
    let result = try Tools.run(
      Repository.root + "/cron/compline-cron", ["--tell", what], environment: ["PATH": folder.path("tools") + ":/usr/bin:/bin", "COMPLINE_PING": ping])
    return "\(result.exit) " + ((try? folder.read("asked")).map { String(decoding: $0, as: UTF8.self) } ?? result.errorText)
  }

  @Test("A unit asks the monitor by the wrapper: its start, its code, and fail where a signal ended it", arguments: [("start", "start"), ("3", "3"), ("0", "0"), ("KILL", "fail"), ("../x", "fail"), ("", "fail")])
  func tell(what: String, asked: String) throws { #expect(try told(what, ping: "https://ping.example/x") == "0 url = \"https://ping.example/x/\(asked)\"\n") }

  @Test("No monitor is asked where none is named, nor over http") func nobodyIsAsked() throws {
    #expect(try told("start", ping: "") == "0 ")
    #expect(try told("start", ping: "http://ping.example") == "0 compline-cron: ping refused: not https\n")
  }

  @Test("The unit of the night asks the monitor before and after it") func unit() throws {
    let unit = String(decoding: try TestFile.read(Repository.root + "/cron/systemd/compline-nightly@.service"), as: UTF8.self).split(separator: "\n")
    let wrapper = "=-/usr/local/share/compline/cron/compline-cron --tell "
    #expect(unit.contains("ExecStartPre\(wrapper)start") && unit.contains("ExecStopPost\(wrapper)${EXIT_STATUS}") && unit.contains("EnvironmentFile=-/etc/compline/%i/ping"))
  }

  @Test("What is not a job, a site or there is refused with its code", arguments: [
    ([], 64), (["SITE"], 64), (["SITE", "sh"], 64), (["SITE", "../sh"], 64), (["/nowhere", "compline-nightly"], 78), (["SITE", "compline-pull"], 78),
  ] as [([String], Int32)])
  func refused(arguments: [String], code: Int32) throws {
    let result = try cron(arguments.map { $0 == "SITE" ? site : $0 })
    #expect(result.exit == code && result.errorText.hasPrefix("compline-cron: ") && result.errorText.split(separator: "\n").count == 1)
  }
}
