import ArgumentParser
import JobOptions
import Pipeline

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Makes a site: its folders, its keys, an empty store.",
    discussion: """
      Writes site.yaml and people.yaml where they are missing, makes feeds/, consumers/, agreements/, mappings/ and var/, and the keys beside \
      the site (SITE.keys, mode 0700), never inside it. Enrols the calling account with all grants for 90 days. Running it again completes \
      what is missing and changes nothing that is there. A store whose keys are missing is never given new ones (exit 77).
      """)

  @Argument(help: ArgumentHelp("The folder of the new site.", valueName: "site"))
  var site: String

  @Option(name: .long, help: ArgumentHelp("The folder for the keys (default: SITE.keys).", valueName: "dir"))
  var keys: String?

  @Option(name: .long, help: ArgumentHelp("The shipped mappings (default: Mappings of this installation).", valueName: "dir"))
  var mappings: String?

  @Option(name: .long, help: ArgumentHelp("The site's time zone.", valueName: "zone"))
  var zone = "America/Chicago"

  func run() throws { throw JobEnding(Compline.initialise(site: site, keys: keys, mappings: mappings, zone: zone)) }
}

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads every file of a site and says what is wrong, without touching data.",
    discussion: """
      Checks site.yaml, feeds, consumers, agreements, people, the frozen mappings, the keys and their modes, the store and the calling \
      account's grants, and opens something with the keys. Exit 78 names file, line and column of a fault; exit 77 a key that is missing, \
      that others can read, or that is another site's. What would merely disappoint is a line that begins with 'warning'; the exit stays 0.
      """)

  @OptionGroup var site: SiteOption

  func run() throws { throw JobEnding(Compline.check(site: site.site)) }
}
