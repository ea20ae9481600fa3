import ArgumentParser
import JobOptions
import Pipeline

struct MappingLint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Looks over mappings before they are released: unknown fields, fallbacks never reached, references nobody fills.",
    discussion: """
      Takes files like Mappings/hl7v2/pid-patient/1.yaml, or folders laid out like Mappings (default: Mappings here, else those of this installation); they need not be released. \
      With --site it looks at what each feed runs together, and at fields that no extract uses or no mapping fills; it tells of the site's own \
      files, and counts what it found in shipped mappings. Prints file, line, column, code and what to do. Exit 0 nothing found, 3 something to look at, 78 a mapping is refused.
      """)

  @Argument(help: ArgumentHelp("Mapping files, or folders of mappings.", valueName: "path"))
  var paths: [String] = []

  @Option(name: .long, help: ArgumentHelp("The shipped mappings, under files that lie elsewhere (default: those that their site names, else Mappings here or of this installation).", valueName: "dir"))
  var mappings: String?

  @Option(name: .long, help: ArgumentHelp("Look at the feeds of this site.", valueName: "dir"))
  var site: String?

  @Flag(name: .long, help: "With --site: tell of the shipped mappings too.")
  var shipped = false

  @Flag(name: .long, help: "Print one JSON object a finding.")
  var json = false

  func run() throws { throw JobEnding(Compline.lintMappings(paths: paths, mappings: mappings, site: site, shipped: shipped, json: json)) }
}
