import ArgumentParser
import JobOptions
import Pipeline

/// `compline`: the operator's tool.
@main
struct Operator: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compline",
    abstract: "Looks after a site of Compline: make it, check it, ask what happened in a night.",
    discussion: """
      The nightly work is done by compline-nightly and its four stages. Verbs that open a site are refused to an account without a grant in \
      people.yaml; what they change or show leaves a record in the audit.

      Exit codes: 0 done, 3 something waits for a person, 64 usage, 65 nothing usable in the input, 70 internal error, 74 input or output, \
      75 another run holds the lock, 76 a remote peer failed, 77 not permitted or a key is missing, 78 configuration.
      """,
    version: ProgramVersion.number,
    subcommands: [
      Init.self, Check.self, FeedGroup.self, Inventory.self, Suspend.self, Resume.self, Watch.self, Status.self, Inspect.self, Show.self, Trace.self, Explain.self, Digest.self, Export.self, StoreGroup.self, SpoolGroup.self, Audit.self, MappingCommand.self,
      ProfileGroup.self, Replay.self, Undo.self, IdentityGroup.self, DemoNightCommand.self,
    ])

  static func main() { JobMain.run(Self.self) }
}

/// The site that most verbs work on.
struct SiteOption: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The site folder.", valueName: "dir"))
  var site: String
}

/// The night that some verbs ask about.
struct NightOption: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The business date, YYYY-MM-DD (default: the last night that is due).", valueName: "date"))
  var night: String?
}
