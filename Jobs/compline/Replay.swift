import ArgumentParser
import JobOptions
import Pipeline

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Runs the stored drops of a night again, from the sealed bytes, under the versions of that night or a named one.",
    discussion: """
      What each message said before is replaced by what it says now; the statement of the night, its dispositions and its extracts stay as they \
      are. Dry unless --apply is given; --apply needs the recorded dry run of the same arguments, and ends where the store has changed since. \
      Nothing is delivered: what changed is due in the next extract. Kept in var/replays and in the audit, with person and reason.
      """)

  @OptionGroup var site: SiteOption

  @Option(name: .long, help: ArgumentHelp("The business date, YYYY-MM-DD.", valueName: "date"))
  var night: String

  @Option(name: .long, help: ArgumentHelp("The feed.", valueName: "name"))
  var feed: String

  @Option(name: .long, help: ArgumentHelp("A version in place of the one of that night, like hl7v2-standard@2; or a mapping that the feed's file has named since.", valueName: "version"))
  var mappings: String?

  @Flag(name: .customLong("apply"), help: "Write what the dry run showed.")
  var apply = false

  @Flag(name: .customLong("dry-run"), help: "Leave the store as it is, and record what would be done (the default).")
  var dryRun = false

  @OptionGroup var responsible: ResponsibleOptions

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if apply, dryRun { throw UsageRule.broken("say one of --apply and --dry-run, or neither: dry is the default") }
  }

  func run() throws {
    var request = ReplayRequest(night: night, feed: feed, mappings: mappings, person: responsible.person, reason: responsible.reason)
    (request.applies, request.json) = (apply, json)
    throw JobEnding(Compline.replay(site: site.site, request))
  }
}
