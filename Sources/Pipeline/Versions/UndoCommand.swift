import Core
import Store
import Trust

/// `compline undo RUN`: takes back what a run of ingest brought. Dry first; what was delivered is listed and not recalled.
struct UndoCommand {
  private let desk: OperatorDesk
  private let request: UndoRequest
  private let responsible: Responsible
  private let store: SiteStore

  static func run(_ path: String, _ request: UndoRequest) throws -> ExitCode {
    let responsible = try Responsible(person: request.person, reason: request.reason)
    guard ObjectID(hex: request.run) != nil else {
      throw PipelineError("PIP-850", .usage, "the run is not 32 hexadecimal digits", hint: "statement.json lists the runs of a night; compline trace prints the one that brought a row.")
    }
    let desk = try OperatorDesk(path, .undo)
    let tenure = try Tenure(alone: desk.site.folder.lock, job: "compline") { try SiteStores.open(desk.site, keys: .none, epoch: nil).storedEpoch() }
    // The lock goes with the tenure: it must outlive its last use by name.
    defer { withExtendedLifetime(tenure) {} }
    try tenure.check()
    let store = try SiteStores.open(desk.site, keys: try SiteStores.allKeys(desk.keys), epoch: tenure.epoch)
    let command = UndoCommand(desk: desk, request: request, responsible: responsible, store: store)
    return request.act == .again ? try command.release() : try command.undo()
  }

  private func undo() throws -> ExitCode {
    let waiting = try store.dropsSetAside(undone: request.run)
    if waiting > 0 { return try say(done: waiting) }
    guard let report = try store.undo(request.run, as: nil) else { return .internalError }
    var record = record(report)
    guard request.act == .apply else { return try finish(record) }
    guard let expected = try UndoRecord.recorded(request.run, in: desk.site.folder, acts: try AuditedActs(desk.site.folder, keys: desk.keys)) else {
      throw PipelineError("PIP-851", .notPermitted, "there is no recorded dry run of this undo", hint: "Run the same without --apply first, and look at it.")
    }
    // The audit speaks first: what is not in it does not happen.
    try audit(record.content.canonical, report)
    let run = try store.beginRun(stage: "undo", night: report.night, started: Clock.now())
    guard try store.undo(request.run, as: run, accept: { UndoRecord.content($0) == expected }) != nil else {
      try store.endRun(run, ended: Clock.now(), exit: Int(ExitCode.notPermitted.rawValue))
      throw PipelineError("PIP-853", .notPermitted, "the store has changed since the dry run: the undo would go otherwise", hint: "Nothing was taken back. Run it dry again.")
    }
    try store.endRun(run, ended: Clock.now(), exit: Int(ExitCode.closed.rawValue))
    record.run = run
    return try finish(record)
  }

  private func record(_ report: UndoReport) -> UndoRecord {
    UndoRecord(report: report, person: responsible.person.text, reason: responsible.reason.text, account: Authority.account(), at: Clock.now())
  }

  /// What is written down counts by the digest that the audit has of it.
  private func finish(_ record: UndoRecord) throws -> ExitCode {
    try audit(record.json.pretty, record.report)
    try record.write(in: desk.site.folder)
    Console.say(request.json ? String(decoding: record.json.canonical, as: UTF8.self) : text(record))
    return .closed
  }

  /// A second undo of a run changes nothing.
  private func say(done waiting: Int) throws -> ExitCode {
    try desk.record(night: nil, outcome: .closed)
    Console.say("that run was undone before; \(waiting) of its drops are set aside. undo --again lets the next ingest of their night load them")
    return .closed
  }

  private func release() throws -> ExitCode {
    let waiting = try store.dropsSetAside(undone: request.run)
    try desk.record(night: nil, outcome: .closed, subject: .site) { entry in
      (entry.person, entry.reason, entry.run) = (responsible.person, responsible.reason, ObjectID(hex: request.run))
      entry.counts = [.drops: waiting]
    }
    let count = try store.release(undone: request.run)
    Console.say(count == 0 ? "no drop of that run is set aside: there is nothing to load again" : "\(count) drops are loaded by the next ingest of their night: run compline-nightly for it")
    return .closed
  }

  private func audit(_ bytes: [UInt8], _ report: UndoReport) throws {
    try desk.record(night: report.night, outcome: .closed, subject: .site) { entry in
      (entry.person, entry.reason, entry.run) = (responsible.person, responsible.reason, ObjectID(hex: report.run))
      entry.digests[.undo] = SHA256.digest(bytes)
      entry.counts = [
        .drops: report.drops.count, .messages: report.drops.reduce(0) { $0 + $1.messages }, .rows: report.entities.values.reduce(0) { $0 + $1.changed },
      ]
    }
  }

  private func text(_ record: UndoRecord) -> String {
    let report = record.report
    var lines = ["run \(report.run), night \(report.night): \(report.drops.count) drops, \(report.drops.reduce(0) { $0 + $1.messages }) messages", ""]
    for (entity, tally) in report.entities.sorted(by: { $0.key < $1.key }) {
      lines.append("\(entity): statements withdrawn \(tally.withdrawn), handed on \(tally.handedOn); rows changed \(tally.changed)")
    }
    if report.heirs > 0 { lines.append("messages: \(report.heirs) that were duplicates of its messages stand in their place") }
    for item in report.deliveries {
      lines.append("delivered: \(item.consumer), night \(item.night), revision \(item.revision) (\(item.state)): \(item.rows) of its rows are other now")
    }
    let tail =
      record.run == nil
      ? "dry run: the store is as it was; the same with --apply does this"
      : "applied; the drops are set aside and stay sealed. Run compline-nightly --night \(report.night): it says RUN-UNDONE until undo --again, or a tolerance of the feed"
    return (lines + ["", tail, "recorded as var/undos/\(report.run).json"]).joined(separator: "\n")
  }
}
