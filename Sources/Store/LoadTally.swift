import Core

/// The counts of one drop while it is loaded.
struct LoadTally {
  var dispositions = DispositionTally()
  var entities: [EntityTally]
  var findings: [FindingCode: Int] = [:]
  private var skips: [Skip: Int] = [:]
  private var sums: [Sum: Int] = [:]

  private struct Skip: Hashable { var entity: Int, rule: String }
  private struct Sum: Hashable { var entity: Int, field: Int }

  init(entityCount: Int) { entities = Array(repeating: EntityTally(), count: entityCount) }

  mutating func count(_ outcome: RowOutcome, entity: Int) {
    entities[entity].found += 1
    if case .held = outcome { entities[entity].held += 1 } else { entities[entity].mapped += 1 }
    switch outcome {
    case .inserted: entities[entity].inserted += 1
    case .updated: entities[entity].updated += 1
    case .unchanged: entities[entity].unchanged += 1
    case .superseded: entities[entity].superseded += 1
    case .held: break
    }
  }

  mutating func skip(entity: Int, rule: String, count: Int) {
    guard count > 0 else { return }
    entities[entity].found += count
    entities[entity].skipped += count
    skips[Skip(entity: entity, rule: rule), default: 0] += count
  }

  mutating func add(cents: Int, entity: Int, field: Int) throws(StoreError) {
    let (sum, overflow) = sums[Sum(entity: entity, field: field), default: 0].addingReportingOverflow(cents)
    if overflow { throw .sumTooLarge }
    sums[Sum(entity: entity, field: field)] = sum
  }

  func write(drop: String, dictionary: CanonicalDictionary, _ db: any SQLConnection) throws {
    for (index, tally) in entities.enumerated() where tally.found > 0 {
      try db.run(
        "INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            drop, dictionary.entities[index].name, tally.found, tally.mapped, tally.held, tally.skipped, tally.inserted, tally.updated, tally.unchanged,
            tally.superseded,
          ])
    }
    for (skip, count) in skips {
      try db.run("INSERT INTO skip VALUES (?, ?, ?, ?)", [drop, dictionary.entities[skip.entity].name, skip.rule, count])
    }
    for (sum, cents) in sums {
      let entity = dictionary.entities[sum.entity]
      try db.run("INSERT INTO sum_ VALUES (?, ?, ?, ?)", [drop, entity.name, entity.fields[sum.field].name, cents])
    }
    for (code, count) in findings {
      try db.run("INSERT INTO finding VALUES (?, ?, ?)", [drop, code.rawValue, count])
    }
  }

  /// One row of work for a person, under a random name; the values of `ExceptionTable.columns`.
  static func exception(_ finding: Finding, drop: DropEntry, ordinal: Int?, entity: String?) throws -> [SQLValue] {
    let position = finding.position
    let values: SQLValues = [
      try SiteStore.random(16), drop.id, ordinal, entity, finding.code.rawValue, position.path, position.occurrence, position.repetition,
      position.byteOffset, finding.code.ownerRole, drop.night.description,
    ]
    return values.map { $0?.sqlValue ?? .null }
  }
}

/// The table of work for people.
enum ExceptionTable {
  static let name = "exception_"
  static let columns = ["ref", "drop_", "ordinal", "entity", "code", "path", "occurrence", "repetition", "at_byte", "owner", "night"]
}

/// What became of one row.
enum RowOutcome {
  case inserted, updated, unchanged, superseded
  case held(FindingCode)
}
