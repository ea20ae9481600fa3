import ArgumentParser
import JobOptions
import Pipeline

@main
struct Pull: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compline-pull",
    abstract: "Fetches what partners dropped and seals it.",
    discussion: "Looks at the folder of each feed, takes the files that are complete, and seals each under the spool's public key. This job cannot read what it sealed. Files still being written are counted and left; the source stays as the feed says.",
    version: ProgramVersion.number)

  @OptionGroup var options: StageOptions

  func run() throws {
    throw JobEnding(Compline.pull(options.request))
  }

  static func main() {
    JobMain.run(Self.self)
  }
}
