import ArgumentParser

/// The mappings: what a person does with them.
struct MappingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mapping",
    abstract: "Mappings and their versions: look them over.",
    subcommands: [MappingLint.self])
}
