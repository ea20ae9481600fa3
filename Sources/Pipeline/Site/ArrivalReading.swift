import Core
import Exchange
import Trust

/// `arrival:` of a feed file: until when, how whole, how often.
struct ArrivalReading {
  let due: ClockTime
  let completeness: Completeness
  let calendar: ArrivalCalendar?

  init(_ root: OutlineNode, _ ground: SiteGround) throws(ConfigurationError) {
    guard let arrival = root["arrival"] else {
      throw ConfigurationError("CFG-208", "the key 'arrival' is missing", hint: #"arrival: {by: "02:00", complete: settle}"#, at: root)
    }
    try arrival.allow(["by", "complete", "settle", "marker", "manifest", "cadence", "calendar", "expect"], code: "CFG-201")
    guard let due = ClockTime(try arrival.required("by", code: "CFG-202")) else {
      throw ConfigurationError("CFG-209", "'by' must be a time of day like 02:00", at: arrival["by"] ?? arrival)
    }
    self.due = due
    completeness = try Self.completeness(arrival)
    calendar = try Self.calendar(arrival, ground)
  }

  private static func completeness(_ arrival: OutlineNode) throws(ConfigurationError) -> Completeness {
    let mode = try arrival.required("complete", code: "CFG-202")
    for key in ["settle", "marker", "manifest"] where key != mode {
      guard let stray = arrival[key], key != "settle" else { continue }
      throw ConfigurationError("CFG-217", "'\(key)' has no meaning beside complete: \(mode)", hint: "Write complete: \(key), or leave it out.", at: stray)
    }
    switch mode {
    case "rename": return .rename
    case "settle": return .settle(windowSeconds: try window(arrival))
    case "marker":
      let text = try arrival.optional("marker", code: "CFG-202") ?? "{name}.done"
      guard let pattern = MarkerPattern(text) else {
        throw ConfigurationError("CFG-218", "'marker' is a name with {name} or {stem} in it", hint: #"marker: "{name}.done""#, at: arrival["marker"] ?? arrival)
      }
      return .marker(pattern)
    case "manifest":
      let text = try arrival.required("manifest", code: "CFG-202")
      guard !text.isEmpty, text != "*", !text.contains("/") else {
        throw ConfigurationError("CFG-219", "'manifest' is a pattern for the names of manifests", hint: #"manifest: "*.manifest""#, at: arrival["manifest"] ?? arrival)
      }
      return .manifest(NamePattern(text))
    default:
      throw ConfigurationError("CFG-211", "'complete' names no mode of this version", hint: "Legal: rename, settle, marker, manifest.", at: arrival["complete"] ?? arrival)
    }
  }

  private static func window(_ arrival: OutlineNode) throws(ConfigurationError) -> Int {
    let text = try arrival.optional("settle", code: "CFG-202") ?? "60s"
    guard text.hasSuffix("s"), let seconds = Int(text.dropLast()), (1...3_600).contains(seconds) else {
      throw ConfigurationError("CFG-210", "'settle' must be seconds like 60s", at: arrival["settle"] ?? arrival)
    }
    return seconds
  }
}

// MARK: - How often

extension ArrivalReading {
  private static func calendar(_ arrival: OutlineNode, _ ground: SiteGround) throws(ConfigurationError) -> ArrivalCalendar? {
    guard let text = try arrival.optional("cadence", code: "CFG-202") else {
      guard let stray = arrival["calendar"] ?? arrival["expect"] else { return nil }
      throw ConfigurationError("CFG-220", "'calendar' and 'expect' need a 'cadence'", hint: "cadence: daily", at: stray)
    }
    guard let cadence = cadence(text) else {
      throw ConfigurationError(
        "CFG-221", "'\(text)' is no cadence", hint: "Legal: daily, weekdays, weekly MON, monthly 1, monthly last.", at: arrival["cadence"] ?? arrival)
    }
    var calendar = ArrivalCalendar(cadence: cadence)
    calendar.closed = try closed(arrival, ground)
    (calendar.least, calendar.most) = try expect(arrival)
    return calendar
  }

  private static func cadence(_ text: String) -> ArrivalCalendar.Cadence? {
    let words = text.split(separator: " ")
    switch (words.first, words.count) {
    case ("daily", 1): return .daily
    case ("weekdays", 1): return .weekdays
    case ("weekly", 2): return Weekday.names.firstIndex(of: String(words[1])).map { .weekly($0 + 1) }
    case ("monthly", 2):
      if words[1] == "last" { return .monthly(31) }
      guard let day = Int(words[1]), (1...31).contains(day) else { return nil }
      return .monthly(day)
    default: return nil
    }
  }

  private static func closed(_ arrival: OutlineNode, _ ground: SiteGround) throws(ConfigurationError) -> ClosedDays {
    guard let text = try arrival.optional("calendar", code: "CFG-202") else { return .none }
    if text == "us-federal" { return .federal }
    let node = arrival["calendar"] ?? arrival
    guard let bytes = try? DurableFile.read(try ground.place("calendar", of: arrival), maximumBytes: 1 << 20) else {
      throw ConfigurationError("CFG-222", "'calendar' names neither us-federal nor a file that can be read", hint: "A file holds a day a line: 2027-01-01.", at: node)
    }
    let (days, badLine) = ClosedDays.read(String(decoding: bytes, as: UTF8.self))
    if let badLine { throw ConfigurationError("CFG-223", "the calendar's line \(badLine) is no day", hint: "Write it as YYYY-MM-DD.", at: node) }
    return .days(days)
  }

  private static func expect(_ arrival: OutlineNode) throws(ConfigurationError) -> (least: Int, most: Int?) {
    guard let node = arrival["expect"] else { return (1, nil) }
    if let text = node.text {
      let count = try number(text, node)
      return (count, count)
    }
    try node.allow(["min", "max"], code: "CFG-201")
    let least = try node.optional("min", code: "CFG-202").map { (text) throws(ConfigurationError) in try number(text, node) } ?? 1
    guard let text = try node.optional("max", code: "CFG-202") else { return (least, nil) }
    let most = try number(text, node)
    guard most >= least else { throw ConfigurationError("CFG-224", "'max' is below 'min'", at: node) }
    return (least, most)
  }

  private static func number(_ text: String, _ node: OutlineNode) throws(ConfigurationError) -> Int {
    guard let number = Int(text), (1...100_000).contains(number) else {
      throw ConfigurationError("CFG-224", "'expect' is a number of drops from 1 to 100000, or {min:, max:}", at: node)
    }
    return number
  }
}
