import Core

/// A field that holds money, by the numbers of the dictionary.
struct MoneyField: Sendable, Hashable {
  var entity: Int
  var field: Int
}

/// `totals:`, what the trailers of the sender declare.
extension MappingCompiler {
  private static let hint = "Legal: 'BTS-1: count messages', 'FTS-1: count batches', 'BTS-3: sum FIELD' with a money field that the mapping fills."

  /// Counts are taken while decoding, for every feed; sums where a mapping says of what.
  func totals(_ root: OutlineNode, _ blocks: [Block]) throws(ConfigurationError) -> [MoneyField] {
    var sums: [MoneyField] = []
    for entry in try root.block("totals", code: "MAP-146") {
      let words = Words.of(entry.value.text ?? "")
      switch (entry.key, words.first, words.count) {
      case ("BTS-1", "count", 2) where words[1] == "messages": break
      case ("FTS-1", "count", 2) where words[1] == "batches": break
      case ("BTS-3", "sum", 2) where format == .hl7v2: sums.append(try money(words[1], blocks, entry.value))
      default: throw ConfigurationError("MAP-146", "'\(entry.key): \(words.joined(separator: " "))' is no total", hint: Self.hint, at: entry.value)
      }
    }
    return sums
  }

  /// The money field of that name in the only block that fills one.
  private func money(_ name: String, _ blocks: [Block], _ node: OutlineNode) throws(ConfigurationError) -> MoneyField {
    var found: [MoneyField] = []
    for block in blocks {
      for rule in block.rules {
        let field = dictionary.entities[block.entity].fields[rule.field]
        if field.name == name, case .money = field.kind { found.append(MoneyField(entity: block.entity, field: rule.field)) }
      }
    }
    guard found.count == 1 else { throw ConfigurationError("MAP-146", "'\(name)' is not the one money field of that name", hint: Self.hint, at: node) }
    return found[0]
  }
}
