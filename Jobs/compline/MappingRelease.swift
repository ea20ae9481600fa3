import ArgumentParser
import JobOptions
import Pipeline

struct MappingRelease: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Freezes new mappings, sets, code sets and dictionaries: their bytes go into RELEASED.",
    discussion: """
      Compiles what is new and runs every example first; a mapping without an example is refused. A line that stands in RELEASED never \
      changes: a file whose bytes differ from it ends 78 and is named. Without --site it works on a folder like Mappings; with --site on \
      the site's own mappings over the shipped ones, with a grant for 'release' and a record in the audit. RELEASED can be checked with sha256sum -c.
      """)

  @Option(name: .long, help: ArgumentHelp("The folder of mappings (default: Mappings).", valueName: "dir"))
  var mappings: String?

  @Option(name: .long, help: ArgumentHelp("The site whose own mappings are released.", valueName: "dir"))
  var site: String?

  @Option(name: .long, help: ArgumentHelp("The time zone of the examples (default: America/Chicago; a site has its own).", valueName: "zone"))
  var zone: String?

  @Flag(name: .customLong("dry-run"), help: "Check everything and write nothing.")
  var dryRun = false

  func run() throws { throw JobEnding(Compline.releaseMappings(site: site, mappings: mappings, zone: zone, dryRun: dryRun)) }
}
