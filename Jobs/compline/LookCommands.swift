import ArgumentParser
import JobOptions
import Pipeline

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what is in a file: messages, types, segments, trailers; or sections and entries. Needs no site.",
    discussion: """
      Reads HL7 v2, CDA, FHIR and rows (CSV), whatever their name, and prints counts, declared totals and findings; no values. \
      One JSON object a file, laid out to be read; with --json one line a file. A name that ends in .gz or .zip is unpacked, as a feed with \
      `envelope: [gzip]` or `[zip]` would unpack it: one object a member, by its number; one that is cut or damaged counts as unusable, whatever its first members hold. Exit 65 when no \
      file holds anything usable.
      """)

  @Argument(help: ArgumentHelp("The files.", valueName: "file"))
  var files: [String]

  @Flag(name: .long, help: "Print one JSON object a line a file.")
  var json = false

  func run() throws { throw JobEnding(Compline.inspect(files: files, json: json)) }
}

struct Trace: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says where a row comes from: mapping and version, path, message, drop.",
    discussion: "REF is the random name of a row, as an export prints it. An identifier of a person is refused here: it would stay in the shell's history.")

  @OptionGroup var site: SiteOption

  @Argument(help: ArgumentHelp("The ref of a row: 32 hexadecimal digits.", valueName: "ref"))
  var ref: String

  @OptionGroup var known: KnownOption

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() throws { throw JobEnding(Compline.trace(site: site.site, ref: ref, asKnownOn: known.night, json: json)) }
}

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The audit log.", subcommands: [Verify.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Recomputes the Merkle tree of the audit and checks the signed checkpoint.",
      discussion: "Prints the size and the root. Exit 74 when an entry was changed, left out, moved or added before the checkpoint, or the signature is not the site's.")

    @OptionGroup var site: SiteOption

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() throws { throw JobEnding(Compline.auditVerify(site: site.site, json: json)) }
  }
}

struct DemoNightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-night",
    abstract: "Lays down the demo: a synthetic night of two hospitals and a clinic, and its truth.",
    discussion: """
      Writes drops (people who do not exist), with modification times past the settle window, below SITE/drops, and truth.json beside them. \
      --run closes the night on them and compares the outcome with the truth: exit 0 when the night ended 3 with exactly the planted breaks.
      """)

  @OptionGroup var site: SiteOption
  @OptionGroup var night: NightOption

  @Flag(name: .customLong("run"), help: "Close the night and compare it with the truth.")
  var closing = false

  @Option(name: .long, help: ArgumentHelp("Which wave of drops to lay down: 1, or 2 with the resubmission.", valueName: "n"))
  var wave = 1

  func run() throws { throw JobEnding(Compline.demoNight(site: site.site, night: night.night, wave: wave, closing: closing)) }
}
