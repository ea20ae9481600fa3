import Core

/// One line of a mapping as it stands in a plan: what fills a field, and where that is written.
public struct RuleOrigin: Sendable, Equatable {
  /// Index into `MapPlan.mappings`.
  public var mapping: Int
  /// The entity's and the field's name.
  public var entity: String
  public var field: String
  /// What one row is made from, as `each:` says.
  public var each: String
  /// The source paths that the line reads, those of its steps too, as written.
  public var paths: [String]
  /// How many of them are the chain that gives the value; the others belong to steps.
  public var chain: Int
  /// The line as written.
  public var text: String
  /// The file and the one-based line; of an overlay those of the mapping below where it says nothing itself.
  public var file: String
  public var line: Int
}

/// One line of `ignore:`.
public struct IgnoredPath: Sendable, Equatable {
  /// Index into `MapPlan.mappings`.
  public var mapping: Int
  /// A field `PID-10`, a segment `NK1`, or a path of a document.
  public var path: String
  public var reason: String
  public var file: String
  public var line: Int
}

extension MapPlan {
  /// Every line of every `set:`, in the order in which the plan runs them.
  public var origins: [RuleOrigin] {
    compiled.flatMap { mapping in
      mapping.blocks.flatMap { block in
        block.rules.map { rule in
          RuleOrigin(
            mapping: block.mapping, entity: dictionary.entities[block.entity].name, field: dictionary.entities[block.entity].fields[rule.field].name,
            each: block.each, paths: rule.reads, chain: rule.source.pathCount, text: rule.place.text, file: rule.place.file, line: rule.place.line)
        }
      }
    }
  }

  /// Every line of every `ignore:`.
  public var ignored: [IgnoredPath] { compiled.flatMap(\.ignored) }

  /// Index of the line that fills a field of a mapping's rows; nil where none does.
  public func origin(mapping: Int, entity: String, field: String) -> RuleOrigin? {
    origins.first { $0.mapping == mapping && $0.entity == entity && $0.field == field }
  }
}

/// Where a line is written.
struct RulePlace: Sendable {
  var text: String
  var file: String
  var line: Int
  var column: Int

  init(text: String, file: String, line: Int, column: Int) {
    self.text = text
    self.file = file
    self.line = line
    self.column = column
  }

  init(_ node: OutlineNode) {
    text = node.text ?? ""
    file = node.file
    line = node.line
    column = node.column
  }
}

extension FieldRule {
  /// The source paths that it reads.
  var reads: [String] { chainReads + suffixes.map(\.path.text) }

  private var chainReads: [String] {
    switch source {
    case .fields(let paths, let reading):
      switch reading {
      case .identifier(let otherwise, _): paths.map(\.text) + otherwise.map(\.text) + paths.flatMap(\.parts).map(\.text)
      case .typed(let kind): paths.map(\.text) + [kind.text]
      case .text, .scalar, .amount, .joined, .telephone, .attachment: paths.map(\.text)
      }
    case .nodes(let paths, _): paths.map(\.text)
    case .nearest: []
    }
  }
}
