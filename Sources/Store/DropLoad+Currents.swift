import Core

/// What is so of the rows of a slice, read as far as it decides what the slice changes.
extension DropLoad {
  /// Reads what is so of the rows of which something new is to be said, where that is not held anyway.
  func lookForCurrents(_ named: [AskedRow], _ view: inout SliceView, _ db: any SQLConnection) throws {
    let asked = try changing(named, view)
    // Others may take its place among those that the store holds before the slice is settled.
    for number in asked.keys { if let held = store.currents[view.rows[number].known.ref] { view.rows[number].state = held } }
    try readNewest(asked.keys.filter { view.rows[$0].state == nil }, &view, db)
    try readAll(asked.filter { number, rows in !(view.rows[number].state?.decides(rows) ?? false) }.mapValues { $0[0].name }, &view, db)
  }

  /// By the number of a row what is to be said of it, where some of that was not said with the same event time and rank.
  private func changing(_ named: [AskedRow], _ view: SliceView) throws -> [Int: [AskedRow]] {
    var asked: [Int: [AskedRow]] = [:]
    for row in named {
      guard let number = view.number(of: row.name), try !isSaid(row, view.rows[number]) else { continue }
      asked[number, default: []].append(row)
    }
    return asked
  }

  private func isSaid(_ asked: AskedRow, _ row: SliceView.Row) throws -> Bool {
    // Words about another feed's fields are held against what is so, however often they come.
    if rules.foreign[asked.name.entity] != nil { return false }
    let tied = row.statements(at: asked.instant, asked.rank)
    if tied.isEmpty { return false }
    let mac = try store.codec.contentMac(asked.assertion, entity: store.tables[asked.name.entity].entity.name, ref: row.known.ref)
    return tied.contains { $0.mac == mac }
  }

  private func readNewest(_ numbers: [Int], _ view: inout SliceView, _ db: any SQLConnection) throws {
    for (entity, numbers) in Dictionary(grouping: numbers, by: { view.rows[$0].entity }) {
      var number = -1, said: [Assertion] = []
      func settle() {
        guard number >= 0 else { return }
        view.rows[number].state = CurrentState(newest: said, areAll: said.count < store.newestFirst, fieldCount: store.tables[entity].entity.fields.count)
      }
      try read(numbers, view, entity, then: "ORDER BY event_instant DESC, source_rank DESC LIMIT \(store.newestFirst)", db) {
        if number != $0 {
          settle()
          (number, said) = ($0, [])
        }
        said.append($1)
      }
      settle()
    }
  }

  private func readAll(_ names: [Int: SliceView.RowName], _ view: inout SliceView, _ db: any SQLConnection) throws {
    for (entity, names) in Dictionary(grouping: names, by: { $0.value.entity }) {
      let numbers = names.map(\.key)
      for number in numbers { view.rows[number].state = CurrentState(fieldCount: store.tables[entity].entity.fields.count) }
      try read(numbers, view, entity, then: "", db) { _ = view.rows[$0].state?.apply($1) }
      for (number, name) in names {
        // The slice before is not in the store yet.
        for assertion in self.view.flatMap({ before in before.number(of: name).map { before.rows[$0].said } }) ?? [] { _ = view.rows[number].state?.apply(assertion) }
        if let state = view.rows[number].state, store.currents[view.rows[number].known.ref] != nil { store.currents.remember(state, view.rows[number].known.ref) }
      }
    }
  }

  /// Gives statements of rows of one entity, those of a row in turn, with the number of the row.
  private func read(_ numbers: [Int], _ view: SliceView, _ entity: Int, then rest: String, _ db: any SQLConnection, _ body: (Int, Assertion) throws -> Void) throws {
    let table = store.tables[entity], classes = Set(table.sealedClasses), columns = table.selected + ["row_ref"]
    let places = Dictionary(uniqueKeysWithValues: numbers.map { (view.rows[$0].known.ref, $0) })
    try db.find(columns, in: table.name, by: ["row_ref"], places.keys.map { [$0.sqlValue] }, then: rest) { record in
      let ref: Bytes16 = try record[columns.count - 1]
      guard let number = places[ref] else { return }
      try body(number, try store.codec.assertion(record, table: table, ref: ref, classes: classes))
    }
  }

  // MARK: One row

  /// The current content of a row that is said of, as far as it is held: it may not decide everything.
  func current(_ known: KnownRow, _ table: EntityTable, _ db: any SQLConnection) throws -> CurrentState {
    if let held = store.currents[known.ref] { return held }
    guard let row = view?.rows[known.number] else { return try current(known.ref, table, db) }
    if let state = row.state { return state }
    return row.isNew ? CurrentState(fieldCount: table.entity.fields.count).applying(row.said) : try whole(known, table, db)
  }

  /// All of it.
  func whole(_ known: KnownRow, _ table: EntityTable, _ db: any SQLConnection) throws -> CurrentState {
    try current(known.ref, table, db).applying(view?.rows[known.number].said ?? [])
  }

  /// The current content of a row, as the store holds it.
  func current(_ ref: Bytes16, _ table: EntityTable, _ db: any SQLConnection) throws -> CurrentState {
    if let held = store.currents[ref], held.isWhole { return held }
    var state = CurrentState(fieldCount: table.entity.fields.count)
    let classes = Set(table.sealedClasses)
    try db.each(table.select, [ref]) { record in _ = state.apply(try store.codec.assertion(record, table: table, ref: ref, classes: classes)) }
    return state
  }
}

extension CurrentState {
  /// True where what it holds decides what each of these changes.
  fileprivate func decides(_ asked: [DropLoad.AskedRow]) -> Bool { isWhole || asked.allSatisfy { decides($0.assertion) } }

  fileprivate func applying(_ assertions: [Assertion]) -> CurrentState {
    var state = self
    for assertion in assertions { _ = state.apply(assertion) }
    return state
  }
}
