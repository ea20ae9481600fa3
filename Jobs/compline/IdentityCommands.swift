import ArgumentParser
import JobOptions
import Pipeline

struct IdentityGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identity", abstract: "Which patients may be one person, and what a person says of them.", subcommands: [Candidates.self, Decide.self])

  struct Candidates: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints pairs of patients who may be one person: refs, score, names of the fields that agree.",
      discussion: """
        Pairs that share a block are scored by the weights of Mappings/identity/candidates (Fellegi and Sunter). A score is a reason to look, never a \
        decision, and nothing is joined by it. Pairs that were decided are left out. Never a value: look at a row with 'compline explain'.
        """)

    @OptionGroup var site: SiteOption

    @Option(name: .long, help: ArgumentHelp("How many pairs to print, those of the highest score.", valueName: "n"))
    var limit = 200

    @Flag(name: .long, help: "Print one JSON object a line a pair.")
    var json = false

    func validate() throws { if limit < 1 || limit > 100_000 { throw UsageRule.broken("--limit takes 1 to 100000") } }

    func run() throws { throw JobEnding(Compline.identityCandidates(site: site.site, limit: limit, json: json)) }
  }

  struct Decide: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Records that two patients are one person, or two.",
      discussion: "Say one of --same and --different. Kept in the store and in the audit, with person, reason, the version of the rules and the score under it. A later decision over the pair takes its place.")

    @OptionGroup var site: SiteOption

    @Argument(help: ArgumentHelp("The ref of a patient: 32 hexadecimal digits.", valueName: "ref"))
    var one: String

    @Argument(help: ArgumentHelp("The ref of the other one.", valueName: "ref"))
    var other: String

    @Flag(name: .long, help: "They are one person.")
    var same = false

    @Flag(name: .long, help: "They are two.")
    var different = false

    @OptionGroup var responsible: ResponsibleOptions

    func validate() throws { if same == different { throw UsageRule.broken("say one of --same (they are one person) and --different (they are two)") } }

    func run() throws {
      throw JobEnding(
        Compline.identityDecide(site: site.site, one: one, other: other, isSame: same, person: responsible.person, reason: responsible.reason))
    }
  }
}
