import Core
import Demo
import Support
import Testing

/// SIGKILL at counted system calls of each job; the next run heals and gives the very same night.
@Suite(.serialized) struct KillTests {
  /// What a job changes the world with. The worker is another process and is not traced.
  static let calls = "write,pwrite64,fsync,fdatasync,rename,link,unlink,ftruncate,mkdir"
  static let stages = ["pull", "ingest", "reconcile", "extract", "nightly"]
  static let pointsPerStage = 12

  @Test func aJobKilledAnywhereHealsInTheNextRun() throws {
    let wanted = try clean()
    var hit: [String] = []
    for (index, stage) in Self.stages.enumerated() {
      let before = try prepared(upTo: index)
      for point in try points(stage, before) {
        let site = try TestSite(copying: before)
        var point = point
        // The number of calls differs a little from run to run: a point past the end of this one moves forward.
        while try traced(site, stage, inject: point).exit != 128 + 9, point.number > 1 { point.number -= max(1, point.number / 20) }
        try site.expectExit(3, of: try site.job("nightly"))
        #expect(try site.outcome() == wanted, "after a kill in \(stage) at \(point.call) \(point.number)")
        try site.expectExit(0, of: try site.compline("audit", "verify", "--site", site.path))
        let left = try site.root.files().filter { $0.contains("/.tmp-") || $0.hasSuffix(".part") && $0.contains("delivery") }
        #expect(left.isEmpty, "temporary files after \(stage) at \(point.call) \(point.number)")
        hit.append("\(stage): \(point.call) \(point.number)\(point.afterFirstSync ? " (after the first fsync)" : "")")
      }
    }
    Report.lines("killed at", hit)
    #expect(hit.count >= 50)
    for stage in Self.stages { #expect(hit.count { $0.hasPrefix(stage + ":") && $0.hasSuffix("fsync)") } >= 5, "\(stage)") }
  }

  /// The record could be missing for ever: the ledger already said that all was delivered.
  @Test func aDeliveryWhoseRecordCouldNotBeWrittenIsRecordedByTheNextRun() throws {
    let site = try TestSite(), record = "site/var/outbox/billing/\(TestSite.night)/delivery.json"
    try site.lay(.first)
    try site.lay(.second)
    try TestFile.makeFolder(site.root.path(record))
    try site.expectExit(74, of: try site.job("nightly"))
    _ = try Tools.run("rmdir", [site.root.path(record)])
    try site.expectExit(3, of: try site.job("nightly"))
    #expect(try JSONValue(parsing: try site.root.read(record))["checkpoint"] != nil)
  }

  struct Point {
    var call: String
    /// Which call of that kind, from 1.
    var number: Int
    var afterFirstSync: Bool
  }

  private func clean() throws -> Outcome {
    let site = try TestSite()
    try site.closeDemoNight()
    return try site.outcome()
  }

  /// A site on which all stages before the given one have run.
  private func prepared(upTo index: Int) throws -> TestSite {
    let site = try TestSite()
    try site.lay(.first)
    try site.expectExit(0, of: try site.job("pull"))
    try site.lay(.second)
    for stage in Self.stages.prefix(index) where stage != "nightly" { _ = try site.job(stage) }
    return site
  }

  private func traced(_ site: TestSite, _ stage: String, inject: Point?) throws -> ToolResult {
    let log = site.root.path("strace.log")
    let options = inject.map { ["-e", "trace=\($0.call)", "-e", "inject=\($0.call):signal=KILL:when=\($0.number)"] } ?? ["-e", "trace=\(Self.calls)"]
    return try Tools.run("strace", ["-qq", "-o", log] + options + [TestSite.binary("compline-" + stage)] + site.arguments(), environment: TestSite.environment())
  }

  /// Points spread over the calls that an undisturbed run makes: a few before its first fsync, most after it.
  private func points(_ stage: String, _ before: TestSite) throws -> [Point] {
    let site = try TestSite(copying: before)
    _ = try traced(site, stage, inject: nil)
    let lines = String(decoding: try site.root.read("strace.log"), as: UTF8.self).split(separator: "\n")
    var counts: [String: Int] = [:], all: [Point] = [], synced = false
    for line in lines {
      guard let call = line.split(separator: "(").first.map(String.init), Self.calls.split(separator: ",").contains(where: { $0 == call }) else { continue }
      counts[call, default: 0] += 1
      all.append(Point(call: call, number: counts[call] ?? 1, afterFirstSync: synced))
      if call == "fsync" || call == "fdatasync" { synced = true }
    }
    let early = spread(all.filter { !$0.afterFirstSync }, 3), late = spread(all.filter(\.afterFirstSync), Self.pointsPerStage - early.count)
    return early + late
  }

  private func spread(_ points: [Point], _ count: Int) -> [Point] {
    guard points.count > count else { return points }
    return (0..<count).map { points[$0 * (points.count - 1) / max(count - 1, 1)] }
  }
}

/// What a test says beside pass or fail.
enum Report {
  static func lines(_ title: String, _ lines: [String]) {
    try? TestFile.write(Array(("\(title)\n" + lines.map { "  \($0)\n" }.joined()).utf8), to: "/dev/stderr")
  }
}
