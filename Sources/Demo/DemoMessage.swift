import Core

/// One HL7 v2 message of the night with what must become of it.
struct DemoMessage: Sendable {
  /// MSH-9.1^MSH-9.2.
  let type: String
  let segments: [String]
  /// Its fate when everything before it in the night has been loaded.
  let fate: Disposition
  var charges: [DemoCharge] = []
}

/// One FT1: what the sums of the truth are made of.
struct DemoCharge: Sendable {
  let cents: Int
  let hasAccount: Bool
}

/// One batch file: FHS, BHS, the messages, BTS, FTS (HL7 v2.5.1, 2.10.3).
struct DemoBatch: Sendable {
  let feed: String
  let path: String
  let messages: [DemoMessage]
  /// What BTS-1 says; it lies where it is not the number of messages.
  let declared: Int
  let lineEnd: String
  let header: [Int: String]

  var file: DemoFile { DemoFile(feed: feed, path: path, bytes: Array(text.utf8)) }

  var text: String {
    let head = [Segment.text("FHS", header), Segment.text("BHS", header)]
    let tail = [Segment.text("BTS", [1: String(declared)]), Segment.text("FTS", [1: "1"])]
    return (head + messages.flatMap(\.segments) + tail).map { $0 + lineEnd }.joined()
  }
}

/// Writes a segment from its fields by number.
enum Segment {
  /// Field 1 of MSH, FHS and BHS is the separator itself, so their numbers begin at 2 (HL7 v2.5.1, 2.15.9.1).
  static func text(_ name: String, _ fields: [Int: String]) -> String {
    let isHeader = name == "MSH" || name == "FHS" || name == "BHS"
    let first = isHeader ? 2 : 1
    let last = fields.keys.max() ?? 0
    let values = last < first ? [] : (first...last).map { fields[$0] ?? "" }
    return ([name] + values).joined(separator: "|")
  }
}
