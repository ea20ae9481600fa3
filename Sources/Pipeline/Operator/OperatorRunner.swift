import Core
import Trust

/// The frame around each verb of `compline`.
enum OperatorRunner {
  static func run(_ verb: String, _ body: () throws -> ExitCode) -> Int32 {
    do { return try body().rawValue } catch { return Failure.report(job: "compline " + verb, error).rawValue }
  }
}

/// A site opened by an operator's verb: the grant checked, one audit record for what was done.
struct OperatorDesk {
  let site: Site
  let keys: KeyDirectory
  private let verb: Verb

  init(_ path: String, _ verb: Verb) throws {
    site = try Site.open(path)
    try Authority.require(verb, site)
    keys = try KeyDirectory(at: site.configuration.keys, refusedInside: site.folder.path)
    self.verb = verb
  }

  /// Writes the audit record; verbs that reveal data call it before they do.
  func record(night: BusinessDate?, outcome: ExitCode, subject: AuditEntry.Subject = .site, purpose: PlainName? = nil) throws {
    let audit = try AuditLog(folder: site.folder.audit)
    var entry = try AuditRecord.make(verb, subject: subject, night: night, outcome: outcome)
    entry.purpose = purpose
    try append(entry, to: audit)
  }

  /// As `record`, with what `fill` adds to the entry.
  func record(night: BusinessDate?, outcome: ExitCode, subject: AuditEntry.Subject, _ fill: (inout AuditEntry) throws -> Void) throws {
    var entry = try AuditRecord.make(verb, subject: subject, night: night, outcome: outcome)
    try fill(&entry)
    try append(entry, to: try AuditLog(folder: site.folder.audit))
  }

  private func append(_ entry: AuditEntry, to audit: AuditLog) throws {
    try audit.append(entry)
    try AuditHead.sign(audit, keys: keys, site: site)
  }
}
