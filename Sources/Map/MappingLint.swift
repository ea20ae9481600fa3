public import Core

/// A field that a consumer's extract uses, and where its file says so.
public struct ExtractField: Sendable, Hashable {
  public var entity: String
  public var field: String
  public var file: String
  public var line: Int
  public var column: Int

  public init(entity: String, field: String, file: String, line: Int, column: Int) {
    self.entity = entity
    self.field = field
    self.file = file
    self.line = line
    self.column = column
  }
}

/// What a careful reader would say of mappings before they are released (rule 9 of the language).
///
/// - `MAP-…`: it does not compile. `LNT-201`: a field or component that the standard does not know. `LNT-202`: a required reference that no
///   mapping of the list gives for a type. `LNT-203`: a fallback that is never reached. `LNT-204`: a field that no extract uses.
///   `LNT-205`: a field of an extract that no mapping fills. `LNT-206`: a segment that is ignored and read.
///   `LNT-207`: an example holds what looks like a number of the social security.
/// - Pure: the same files give the same findings, ascending by file and place.
public enum MappingLint {
  /// Looks at sets and mappings as a feed would run them together.
  ///
  /// - zone: stands in for the feed's; without a site any zone does.
  /// - extracts: nil where no consumer is known; then LNT-204 and LNT-205 are not looked for.
  public static func findings(_ library: MappingLibrary, names: [String], format: SourceFormat, zone: ZoneRules, extracts: [ExtractField]? = nil)
    -> [LintFinding]
  {
    do {
      let plan = try MapPlan.build(library, mappings: names, format: format, zone: zone)
      var lint = PlanLint(plan: plan)
      lint.look()
      if let extracts { lint.look(for: extracts) }
      for mapping in plan.mappings { lint.lookAtExamples(try MappingOverlay.read(library, mapping.id, version: mapping.version).root) }
      return lint.findings.sorted { ($0.file, $0.line, $0.column, $0.code) < ($1.file, $1.line, $1.column, $1.code) }
    } catch {
      return [LintFinding(error)]
    }
  }

  /// Looks at one mapping, with the ones that it must come after and their latest versions; what it says of those is left out.
  ///
  /// - Returns: nothing where all is well. `name` is `id@version`.
  public static func findings(_ library: MappingLibrary, of name: String, zone: ZoneRules, extracts: [ExtractField]? = nil) -> [LintFinding] {
    do {
      let (id, version) = MappingLibrary.split(name)
      let source = try MappingOverlay.read(library, id, version: version ?? 0)
      let reads = source.root["reads"]?.entries.first { $0.key != "sender" }?.key ?? ""
      let others = try source.root.texts("after", code: "MAP-142").filter { library.latestVersion(of: $0) != nil }
      let all = findings(library, names: others + [name], format: SourceFormat(rawValue: reads) ?? .hl7v2, zone: zone, extracts: extracts)
      let files = Set(source.files)
      return all.filter { $0.weight == .error || files.contains($0.file) }
    } catch {
      return [LintFinding(error)]
    }
  }
}

extension LintFinding {
  init(_ error: ConfigurationError) {
    weight = .error
    code = error.code
    let place = error.line > 0 ? "\(error.file):\(error.line):\(error.column): " : "\(error.file): "
    summary = error.summary.hasPrefix(place) ? String(error.summary.dropFirst(place.count)) : error.summary
    hint = error.hint
    file = error.file
    line = error.line
    column = error.column
  }
}
