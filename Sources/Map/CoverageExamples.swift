public import Core

extension MappingExamples {
  /// The messages of the examples of a plan's mappings, as bytes.
  public static func texts(in library: MappingLibrary, of plan: MapPlan) throws(ConfigurationError) -> [[UInt8]] {
    var texts: [[UInt8]] = []
    for mapping in plan.mappings {
      let root = try MappingOverlay.read(library, mapping.id, version: mapping.version).root
      var first = ""
      for node in root["examples"]?.items ?? [] { texts.append(Array(try MappingExample(node, first: &first, layout: plan.layout).text.utf8)) }
    }
    return texts
  }
}
