import Core

/// What the verbs around mappings, coverage and profiles call.
extension Compline {
  ///
  /// - Parameter mappings: a folder of mappings; that of a site, `SITE/mappings`, stands over the shipped ones.
  public static func mappingRun(_ mapping: String, on file: String, mappings: String?, zone: String) -> Int32 {
    OperatorRunner.run("mapping run") { try MappingRunCommand.run(mapping, on: file, mappings: mappings, zone: zone) }
  }

  /// Writes one line of JSON a message of the files.
  public static func mappingRun(_ mapping: String, onEach files: [String], mappings: String?, zone: String) -> Int32 {
    OperatorRunner.run("mapping run") { try MappingRunCommand.write(mapping, on: files, mappings: mappings, zone: zone) }
  }

  /// The examples of a mapping, or of all; `mappings` as for `mappingRun`.
  public static func mappingTest(_ mapping: String?, mappings: String?, zone: String) -> Int32 {
    OperatorRunner.run("mapping test") { try MappingTestCommand.run(mapping, mappings: mappings, zone: zone) }
  }

  /// Without a site: over the mapping's examples, or over a file.
  public static func mappingCoverage(_ mapping: String, on file: String?, mappings: String?, zone: String) -> Int32 {
    OperatorRunner.run("mapping coverage") { try MappingCoverageCommand.run(mapping, on: file, mappings: mappings, zone: zone) }
  }

  /// Of a site's night.
  public static func mappingCoverage(site: String, night: String?, feed: String?) -> Int32 {
    OperatorRunner.run("mapping coverage") { try MappingCoverageCommand.run(site: site, night: night, feed: feed) }
  }

  public static func profileLearn(site: String, feed: String, nights: String) -> Int32 {
    OperatorRunner.run("profile learn") { try ProfileCommand.learn(site, feed: feed, nights: nights) }
  }

  public static func profileFreeze(site: String, feed: String, person: String) -> Int32 {
    OperatorRunner.run("profile freeze") { try ProfileCommand.freeze(site, feed: feed, person: person) }
  }

  public static func explain(site: String, ref: String, field: String, asKnownOn night: String?, reveal: Bool, purpose: String?) -> Int32 {
    OperatorRunner.run("explain") { try ExplainCommand.run(site, ref: ref, field: field, asKnownOn: night, reveal: reveal, purpose: purpose) }
  }
}
