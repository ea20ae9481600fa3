import ArgumentParser
import JobOptions
import Pipeline

@main
struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compline-extract",
    abstract: "Produces, seals, signs and delivers the extracts of the night.",
    discussion: "Each consumer gets the fields of its specification, and only under an agreement that is in force on the business date and today. Rows that may not go are withheld and counted by reason.",
    version: ProgramVersion.number)

  @OptionGroup var options: StageOptions

  @Flag(name: .long, help: .hidden)
  var deliver = false

  @Flag(name: .long, help: .hidden)
  var receive = false

  func run() throws {
    let request = options.request
    throw JobEnding(deliver ? Compline.deliver(request) : receive ? Compline.receive(request) : Compline.extract(request))
  }

  static func main() {
    JobMain.run(Self.self)
  }
}
