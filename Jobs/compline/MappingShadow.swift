import ArgumentParser
import JobOptions
import Pipeline

struct MappingShadow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shadow",
    abstract: "Runs a candidate version beside the one in force, each night, and records what would differ.",
    discussion: """
      Compares the candidate with the version in force over the drops of the last nights, then notes it in var/shadow.yaml: from then on the \
      ingest of each night compares them over the drops of that night. Nothing of the candidate is loaded; a fault of it never holds up a night. \
      A promotion of the candidate ends it, and so does --stop.
      """)

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The feed.", valueName: "feed"))
  var feed: String

  @Argument(help: ArgumentHelp("The candidate, like hl7v2-standard@2; with --stop it may be left out: then all of the feed.", valueName: "version"))
  var candidate: String?

  @Option(name: .long, help: ArgumentHelp("How many of the last nights to begin with.", valueName: "n"))
  var nights = 7

  @Flag(name: .customLong("stop"), help: "No longer run it.")
  var stop = false

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() throws {
    throw JobEnding(Compline.shadowMapping(site: site.site, feed: feed, candidate: candidate, nights: nights, stop: stop, json: json))
  }
}
