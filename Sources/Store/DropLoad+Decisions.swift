import Core

/// What was decided last of a pair of patients, as one of them sees it.
struct DecidedPair {
  var other: Bytes16
  var isSame: Bool
  /// Microseconds: when the run of the decision began.
  var instant: Int
}

/// Links that people's decisions make: patients who are said to be one, directly or through others, count as the one with the least key.
///
/// A decision is an event of its own time: what was said before it stays with each record, what refers to them is the one's. Where a message says
/// something of the same record's link later, that stands; a later decision over the pair takes it apart.
extension DropLoad {
  /// What was decided last of each pair that a row is in.
  private func pairs(of ref: Bytes16, _ db: any SQLConnection) throws -> [DecidedPair] {
    if let decided { return decided[ref] ?? [] }
    var all: [Bytes16: [DecidedPair]] = [:]
    let query = """
      SELECT i.one, i.other, i.verdict, r.started FROM identity_ i JOIN run r ON r.id = i.run
      WHERE i.number = (SELECT max(number) FROM identity_ l WHERE l.one = i.one AND l.other = i.other) ORDER BY i.number
      """
    for row in try db.all(query, []) {
      let one: Bytes16 = try row[0], other: Bytes16 = try row[1], instant = Self.instant(try row[3])
      let isSame = (try row[2] as String) == IdentityDecision.Verdict.same.rawValue
      all[one, default: []].append(DecidedPair(other: other, isSame: isSame, instant: instant))
      all[other, default: []].append(DecidedPair(other: one, isSame: isSame, instant: instant))
    }
    decided = all
    return all[ref] ?? []
  }

  /// `2026-03-01T02:00:00Z` as microseconds; 0 where it is no such text.
  private static func instant(_ text: String) -> Int {
    guard let day = BusinessDate(String(text.prefix(10))) else { return 0 }
    let clock = text.dropFirst(11).prefix(8).split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3 else { return 0 }
    return (day.daysSinceEpoch * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]) * 1_000_000
  }

  /// All rows that decisions name together with one, whatever they say, itself among them.
  func decidedTogether(with ref: Bytes16, onlySame: Bool, _ db: any SQLConnection) throws -> Set<Bytes16> {
    var found: Set = [ref], waiting = [ref]
    while let next = waiting.popLast() {
      for pair in try pairs(of: next, db) where pair.isSame || !onlySame { if found.insert(pair.other).inserted { waiting.append(pair.other) } }
    }
    return found
  }

  /// What a patient was replaced by, as people decided; nil where nobody did, or where it is the one that stays.
  func decidedLink(of name: LinkTable.Name, _ ref: Bytes16, _ db: any SQLConnection) throws -> RowLink? {
    guard name.entity == store.links.plan.patient, let since = try pairs(of: ref, db).filter(\.isSame).map(\.instant).min() else { return nil }
    let table = store.tables[name.entity], known = store.links[name]?.target
    var least = name.key
    for other in try decidedTogether(with: ref, onlySame: true, db) where other != ref {
      // A row of which nothing is said any more has its key in the link that leads to it.
      guard let key = try linkable(other, table, db)?.key ?? known.flatMap({ try leads($0, to: other, db) ? $0 : nil }) else { continue }
      if key.lexicographicallyPrecedes(least) { least = key }
    }
    return least == name.key ? nil : RowLink(target: least, since: since, takesAll: false)
  }

  private func leads(_ key: [UInt8], to ref: Bytes16, _ db: any SQLConnection) throws -> Bool {
    let index = try store.codec.keyIndex(entity: "patient", key: key)
    return try db.first("SELECT 1 FROM row_ WHERE ref = ? AND key_index = ?", [ref, index]) != nil
  }
}

extension SiteStore {
  /// Brings the links of two patients and of all who were decided together with them up to what was decided.
  func followDecision(_ refs: [Bytes16], run: String, _ db: any SQLConnection) throws {
    guard let patient = links.plan.patient else { return }
    let night = try db.first("SELECT night FROM run WHERE id = ?", [run]).flatMap { BusinessDate(try $0[0] as String) } ?? BusinessDate(daysSinceEpoch: 0)
    // What it notes of rows is all that is asked of this load.
    let entry = DropEntry(id: "", feed: "", night: night, isControl: false, byteCount: 0, state: .loaded, keyedHash: [])
    let notes = DropLoad(store: self, drop: entry, run: run, sourceRank: 0, rowPaths: [])
    notes.isReplay = true
    notes.lastExtractNight = try Self.lastExtractNight(db)
    try db.lookUpByIndex()
    currents.removeAll()
    try readLinks(db)
    var members: Set<Bytes16> = []
    for ref in refs { members.formUnion(try notes.decidedTogether(with: ref, onlySame: false, db)) }
    try notes.followLinks(of: members.compactMap { try notes.linkable($0, tables[patient], db) }, db)
  }
}
