import Core
import Store
import Trust

/// `var/undos/<run>.json` (0640): what an undo would take back or took back. Counts and names of ours only.
struct UndoRecord: Sendable, Equatable {
  let report: UndoReport
  var person: String
  var reason: String
  var account: String
  var at: String
  /// The run that did it; nil for a dry run.
  var run: String?

  /// What has to be the same in the dry run and where it is applied.
  var content: JSONValue { Self.content(report) }

  static func content(_ report: UndoReport) -> JSONValue {
    [
      "undone": .string(report.run), "night": .string(report.night.description), "heirs": .integer(report.heirs),
      "drops": .array(
        report.drops.map { ["drop": .string($0.id), "feed": .string($0.feed), "sha256": .string($0.sha256), "messages": .integer($0.messages)] }),
      "entities": .object(
        report.entities.mapValues { ["withdrawn": .integer($0.withdrawn), "handed_on": .integer($0.handedOn), "changed": .integer($0.changed)] }),
      "deliveries": .array(
        report.deliveries.map {
          [
            "consumer": .string($0.consumer), "night": .string($0.night.description), "revision": .integer($0.revision), "state": .string($0.state),
            "rows": .integer($0.rows),
          ]
        }),
    ]
  }

  var json: JSONValue {
    [
      "state": .string(run == nil ? "dry" : "applied"), "run": run.map { .string($0) } ?? .null, "person": .string(person), "reason": .string(reason),
      "account": .string(account), "at": .string(at), "content": content,
    ]
  }

  private static func path(_ undone: String, _ site: SiteFolder) -> String { "\(site.variable)/undos/\(undone).json" }

  func write(in site: SiteFolder) throws {
    try Folder.make(site.variable + "/undos")
    try DurableFile.write(json.pretty, to: Self.path(report.run, site), mode: 0o640)
  }

  /// What the last dry run of an undo found; nil where there was none.
  ///
  /// - Throws: PIP-852 (77) where the file is not what the audit knows of any undo.
  static func recorded(_ undone: String, in site: SiteFolder, acts: AuditedActs) throws -> JSONValue? {
    guard DurableFile.exists(path(undone, site)) else { return nil }
    let bytes = try DurableFile.read(path(undone, site), maximumBytes: 64 << 20)
    guard acts.knows(undo: bytes), let content = (try? JSONValue(parsing: bytes))?["content"], content["undone"]?.string == undone else {
      throw PipelineError("PIP-852", .notPermitted, "var/undos/\(undone).json is not what the audit knows of this undo", hint: "Run the same without --apply, and look at it.")
    }
    return content
  }
}
