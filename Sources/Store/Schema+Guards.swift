import Core

/// The equations that no constraint of one row can hold.
extension Schema {
  static let guards = messageGuards + extractGuards

  private static let messageGuards = [
    balance("drop_insert", "INSERT"), balance("drop_update", "UPDATE"), frozen("INSERT", "NEW"), frozen("UPDATE", "OLD"), frozen("DELETE", "OLD"),
  ]

  /// A loaded drop's seven counts are those of its messages, whoever writes them.
  private static func balance(_ name: String, _ event: String) -> Guard {
    let checks = Disposition.allCases.map {
      "NEW.\($0.rawValue) <> (SELECT count(*) FROM message WHERE drop_ = NEW.id AND disposition = '\($0.rawValue)' AND held_for_delivery <> \(MessageMark.replayed))"
    }
    return Guard(
      name: name, rule: "drop_messages", event: "AFTER " + event, table: "drop_", condition: "NEW.state <> 'pending' AND (\(checks.joined(separator: " OR ")))")
  }

  /// The messages of a loaded drop never change; only a replay may add some, which its night does not count.
  private static func frozen(_ event: String, _ side: String) -> Guard {
    Guard(
      name: "message_" + event.lowercased(), rule: "message_frozen", event: "BEFORE " + event, table: "message",
      condition: "(SELECT state FROM drop_ WHERE id = \(side).drop_) = 'loaded' AND \(side).held_for_delivery <> \(MessageMark.replayed)")
  }

  private static let extractGuards = [("extract_insert", "AFTER INSERT"), ("extract_update", "AFTER UPDATE")].map {
    Guard(name: $0.0, rule: "extract_outflow", event: $0.1, table: "extract_", condition: miscounts)
  }

  private static let miscounts = ["sent", "withheld", "suppressed"].map {
    "NEW.\($0) <> (SELECT count(*) FROM outflow WHERE consumer = NEW.consumer AND night = NEW.night AND verdict = '\($0)')"
  }.joined(separator: " OR ")

  /// A store from before replays could add messages (only files of SQLite are that old) gets the guards that let them.
  static func learnReplayed(_ db: any SQLConnection) throws {
    let found: [String] = try db.list("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('message', 'drop_')")
    if found.allSatisfy({ $0.contains("held_for_delivery") }) { return }
    for trigger in messageGuards { try db.define("DROP TRIGGER IF EXISTS \(trigger.name)") }
    try db.define(messageGuards.map(db.dialect.trigger).joined())
  }
}
