import Core
import Trust

/// `var/diffs/<id>.json` (0640): a comparison that was made, for a promotion to rest on.
struct DiffRecord: Sendable {
  /// Thirty-two hexadecimal digits.
  let id: String
  let bytes: [UInt8]

  static func folder(_ site: SiteFolder) -> String { site.variable + "/diffs" }

  /// Writes a report down. `made` names the verb: `diff` or `shadow`.
  ///
  /// - Parameter id: its name; a random one where none is given.
  static func write(_ report: DiffReport, made: String, id: String? = nil, in site: SiteFolder) throws -> DiffRecord {
    guard case .object(var members) = report.json else { throw PipelineError("PIP-813", .internalError, "a report is not an object") }
    let id = try id ?? ObjectID.random().hex
    members["diff"] = .string(id)
    members["made"] = .string(made)
    members["at"] = .string(Clock.now())
    members["account"] = .string(Authority.account())
    let bytes = JSONValue.object(members).pretty
    try Folder.make(folder(site))
    try DurableFile.write(bytes, to: "\(folder(site))/\(id).json", mode: 0o640)
    return DiffRecord(id: id, bytes: bytes)
  }

  /// The newest record of exactly these two versions over drops of a feed that held messages; nil where there is none.
  static func find(_ old: VersionName, _ new: VersionName, feed: String, digests: (old: String, new: String), in site: SiteFolder) throws -> DiffRecord? {
    var found: [(at: String, record: DiffRecord)] = []
    for name in try Folder.names(folder(site)) where name.hasSuffix(".json") {
      let bytes = try DurableFile.read("\(folder(site))/\(name)", maximumBytes: 16 << 20)
      guard let value = try? JSONValue(parsing: bytes), value["feed"]?.string == feed, value["old"]?.string == old.description, value["new"]?.string == new.description,
        value["old_sha256"]?.string == digests.old, value["new_sha256"]?.string == digests.new, (value["messages"]?.integer ?? 0) > 0
      else { continue }
      found.append((value["at"]?.string ?? "", DiffRecord(id: String(name.dropLast(5)), bytes: bytes)))
    }
    return found.max { $0.at < $1.at }?.record
  }
}
