import ArgumentParser
import JobOptions
import Pipeline

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says where one field of a row comes from: value, mapping line, source, message, drop.",
    discussion: """
      REF is the random name of a row, as an export prints it; FIELD is one of the dictionary. The sealed message is mapped again by a worker \
      without keys. The value is shown as its shape; --reveal shows it as it is: it needs a grant for 'reveal' and a purpose, and both stand in the audit.
      """)

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The ref of a row: 32 hexadecimal digits.", valueName: "ref"))
  var ref: String

  @Argument(help: ArgumentHelp("The field, like birth_date.", valueName: "field"))
  var field: String

  @OptionGroup var known: KnownOption

  @Flag(name: .long, help: "Show the value in clear.")
  var reveal = false

  @Option(name: .long, help: ArgumentHelp("What for: treatment, payment or operations.", valueName: "purpose"))
  var purpose: String?

  func run() throws { throw JobEnding(Compline.explain(site: site.site, ref: ref, field: field, asKnownOn: known.night, reveal: reveal, purpose: purpose)) }
}
