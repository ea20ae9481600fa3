import ArgumentParser

/// The mappings: what a person does with them.
struct MappingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mapping",
    abstract: "Mappings, their versions, and the data dictionary that they fill.",
    subcommands: [
      MappingRun.self, MappingTest.self, MappingLint.self, MappingCoverage.self, MappingRelease.self, MappingDiff.self, MappingShadow.self, MappingPromote.self,
      MappingDictionary.self,
    ])
}
