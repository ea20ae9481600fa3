import ArgumentParser
import JobOptions
import Pipeline

@main
struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compline-extract",
    abstract: "Produces, seals, signs and delivers the extracts of the night.",
    discussion: "Each consumer gets the fields of its specification, and only under an agreement that is in force on the business date and today. Rows that may not go are withheld and counted by reason.")

  @OptionGroup var options: StageOptions

  @Flag(name: .long, help: .hidden)
  var deliver = false

  func run() throws {
    throw JobEnding(deliver ? Compline.deliver(options.request) : Compline.extract(options.request))
  }

  static func main() {
    JobMain.run(Self.self)
  }
}
