import Core

/// The code sets that mappings use, each read once.
struct CodeSetTable {
  let library: MappingLibrary
  private(set) var sets: [CodeSet] = []

  init(library: MappingLibrary) { self.library = library }

  /// The number of `sex@1`; read when first named.
  mutating func index(of name: String, _ node: OutlineNode) throws(ConfigurationError) -> Int {
    if let known = sets.firstIndex(where: { $0.name == name }) { return known }
    let (id, version) = MappingLibrary.split(name)
    guard let version, name == "\(id)@\(version)" else { throw ConfigurationError("MAP-140", "the code set '\(name)' has no version", hint: "Write '\(id)@1'.", at: node) }
    let path = "codes/\(id)/\(version).csv"
    guard let bytes = library[path] else {
      let known = library.paths.compactMap { $0.hasPrefix("codes/") ? $0.dropFirst(6).dropLast(4).split(separator: "/").joined(separator: "@") : nil }
      throw ConfigurationError("MAP-140", "there is no code set '\(name)'", hint: "Known: \(known.joined(separator: ", ")).", at: node)
    }
    sets.append(try CodeSet.read(bytes, name: name, file: library.place(path)))
    return sets.count - 1
  }
}
