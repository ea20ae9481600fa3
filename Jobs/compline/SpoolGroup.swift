import ArgumentParser
import JobOptions
import Pipeline

struct SpoolGroup: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "spool", abstract: "The sealed drops of a site.", subcommands: [Verify.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Opens every sealed drop and hashes it again, against the journal of the pull.",
      discussion: """
        Says which drop is damaged or missing, by its id, and which sealed file no record names. Nothing is changed. It needs the spool's key and \
        a grant for 'audit'; exit 3 where anything is not whole.
        """)

    @OptionGroup var site: SiteOption

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func run() throws { throw JobEnding(Compline.spoolVerify(site: site.site, json: json)) }
  }
}
