import Core

/// What a person said of two patients. `same` makes a link of them from then on, a later `different` takes it apart.
public struct IdentityDecision: Sendable, Equatable {
  public enum Verdict: String, Sendable {
    /// The two rows are one person.
    case same
    /// They are two; the pair is no candidate any more.
    case different
  }

  /// Refs of rows of `patient`, the lesser one first.
  public let one: String, other: String
  public var verdict: Verdict
  /// The rule under which the pair was shown, like `candidates@1`, and its score then, in points.
  public var rule: String
  public var score: Int
  /// Names of the fields that agreed.
  public var agrees: [String]
  /// Who answers for it, and the ticket or reason.
  public var person: String
  public var reason: String

  public init(_ refs: (String, String), _ verdict: Verdict, rule: String, score: Int, agrees: [String], person: String, reason: String) {
    (one, other) = refs.0 < refs.1 ? refs : (refs.1, refs.0)
    (self.verdict, self.rule, self.score, self.agrees, self.person, self.reason) = (verdict, rule, score, agrees, person, reason)
  }
}

extension SiteStore {
  /// Records a decision over two patients, and moves what it moves: one transaction. A later decision over the same pair takes its place.
  ///
  /// - Throws: STO-302 unless both are rows of `patient`, and two; STO-501 unless all keys are loaded.
  public func record(_ decision: IdentityDecision, run: String) throws(StoreError) {
    for table in tables { try codec.demandAll(of: table) }
    defer {
      currents.removeAll()
      linksVersion = nil
    }
    guard let one = Hex.bytes(decision.one).flatMap({ Bytes16($0) }), let other = Hex.bytes(decision.other).flatMap({ Bytes16($0) }), one != other else { throw .missing("pair of patients") }
    try write { db in
      let known: Int? = try db.value("SELECT count(*) FROM row_ WHERE entity = 'patient' AND ref IN (?, ?)", [one, other])
      guard known == 2 else { throw StoreError.missing("pair of patients") }
      let number = try db.value("SELECT coalesce(max(number), 0) + 1 FROM identity_") ?? 1
      try db.run(
        "INSERT INTO identity_(number, one, other, verdict, rule, score, agrees, person, reason, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
          number, one, other, decision.verdict.rawValue, decision.rule, decision.score, decision.agrees.joined(separator: " "), decision.person,
          decision.reason, run,
        ])
      try self.followDecision([one, other], run: run, db)
    }
  }

  /// What was decided last of each pair, in the order of the decisions.
  public func identityDecisions() throws(StoreError) -> [IdentityDecision] {
    try reach { db in
      try db.all(
        """
        SELECT one, other, verdict, rule, score, agrees, person, reason FROM identity_ i
        WHERE number = (SELECT max(number) FROM identity_ l WHERE l.one = i.one AND l.other = i.other) ORDER BY number
        """
      ).compactMap { row in
        guard let verdict = IdentityDecision.Verdict(rawValue: try row[2] as String) else { return nil }
        return try IdentityDecision(
          (Hex.text(row[0] as [UInt8]), Hex.text(row[1] as [UInt8])), verdict, rule: row[3], score: row[4],
          agrees: (row[5] as String).split(separator: " ").map(String.init), person: row[6], reason: row[7])
      }
    }
  }

  /// The current content of a row: one cell a field of its entity; nil where there is none. What has no key loaded stays sealed.
  public func currentCells(ref: String, of entity: String) throws(StoreError) -> [StoredCell]? {
    guard let bytes = Hex.bytes(ref).flatMap({ Bytes16($0) }) else { return nil }
    let table = try table(entity), reader = RowReader(codec: codec, table: table, classes: Set(table.sealedClasses))
    return try reach { db in
      guard try db.first("SELECT 1 FROM row_ WHERE ref = ? AND entity = ?", [bytes, entity]) != nil else { return nil }
      return try reader.row(bytes, db).current?.cells
    }
  }
}
