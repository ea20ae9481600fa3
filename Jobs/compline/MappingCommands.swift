import ArgumentParser
import JobOptions
import Pipeline

struct MappingTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Runs the examples that stand in mapping files and prints what differs, field by field. Needs no site.",
    discussion: "MAPPING is a file, the name of a mapping, or a folder of mappings (default: Mappings). Exit 3 where an example does not hold.")

  @Argument(help: ArgumentHelp("The mapping or folder.", valueName: "mapping"))
  var mapping: String?

  @OptionGroup var own: OwnMappingsOption
  @OptionGroup var options: MappingOptions

  func run() throws { throw JobEnding(Compline.mappingTest(mapping, mappings: own.folder(or: options.mappings), zone: options.zone)) }
}

struct MappingCoverage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage", abstract: "Lists populated places as read, ignored or unread, with counts; no values.",
    discussion: """
      With --site: what a night's drops held, from the ledger, with new codes and drift. Without: what the mapping's examples hold, or the messages of \
      a file (--on). Codes that look like identifiers, dates or text are never printed. Exit 3 where a place is unread.
      """)

  @Argument(help: ArgumentHelp("The mapping or set, without a site.", valueName: "mapping"))
  var mapping: String?

  @Option(name: .customLong("on"), help: ArgumentHelp("A file of messages.", valueName: "file"))
  var file: String?

  @Option(name: .long, help: ArgumentHelp("The site folder.", valueName: "dir"))
  var site: String?

  @Option(name: .long, help: ArgumentHelp("The business date, YYYY-MM-DD.", valueName: "date"))
  var night: String?

  @Option(name: .long, help: ArgumentHelp("One feed of the site.", valueName: "name"))
  var feed: String?

  @OptionGroup var options: MappingOptions

  func run() throws {
    if let site { throw JobEnding(Compline.mappingCoverage(site: site, night: night, feed: feed)) }
    throw JobEnding(Compline.mappingCoverage(mapping ?? "hl7v2-standard", on: file, mappings: options.mappings, zone: options.zone))
  }
}
