import Core
import Extract
import Trust

/// `compline suspend` and `compline resume`: a feed is not pulled and not loaded, a consumer gets nothing, from the next decision on.
enum SuspendCommand {
  static func run(_ path: String, name: String, reason: String?, stops: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .suspend)
    let kind = try kind(of: name, desk.site)
    let entry = Suspensions.Entry(kind: kind, name: name, since: Clock.now(), by: Authority.account(), reason: try checked(reason ?? ""))
    guard let plain = PlainName(name) else { throw PipelineError("PIP-109", .configuration, "a feed's name cannot be used") }
    let changed = try Suspensions.change(desk.site.folder) { $0.set(entry, stopped: stops) }
    let party = "\(kind == .feed ? "feed" : "consumer") \(name)"
    if changed { try desk.record(night: nil, outcome: .closed, subject: kind == .feed ? .feed(plain) : .consumer(plain)) }
    switch (stops, changed) {
    case (true, true): Console.say("\(party) is suspended; compline resume \(name) lets it go on")
    case (false, true): Console.say("\(party) goes on with the next run")
    case (true, false): Console.say("\(party) was suspended already")
    case (false, false): Console.say("\(party) is not suspended; nothing changed")
    }
    return .closed
  }

  private static func kind(of name: String, _ site: Site) throws -> Suspensions.Kind {
    let isFeed = site.feeds.contains { $0.name == name }, isConsumer = site.consumers.contains { $0.consumer == name }
    guard isFeed != isConsumer else {
      let why = isFeed ? "both a feed and a consumer have that name" : "this site has no feed and no consumer of that name"
      throw PipelineError("PIP-404", .usage, why, hint: "compline inventory lists them all.")
    }
    return isFeed ? .feed : .consumer
  }

  /// A reason is printed later, so it may hold no control characters; what it says is its author's matter.
  private static func checked(_ reason: String) throws -> String {
    guard reason.utf8.count <= 200, reason.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }) else {
      throw PipelineError("PIP-405", .usage, "the reason is too long, or holds control characters", hint: "At most 200 bytes on one line; name a ticket, never a patient.")
    }
    return reason
  }
}
