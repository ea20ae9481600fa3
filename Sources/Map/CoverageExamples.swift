public import Core

extension MappingExamples {
  /// The messages of the examples of a plan's mappings, as bytes.
  public static func texts(in library: MappingLibrary, of plan: MapPlan) throws(ConfigurationError) -> [[UInt8]] {
    var texts: [[UInt8]] = []
    for mapping in plan.mappings {
      guard let path = library.path(of: mapping.id, version: mapping.version), let bytes = library[path] else { continue }
      let root = try OutlineReader.read(bytes, file: "Mappings/" + path)
      var first = ""
      for node in root["examples"]?.items ?? [] { texts.append(Array(try MappingExample(node, first: &first).text.utf8)) }
    }
    return texts
  }
}
