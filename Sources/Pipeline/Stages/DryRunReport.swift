import Core

/// What a dry run of a stage found: lines for people, or one JSON object on one line.
struct DryRunReport {
  private(set) var lines: [String] = []
  private var outcomes: [ExitCode] = []

  /// - outcome: how the run would end for this; `closed` where nothing is known that stands in the way.
  mutating func add(_ line: String, _ outcome: ExitCode = .closed) {
    lines.append(line)
    outcomes.append(outcome)
  }

  /// Says it in the form that was asked for; gives how the run would end.
  func say(_ stage: Stage, _ context: StageContext) -> ExitCode {
    let worst = ExitCode.worst(outcomes)
    guard context.request.json else {
      for line in lines { Console.say(line) }
      return worst
    }
    let object: JSONValue = [
      "dry_run": true, "stage": .string(stage.rawValue), "night": .string(context.night.description), "exit": .integer(Int(worst.rawValue)),
      "lines": .array(lines.map { .string($0) }),
    ]
    Console.say(String(decoding: object.canonical, as: UTF8.self))
    return worst
  }
}
