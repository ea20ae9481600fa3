import ArgumentParser
import JobOptions
import Pipeline

@main
struct Ingest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compline-ingest",
    abstract: "Decodes, maps and loads the night's sealed drops.",
    discussion: "Opens each drop twice: first to verify and hash it whole, then to decode it in a worker that holds no keys. Every message gets exactly one disposition; bad ones are held or rejected with a code and never stop their neighbours.",
    version: ProgramVersion.number)

  @OptionGroup var options: StageOptions

  func run() throws {
    throw JobEnding(Compline.ingest(options.request))
  }

  static func main() {
    if CommandLine.arguments.dropFirst().first == "--decode-worker" { Console.exit(Compline.decodeWorker()) }
    JobMain.run(Self.self)
  }
}
