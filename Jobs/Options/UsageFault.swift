import ArgumentParser

/// What may be said of a command line that could not be read: the kind of fault and the names that the command knows.
///
/// Never what was typed: it could be an identifier of a person, and cron keeps the line.
struct UsageFault {
  private let message: String
  private let known: [String]
  private let command: String

  init(_ error: any Error, of command: (some ParsableCommand).Type) {
    message = command.message(for: error)
    let full = command.fullMessage(for: error)
    // The usage is our own text and stands last; whatever was typed stands before it.
    let usage = full.ranges(of: "Usage: ").last.map { String(full[$0.upperBound...]) } ?? ""
    let line = usage.split(separator: "\n").first.map(String.init) ?? ""
    known = Self.options(in: line)
    self.command = line.split(separator: " ").prefix { !"<[-".contains($0.first ?? "-") }.joined(separator: " ")
  }

  /// One line, for standard error.
  var text: String {
    let names = known.isEmpty ? "See \(command) --help." : "\(command) takes \(known.joined(separator: ", "))."
    return "\(kind).\(suggestion) \(names)"
  }

  private var kind: String {
    if message.hasPrefix(UsageRule.mark) { return String(message.dropFirst(UsageRule.mark.count)) }
    if message.contains("is invalid for '") { return "a value has the wrong form" + among(after: "is invalid for '") }
    if message.hasPrefix("Unknown option") { return "unknown option" }
    if message.hasPrefix("Unexpected argument") || message.contains("unexpected arguments") { return "an argument was not expected" }
    if message.hasPrefix("Missing value for '") { return "a value is missing" + among(after: "Missing value for '") }
    if message.hasPrefix("Missing expected argument") { return "an option or argument is missing" + among(after: "Missing expected argument '") }
    return "the command line cannot be read"
  }

  /// The name that the fault is about, where it is one of the command's own.
  private func among(after mark: String) -> String {
    guard let place = message.ranges(of: mark).last else { return "" }
    let rest = message[place.upperBound...]
    return known.first { name in rest.hasPrefix(name) && !(rest.dropFirst(name.count).first?.isLetter ?? false) }.map { ": \($0)" } ?? ""
  }

  private var suggestion: String {
    let near = known.first { $0.hasPrefix("--") && message.hasSuffix("Did you mean '\($0)'?") }
    return near.map { " Did you mean '\($0)'?" } ?? ""
  }

  private static func options(in line: String) -> [String] {
    var names: [String] = []
    for word in line.split(whereSeparator: { " []|".contains($0) }) where word.hasPrefix("--") && !names.contains(String(word)) { names.append(String(word)) }
    return names
  }
}
