import ArgumentParser
import JobOptions
import Pipeline

@main
struct Nightly: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compline-nightly",
    abstract: "Runs the whole night and closes it.",
    discussion: "pull, ingest, reconcile, extract, each in its own process; then reconcile once more for the outflow, the signed statement, the audit checkpoint and the close. Without --night it first runs the nights that were missed, oldest first. Exit 0: closed. Exit 3: ended, and something waits for a person.",
    version: ProgramVersion.number)

  @OptionGroup var options: StageOptions

  func run() throws {
    throw JobEnding(Compline.nightly(options.request))
  }

  static func main() {
    JobMain.run(Self.self)
  }
}
