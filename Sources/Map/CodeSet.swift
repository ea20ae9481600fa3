import Core

/// A versioned code set: source values and what they become, each with the business dates on which it is in force.
struct CodeSet: Sendable {
  struct Row: Sendable {
    var source: [UInt8]
    var target: [UInt8]
    var since: BusinessDate?
    var until: BusinessDate?
    /// Where it stands in the file.
    var line = 0
  }

  /// `sex@1`
  var name: String
  var rows: [Row]

  private static let header = ["source", "target", "relationship", "since", "until", "approver"]
  private static let relationships = ["equivalent", "wider", "narrower", "inexact"]

  /// Reads `source,target,relationship,since,until,approver`; the first line is that header.
  static func read(_ bytes: [UInt8], name: String, file: String) throws(ConfigurationError) -> CodeSet {
    var set = CodeSet(name: name, rows: [])
    guard let text = String(validating: bytes, as: UTF8.self) else { throw ConfigurationError("MAP-150", "the file is not UTF-8 text", hint: "Save it as UTF-8.", file: file) }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.hasSuffix("\r") ? line.dropLast() : line
      if line.isEmpty { continue }
      guard let cells = cells(line) else { throw ConfigurationError("MAP-150", "a quote is not closed", hint: "Close it on the same line; a quote inside is doubled.", file: file, line: index + 1, column: 1) }
      if index == 0 {
        guard cells == header else {
          throw ConfigurationError(
            "MAP-150", "the first line does not name the columns", hint: "Write '\(header.joined(separator: ","))'.", file: file, line: 1, column: 1)
        }
        continue
      }
      set.rows.append(try row(cells, file, index + 1))
    }
    try refuseOverlaps(set, file)
    return set
  }

  private static func row(_ cells: [String], _ file: String, _ line: Int) throws(ConfigurationError) -> Row {
    guard cells.count == header.count, !cells[0].isEmpty, !cells[1].isEmpty, !cells[5].isEmpty else {
      throw ConfigurationError(
        "MAP-150", "source, target and approver must be filled, six cells a line", hint: "Like 'F,female,equivalent,,,steward'.", file: file, line: line, column: 1)
    }
    guard relationships.contains(cells[2]) else {
      throw ConfigurationError(
        "MAP-150", "'\(cells[2])' is not a relationship", hint: "Legal: \(relationships.joined(separator: ", ")).", file: file, line: line, column: 1)
    }
    let since = BusinessDate(cells[3])
    let until = BusinessDate(cells[4])
    guard cells[3].isEmpty || since != nil, cells[4].isEmpty || until != nil else {
      throw ConfigurationError("MAP-150", "since and until are dates or empty", hint: "Write YYYY-MM-DD.", file: file, line: line, column: 1)
    }
    return Row(source: Array(cells[0].utf8), target: Array(cells[1].utf8), since: since, until: until, line: line)
  }

  private static func refuseOverlaps(_ set: CodeSet, _ file: String) throws(ConfigurationError) {
    let low = BusinessDate(daysSinceEpoch: Int.min)
    let high = BusinessDate(daysSinceEpoch: Int.max)
    for rows in Dictionary(grouping: set.rows, by: \.source).values where rows.count > 1 {
      let ordered = rows.sorted { ($0.since ?? low) < ($1.since ?? low) }
      for (earlier, later) in zip(ordered, ordered.dropFirst()) where (earlier.until ?? high) >= (later.since ?? low) {
        throw ConfigurationError(
          "MAP-151", "the source value '\(String(decoding: later.source, as: UTF8.self))' stands twice for the same dates",
          hint: "Let one of them end ('until') before the other begins ('since'); the first is in line \(earlier.line).", file: file, line: later.line, column: 1)
      }
    }
  }

  /// RFC 4180 cells of one line; nil when a quote stays open.
  private static func cells(_ line: Substring) -> [String]? {
    var cells = [""]
    var quoted = false
    for character in line {
      switch character {
      case "\"": quoted.toggle()
      case "," where !quoted: cells.append("")
      default: cells[cells.count - 1].append(character)
      }
    }
    return quoted ? nil : cells
  }
}
