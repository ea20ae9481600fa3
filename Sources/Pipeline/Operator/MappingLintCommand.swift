import Core
import Extract
import Map
import Trust

/// `compline mapping lint`: what a careful reader would say of mappings, before they are released.
struct MappingLintCommand {
  /// Whose lines are spoken of where a site is looked at.
  enum Scope: Sendable {
    /// Those of its own mappings and consumers: what is shipped is not the site's to change.
    case own
    case all
  }

  private let scope: Scope
  private var findings: [LintFinding] = []
  private var looked = 0
  /// Findings of shipped mappings that are not told.
  private var leftOut = 0

  private init(_ scope: Scope) { self.scope = scope }

  static func run(_ paths: [String], mappings: String?, site: String?, scope: Scope, json: Bool) throws -> ExitCode {
    var command = MappingLintCommand(scope)
    if let site { try command.look(at: site) }
    let given = paths.isEmpty && site == nil ? [mappings ?? ShippedMappings.find() ?? "Mappings"] : paths
    for path in given { try command.look(path, over: mappings) }
    guard command.looked > 0 else {
      throw PipelineError("PIP-451", .nothingUsable, "no mapping was found", hint: "Name a file like Mappings/hl7v2/pid-patient/1.yaml, or the folder above.")
    }
    return command.report(json)
  }

  // MARK: Files

  /// A file `ROOT/hl7v2/ID/VERSION.yaml`, or a folder laid out like ROOT; its files stand over the shipped ones.
  private mutating func look(_ path: String, over shipped: String?) throws {
    let isFolder = Folder.isFolder(path)
    let parts = (path.hasPrefix("/") ? path : "./" + path).split(separator: "/", omittingEmptySubsequences: false)
    guard isFolder || parts.count > 3 && path.hasSuffix(".yaml") else {
      throw PipelineError(
        "PIP-450", .usage, "this is no mapping and no folder of mappings", hint: "Name a file like Mappings/hl7v2/pid-patient/1.yaml, or the folder above.")
    }
    let root = isFolder ? path : parts.dropLast(3).joined(separator: "/")
    let own = try Self.files(root)
    let base = try shipped ?? (own.keys.contains { $0.hasPrefix("canonical/") } ? nil : try ShippedMappings.below(root))
    let below = try base.map(Self.files) ?? [:]
    guard base == nil || below.keys.contains(where: { $0.hasPrefix("canonical/") }) else { throw ShippedMappings.missing("'\(base ?? "")'") }
    var library = MappingLibrary(files: below.merging(own) { $1 })
    if base != nil { library.setPlaces(of: own.keys, below: root.hasPrefix("./") ? String(root.dropFirst(2)) : root) }
    let wanted = isFolder ? nil : parts.suffix(3).joined(separator: "/")
    guard wanted == nil || own[wanted ?? ""] != nil else {
      throw PipelineError("PIP-450", .usage, "the file lies in no folder of mappings", hint: "Lay it out as hl7v2/ID/VERSION.yaml.")
    }
    for file in own.keys.sorted() where wanted == nil || file == wanted {
      guard let name = Self.mapping(file) else { continue }
      looked += 1
      findings += MappingLint.findings(library, of: name, zone: .utc)
    }
  }

  /// `hl7v2/pid-patient/1.yaml` to `pid-patient@1`; nil for sets, code sets and dictionaries.
  private static func mapping(_ path: String) -> String? {
    let parts = path.split(separator: "/")
    guard parts.count == 3, MappingFolder.rooms.contains(String(parts[0])), parts[2].hasSuffix(".yaml") else { return nil }
    return "\(parts[1])@\(parts[2].dropLast(5))"
  }

  /// What lies in the rooms of mappings; templates of feeds, and whatever else stands beside them, are none.
  private static func files(_ root: String) throws -> [String: [UInt8]] { try MappingFolder.collect(root).filter { $0.key != MappingFolder.list } }

  // MARK: Sites

  /// What each feed runs together, held against what the site's consumers are given.
  private mutating func look(at path: String) throws {
    let site = try Site.open(path, isReleased: false)
    try Authority.require(.check, site)
    let extracts = site.consumers.flatMap(\.specification.uses)
    var missing: Set<String>?
    var found: [LintFinding] = []
    var pins = try Pins.read(site.folder.pins)
    for feed in site.feeds {
      let names = try pins.resolve(feed, site.library, on: Clock.today(in: site.configuration.zone)).names
      looked += names.count
      let all = MappingLint.findings(site.library, names: names, format: feed.format, zone: feed.zone, extracts: site.consumers.isEmpty ? nil : extracts)
      found += all.filter { !found.contains($0) }
      let own = Set(all.filter { $0.code == "LNT-205" }.map(\.description))
      missing = missing.map { $0.intersection(own) } ?? own
    }
    // A field that one feed does not fill may come from another.
    tell(found.filter { $0.code != "LNT-205" || missing?.contains($0.description) == true })
    try lookAtOwn(site)
  }

  /// The site's own mappings by themselves: one that no feed names yet is looked at before the feed is written.
  private mutating func lookAtOwn(_ site: Site) throws {
    guard Folder.isFolder(site.folder.mappings) else { return }
    for name in try Self.files(site.folder.mappings).keys.sorted().compactMap(Self.mapping) {
      looked += 1
      tell(MappingLint.findings(site.library, of: name, zone: site.configuration.zone).filter { !findings.contains($0) })
    }
  }

  private mutating func tell(_ all: [LintFinding]) {
    let told = scope == .all ? all : all.filter { $0.weight == .error || !MappingFolder.isShipped($0.file) }
    findings += told
    leftOut += all.count - told.count
  }

  // MARK: Saying

  /// 78 where a mapping is refused, 3 where a person should look, 0 where nothing was found.
  private func report(_ json: Bool) -> ExitCode {
    for finding in findings { Console.say(json ? String(decoding: finding.json.canonical, as: UTF8.self) : finding.description) }
    if !json { Console.say("lint      \(looked) \(looked == 1 ? "mapping" : "mappings"), \(findings.count) \(findings.count == 1 ? "finding" : "findings")\(rest)") }
    if findings.contains(where: { $0.weight == .error }) { return .configuration }
    return findings.isEmpty ? .closed : .waiting
  }
}

extension MappingLintCommand {
  private var rest: String { leftOut == 0 ? "" : "; \(leftOut) in shipped mappings not told: --shipped tells them" }
}

extension Specification {
  /// The fields that rows are chosen, required and summed by, each with the place that says so.
  fileprivate var uses: [ExtractField] {
    (fields.map { ($0.name, $0.place) } + require.map { ($0.field, $0.place) }).map {
      ExtractField(entity: entity, field: $0.0, file: $0.1.file, line: $0.1.line, column: $0.1.column)
    }
  }
}

extension LintFinding {
  fileprivate var json: JSONValue {
    .object([
      "file": .string(file), "line": .integer(line), "column": .integer(column), "weight": .string(weight.rawValue), "code": .string(code),
      "summary": .string(summary), "hint": .string(hint),
    ])
  }
}
