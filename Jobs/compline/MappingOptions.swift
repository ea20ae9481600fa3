import ArgumentParser

/// A site's own mappings, over the shipped ones.
struct OwnMappingsOption: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("A site: its own mappings over the shipped ones, released or not.", valueName: "dir"))
  var site: String?

  /// The folder to read, where no other one is named.
  func folder(or mappings: String?) -> String? { mappings ?? site.map { $0 + "/mappings" } }
}

/// Where mappings lie, for the verbs that need no site.
struct MappingOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("A folder of mappings (default: the one around the file, else Mappings); a site's own stands over the shipped ones.", valueName: "dir"))
  var mappings: String?

  @Option(name: .long, help: ArgumentHelp("The zone of times without an offset; the examples of the shipped mappings are of the default.", valueName: "area/city"))
  var zone = "America/Chicago"
}
