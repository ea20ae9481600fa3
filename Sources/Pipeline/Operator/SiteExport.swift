import Core
import Exchange
import Glibc
import Map
import Store
import Trust

/// `compline export`: the canonical store in clear, one NDJSON file per entity, the documents that messages carried, and what is needed to read
/// them.
enum SiteExport {
  static func run(_ path: String, to target: String, asKnownOn night: String?) throws -> ExitCode {
    let desk = try OperatorDesk(path, .export)
    let night = try KnownNight.resolve(night, desk.site)
    let folder = try prepare(target, desk.site)
    let store = try SiteStores.open(desk.site, keys: try SiteStores.allKeys(desk.keys), epoch: nil)
    try desk.record(night: night, outcome: .closed)
    var files: [String: JSONValue] = [:]
    for entity in store.dictionary.entities {
      let written = try rows(entity, store, folder, night)
      if written.count > 0 { files["\(entity.name).ndjson"] = ["rows": .integer(written.count), "sha256": .string(written.sha256)] }
    }
    try DocumentExport(site: desk.site, key: try desk.keys.load(.spool), folder: folder).write(try store.attachments(asKnownOn: night), into: &files)
    for (name, bytes) in try companions(desk.site) {
      try write(bytes, "\(folder)/\(name)")
      files[name] = ["sha256": .string(Hex.text(try OpenSSLHash.digest(bytes)))]
    }
    let manifest = KnownNight.members(
      night, ["site": .string(desk.site.configuration.site), "dictionary": .integer(store.dictionary.version), "digest": .string(try store.digest(asKnownOn: night)), "files": .object(files)])
    try write(JSONValue.object(manifest).pretty, "\(folder)/manifest.json")
    Console.say("exported \(files.count) files to \(folder) (0700). They hold patient data in clear: remove them when they are no longer needed.")
    return .closed
  }

  /// The folder must be new or empty, and outside the site and its keys. Nothing is made before that is known.
  private static func prepare(_ target: String, _ site: Site) throws -> String {
    let folder = PathPlace.real(target)
    guard !PathPlace.isInside(folder, site.folder.path), !PathPlace.isInside(folder, site.configuration.keys) else {
      throw PipelineError("PIP-407", .usage, "the export folder lies inside the site or its keys", hint: "Choose one outside: what is in clear must not be copied with the site.")
    }
    guard try Folder.names(folder).isEmpty else { throw PipelineError("PIP-408", .usage, "the export folder is not empty", hint: "Name a new one.") }
    try Folder.make(folder)
    guard chmod(folder, 0o700) == 0 else { throw PipelineError.system("PIP-406", "the export folder cannot be used") }
    return folder
  }

  private static func rows(_ entity: CanonicalEntity, _ store: SiteStore, _ folder: String, _ night: BusinessDate?) throws -> (count: Int, sha256: String) {
    let file = try PendingFile(for: "\(folder)/\(entity.name).ndjson", mode: 0o600)
    let hash = try OpenSSLHash()
    let line = ExportLine(dictionary: store.dictionary)
    var count = 0
    try store.forEachRow(entity: entity.name, history: false, asKnownOn: night) { row in
      guard let current = row.current else { return }
      let bytes = line.object(row, current, entity).canonical + [0x0A]
      try file.file.write(bytes)
      try hash.update(bytes)
      count += 1
    }
    if count > 0 { try file.commitReplacing() }
    return (count, Hex.text(try hash.finish()))
  }

  /// Mappings and code sets, specifications, agreements, audit.
  private static func companions(_ site: Site) throws -> [(String, [UInt8])] {
    var files: [(String, [UInt8])] = []
    for path in site.library.paths { if let bytes = site.library[path] { files.append(("Mappings/" + path, bytes)) } }
    for part in ["feeds", "consumers", "agreements"] {
      for name in try Folder.names("\(site.folder.path)/\(part)") { files.append(("\(part)/\(name)", try DurableFile.read("\(site.folder.path)/\(part)/\(name)", maximumBytes: 1 << 20))) }
    }
    for name in ["entries", "checkpoint"] where DurableFile.exists("\(site.folder.audit)/\(name)") {
      files.append(("audit/\(name)", try DurableFile.read("\(site.folder.audit)/\(name)", maximumBytes: 1 << 30)))
    }
    return files
  }

  private static func write(_ bytes: [UInt8], _ path: String) throws {
    try Folder.make(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)))
    try DurableFile.write(bytes, to: path, mode: 0o600)
  }
}

/// One row as an NDJSON line, fields named as in the data dictionary.
struct ExportLine {
  let dictionary: CanonicalDictionary

  func object(_ row: VersionedRow, _ version: RowVersion, _ entity: CanonicalEntity) -> JSONValue {
    var members: [String: JSONValue] = ["ref": .string(row.ref), "event_time": .string(ClinicalTime.text(instant: version.validFrom))]
    if row.lastIsFallback { members["event_time_is_fallback"] = true }
    for (field, cell) in zip(entity.fields, version.cells) {
      if let bytes = cell.bytes { members[field.name] = value(bytes, field.kind) }
    }
    return .object(members)
  }

  /// A cell's canonical bytes.
  func value(_ bytes: [UInt8], _ kind: CanonicalField.Kind) -> JSONValue {
    switch kind {
    case .identifier: identifier(bytes)
    case .reference(let entity): reference(bytes, entity)
    case .boolean: .bool(bytes.elementsEqual("true".utf8))
    case .decimal, .integer: .number(String(decoding: bytes, as: UTF8.self))
    case .money, .text, .date, .time, .code: .string(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Value @ assigner.
  private func identifier(_ bytes: [UInt8]) -> JSONValue {
    let parts = bytes.split(separator: 0x1F, maxSplits: 1, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    return ["value": .string(parts.first ?? ""), "assigner": .string(parts.count > 1 ? parts[1] : "")]
  }

  /// The key of the target, field by field.
  private func reference(_ bytes: [UInt8], _ name: String) -> JSONValue {
    guard let index = dictionary.index(of: name), let parts = RowKey.parts(bytes) else { return .null }
    let entity = dictionary.entities[index]
    let members = zip(entity.keyFields, parts).map { (entity.fields[$0].name, value($1, entity.fields[$0].kind)) }
    return .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
  }
}
