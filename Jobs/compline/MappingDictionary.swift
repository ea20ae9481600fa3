import ArgumentParser
import JobOptions
import Pipeline

struct MappingDictionary: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dictionary",
    abstract: "Prints the data dictionary: every entity and field with type, class, key, codes and FHIR element. Needs no site.",
    discussion: "Reads the newest version in the folder, released or not, and prints Markdown; docs/formats/dictionary.md is made this way.")

  @Option(name: .long, help: ArgumentHelp("The folder of mappings.", valueName: "dir"))
  var mappings = "Mappings"

  func run() throws { throw JobEnding(Compline.printDictionary(mappings: mappings)) }
}
