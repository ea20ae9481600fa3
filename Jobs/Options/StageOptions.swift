public import ArgumentParser
public import Pipeline

/// The options that every stage takes, in the words of its `--help`.
public struct StageOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The site folder.", valueName: "dir"))
  public var site: String

  @Option(name: .long, help: ArgumentHelp("The business date, YYYY-MM-DD. Without it: the last one whose latest arrival.by has passed in the site's zone.", valueName: "date"))
  public var night: String?

  @Option(name: .long, help: ArgumentHelp("Only this feed; may be given more than once.", valueName: "name"))
  public var feed: [String] = []

  @Option(name: .long, help: ArgumentHelp("Only this consumer; may be given more than once.", valueName: "name"))
  public var consumer: [String] = []

  @Flag(name: .long, help: "Print the result as one JSON object; a dry run of compline-nightly prints one a line for each stage.")
  public var json = false

  @Flag(name: .long, help: "Say what would be done and change nothing. Ends 0 where nothing is known that stands in the way, else as the run would.")
  public var dryRun = false

  @Flag(name: .long, help: .hidden)
  public var underNightly = false

  @Option(name: .long, help: .hidden)
  public var writtenBefore: Int?

  public init() {}

  public var request: StageRequest {
    var request = StageRequest(site: site, night: night, feeds: feed, consumers: consumer, json: json, dryRun: dryRun, underNightly: underNightly)
    request.writtenBefore = writtenBefore
    return request
  }
}
