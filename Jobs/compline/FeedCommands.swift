import ArgumentParser
import JobOptions
import Pipeline

struct FeedGroup: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "feed", abstract: "Feeds of a site: begin one from a template.", subcommands: [New.self, Templates.self])

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

  struct Templates: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the templates.")

    @Option(name: .long, help: ArgumentHelp("The site folder (default: those that are shipped).", valueName: "dir"))
    var site: String?

    func run() throws { throw JobEnding(Compline.feedTemplates(site: site)) }
  }
}
