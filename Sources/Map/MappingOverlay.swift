public import Core

/// A mapping file as the compiler reads it: where it says `overlays:`, its lines stand over those of the mapping that it names.
///
/// Each node keeps the file and line in which it was written, so that errors and explanations name the right one.
struct MappingOverlay {
  /// The file's lines over those of what it overlays; without `overlays` and the lines that were taken away.
  var root: OutlineNode
  /// SHA-256 of the file's own bytes, hex.
  var digest: String
  /// The ids of the mappings that it stands over, nearest first.
  var bases: [String] = []
  /// The file and those below.
  var files: [String]

  /// Written for the value of a line that is to be no more.
  static let removed = "(removed)"
  /// As many mappings may lie below one.
  static let maximumDepth = 8

  /// Reads `id@version` and what it overlays.
  ///
  /// - isWhole: false for who needs no examples, which are half of what is written: they are there, without what they say.
  static func read(_ library: MappingLibrary, _ id: String, version: Int, isWhole: Bool = true) throws(ConfigurationError) -> MappingOverlay {
    try read(library, id, version, isWhole, depth: 0)
  }

  private static func read(_ library: MappingLibrary, _ id: String, _ version: Int, _ isWhole: Bool, depth: Int) throws(ConfigurationError) -> MappingOverlay {
    guard let path = library.path(of: id, version: version), let bytes = library[path] else { throw unknown("\(id)@\(version)", library) }
    let root = try isWhole ? OutlineReader.read(bytes, file: library.place(path)) : ExampleCut.read(bytes, file: library.place(path))
    let digest = Hex.text(SHA256.digest(bytes))
    guard let named = root["overlays"] else {
      if let codes = root["codes"] { throw ConfigurationError("MAP-154", "'codes' stands in an overlay only", hint: "Name the version in each 'code' step.", at: codes) }
      return MappingOverlay(root: root, digest: digest, files: [root.file])
    }
    let (base, number) = MappingLibrary.split(named.text ?? "")
    guard let number, library.path(of: base, version: number).map({ !$0.hasPrefix("sets/") }) == true else { throw notOne(named, library) }
    guard depth < maximumDepth, base != id || number != version else {
      throw ConfigurationError("MAP-154", "an overlay stands over itself, or over \(maximumDepth) others", hint: "Name a released mapping.", at: named)
    }
    let below = try read(library, base, number, isWhole, depth: depth + 1)
    return MappingOverlay(root: try OverlayMerge.over(below.root, root), digest: digest, bases: [base] + below.bases, files: [root.file] + below.files)
  }

  private static func notOne(_ node: OutlineNode, _ library: MappingLibrary) -> ConfigurationError {
    ConfigurationError(
      "MAP-154", "'\(node.text ?? "")' is no mapping with a version", hint: "Known: \(names(library).joined(separator: ", ")).", at: node)
  }

  static func unknown(_ name: String, _ library: MappingLibrary) -> ConfigurationError {
    ConfigurationError("MAP-141", "there is no mapping '\(name)'", hint: "Known: \(names(library).joined(separator: ", ")).", file: "Mappings")
  }

  /// All mappings, without sets.
  private static func names(_ library: MappingLibrary) -> [String] {
    library.paths.compactMap { path in
      let parts = path.split(separator: "/")
      guard parts.count == 3, parts[0] != "sets", parts[2].hasSuffix(".yaml") else { return nil }
      return "\(parts[1])@\(parts[2].dropLast(5))"
    }
  }
}

/// Lays the lines of one mapping over those of another.
enum OverlayMerge {
  /// What an overlay says of itself.
  private static let own = ["mapping", "version", "owner", "why"]
  /// Read whole, as the overlay says it.
  private static let whole = ["reads", "zone", "event_time", "after", "layout"]

  static func over(_ base: OutlineNode, _ top: OutlineNode) throws(ConfigurationError) -> OutlineNode {
    var entries = base.entries.filter { !own.contains($0.key) }
    for entry in top.entries where entry.key != "overlays" {
      if own.contains(entry.key) || whole.contains(entry.key) {
        put(entry, into: &entries)
      } else if entry.key == "examples" {
        try addExamples(entry, to: &entries)
      } else {
        try lay(entry, into: &entries, deep: !["ignore", "totals", "codes"].contains(entry.key), over: base)
      }
    }
    return OutlineNode(.mapping(entries), file: top.file, line: top.line, column: top.column)
  }

