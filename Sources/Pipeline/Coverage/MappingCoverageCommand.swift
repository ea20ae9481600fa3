import Core
import Decode
import Map
import Reconcile
import Store
import Trust

/// `compline mapping coverage`: which populated places a mapping reads, ignores and leaves unread.
enum MappingCoverageCommand {
  /// Without a site: over the examples of the mapping or set itself, or over a file.
  static func run(_ name: String, on file: String?, mappings: String?, zone: String) throws -> ExitCode {
    let desk = try MappingDesk(name, folder: mappings, zone: zone)
    let run = try DeskRun(desk)
    var tally = FeedTally()
    if let file { try count(file, desk, run, into: &tally) } else { try countExamples(desk, run, into: &tally) }
    Console.say(list(tally))
    return tally.list(.field).contains { $0.sight.fate == .unread } ? .waiting : .closed
  }

  /// Piece by piece: the file may be a whole night.
  private static func count(_ file: String, _ desk: MappingDesk, _ run: DeskRun, into tally: inout FeedTally) throws {
    let source = try OpenFile.reading(file), decoder = DropDecoder(DecodeSettings.forDesk(run.plan, desk.format))
    var observer = CoverageObserver(run.rules), evaluator = MapEvaluator(plan: run.plan, businessDate: Clock.today(in: desk.zone))
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head): evaluator.begin(head)
      case .record:
        evaluator.record(record)
        observer.record(record, &evaluator)
      case .end(let tail):
        observer.end(tail, record)
        _ = evaluator.end(tail)
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    while true {
      let chunk = try source.read(upTo: 1 << 16)
      if chunk.isEmpty { break }
      decoder.push(chunk, take)
    }
    _ = decoder.finish(take)
    tally = observer.tally()
  }

  private static func countExamples(_ desk: MappingDesk, _ run: DeskRun, into tally: inout FeedTally) throws {
    for text in try MappingExamples.texts(in: desk.library, of: run.plan) {
      var run = run
      try run.run(text, desk.format) { tally.merge($1) }
    }
  }

  /// Of a site's night, from the ledger.
  static func run(site path: String, night text: String?, feed: String?) throws -> ExitCode {
    let desk = try OperatorDesk(path, .status)
    let night = try NightChoice.resolve(text, site: desk.site)
    let store = try SiteStores.open(desk.site, keys: .none, epoch: nil)
    let tallies = try store.coverage(night: night).filter { feed == nil || $0.key == feed }
    let coverage = try FeedProfiles.coverage(of: night, desk.site, store)
    for (name, tally) in tallies.sorted(by: { $0.key < $1.key }) {
      Console.say("\(name), night \(night): looked at \(tally.looked) of \(tally.messages) messages\n" + list(tally))
      if let own = coverage[name] { Console.say(codes(own) + drift(own)) }
    }
    guard !tallies.isEmpty else { throw PipelineError("PIP-435", .nothingUsable, "nothing was counted for the night \(night)", hint: "Places are counted when ingest loads a drop.") }
    try desk.record(night: night, outcome: .closed)
    return .closed
  }

  private static func list(_ tally: FeedTally) -> String {
    let fields = tally.list(.field)
    let counts = [FeedTally.Fate.read, .ignored, .unread].map { fate in "\(fields.count { $0.sight.fate == fate }) \(DeskReport.word(fate))" }
    let lines = [FeedTally.Fate.unread, .ignored, .read].flatMap { fate in
      fields.filter { $0.sight.fate == fate }.map { item, sight in
        "  \(DeskReport.padded(DeskReport.word(fate), 8)) \(DeskReport.padded(item.scope, 8)) \(DeskReport.padded(item.path, 24)) \(DeskReport.messages(sight.messages))\(sight.reason.isEmpty ? "" : "  " + sight.reason)"
      }
    }
    return (["places: " + counts.joined(separator: ", ")] + lines).joined(separator: "\n")
  }

  private static func codes(_ coverage: FeedCoverage) -> String {
    coverage.newCodes.map { "  new code  \($0.codeSet)  \($0.path)  \($0.shown.isEmpty ? "(not shown)" : $0.shown)  \(DeskReport.messages($0.messages))\n" }.joined()
  }

  private static func drift(_ coverage: FeedCoverage) -> String {
    guard let drift = coverage.drift else { return "  no frozen profile\n" }
    return drift.map { "  drift  \($0.text)  \($0.shown.isEmpty ? "" : $0.shown + "  ")\($0.count) of \($0.of)\n" }.joined()
  }
}
