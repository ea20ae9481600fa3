import ArgumentParser
import JobOptions
import Pipeline

struct Suspend: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stops a feed or a consumer from the next decision on, also in a night that runs.",
    discussion: """
      A feed that is suspended is neither pulled nor loaded; its files stay where they are. A consumer that is suspended gets nothing, not even the \
      rest of a delivery that is under way; its rows are withheld and stay due. The statement says so, as a break. compline resume lifts it.
      """)

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The name of the feed or consumer.", valueName: "name"))
  var name: String

  @Option(name: .long, help: "Why, for those who read the inventory: a ticket, never a patient.")
  var reason: String?

  func run() throws { throw JobEnding(Compline.suspend(site: site.site, name: name, reason: reason)) }
}

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Lets a suspended feed or consumer go on.")

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The name of the feed or consumer.", valueName: "name"))
  var name: String

  func run() throws { throw JobEnding(Compline.resume(site: site.site, name: name)) }
}
