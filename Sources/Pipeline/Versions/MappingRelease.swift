import Core
import Decode
import Map
import Trust

/// `compline mapping release`: freezes what is new in a folder of mappings. What was released before never changes.
struct MappingRelease {
  /// The folder whose `RELEASED` grows.
  private let folder: String
  /// As errors name it.
  private let name: String
  /// The folder's own files, and the library that they are read in.
  private let own: [String: [UInt8]]
  private let library: MappingLibrary
  private let zone: ZoneRules

  /// A folder of shipped mappings by itself.
  init(folder: String, zone: ZoneRules) throws {
    let folder = PathPlace.absolute(folder)
    guard Folder.isFolder(folder) else { throw PipelineError("PIP-802", .usage, "there is no folder of mappings at the path given", hint: "Name it with --mappings DIR, or a site with --site.") }
    try self.init(folder: folder, name: "Mappings", own: try MappingFolder.collect(folder), over: [:], zone: zone)
  }

  /// A site's own mappings over the shipped ones.
  init(folder: SiteFolder, configuration: SiteConfiguration) throws {
    let shipped = try MappingFolder.collect(configuration.mappings)
    try MappingLibrary(files: shipped).verifyReleased()
    try self.init(folder: folder.mappings, name: "SITE/mappings", own: try MappingFolder.collect(folder.mappings), over: shipped, zone: configuration.zone)
  }

  private init(folder: String, name: String, own: [String: [UInt8]], over base: [String: [UInt8]], zone: ZoneRules) throws {
    (self.folder, self.name, self.own, self.zone) = (folder, name, own, zone)
    library = MappingLibrary(files: base.merging(own) { _, own in own })
  }

  /// Checks everything, then writes the list; gives the paths that are new in it.
  ///
  /// - Throws: MAP-121 … MAP-123 where a released file is missing or has changed, what the compiler finds, PIP-803 where an example fails.
  func run(isDry: Bool) throws -> [String] {
    let listed = try verified()
    let new = own.keys.filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".csv")) && !listed.contains($0) }.sorted()
    guard !new.isEmpty else { return [] }
    try compile(new)
    try runExamples()
    if !isDry { try write(new) }
    return new
  }

  /// The paths that the list holds, their bytes held against it.
  private func verified() throws -> Set<String> {
    guard let list = own[MappingFolder.list] else { return [] }
    let paths = MappingFolder.lines(list).map { String(decoding: MappingFolder.path($0), as: UTF8.self) }
    var files = own.filter { paths.contains($0.key) }
    files[MappingFolder.list] = list
    do { try MappingLibrary(files: files).verifyReleased() } catch {
      var fault = error
      fault.summary = error.summary.replacing("Mappings/", with: name + "/", maxReplacements: 1)
      throw fault
    }
    return Set(paths)
  }

  /// A mapping must compile and have an example (the compiler demands it), a set must find its mappings, a dictionary must be read whole.
  private func compile(_ paths: [String]) throws {
    for path in paths {
      let parts = path.split(separator: "/").map(String.init)
      if parts[0] == "canonical" { _ = try DictionaryFile.read(own[path] ?? [], file: "\(name)/\(path)") }
      guard parts.count == 3, parts[0] != "codes", path.hasSuffix(".yaml") else { continue }
      let name = "\(parts[1])@\(parts[2].dropLast(5))"
      let needed = parts[0] == "sets" ? [] : try library.needed(before: name)
      let room = parts[0] == "sets" ? try self.room(of: path) : parts[0]
      _ = try MapPlan.build(library, mappings: needed + [name], format: Self.format(of: room), zone: zone)
    }
  }

  /// Where the first mapping of a set lies.
  private func room(of set: String) throws -> String {
    let first = try OutlineReader.read(own[set] ?? [], file: "\(name)/\(set)").texts("mappings", code: "MAP-160").first ?? ""
    let path = library.paths.first { path in VersionName(first).map { path.hasSuffix("/\($0.id)/\($0.version).yaml") && !path.hasPrefix("sets/") } ?? false }
    return path?.split(separator: "/").first.map(String.init) ?? "hl7v2"
  }

  private static func format(of room: String) -> SourceFormat { room == "ccda" ? .cda : SourceFormat(rawValue: room) ?? .hl7v2 }

  /// All of them, the released ones too: a new code set or dictionary must not change what they give.
  private func runExamples() throws {
    for format in SourceFormat.allCases {
      let failures = try MappingExamples.failures(in: library, format: format, zone: zone) { try ExampleDecoder.decode($0, $1, &$2, format: format) }
      guard let first = failures.first else { continue }
      for failure in failures { Console.say("example   \(failure.description)") }
      throw PipelineError("PIP-803", .configuration, "an example of '\(first.mapping)' does not give what it says; nothing was released", hint: "Mend the mapping or the example; each difference stands above.")
    }
  }

  private func write(_ new: [String]) throws {
    let added = new.map { Array("\(Hex.text(SHA256.digest(own[$0] ?? [])))  \($0)".utf8) }
    let lines = (MappingFolder.lines(own[MappingFolder.list] ?? []) + added).sorted { MappingFolder.path($0).lexicographicallyPrecedes(MappingFolder.path($1)) }
    try DurableFile.write(lines.flatMap { $0 + [0x0A] }, to: "\(folder)/\(MappingFolder.list)", mode: 0o644)
  }
}

