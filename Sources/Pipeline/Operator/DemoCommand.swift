import Core
import Demo
import Exchange
import Extract
import Trust

/// `compline demo-night`: lays down the synthetic night, and on request closes it and compares it with its truth.
struct DemoCommand {
  private let desk: OperatorDesk
  private let night: BusinessDate

  init(site: String, night: String?) throws {
    let desk = try OperatorDesk(site, .check)
    self.desk = desk
    let known = desk.site.feeds.map(\.name)
    guard DemoNight.feeds.allSatisfy(known.contains) else {
      throw PipelineError("PIP-701", .configuration, "this site does not have the feeds of the demo", hint: "Use Sites/demo.")
    }
    self.night = try NightChoice.resolve(night, site: desk.site)
  }

  func run(wave: Int, closing: Bool) throws -> ExitCode {
    guard let wave = DemoNight.Wave(rawValue: wave) else { throw PipelineError("PIP-702", .usage, "--wave is 1 or 2") }
    if closing { return try close() }
    try lay(wave)
    Console.say("laid down wave \(wave.rawValue) of the demo night \(night) below \(desk.site.folder.path)/drops")
    return .closed
  }

  private func lay(_ wave: DemoNight.Wave) throws {
    let demo = DemoNight(night)
    for file in demo.files(wave) {
      try SyntheticDrop.lay(file.bytes, at: "\(desk.site.folder.path)/drops/\(file.path)")
    }
    try DurableFile.write(demo.truth.pretty, to: desk.site.folder.path + "/truth.json", mode: 0o600)
  }

  /// Wave 1, pull, wave 2, the night; then the statement against the truth.
  private func close() throws -> ExitCode {
    if let other = try RunNights.all(desk.site.folder).first(where: { $0 != night }) {
      throw PipelineError(
        "PIP-706", .usage, "the demo's truth is that of a first night, and this site has closed \(other)",
        hint: "Lay a later night down without --run, and close it: compline-nightly. Or begin with a fresh site: compline init.")
    }
    // A real delivery folder is the consumer's: the program never makes one, lest a missing mount go unnoticed.
    for consumer in desk.site.consumers {
      if case .folder(let path) = consumer.delivery.place { try Folder.make(desk.site.folder.resolve(path)) }
    }
    try lay(.first)
    guard try start(.pull) == ExitCode.closed.rawValue else { throw PipelineError("PIP-704", .internalError, "the demo's first pull did not end 0") }
    try lay(.second)
    let status = try start(.nightly)
    let truth = DemoNight(night).truth
    let statement = try JSONValue(parsing: try DurableFile.read(desk.site.folder.statements(night) + "/statement.json", maximumBytes: 64 << 20))
    let differences = DemoComparison(truth: truth, statement: statement).differences
    guard Int(status) == truth["exit"]?.integer, differences.isEmpty else {
      throw PipelineError("PIP-705", .internalError, "the demo night did not end as its truth says: exit \(status), \(differences.joined(separator: "; "))")
    }
    Console.say("\nThe night ended \(status): the breaks and counts are exactly those that the demo plants (truth.json).")
    return .closed
  }

  private func start(_ stage: Stage) throws -> Int32 {
    let child = try Installation.start(.init(path: Installation.path(of: stage.job), arguments: ["--site", desk.site.folder.path, "--night", night.description], environment: Environment.forChildren, pipesOutput: false))
    switch child.wait() {
    case .exited(let status): return status
    case .signalled: return ExitCode.internalError.rawValue
    }
  }
}

/// What the statement of the demo night says otherwise than its truth.
struct DemoComparison {
  let truth: JSONValue
  let statement: JSONValue

  var differences: [String] { state + breaks + exceptions + DemoNight.feeds.flatMap(feed) + billing }

  private var state: [String] { truth["state"] == statement["state"] ? [] : ["state"] }

  private var breaks: [String] {
    let keys = ["code", "feed", "expected", "actual"]
    let wanted = (truth["breaks"]?.array ?? []).map { item in keys.map { item[$0] } }
    let found = (statement["breaks"]?.array ?? []).map { item in keys.map { item[$0] } }
    return wanted == found ? [] : ["breaks"]
  }

  private var exceptions: [String] { truth["exceptions"] == statement["exceptions"] ? [] : ["exceptions"] }

  private func feed(_ name: String) -> [String] {
    let wanted = truth["feeds"]?[name], found = statement["feeds"]?.array?.first { $0["feed"]?.string == name }
    var names: [String] = []
    if wanted?["declared"] != found?["intake"]?["declared"] { names.append("declared") }
    if wanted?["received"] != found?["intake"]?["received"] { names.append("received") }
    for kind in Disposition.allCases where wanted?["dispositions"]?[kind.rawValue] != found?["intake"]?[kind.rawValue] { names.append(kind.rawValue) }
    for key in ["drops_duplicate", "drops_resubmitted", "drops_arriving"] where wanted?[key] != found?[key] { names.append(key) }
    return names.map { "\(name) \($0)" }
  }

  private var billing: [String] {
    let wanted = truth["billing"], found = statement["consumers"]?.array?.first { $0["consumer"]?.string == "billing" }?["outflow"]
    return ["eligible", "sent", "withheld"].filter { wanted?[$0] != found?[$0] }.map { "billing \($0)" }
  }
}
