import Core

/// Same, added, removed, changed: what two versions say of one kind of thing.
struct DiffCounts: Sendable, Equatable {
  var same = 0
  var added = 0
  var removed = 0
  var changed = 0

  var isEqual: Bool { added + removed + changed == 0 }

  var json: JSONValue { ["same": .integer(same), "added": .integer(added), "removed": .integer(removed), "changed": .integer(changed)] }
}

/// What two versions say of one entity over the drops compared.
///
/// - A *statement* is what one message says of one row at one event time; a *row* is the key that statements share.
/// - A row is added (removed) where only the new (old) version names its key, changed where some statement differs.
struct EntityDiff: Sendable, Equatable {
  var rows = DiffCounts()
  var statements = DiffCounts()
  /// Changed rows, by the field in which some statement of theirs differs; `event_time` and `action` are among them.
  var fields: [String: Int] = [:]
  /// Rows held, by code, under the old and the new version.
  var held: [String: (old: Int, new: Int)] = [:]

  var isEqual: Bool { rows.isEqual && statements.isEqual && held.values.allSatisfy { $0.old == $0.new } }

  static func == (left: Self, right: Self) -> Bool {
    left.rows == right.rows && left.statements == right.statements && left.fields == right.fields && left.held.mapValues { [$0.old, $0.new] } == right.held.mapValues { [$0.old, $0.new] }
  }

  func json(_ entity: String) -> JSONValue {
    [
      "entity": .string(entity), "rows": rows.json, "statements": statements.json,
      "fields": .object(fields.mapValues { .integer($0) }),
      "held": .array(held.sorted { $0.key < $1.key }.map { ["code": .string($0.key), "old": .integer($0.value.old), "new": .integer($0.value.new)] }),
    ]
  }
}

/// One row that differs, under its pseudonym.
struct DiffRow: Sendable, Equatable {
  enum Change: String, Sendable {
    case added, removed, changed
  }

  var entity: String
  /// Thirty-two hexadecimal digits: the key of the row under the site's index key, the same in every diff of the site.
  var key: String
  var change: Change
  /// Ascending; empty for rows that one version alone has.
  var fields: [String]

  var json: JSONValue {
    ["entity": .string(entity), "row": .string(key), "change": .string(change.rawValue), "fields": .array(fields.map { .string($0) })]
  }
}
