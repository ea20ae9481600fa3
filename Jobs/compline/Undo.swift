import ArgumentParser
import JobOptions
import Pipeline

struct Undo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Takes back what a run of ingest brought, and sets its drops aside.",
    discussion: """
      RUN is a run of ingest, as statement.json lists it and 'compline trace' prints it. Its statements leave the store in one transaction; what came \
      later stays right, and what other messages say too stays. The drops stay sealed; the night is open with RUN-UNDONE until --again lets the next \
      ingest load them, or the feed has a tolerance. Statements that were signed stay. What consumers have and what is other now is listed and is due \
      in the next extract; nothing is recalled. Dry unless --apply is given, which needs the recorded dry run. Kept in var/undos and in the audit.
      """)

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The run: 32 hexadecimal digits.", valueName: "run"))
  var undone: String

  @Flag(name: .customLong("apply"), help: "Take back what the dry run showed.")
  var apply = false

  @Flag(name: .customLong("dry-run"), help: "Leave the store as it is, and record what would be done (the default).")
  var dryRun = false

  @Flag(name: .customLong("again"), help: "Let the next ingest of the night load the drops that were set aside.")
  var again = false

  @OptionGroup var responsible: ResponsibleOptions

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if [apply, dryRun, again].count(where: { $0 }) > 1 { throw UsageRule.broken("say one of --apply, --dry-run and --again, or none: dry is the default") }
  }

  func run() throws {
    var request = UndoRequest(run: undone, person: responsible.person, reason: responsible.reason, act: again ? .again : apply ? .apply : .dry)
    request.json = json
    throw JobEnding(Compline.undo(site: site.site, request))
  }
}

/// What was believed when a night had closed.
struct KnownOption: ParsableArguments {
  @Option(name: .customLong("as-known-on"), help: ArgumentHelp("As it was known when that night had closed, YYYY-MM-DD (default: as it is known now).", valueName: "night"))
  var night: String?
}
