import ArgumentParser
import JobOptions
import Pipeline

@main
struct Reconcile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compline-reconcile",
    abstract: "Weighs the night's counts and writes the statement.",
    discussion: "Compares what senders declared with what came, checks every equation, and writes statement.html, statement.json and breaks.csv below var/statements. It holds no keys: it sees only the ledger. With --dry-run it prints the statement of the ledger as it stands, and ends as the run would.",
    version: ProgramVersion.number)

  @OptionGroup var options: StageOptions

  func run() throws {
    throw JobEnding(Compline.reconcile(options.request))
  }

  static func main() {
    JobMain.run(Self.self)
  }
}
