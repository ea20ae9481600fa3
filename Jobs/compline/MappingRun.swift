import ArgumentParser
import JobOptions
import Pipeline

struct MappingRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a mapping on a message of your own and shows its rows, findings and places. Needs no site.",
    discussion: """
      MAPPING is a file, or the name of a mapping or set. Every populated place of the message is shown as read (by which field and line), ignored \
      (why) or unread. --json instead writes each message as one line of JSON with its rows, held rows and findings, and takes more files after \
      the first. Values are shown in clear: use synthetic messages, never a patient's. Exit 3 where no row came out.
      """)

  @Argument(help: ArgumentHelp("The mapping or set.", valueName: "mapping"))
  var mapping: String

  @Option(name: .customLong("on"), help: ArgumentHelp("The file that holds the message.", valueName: "file"))
  var file: String

  @Flag(name: .long, help: "One line of JSON a message.")
  var json = false

  @Argument(help: ArgumentHelp("More files, with --json.", valueName: "file"))
  var more: [String] = []

  @OptionGroup var own: OwnMappingsOption
  @OptionGroup var options: MappingOptions

  func validate() throws {
    guard json || more.isEmpty else { throw UsageRule.broken("several files are read with --json only") }
  }

  func run() throws {
    guard json else { throw JobEnding(Compline.mappingRun(mapping, on: file, mappings: own.folder(or: options.mappings), zone: options.zone)) }
    throw JobEnding(Compline.mappingRun(mapping, onEach: [file] + more, mappings: own.folder(or: options.mappings), zone: options.zone))
  }
}
