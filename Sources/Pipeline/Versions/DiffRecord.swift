import Core
import Trust

/// `var/diffs/<id>.json` (0640): a comparison that was made, for a promotion to rest on.
struct DiffRecord: Sendable {
  /// Thirty-two hexadecimal digits.
  let id: String
  let bytes: [UInt8]

  static func folder(_ site: SiteFolder) -> String { site.variable + "/diffs" }

  /// A report as it is to be written down. `made` names the verb: `diff` or `shadow`.
  ///
  /// - Parameter id: its name; a random one where none is given.
  static func make(_ report: DiffReport, made: String, id: String? = nil) throws -> DiffRecord {
    guard case .object(var members) = report.json else { throw PipelineError("PIP-813", .internalError, "a report is not an object") }
    let id = try id ?? ObjectID.random().hex
    members["diff"] = .string(id)
    members["made"] = .string(made)
    members["at"] = .string(Clock.now())
    members["account"] = .string(Authority.account())
    return DiffRecord(id: id, bytes: JSONValue.object(members).pretty)
  }

  /// Puts the file there. The audit speaks first: a record whose digest it does not hold counts for nothing.
  func write(in site: SiteFolder) throws {
    try Folder.make(Self.folder(site))
    try DurableFile.write(bytes, to: "\(Self.folder(site))/\(id).json", mode: 0o640)
  }

  /// The newest record of exactly these two versions over drops of a feed that held messages, as the audit knows it; nil where there is none.
  ///
  /// - includeEmpty: true to find one that compared no message too.
  /// - Throws: PIP-829 (77) where the only ones are not what the audit knows.
  static func find(_ old: VersionName, _ new: VersionName, feed: String, digests: (old: String, new: String), in site: SiteFolder, acts: AuditedActs, includeEmpty: Bool = false) throws
    -> DiffRecord?
  {
    var found: [(at: String, record: DiffRecord)] = []
    var unknown: String?
    for name in try Folder.names(folder(site)) where name.hasSuffix(".json") {
      let bytes = try DurableFile.read("\(folder(site))/\(name)", maximumBytes: 16 << 20)
      guard let value = try? JSONValue(parsing: bytes), value["feed"]?.string == feed, value["old"]?.string == old.description, value["new"]?.string == new.description,
        value["old_sha256"]?.string == digests.old, value["new_sha256"]?.string == digests.new, includeEmpty || (value["messages"]?.integer ?? 0) > 0
      else { continue }
      guard acts.knows(diff: bytes, of: feed) else {
        unknown = name
        continue
      }
      found.append((value["at"]?.string ?? "", DiffRecord(id: String(name.dropLast(5)), bytes: bytes)))
    }
    if found.isEmpty, let unknown { throw Self.unknown(String(unknown.dropLast(5)), old, new, feed) }
    return found.max { $0.at < $1.at }?.record
  }

  static func unknown(_ id: String, _ old: VersionName, _ new: VersionName, _ feed: String) -> PipelineError {
    PipelineError(
      "PIP-829", .notPermitted, "var/diffs/\(id).json is not what the audit knows of any comparison", hint: "Make it anew: compline mapping diff \(old) \(new) --on \(feed).")
  }
}
