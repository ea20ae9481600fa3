import Core
import Trust

/// `compline feed new`: a feed of a site from a template.
enum FeedNewCommand {
  /// - laysSample: nil lays the synthetic drop only in a site that has not closed a night yet, so that no invented patient joins real ones.
  static func run(_ path: String, template: String, name: String?, laysSample: Bool?) throws -> ExitCode {
    let desk = try OperatorDesk(path, .check)
    let folder = desk.site.folder, template = try FeedTemplate.named(template, desk.site.configuration.mappings)
    let name = name ?? template.name
    guard Name.isLegal(name) else {
      throw PipelineError("PIP-721", .usage, "the name of the feed is not one", hint: "Small letters, digits and hyphens, beginning with a letter or digit.")
    }
    let file = "\(folder.feeds)/\(name).yaml"
    guard !DurableFile.exists(file), !desk.site.feeds.contains(where: { $0.name == name }) else {
      throw PipelineError("PIP-722", .usage, "the site has a feed of this name", hint: "Give another one with --name.")
    }
    let since = try RunNights.all(folder).last?.advanced(by: 1)
    let lays = try laysSample ?? Folder.names(folder.variable + "/statements").isEmpty
    if lays { try lay(template, "\(folder.path)/drops/\(name)") } else { try Folder.make("\(folder.path)/drops/\(name)") }
    try DurableFile.write(try template.feed(named: name, zone: desk.site.configuration.zoneName, since: since), to: file, mode: 0o600)
    try desk.record(night: nil, outcome: .closed)
    say(name, lays, path, since)
    return .closed
  }

  /// Prints the templates there are: those of a site's mappings, else the shipped ones.
  static func list(_ path: String?) throws -> ExitCode {
    guard let folder = try path.map({ try Site.open($0).configuration.mappings }) ?? ShippedMappings.find() else { throw ShippedMappings.missing("Mappings, and above the executables") }
    for template in try FeedTemplate.all(folder) { Console.say("\(template.name)  \(try template.purpose)") }
    return .closed
  }

  private static func lay(_ template: FeedTemplate, _ folder: String) throws {
    guard try Folder.names(folder).isEmpty else {
      throw PipelineError("PIP-723", .usage, "the drop folder holds files already", hint: "Say --no-sample to write the feed alone.")
    }
    for file in try template.drop() { try SyntheticDrop.lay(file.bytes, at: "\(folder)/\(file.name)") }
  }

  private static func say(_ name: String, _ lays: Bool, _ site: String, _ since: BusinessDate?) {
    Console.say("feed     feeds/\(name).yaml; its owner and the sender's clock are yours to set")
    Console.say("drops    drops/\(name)\(lays ? ": a synthetic drop lies there; take it away before the first real night" : "")")
    guard let since else { return Console.say("next     compline check --site \(site), then: compline-nightly --site \(site) --feed \(name)") }
    Console.say("since    \(since): nights that ran already do not look at it, also when they run again")
    Console.say("next     compline check --site \(site), then: compline feed check \(name) --site \(site), which says what a pull would take")
  }
}
