import ArgumentParser
import JobOptions
import Pipeline

struct Inventory: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists every connection: owner, purpose, direction, place, authentication, format, what happens on failure, agreements, last use, how to revoke it.",
    discussion: """
      It is made of the files that connections are made of, so that one that is not listed cannot be opened. With --stale only those over which nothing \
      has come or gone in the last 35 nights. No values from messages, no names of files.
      """)

  @OptionGroup var site: SiteOption

  @Flag(name: .long, help: "Only what nobody uses.")
  var stale = false

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() throws { throw JobEnding(Compline.inventory(site: site.site, stale: stale, json: json)) }
}

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says whether nights are run to their close; exit 3 when the last close is too old, or is not that of the night that was due.",
    discussion: "For a second scheduler, best on another machine: a night that did not run says nothing by itself. It reads only when statements were signed; how a night stands is for 'compline status' to say.")

  @OptionGroup var site: SiteOption

  @Option(name: .long, help: ArgumentHelp("How old the last close may be, in hours.", valueName: "n"))
  var hours = 26

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() throws { throw JobEnding(Compline.watch(site: site.site, hours: hours, json: json)) }
}
