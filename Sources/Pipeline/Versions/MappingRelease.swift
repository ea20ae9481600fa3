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
    try MappingLibrary(files: shipped).verifyReleased(by: MappingFolder.sha256)
    try self.init(folder: folder.mappings, name: "SITE/mappings", own: try MappingFolder.collect(folder.mappings), over: shipped, zone: configuration.zone)
  }

  private init(folder: String, name: String, own: [String: [UInt8]], over base: [String: [UInt8]], zone: ZoneRules) throws {
    (self.folder, self.name, self.own, self.zone) = (folder, name, own, zone)
    var library = MappingLibrary(files: base.merging(own) { _, own in own })
    library.setPlaces(of: own.keys, below: name)
    self.library = library
  }

  /// The paths that are new in the list, and the list with them.
  struct Frozen {
    var new: [String]
    var list: [UInt8]
  }

  /// Checks everything; nothing is written.
  ///
  /// - Throws: MAP-121 … MAP-123 where a released file is missing or has changed, PIP-832 where a file has no place in the folder, what the
  ///   compiler finds, PIP-803 where an example fails.
  func checked() throws -> Frozen {
    let listed = try verified()
    if let stray = try MappingFolder.misplaced(folder).first(where: { !listed.contains($0) }) { throw Self.misplaced("\(name)/\(stray)") }
    let new = own.keys.filter { $0 != MappingFolder.list && !listed.contains($0) }.sorted()
    if !new.isEmpty {
      try compile(new)
      try runExamples(of: new)
    }
    return Frozen(new: new, list: list(with: new))
  }

  private static func misplaced(_ path: String) -> PipelineError {
    PipelineError(
      "PIP-832", .configuration, "\(path) has no place in a folder of mappings; nothing was released",
      hint: "Legal: canonical/VERSION.yaml, hl7v2|ccda|csv|fhir|sets/ID/VERSION.yaml, codes/ID/VERSION.csv. Move it, or take it away.")
  }

  /// The paths that the list holds, their bytes held against it.
  private func verified() throws -> Set<String> {
    guard let list = own[MappingFolder.list] else { return [] }
    let paths = MappingFolder.lines(list).map { String(decoding: MappingFolder.path($0), as: UTF8.self) }
    var files = own.filter { paths.contains($0.key) }
    files[MappingFolder.list] = list
    try library.with(files: files).verifyReleased(by: MappingFolder.sha256)
    return Set(paths)
  }

  /// Each file is read whole: a mapping must compile and have an example (the compiler demands it), a set must find its mappings.
  private func compile(_ paths: [String]) throws {
    for path in paths {
      let parts = path.split(separator: "/").map(String.init), bytes = own[path] ?? [], file = "\(name)/\(path)"
      switch parts[0] {
      case "canonical": _ = try DictionaryFile.read(bytes, file: file)
      case "codes": try CodeSetFile.check(bytes, name: "\(parts[1])@\(parts[2].dropLast(4))", file: file)
      default:
        let name = "\(parts[1])@\(parts[2].dropLast(5))", isSet = parts[0] == "sets"
        let needed = isSet ? [] : try library.needed(before: name), room = isSet ? try self.room(of: path) : parts[0]
        _ = try MapPlan.build(library, mappings: needed + [name], format: Self.format(of: room), zone: zone)
      }
    }
  }

  /// Where the first mapping of a set lies.
  private func room(of set: String) throws -> String {
    let first = try OutlineReader.read(own[set] ?? [], file: "\(name)/\(set)").texts("mappings", code: "MAP-160").first ?? ""
    let path = library.paths.first { path in VersionName(first).map { path.hasSuffix("/\($0.id)/\($0.version).yaml") && !path.hasPrefix("sets/") } ?? false }
    return path?.split(separator: "/").first.map(String.init) ?? "hl7v2"
  }

  private static func format(of room: String) -> SourceFormat { room == "ccda" ? .cda : SourceFormat(rawValue: room) ?? .hl7v2 }

  /// `id@version` of a mapping's path; nil of other files.
  private static func mapping(of path: String) -> String? {
    let parts = path.split(separator: "/")
    guard parts.count == 3, parts[0] != "codes", parts[0] != "sets" else { return nil }
    return "\(parts[1])@\(parts[2].dropLast(5))"
  }

  /// Those of the new mappings, which name the versions of everything that they read; all of them where a dictionary is new, under which all run.
  private func runExamples(of new: [String]) throws {
    let isOfAll = new.contains { $0.hasPrefix("canonical/") }
    let names = isOfAll ? nil : Set(new.compactMap(Self.mapping(of:)))
    for format in SourceFormat.allCases {
      let failures = try MappingExamples.failures(in: library, format: format, zone: zone, names: names) { try ExampleDecoder.decode($0, $1, &$2, format: format) }
      guard let first = failures.first else { continue }
      for failure in failures { Console.say("example   \(failure.description)") }
      throw PipelineError("PIP-803", .configuration, "an example of '\(first.mapping)' does not give what it says; nothing was released", hint: "Mend the mapping or the example; each difference stands above.")
    }
  }

  private func list(with new: [String]) -> [UInt8] {
    let added = new.map { Array("\(Hex.text(SHA256.digest(own[$0] ?? [])))  \($0)".utf8) }
    let lines = (MappingFolder.lines(own[MappingFolder.list] ?? []) + added).sorted { MappingFolder.path($0).lexicographicallyPrecedes(MappingFolder.path($1)) }
    return lines.flatMap { $0 + [0x0A] }
  }

  /// Puts the list there; only then is anything released.
  func write(_ frozen: Frozen) throws { try DurableFile.write(frozen.list, to: "\(folder)/\(MappingFolder.list)", mode: 0o644) }
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
