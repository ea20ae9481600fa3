public import Core

/// The examples that stand in mapping files, run as tests: what a message must give, what must be held.
public enum MappingExamples {
  /// One difference between what an example wants and what the mapping gave. Examples hold synthetic people only, so values may be shown.
  public struct Failure: Sendable, Equatable, CustomStringConvertible {
    public var mapping: String
    public var example: String
    /// `condition[0].code`, `hold`, `findings`.
    public var place: String
    public var want: String
    public var got: String

    public var description: String { "\(mapping) · \(example) · \(place): want \(want), got \(got)" }
  }

  /// Decodes the example's bytes and feeds the evaluator: `begin`, `record`…, `end` for each message.
  public typealias Decode = (_ bytes: [UInt8], _ plan: MapPlan, _ evaluator: inout MapEvaluator) throws -> [MappedMessage]

  /// The feed that examples come from: numbers without an assigner are those of `feed:example`.
  public static let feed = "example"

  /// How many examples the mappings of a format hold.
  public static func count(in library: MappingLibrary, format: SourceFormat) throws(ConfigurationError) -> Int {
    var count = 0
    for (_, root) in try files(library, format) { count += root["examples"]?.items?.count ?? 0 }
    return count
  }

  /// Runs all examples of a format; none failing gives an empty list.
  ///
  /// - Each mapping runs after the ones that its `after:` names. `change:` and `replace:` start from the first example's `given`.
  /// - names: those of these mappings alone, `id@version`; nil for all.
  public static func failures(in library: MappingLibrary, format: SourceFormat, zone: ZoneRules, names: Set<String>? = nil, decode: Decode) throws -> [Failure] {
    var failures: [Failure] = []
    for (name, root) in try files(library, format) where names?.contains(name) ?? true {
      let needed = try root.texts("after", code: "MAP-142")
      var plan = try MapPlan.build(library, mappings: needed + [name], format: format, zone: zone, feed: feed)
      var given = ""
      for node in root["examples"]?.items ?? [] {
        let example = try MappingExample(node, first: &given, layout: plan.layout, isResource: format == .fhir)
        plan.server = example.server
        for (type, text) in try example.texts(plan.types) {
          var evaluator = MapEvaluator(plan: plan, businessDate: BusinessDate(daysSinceEpoch: 20_500))
          let messages = try decode(Array(text.utf8), plan, &evaluator)
          failures += example.differences(messages.first ?? MappedMessage(), plan).map {
            Failure(mapping: name, example: example.name + type, place: $0.place, want: $0.want, got: $0.got)
          }
        }
      }
    }
    return failures
  }

  private static func files(_ library: MappingLibrary, _ format: SourceFormat) throws(ConfigurationError) -> [(String, OutlineNode)] {
    let room = format == .cda ? "ccda/" : format.rawValue + "/"
    var files: [(String, OutlineNode)] = []
    for path in library.paths where path.hasPrefix(room) {
      let parts = path.split(separator: "/")
      guard parts.count == 3, let version = Int(parts[2].dropLast(5)) else { continue }
      files.append(("\(parts[1])@\(parts[2].dropLast(5))", try MappingOverlay.read(library, String(parts[1]), version: version).root))
    }
    return files
  }
}