/// Decodes the bytes of an example in this process: they are ours, not a sender's.
enum ExampleDecoder {
  static func decode(_ bytes: [UInt8], _ plan: MapPlan, _ evaluator: inout MapEvaluator, format: SourceFormat) throws -> [MappedMessage] {
    let decoder = DropDecoder(.forDesk(plan, format))
    var messages: [MappedMessage] = []
    var current = evaluator
    func take(_ event: DecodeEvent, _ record: borrowing SourceRecord) {
      switch event {
      case .begin(let head): current.begin(head)
      case .record: current.record(record)
      case .end(let tail): messages.append(current.end(tail))
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(bytes, take)
    _ = decoder.finish(take)
    evaluator = current
    return messages
  }
}

/// `compline mapping release`, as it was asked for.
struct ReleaseCommand {
  static func run(site: String?, mappings: String?, zone: String?, isDry: Bool) throws -> ExitCode {
    guard let site else {
      let name = zone ?? "America/Chicago"
      guard let bytes = ZoneFile.bytes(name), let rules = ZoneRules(tzif: bytes) else { throw PipelineError("PIP-804", .usage, "--zone is not a time zone of this machine", hint: "Use a name like America/Chicago.") }
      return try say(try MappingRelease(folder: mappings ?? "Mappings", zone: rules).run(isDry: isDry), isDry)
    }
    guard mappings == nil, zone == nil else { throw PipelineError("PIP-805", .usage, "--site has its own folder of mappings and its own zone", hint: "Leave --mappings and --zone out.") }
    // The site cannot be opened whole while its folder holds files that are not released.
    let folder = try SiteFolder(site)
    let desk = try ReleaseDesk(folder)
    let new = try MappingRelease(folder: folder, configuration: desk.configuration).run(isDry: isDry)
    if !isDry, !new.isEmpty { try desk.record(new) }
    return try say(new, isDry)
  }

  private static func say(_ new: [String], _ isDry: Bool) throws -> ExitCode {
    for path in new { Console.say("\(isDry ? "would release" : "released ") \(path)") }
    if new.isEmpty { Console.say("nothing new to release; what is released is unchanged") }
    return .closed
  }
}

/// The grant and the audit of a release: a site whose mappings are not all released yet.
private struct ReleaseDesk {
  let configuration: SiteConfiguration
  private let folder: SiteFolder
  private let keys: KeyDirectory

  init(_ folder: SiteFolder) throws {
    self.folder = folder
    configuration = try SiteConfiguration.read(try DurableFile.read(folder.configuration, maximumBytes: 1 << 20), folder: folder)
    let people = try PeopleFile.read(try DurableFile.read(folder.people, maximumBytes: 1 << 20))
    try people.decide(account: Authority.account(), verb: .release, on: Clock.today(in: configuration.zone)).require(.release, account: Authority.account())
    keys = try KeyDirectory(at: configuration.keys, refusedInside: folder.path)
  }

  func record(_ new: [String]) throws {
    let audit = try AuditLog(folder: folder.audit)
    var entry = try AuditRecord.make(.release, night: nil, outcome: .closed)
    entry.counts[.files] = new.count
    entry.digests[.mapping] = SHA256.digest(try DurableFile.read("\(folder.mappings)/\(MappingFolder.list)", maximumBytes: 1 << 20))
    try audit.append(entry)
    try audit.signCheckpoint(try keys.signingKey(.auditSigning), origin: "compline/\(configuration.site)/audit")
  }
}
