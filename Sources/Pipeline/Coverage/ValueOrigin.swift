import Core
import Map

/// The line of a mapping that filled a field, and what of it gave the value: names of files and paths only.
struct ValueOrigin {
  private let file: String
  private let layers: LineLayers
  private let rule: RuleOrigin?
  private let source: CellSource?
  /// The line of `clears` that counts, where the trigger event clears the field.
  private var clearing: LineLayer?

  /// - source: what the worker says; a path that the line does not have counts as none.
  /// - type: that of the message, whose event may clear the field.
  init(_ plan: MapPlan, _ library: MappingLibrary, mapping: Int, entity: String, field: String, source: CellSource?, type: String) throws {
    let identity = plan.mappings[mapping]
    layers = try library.layers(of: identity, entity: entity, field: field)
    rule = plan.origin(mapping: mapping, entity: entity, field: field)
    file = rule?.file ?? ""
    self.source = source
    if source == .cleared {
      clearing = try library.clearing(of: identity, entity: entity, field: field, event: type.split(separator: "^").last.map(String.init) ?? "")
    }
  }

  /// Lines for people: which mapping, its line as written, what it stands over, and the path taken.
  func lines(of mapping: String) -> [String] {
    let line = clearing ?? layers.lines.first
    if clearing != nil { return ["mapping  \(mapping), \(line?.place ?? file)", "line     \(line?.text ?? "")"] + layers.lines.map { "over     \($0.place)  \($0.text)" } + ["path     \(path)"] }
    return ["mapping  \(mapping), \(line?.place ?? file)", "line     \(line?.text ?? "")"]
      + layers.codes.map { "codes    \($0.text), \($0.place)" } + layers.lines.dropFirst().map { "over     \($0.place)  \($0.text)" } + ["path     \(path)"]
  }

  private var path: String {
    switch source {
    case .path(let path, let assigner): taken(path, assigner)
    case .fallback: "none had a value; 'default' stands in"
    case .nearestRow: "the nearest row before it"
    case .entryIdentity: "the place of its statement beside what it sent: others of the document or message share that, and it identifies nothing alone"
    case .cleared: "the trigger event clears the field, whatever the message says of it"
    case .joined: "another place of the message"
    case nil: "none had a value; the row states the whole"
    }
  }

  private func taken(_ path: Int, _ assigner: Int) -> String {
    guard let rule, (0..<rule.chain).contains(path) else { return "not known" }
    let value = Self.named(rule.paths[path], path + 1, of: rule.chain)
    guard rule.paths.indices.contains(assigner), assigner >= rule.chain else { return value }
    return value + "; assigner from " + Self.named(rule.paths[assigner], assigner - rule.chain + 1, of: rule.paths.count - rule.chain)
  }

  private static func named(_ path: String, _ number: Int, of count: Int) -> String { count > 1 ? "\(path), path \(number) of \(count)" : path }
}
