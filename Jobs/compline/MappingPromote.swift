import ArgumentParser
import JobOptions
import Pipeline

struct MappingPromote: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Puts a version in force for a feed, from a night on.",
    discussion: """
      Needs the recorded diff of exactly the version in force and this one over drops of the feed. The night must be later than the last that \
      was loaded: older ones keep their version and are run again with 'compline replay'. Where site.yaml says policy: {promote: two-people}, \
      the first person proposes (exit 3) and another one, under an own account with a grant for 'approve', runs the same with --approve.
      """)

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The feed.", valueName: "feed"))
  var feed: String

  @Argument(help: ArgumentHelp("The version, like hl7v2-standard@2.", valueName: "version"))
  var version: String

  @Option(name: .customLong("from"), help: ArgumentHelp("The first night of it, YYYY-MM-DD.", valueName: "night"))
  var from: String

  @OptionGroup var responsible: ResponsibleOptions

  @Flag(name: .customLong("approve"), help: "Agree as the second person.")
  var approve = false

  func run() throws {
    let request = PromotionRequest(feed: feed, version: version, from: from, person: responsible.person, reason: responsible.reason, approves: approve)
    throw JobEnding(Compline.promoteMapping(site: site.site, request))
  }
}

/// Who answers for an act, and why: both stand in the audit.
struct ResponsibleOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Who answers for it: a name of letters, digits, dots and dashes.", valueName: "name"))
  var person: String

  @Option(name: .long, help: ArgumentHelp("Why: a ticket or some words joined by dashes, like IFC-212.", valueName: "ticket"))
  var reason: String
}
