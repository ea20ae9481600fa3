import Core
import Map
import Trust

/// Where the shipped mappings lie, for the verbs that need no site.
enum ShippedMappings {
  /// `Mappings` here, else those of the installation; nil where there are none.
  static func find() -> String? { Folder.isFolder("Mappings/canonical") ? "Mappings" : installed() }

  /// The `Mappings` nearest above the executables.
  static func installed() -> String? {
    var parts = Installation.path(of: "").split(separator: "/").map(String.init)
    while !parts.isEmpty {
      for candidate in ["/Mappings", "/share/compline/Mappings"] {
        let path = "/" + parts.joined(separator: "/") + candidate
        if DurableFile.exists(path + "/RELEASED") { return path }
      }
      parts.removeLast()
    }
    return nil
  }

  /// What the files of a folder without a dictionary stand over: the mappings that its site names, else those that `find` gives.
  ///
  /// - Throws: PIP-431 where there are none; what is wrong in site.yaml.
  static func below(_ own: String?) throws -> String {
    if let own, own.hasSuffix("/mappings") || own == "mappings" {
      let site = own == "mappings" ? "." : String(own.dropLast("/mappings".count))
      if DurableFile.exists(site + "/site.yaml") {
        let bytes = try DurableFile.read(site + "/site.yaml", maximumBytes: 1 << 20)
        return try SiteConfiguration.read(bytes, folder: try SiteFolder(site)).mappings
      }
    }
    guard let found = find() else { throw missing("Mappings, and above the executables") }
    return found
  }

  static func missing(_ place: String) -> PipelineError {
    PipelineError("PIP-431", .usage, "there are no mappings at \(place): no data dictionary (canonical/) is there", hint: "Name the folder of the shipped mappings with --mappings DIR.")
  }
}