  private static func put(_ entry: OutlineNode.Entry, into entries: inout [OutlineNode.Entry]) {
    if let known = entries.firstIndex(where: { $0.key == entry.key }) { entries[known] = entry } else { entries.append(entry) }
  }

  /// A block over the block of its name; `deep` for an entity, whose `set` is laid line by line too.
  private static func lay(_ entry: OutlineNode.Entry, into entries: inout [OutlineNode.Entry], deep: Bool, over base: OutlineNode) throws(ConfigurationError) {
    guard entry.value.text != MappingOverlay.removed else { return try remove(entry, from: &entries) }
    guard let known = entries.firstIndex(where: { $0.key == entry.key }), case .mapping = entry.value.content else { return put(entry, into: &entries) }
    var lines = entries[known].value.entries
    for line in entry.value.entries {
      if deep, line.key == "set" {
        try lay(line, into: &lines, deep: false, over: entries[known].value)
      } else if line.value.text == MappingOverlay.removed {
        try remove(line, from: &lines)
      } else {
        put(line, into: &lines)
      }
    }
    let place = entries[known].value
    entries[known].value = OutlineNode(.mapping(lines), file: place.file, line: place.line, column: place.column)
  }

  private static func remove(_ entry: OutlineNode.Entry, from entries: inout [OutlineNode.Entry]) throws(ConfigurationError) {
    guard entries.contains(where: { $0.key == entry.key }) else {
      throw ConfigurationError(
        "MAP-154", "'\(entry.key)' is taken away and was never there", hint: "Lines of the mapping below: \(entries.map(\.key).joined(separator: ", ")).",
        file: entry.value.file, line: entry.keyLine, column: entry.keyColumn)
    }
    entries.removeAll { $0.key == entry.key }
  }

  /// An example of a name that is there already stands in its place; the others still hold.
  private static func addExamples(_ entry: OutlineNode.Entry, to entries: inout [OutlineNode.Entry]) throws(ConfigurationError) {
    guard let known = entries.firstIndex(where: { $0.key == "examples" }), var items = entries[known].value.items, let own = entry.value.items else {
      return put(entry, into: &entries)
    }
    for example in own {
      if let name = example["name"]?.text, let place = items.firstIndex(where: { $0["name"]?.text == name }) {
        items[place] = example
      } else {
        items.append(example)
      }
    }
    let place = entries[known].value
    entries[known].value = OutlineNode(.sequence(items), file: place.file, line: place.line, column: place.column)
  }
}

extension Mapping {
  /// True where it is the mapping of that id, or stands over it.
  func stands(for id: String) -> Bool { identity.id == id || bases.contains(id) }

  /// True for two versions of one mapping, or one that stands over the other.
  func isSame(as other: Mapping) -> Bool { stands(for: other.identity.id) || other.stands(for: identity.id) }
}

extension MappingCompiler {
  /// `codes: {sex@1: sex@2}` of an overlay; each of the first must stand in a line.
  func replacedCodes(_ root: OutlineNode) throws(ConfigurationError) -> [String: String] {
    var codes: [String: String] = [:]
    for entry in try root.block("codes", code: "MAP-154") {
      let used = try usedCodes(root)
      guard used.contains(entry.key), let set = entry.value.text else {
        throw ConfigurationError(
          "MAP-154", "no line says 'code \(entry.key)'", hint: "Lines name \(used.joined(separator: ", ")).", file: entry.value.file, line: entry.keyLine,
          column: entry.keyColumn)
      }
      guard MappingLibrary.split(set).id == MappingLibrary.split(entry.key).id else {
        throw ConfigurationError("MAP-154", "'\(set)' is another code set than '\(entry.key)', not another version of it", hint: "Say the line itself anew.", at: entry.value)
      }
      codes[entry.key] = set
    }
    return codes
  }

  private func usedCodes(_ root: OutlineNode) throws(ConfigurationError) -> [String] {
    var used: Set<String> = []
    for block in root.entries where dictionary.index(of: block.key) != nil {
      for line in block.value["set"]?.entries ?? [] {
        for words in try RuleLine(line.value).steps where words.count == 2 && words[0].text == "code" { used.insert(words[1].text) }
      }
    }
    return used.sorted()
  }
}

extension MappingLibrary {
  /// The lines of a mapping, those of an overlay over the lines of what it stands on.
  ///
  /// - Throws: `ConfigurationError` MAP-141 for an unknown mapping, MAP-154 and what reading a file throws.
  public func lines(of id: String, version: Int) throws(ConfigurationError) -> OutlineNode { try MappingOverlay.read(self, id, version: version).root }
}
