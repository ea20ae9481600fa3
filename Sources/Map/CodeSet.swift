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
    for (index, line) in lines(text).enumerated() where !line.isEmpty {
      guard let cells = cells(line) else {
        throw ConfigurationError(
          "MAP-150", "a quote is not closed, or stands inside a cell", hint: "Close it on the same line; a quote inside is doubled: \"5\"\"\".", file: file, line: index + 1, column: 1)
      }
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

  /// As tables are saved: a byte-order mark and line ends of either kind are no part of them.
  private static func lines(_ text: String) -> [[Unicode.Scalar]] {
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    return scalars.split(separator: "\n", omittingEmptySubsequences: false).map { $0.last == "\r" ? Array($0.dropLast()) : Array($0) }
  }

  private static func row(_ cells: [String], _ file: String, _ line: Int) throws(ConfigurationError) -> Row {
    guard cells.count == header.count, !cells[0].isEmpty, !cells[1].isEmpty, !cells[5].isEmpty else {
      throw ConfigurationError(
        "MAP-150", "source, target and approver must be filled, six cells a line", hint: "Like 'F,female,equivalent,,,steward'.", file: file, line: line, column: 1)
    }
    guard [cells[0], cells[1]].allSatisfy({ $0.first != " " && $0.last != " " && !$0.contains("\t") }) else {
      throw ConfigurationError(
        "MAP-150", "source or target has blanks at its ends", hint: "Values are looked up without them: take them out.", file: file, line: line, column: 1)
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
    if let since, let until, until < since {
      throw ConfigurationError("MAP-150", "until lies before since, so that the line is never in force", hint: "Exchange them.", file: file, line: line, column: 1)
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

  /// The cells of one line (RFC 4180, 2.5 to 2.7); nil when a quote stays open or stands where none may.
  private static func cells(_ line: [Unicode.Scalar]) -> [String]? {
    var cells: [String] = [], at = 0
    while true {
      var cell = ""
      if at < line.count, line[at] == "\"" {
        guard let end = quoted(line, &at, &cell), end == line.count || line[end] == "," else { return nil }
      } else {
        while at < line.count, line[at] != "," {
          if line[at] == "\"" { return nil }
          cell.unicodeScalars.append(line[at])
          at += 1
        }
      }
      cells.append(cell)
      guard at < line.count else { return cells }
      at += 1
    }
  }

  /// A cell in quotes that begins at `at`; where it ends, nil where it does not.
  private static func quoted(_ line: [Unicode.Scalar], _ at: inout Int, _ cell: inout String) -> Int? {
    at += 1
    while at < line.count {
      if line[at] == "\"" {
        guard at + 1 < line.count, line[at + 1] == "\"" else {
          at += 1
          return at
        }
        at += 1
      }
      cell.unicodeScalars.append(line[at])
      at += 1
    }
    return nil
  }
}
