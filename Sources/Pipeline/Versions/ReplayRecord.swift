import Core
import Store
import Trust

/// `var/replays/<id>.json` (0640): what a replay would do or did, drop by drop and entity by entity. Counts only.
struct ReplayRecord: Sendable, Equatable {
  typealias Tallies = [String: ReplayTally]

  /// What fixes the outcome: feed, night, the mappings with their digests and that of all they are read from, the drops, the rank. Equal arguments have one record.
  let arguments: JSONValue
  /// Drop id to entity to counts.
  var drops: [String: Tallies] = [:]
  /// How messages ended in their night, and how they end now.
  var messages: [MessageEnding: Int] = [:]
  var person: String
  var reason: String
  var account: String
  var at: String
  /// Nil for a dry run.
  var run: String?

  /// Thirty-two hexadecimal digits over the arguments.
  var id: String { Hex.text(SHA256.digest(arguments.canonical).prefix(16)) }

  var entities: Tallies {
    drops.values.reduce(into: [:]) { sum, drop in for (entity, tally) in drop { sum[entity, default: ReplayTally()] += tally } }
  }

  var json: JSONValue {
    [
      "replay": .string(id), "arguments": arguments, "state": .string(run == nil ? "dry" : "applied"), "run": run.map { .string($0) } ?? .null,
      "person": .string(person), "reason": .string(reason), "account": .string(account), "at": .string(at), "entities": Self.json(entities),
      "messages": .array(messages.sorted { $0.key < $1.key }.map { ["before": .string($0.key.before), "after": .string($0.key.after), "messages": .integer($0.value)] }),
      "drops": .object(drops.mapValues(Self.json)),
    ]
  }

  private static func json(_ tallies: Tallies) -> JSONValue {
    .object(tallies.mapValues { ["kept": .integer($0.kept), "inserted": .integer($0.inserted), "withdrawn": .integer($0.withdrawn), "held": .integer($0.held)] })
  }

  private static func tallies(_ value: JSONValue?) -> Tallies {
    guard case .object(let members)? = value else { return [:] }
    return members.mapValues { entry in
      func number(_ key: String) -> Int { entry[key]?.integer ?? 0 }
      return ReplayTally(kept: number("kept"), inserted: number("inserted"), withdrawn: number("withdrawn"), held: number("held"))
    }
  }

  /// As it is written down.
  var bytes: [UInt8] { json.pretty }

  private static func folder(_ site: SiteFolder) -> String { site.variable + "/replays" }

  func write(in site: SiteFolder) throws {
    try Folder.make(Self.folder(site))
    try DurableFile.write(bytes, to: "\(Self.folder(site))/\(id).json", mode: 0o640)
  }

  /// What the dry run of the same arguments found, by drop; nil where there was none.
  ///
  /// - Throws: PIP-834 (77) where the file is not what the audit knows of any replay of the feed, or is that of another one.
  func recordedDrops(in site: SiteFolder, acts: AuditedActs) throws -> [String: Tallies]? {
    let path = "\(Self.folder(site))/\(id).json"
    guard DurableFile.exists(path) else { return nil }
    let bytes = try DurableFile.read(path, maximumBytes: 64 << 20)
    guard acts.knows(replay: bytes, of: arguments["feed"]?.string ?? ""), let value = try? JSONValue(parsing: bytes), value["arguments"] == arguments else {
      throw PipelineError("PIP-834", .notPermitted, "var/replays/\(id).json is not what the audit knows of this replay", hint: "Run the same without --apply, and look at it.")
    }
    guard case .object(let members)? = value["drops"] else { return nil }
    return members.mapValues { Self.tallies($0) }
  }
}
