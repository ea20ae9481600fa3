import ArgumentParser
import JobOptions
import Pipeline

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how a night stands: each feed's equation, breaks, exceptions, deliveries.",
    discussion: "Without --night, and where the night that is due has not run, it says so and shows the last one that did. With --exceptions it lists each exception with its ref, code, drop (its number in the statement), position and what to do; with --withheld each row that a consumer was not sent, by ref, with the reason. Never a value from a message.")

  @OptionGroup var site: SiteOption
  @OptionGroup var night: NightOption

  @Flag(name: .long, help: "List each exception.")
  var exceptions = false

  @Flag(name: .long, help: "List each row that is withheld from a consumer.")
  var withheld = false

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() throws {
    var lists: StatusLists = exceptions ? .exceptions : []
    if withheld { lists.insert(.withheld) }
    throw JobEnding(Compline.status(site: site.site, night: night.night, lists: lists, json: json))
  }
}

struct Digest: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the canonical digest of the store.",
    discussion: """
      The SHA-256 over all current and historical versions of all rows. It is the same for the same messages whatever their order, their file \
      names, the number of reruns, the keys and the kind of store.
      """)

  @OptionGroup var site: SiteOption
  @OptionGroup var known: KnownOption

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() throws { throw JobEnding(Compline.digest(site: site.site, asKnownOn: known.night, json: json)) }
}

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the whole canonical store in clear, for leaving or for a restore test.",
    discussion: """
      One NDJSON file per entity (one row a line, with its ref), the mappings, agreements, consumers' specifications and the audit, and a \
      manifest with the SHA-256 of each file. DIR is made with mode 0700 and must lie outside the site and its keys. THE FILES HOLD PATIENT DATA IN CLEAR.
      """)

  @OptionGroup var site: SiteOption
  @OptionGroup var known: KnownOption

  @Option(name: .customLong("to"), help: ArgumentHelp("The folder to make.", valueName: "dir"))
  var folder: String

  func run() throws { throw JobEnding(Compline.export(site: site.site, to: folder, asKnownOn: known.night)) }
}
