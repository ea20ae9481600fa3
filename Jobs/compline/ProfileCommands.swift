import ArgumentParser
import JobOptions
import Pipeline

struct ProfileGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "What a feed's messages look like: learn it over nights, freeze it; later nights are held against it.",
    subcommands: [Learn.self, Freeze.self])

  struct Learn: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Learns a feed's profile over nights that are loaded and writes SITE/profiles/FEED.yaml.",
      discussion: "Two weeks or more show weekends too. The file holds places, shares, lengths and codes that look like codes. Read it before you freeze it.")

    @OptionGroup var site: SiteOption

    @Argument(help: ArgumentHelp("The feed.", valueName: "feed"))
    var feed: String

    @Option(name: .long, help: ArgumentHelp("First and last night, A..B.", valueName: "nights"))
    var nights: String

    func run() throws { throw JobEnding(Compline.profileLearn(site: site.site, feed: feed, nights: nights)) }
  }

  struct Freeze: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Freezes a feed's profile as it lies in SITE/profiles.", discussion: "From then on what differs is an exception PROFILE-DRIFT of the night.")

    @OptionGroup var site: SiteOption

    @Argument(help: ArgumentHelp("The feed.", valueName: "feed"))
    var feed: String

    @Option(name: .long, help: ArgumentHelp("Who answers for it.", valueName: "name"))
    var person: String

    func run() throws { throw JobEnding(Compline.profileFreeze(site: site.site, feed: feed, person: person)) }
  }
}
