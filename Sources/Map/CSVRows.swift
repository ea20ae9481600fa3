import Core

extension MapEvaluator {
  /// Maps one row: every mapping of the feed reads it.
  mutating func mapRow(_ table: SegmentTable) {
    readers += program.mappings.indices
    walkBlocks(table)
  }

  /// A row that does not say when it is of is one of its night: the same bytes on another night say something else, so the business date
  /// becomes a part of its identity (docs/decisions/017).
  mutating func settleIdentity() {
    guard message.rows.rows.contains(where: \.eventTimeIsFallback) else { return }
    var bytes = message.digest
    for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: fallbackInstant >> shift)) }
    message.digest = SHA256.digest(bytes)
  }
}

extension HL7Path {
  /// A column of a layout: a field of the segment that a row becomes.
  init?(column name: String, number: Int) {
    self.init("ROW-\(number)")
    text = name
    place = .current
  }
}

extension RuleCompiler {
  /// A column by its name.
  func columnPath(_ text: String, _ node: OutlineNode) throws(ConfigurationError) -> HL7Path {
    let layout = layout ?? RowLayout()
    guard let number = layout.field(named: text), let path = HL7Path(column: text, number: number) else {
      throw LayoutCompiler.unknownColumn(text, layout, node)
    }
    return path
  }
}

extension MappingCompiler {
  /// The layout of a mapping of rows, which must be that of the mappings before it: one file is read once.
  mutating func takeLayout(_ root: OutlineNode) throws(ConfigurationError) {
    guard format == .csv else {
      if let node = root["layout"] { throw ConfigurationError("MAP-170", "only mappings of rows have a layout", at: node) }
      return
    }
    guard let node = root["layout"] else {
      throw ConfigurationError("MAP-170", "'layout' is missing", hint: "Say how the file is laid out: docs/formats/csv.md.", at: root)
    }
    let own = try LayoutCompiler.layout(node)
    guard layout == nil || layout == own else {
      throw ConfigurationError(
        "MAP-174", "the layout is not that of the mappings before it", hint: "Mappings of one feed read one file: give them one layout, or use two feeds.", at: node)
    }
    layout = own
  }

  /// `each: row`.
  func rowWalk(_ node: OutlineNode, _ each: String, _ rules: inout RuleCompiler) throws(ConfigurationError) -> Block.Walk {
    guard each == "row" else { throw ConfigurationError("MAP-142", "'\(each)' is not understood", hint: "Write 'each: row'.", at: node["each"] ?? node) }
    rules.layout = layout
    rules.segment = RowLayout.segment
    return .segments(name: RowLayout.segment, parent: 0, field: 0)
  }

  /// A row that lacks an optional column says nothing of it, so it cannot clear what the column fills.
  func checkOptionalColumns(_ block: Block, _ node: OutlineNode) throws(ConfigurationError) {
    guard format == .csv, block.isWhole, let layout else { return }
    for column in layout.columns where column.isOptional {
      guard !block.rules.contains(where: { $0.reads(column.name) }) else {
        throw ConfigurationError(
          "MAP-175", "'\(column.name)' may be missing from the file, and the block clears what is not there",
          hint: "Take it off 'optional', or write 'absent: keeps'.", at: node["absent"] ?? node)
      }
    }
  }
}

extension FieldRule {
  fileprivate func reads(_ column: String) -> Bool {
    guard case .fields(let paths, _) = source else { return false }
    return paths.contains { $0.text == column }
  }
}
