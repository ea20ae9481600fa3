import ArgumentParser
import JobOptions
import Pipeline

struct FeedGroup: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "feed", abstract: "Feeds of a site: begin one from a template, see what one would take.", subcommands: [New.self, Templates.self, Check.self])

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes feeds/NAME.yaml from a template and lays a synthetic drop beside it, so that a night runs at once.",
      discussion: """
        The feed reads drops/NAME with the shipped mappings. The synthetic drop is laid down in a site that has not closed a night yet; \
        --sample lays it down in any, --no-sample in none. 'compline feed templates' lists the templates. Nothing that is there is changed.
        """)

    @OptionGroup var site: SiteOption

    @Argument(help: ArgumentHelp("The template.", valueName: "template"))
    var template: String

    @Option(name: .long, help: ArgumentHelp("The name of the feed (default: that of the template).", valueName: "name"))
    var name: String?

    @Flag(inversion: .prefixedNo, help: "Lay the synthetic drop down.")
    var sample: Bool?

    func run() throws { throw JobEnding(Compline.newFeed(site: site.site, template: template, name: name, laysSample: sample)) }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says what a pull would make of each file of a feed now, and why it would leave the others.",
      discussion: """
        Nothing is taken. Of a partner it is noted that it let us in, or turned us away: then nobody tries again that night. Files are numbered by their paths, which may hold names of people: --reveal prints them, and \
        needs a grant for 'reveal' and a purpose; both stand in the audit.
        """)

    @OptionGroup var site: SiteOption

    @Argument(help: ArgumentHelp("The feed.", valueName: "name"))
    var feed: String

    @Flag(name: .long, help: "Print the names of files in clear.")
    var reveal = false

    @Option(name: .long, help: ArgumentHelp("What for: treatment, payment or operations.", valueName: "purpose"))
    var purpose: String?

    func run() throws { throw JobEnding(Compline.checkFeed(site: site.site, feed: feed, reveal: reveal, purpose: purpose)) }
  }

  struct Templates: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the templates.")

    @Option(name: .long, help: ArgumentHelp("The site folder (default: those that are shipped).", valueName: "dir"))
    var site: String?

    func run() throws { throw JobEnding(Compline.feedTemplates(site: site)) }
  }
}
