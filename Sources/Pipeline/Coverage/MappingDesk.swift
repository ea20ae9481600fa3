import Core
import Decode
import Map
import Trust

/// What the verbs that need no site work with: a library read from a folder, one mapping or set of it, a zone.
struct MappingDesk {
  let library: MappingLibrary
  /// The mappings to run, those first that others come after.
  let names: [String]
  let format: SourceFormat
  let zone: ZoneRules

  /// - name: a mapping or set file, or its name, `pid-patient@1`.
  /// - folder: a folder of mappings; else the one around the file, else `Mappings` here or of the installation. One that holds no `canonical`, as
  ///   that of a site, stands over the shipped ones.
  init(_ name: String, folder: String?, zone: String) throws {
    guard let rules = ZoneFile.bytes(zone).flatMap({ ZoneRules(tzif: $0) }) else {
      throw PipelineError("PIP-430", .usage, "there is no time zone of that name", hint: "Write --zone America/Chicago.")
    }
    self.zone = rules
    let root = folder ?? Self.folder(around: name)
    var library = try Self.library(root)
    var pinned = name
    if name.hasSuffix(".yaml") {
      let bytes = try DurableFile.read(name, maximumBytes: 16 << 20)
      let (path, own) = try Self.place(bytes, name, library)
      if library[path] != bytes {
        library = library.with(files: Dictionary(uniqueKeysWithValues: library.paths.map { ($0, library[$0] ?? []) }).merging([path: bytes]) { $1 })
        library.places[path] = name
      }
      pinned = own
    }
    self.library = library
    (names, format) = try Self.resolve(pinned, library)
  }

  /// A folder that has a dictionary, or one without over the shipped ones; nil gives those.
  private static func library(_ root: String?) throws -> MappingLibrary {
    if let root, Folder.isFolder(root + "/canonical") { return MappingLibrary(files: try read(root)) }
    let base = try ShippedMappings.below(root), shipped = try read(base)
    guard shipped.keys.contains(where: { $0.hasPrefix("canonical/") }) else { throw ShippedMappings.missing("'\(base)'") }
    guard let root else { return MappingLibrary(files: shipped) }
    let own = try read(root)
    var library = MappingLibrary(files: shipped.merging(own) { $1 })
    library.setPlaces(of: own.keys, below: root)
    return library
  }

  /// `DIR/hl7v2/pid-patient/1.yaml` lies in `DIR`.
  private static func folder(around path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard path.hasSuffix(".yaml"), parts.count >= 3, ["hl7v2", "ccda", "csv", "fhir", "sets"].contains(parts[parts.count - 3]) else { return nil }
    return parts.count == 3 ? "." : parts.dropLast(3).joined(separator: "/")
  }

  private static func read(_ root: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    var pending = ["canonical", "hl7v2", "ccda", "csv", "fhir", "codes", "sets"]
    while let path = pending.popLast() {
      guard try Folder.isInner("\(root)/\(path)") else { continue }
      for name in (try? Folder.names("\(root)/\(path)")) ?? [] {
        let child = "\(path)/\(name)"
        if try Folder.isInner("\(root)/\(child)") { pending.append(child) } else { files[child] = try DurableFile.read("\(root)/\(child)", maximumBytes: 16 << 20) }
      }
    }
    return files
  }

  /// Where a file belongs in a library, by what it says of itself, and its name.
  private static func place(_ bytes: [UInt8], _ file: String, _ library: MappingLibrary) throws -> (path: String, name: String) {
    var root = try OutlineReader.read(bytes, file: file)
    let isSet = root["set"] != nil
    let id = try root.required(isSet ? "set" : "mapping", code: "PIP-432"), version = try root.required("version", code: "PIP-432")
    // An overlay reads what the mapping below it reads.
    if root["reads"] == nil, let below = root["overlays"]?.text { root = try outline(of: below, library) }
    let room = isSet ? "sets" : root["reads"]?["cda"] != nil ? "ccda" : ["hl7v2", "fhir"].first { root["reads"]?[$0] != nil } ?? "csv"
    return ("\(room)/\(id)/\(version).yaml", "\(id)@\(version)")
  }

  /// A set as it is; a mapping with those that it comes after.
  private static func resolve(_ name: String, _ library: MappingLibrary) throws -> ([String], SourceFormat) {
    let root = try outline(of: name, library)
    let pinned = library.latestVersion(of: name) ?? name
    if root["set"] != nil {
      guard let first = try root.texts("mappings", code: "PIP-432").first else { throw unknown }
      return ([pinned], format(try outline(of: first, library)))
    }
    let needed = try root.texts("after", code: "PIP-432").compactMap { library.latestVersion(of: $0) }
    return (needed + [pinned], format(root))
  }

  private static func format(_ root: OutlineNode) -> SourceFormat {
    SourceFormat.allCases.first { root["reads"]?[$0.rawValue] != nil } ?? .hl7v2
  }

  private static var unknown: PipelineError {
    PipelineError("PIP-433", .usage, "there is no mapping or set of that name", hint: "Name a file, or ID or ID@VERSION of the folder; those of a site with --site DIR.")
  }

  private static func outline(of name: String, _ library: MappingLibrary) throws -> OutlineNode {
    let pinned = library.latestVersion(of: name) ?? name
    let parts = pinned.split(separator: "@")
    guard parts.count == 2, let path = library.paths.first(where: { $0.hasSuffix("/\(parts[0])/\(parts[1]).yaml") }), let bytes = library[path] else {
      throw unknown
    }
    guard !path.hasPrefix("sets/"), let version = Int(parts[1]) else { return try OutlineReader.read(bytes, file: library.place(path)) }
    return try library.lines(of: String(parts[0]), version: version)
  }

  func plan() throws -> MapPlan { try MapPlan.build(library, mappings: names, format: format, zone: zone, feed: MappingExamples.feed) }
}

/// Runs bytes through decoder, evaluator and observer, in this process: for texts of the analyst's own.
struct DeskRun {
  let plan: MapPlan
  let rules: CoverageRules
  private var evaluator: MapEvaluator
  private var observer: CoverageObserver

  init(_ desk: MappingDesk) throws {
    plan = try desk.plan()
    rules = try CoverageRules(plan, desk.library)
    evaluator = MapEvaluator(plan: plan, businessDate: Clock.today(in: desk.zone))
    observer = CoverageObserver(rules, isWhole: true)
  }

  /// Gives each message with the count of its own places.
  mutating func run(_ bytes: [UInt8], _ format: SourceFormat, _ take: (MappedMessage, FeedTally) throws -> Void) throws {
    let decoder = DropDecoder(DecodeSettings.forDesk(plan, format))
    var messages: [(MappedMessage, FeedTally)] = []
    func relay(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head):
        evaluator.begin(head)
        observer.begin()
      case .record:
        evaluator.record(record)
        observer.record(record, &evaluator)
      case .end(let tail):
        observer.end(tail, record)
        messages.append((evaluator.end(tail), observer.tally()))
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(bytes, relay)
    _ = decoder.finish(relay)
    for (message, tally) in messages { try take(message, tally) }
  }
}

extension DecodeSettings {
  /// As a plan's own messages are decoded.
  static func forDesk(_ plan: MapPlan, _ format: SourceFormat) -> DecodeSettings {
    var settings = DecodeSettings(format: format, names: plan.arenaNames)
    settings.layout = plan.layout
    settings.server = plan.server
    return settings
  }
}
