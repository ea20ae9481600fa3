import ArgumentParser
import JobOptions
import Pipeline

struct MappingDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Runs two versions of a mapping or set over stored drops and counts what differs.",
    discussion: """
      OLD and NEW are versions like hl7v2-standard@1. The sealed drops of a feed go through the decode worker twice, with the feed's \
      settings: rows added, removed and changed are counted for each entity and field. Nothing is loaded. --rows lists the rows that differ \
      under pseudonyms; no value is ever shown. The result is recorded in var/diffs, for 'mapping promote' to rest on, and in the audit.
      """)

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The version to compare from.", valueName: "old"))
  var old: String

  @Argument(help: ArgumentHelp("The version to compare with.", valueName: "new"))
  var new: String

  @Option(name: .customLong("on"), help: ArgumentHelp("FEED, FEED:NIGHT or FEED:NIGHT..NIGHT: which drops.", valueName: "drops"))
  var drops: String

  @Flag(name: .customLong("rows"), help: "List each row that differs, under its pseudonym.")
  var rows = false

  @Flag(name: .long, help: "Print JSON: the rows one object a line, then the summary.")
  var json = false

  func run() throws { throw JobEnding(Compline.diffMappings(site: site.site, old: old, new: new, on: drops, lists: rows, json: json)) }
}
