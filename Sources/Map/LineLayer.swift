public import Core

/// A line of a mapping file that has a part in how a field is filled: of an overlay, or of the mapping that it stands over.
public struct LineLayer: Sendable, Equatable {
  /// `Mappings/hl7v2/pid-patient/1.yaml` and the one-based line.
  public var file: String
  public var line: Int
  /// As written: `sex: PID-8 | upper | code sex@1`; of `codes:` the replacement, `sex@1: sex@2`.
  public var text: String

  /// `Mappings/hl7v2/pid-patient/1.yaml:17`.
  public var place: String { "\(file):\(line)" }
}

/// How the lines of a field lie over each other.
public struct LineLayers: Sendable, Equatable {
  /// The line that counts first, then those that it stands over, down to the mapping that is no overlay; empty where no file says one.
  public var lines: [LineLayer] = []
  /// What of an overlay's `codes:` changes the line.
  public var codes: [LineLayer] = []
}

extension MappingLibrary {
  /// The lines that say how a field of a mapping's rows is filled.
  ///
  /// - Throws: what reading a mapping file throws; a mapping that compiled gives no error.
  public func layers(of mapping: MappingIdentity, entity: String, field: String) throws(ConfigurationError) -> LineLayers {
    var layers = LineLayers(), replaced: [OutlineNode.Entry] = []
    var next: (id: String, version: Int)? = (mapping.id, mapping.version)
    for _ in 0...MappingOverlay.maximumDepth {
      guard let level = next, let path = path(of: level.id, version: level.version), let bytes = self[path] else { break }
      let root = try OutlineReader.read(bytes, file: place(path))
      replaced += (root["codes"]?.entries ?? []).filter { own in !replaced.contains { $0.key == own.key } }
      if root[entity]?.text == MappingOverlay.removed { break }
      if let line = root[entity]?["set"]?.entries.first(where: { $0.key == field }) {
        if line.value.text == MappingOverlay.removed { break }
        layers.lines.append(LineLayer(line))
      }
      let (id, version) = Self.split(root["overlays"]?.text ?? "")
      next = version.map { (id, $0) }
    }
    let line = layers.lines.first?.text ?? ""
    layers.codes = replaced.filter { $0.value.text != MappingOverlay.removed && Self.names(line, codeSet: $0.key) }.map { LineLayer($0) }
    return layers
  }

  /// The line of `clears` by which a trigger event clears a field of a mapping's rows; nil where none does.
  ///
  /// - Throws: what reading a mapping file throws; a mapping that compiled gives no error.
  public func clearing(of mapping: MappingIdentity, entity: String, field: String, event: String) throws(ConfigurationError) -> LineLayer? {
    let root = try MappingOverlay.read(self, mapping.id, version: mapping.version).root
    guard let entry = root[entity]?["clears"]?.entries.first(where: { $0.key == event }) else { return nil }
    let fields = (entry.value.items ?? [entry.value]).compactMap(\.text)
    guard fields.contains(field) else { return nil }
    return LineLayer(file: entry.value.file, line: entry.keyLine, text: "clears: {\(event): [\(fields.joined(separator: ", "))]}")
  }

  /// True where two mappings, `id@version`, are one: the same in two versions, or one stands over the other.
  ///
  /// - Throws: MAP-141 for an unknown mapping.
  public func areOne(_ one: String, _ other: String) throws(ConfigurationError) -> Bool {
    let names = [Self.split(one), Self.split(other)]
    var ids: [[String]] = []
    for name in names { ids.append([name.id] + (try MappingOverlay.read(self, name.id, version: name.version ?? 0).bases)) }
    return ids[0].contains(names[1].id) || ids[1].contains(names[0].id)
  }

  /// True where a line has the step `code SET`.
  private static func names(_ line: String, codeSet: String) -> Bool {
    line.split(separator: "|").contains { step in step.split(separator: " ").elementsEqual(["code", codeSet[...]]) }
  }
}

extension LineLayer {
  fileprivate init(_ entry: OutlineNode.Entry) {
    self.init(file: entry.value.file, line: entry.keyLine, text: "\(entry.key): \(entry.value.text ?? "")")
  }
}
