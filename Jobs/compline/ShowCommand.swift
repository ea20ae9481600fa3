import ArgumentParser
import JobOptions
import Pipeline

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows one message of a drop as a tree, with the standard's names of its fields.",
    discussion: """
      DROP is the random id of a drop, as status --exceptions and trace print it, or the SHA-256 of its bytes, as in statement.json. Values are \
      shown as shapes: letters as A, digits as 9, dates and times not at all. --reveal shows them as they are: it needs a grant for 'reveal' \
      and a purpose, and both stand in the audit.
      """)

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The drop: 32 or 64 hexadecimal digits.", valueName: "drop"))
  var drop: String

  @Option(name: .long, help: ArgumentHelp("Which message of the drop, from 1.", valueName: "n"))
  var message = 1

  @Flag(name: .long, help: "Show values in clear.")
  var reveal = false

  @Option(name: .long, help: ArgumentHelp("What for: treatment, payment or operations.", valueName: "purpose"))
  var purpose: String?

  @Flag(name: .long, help: "Print JSON, one object a line: the message, then each of its parts.")
  var json = false

  func run() throws {
    throw JobEnding(Compline.show(site: site.site, drop: drop, message: message, reveal: reveal, purpose: purpose, json: json))
  }
}
