import Core

/// What a comparison found: counts, and names that are ours. It holds no value of a message and no key of a row.
struct DiffReport: Sendable {
  var old: VersionName
  var new: VersionName
  /// SHA-256 over the files that each of the two is read from.
  var oldDigest: String
  var newDigest: String
  var feed: String
  /// The nights of the first and last drop; nil where there was none.
  var first: BusinessDate?
  var last: BusinessDate?
  var drops: Int
  /// SHA-256 over the drops' own, in their order.
  var dropsDigest: String
  var messages: Int
  /// Messages that end otherwise: the old and the new ending, and how many.
  var verdicts: [[String]: Int]
  var entities: [(entity: String, diff: EntityDiff)]
  /// SHA-256 over the list of rows that differ.
  var rowsDigest: String

  var isEqual: Bool { verdicts.isEmpty && entities.allSatisfy(\.diff.isEqual) }

  /// Rows that differ.
  var rowCount: Int { entities.reduce(0) { $0 + $1.diff.rows.added + $1.diff.rows.removed + $1.diff.rows.changed } }

  var json: JSONValue {
    [
      "old": .string(old.description), "new": .string(new.description), "old_sha256": .string(oldDigest), "new_sha256": .string(newDigest),
      "feed": .string(feed), "from": first.map { .string($0.description) } ?? .null, "through": last.map { .string($0.description) } ?? .null,
      "drops": .integer(drops), "drops_sha256": .string(dropsDigest), "messages": .integer(messages),
      "verdicts": .array(verdicts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ["old": .string($0.key[0]), "new": .string($0.key[1]), "messages": .integer($0.value)] }),
      "entities": .array(entities.map { $0.diff.json($0.entity) }), "rows_sha256": .string(rowsDigest),
    ]
  }

  var text: String {
    let nights = first.map { first in last == first ? "\(first)" : "\(first) to \(last ?? first)" } ?? "no night"
    var lines = ["\(old) to \(new) on \(feed), \(nights): drops \(drops), messages \(messages)", ""]
    lines.append(Self.line("rows", ["same", "added", "removed", "changed"].map { $0 }))
    for (entity, diff) in entities { lines += Self.lines(entity, diff) }
    for (ends, count) in verdicts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) { lines.append("messages  \(count): \(ends[0]) becomes \(ends[1])") }
    lines += ["", Self.verdict(messages: messages, isEqual: isEqual, rows: rowCount)]
    return lines.joined(separator: "\n")
  }

  /// Nothing compared is no verdict.
  private static func verdict(messages: Int, isEqual: Bool, rows: Int) -> String {
    if messages == 0 { return "no message was compared: those of these drops are repetitions, or of batches that the feed holds" }
    return isEqual ? "both versions say the same" : "rows that differ: \(rows)"
  }

  private static func lines(_ entity: String, _ diff: EntityDiff) -> [String] {
    let rows = diff.rows
    var lines = [line(entity, [rows.same, rows.added, rows.removed, rows.changed].map(String.init))]
    for (field, count) in diff.fields.sorted(by: { $0.key < $1.key }) { lines.append(line("  " + field, ["", "", "", String(count)])) }
    for (code, counts) in diff.held.sorted(by: { $0.key < $1.key }) where counts.old != counts.new {
      lines.append("  held \(code): \(counts.old) becomes \(counts.new)")
    }
    return lines
  }

  private static func line(_ name: String, _ columns: [String]) -> String {
    let head = name + String(repeating: " ", count: max(1, 24 - name.utf8.count))
    return head + columns.map { String(repeating: " ", count: max(0, 10 - $0.utf8.count)) + $0 }.joined()
  }
}
