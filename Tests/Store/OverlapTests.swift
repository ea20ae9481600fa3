import Core
@testable import Store
import Support
import Testing

/// A slice is written while the next one is settled.
@Suite struct OverlapTests {
  /// Messages that speak of few rows again and again: later, earlier and at one time, with words of before, control ids of before and bytes of before.
  private static func messages(_ seed: UInt64) -> [MappedMessage] {
    var generator = SeededGenerator(seed)
    return (0..<600).map { number in
      let patient = "T\(Int.random(in: 0..<40, using: &generator))", instant = 100 + Int.random(in: 0..<4, using: &generator)
      let note = "NOTE\(Int.random(in: 0..<6, using: &generator))", copy = Int.random(in: 0..<8, using: &generator) == 0 ? max(0, number - 130) : number
      let charge = Said.charge("C\(Int.random(in: 0..<200, using: &generator))", at: instant, ["amount": "1.00", "patient": patient])
      return MappedMessage(
        "m\(copy)", control: "c\(number % 500)", [.patient(patient, at: instant, [Bool.random(using: &generator) ? "note" : "family": note]), charge])
    }
  }

  /// Known messages in runs, what they say under other bytes, and here and there other words or a withdrawal.
  private static func again(_ seed: UInt64) -> [MappedMessage] {
    var generator = SeededGenerator(seed), messages = messages(seed)
    for (number, other) in Self.messages(seed + 1_000).enumerated() {
      let lot = Int.random(in: 0..<30, using: &generator)
      if lot == 0 { messages[number].rows = other.rows }
      if lot == 1 { messages[number].rows.rows[0].action = .withdraw }
      if lot < 2 || number % 400 >= 270 { messages[number].digest = MappedMessage("again \(number)").digest }
    }
    return messages
  }

  private func findings(_ store: SiteStore) throws -> Int? { try store.reach { db in try db.value("SELECT CAST(sum(count) AS BIGINT) FROM finding") } }

  @Test("A drop of several slices gives what its messages give as drops of their own", arguments: StoreKind.allCases, SeededGenerator.seeds(3))
  func slices(kind: StoreKind, seed: UInt64) throws {
    let messages = Self.messages(seed), whole = try StoreSite(kind).open(), parts = try StoreSite(kind).open()
    try whole.load("a", messages)
    for (number, message) in messages.enumerated() { try parts.load("d\(number)", [message]) }
    #expect(try whole.digest() == parts.digest())
    #expect(try whole.dispositions() == parts.dispositions() && whole.tally("patient") == parts.tally("patient") && whole.tally("charge") == parts.tally("charge"))
    #expect(try findings(whole) == findings(parts))
  }

  @Test("What is known and what is new in another process give what its messages give as drops of their own", arguments: StoreKind.allCases, [1, 2, 8])
  func again(kind: StoreKind, newest: Int) throws {
    let seed = UInt64(newest)
    let site = try StoreSite(kind), parts = try StoreSite(kind).open()
    for store in [try site.open(), parts] { try store.load("a", Self.messages(seed)) }
    // Nothing is held of what was said before.
    let whole = try site.open()
    whole.newestFirst = newest
    try whole.load("again", Self.again(seed))
    for (number, message) in Self.again(seed).enumerated() { try parts.load("d\(number)", [message]) }
    #expect(try whole.digest() == parts.digest())
    #expect(try whole.dispositions() == parts.dispositions() && whole.tally("patient") == parts.tally("patient") && whole.tally("charge") == parts.tally("charge"))
    #expect(try findings(whole) == findings(parts))
  }

  /// Rows of a table of one key, one for each number.
  private func rows(_ numbers: [Int], _ db: any SQLConnection) -> PendingRows {
    var rows = PendingRows(keepsText: db.dialect.keepsOpenText)
    for number in numbers { rows.add([.blob([UInt8(number)])], to: "tried", ["k"]) }
    return rows
  }

  private func trying(_ kind: StoreKind, _ body: (OverlappedConnection) throws -> Void) throws {
    let db = OverlappedConnection(try StoreSite(kind).place.open(readOnly: false))
    try db.exclusively {
      try db.define("CREATE TABLE tried(k BLOB PRIMARY KEY) STRICT;")
      try db.begin(.write)
      try body(db)
    }
  }

  @Test("What is asked next finds the rows that another thread writes", arguments: StoreKind.allCases)
  func waiting(kind: StoreKind) throws {
    try trying(kind) { db in
      let empty = try db.write(aside: rows([1, 2], db))
      _ = try db.write(aside: rows([3], db))
      #expect(try db.value("SELECT count(*) FROM tried") == 3)
      _ = try db.write(aside: empty)
      try db.commit()
    }
  }

  @Test("A row that is refused on another thread is told until the transaction is taken back", arguments: StoreKind.allCases)
  func refused(kind: StoreKind) throws {
    try trying(kind) { db in
      _ = try db.write(aside: rows([1, 1], db))
      for _ in 0..<2 { #expect(throws: StoreError.self) { try db.run("DELETE FROM tried") } }
      try db.rollback()
      #expect(try db.value("SELECT count(*) FROM tried") == 0)
    }
  }

  @Test("Of a control id that a whole drop shares two messages are remembered")
  func controls() throws {
    var view = SliceView()
    for number in UInt8(0)..<9 { view.remember([number], under: [1]) }
    #expect(view.controls[[1]] == [[0], [1]])
  }

  @Test("After a load that an error ended the store takes the next one", arguments: StoreKind.allCases)
  func afterwards(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let load = try store.openLoad(drop: try store.pull("a"), run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"])
    _ = try? store.reach { db in try db.run("INSERT INTO no_table VALUES (1)") }
    load.rollback()
    try store.load("b", [MappedMessage("1", [.patient("T1")])])
    #expect(try store.tally("patient").inserted == 1)
  }

  @Test("Names of new rows are never the same, and a thousand in turn lie side by side")
  func names() throws {
    let codec = try RowCodec(siteID: "test-site", keys: try StoreSite().keys, keepsOpenText: true)
    let refs = try (0..<3_072).map { _ in try codec.newRef() }
    #expect(Set(refs).count == refs.count)
    #expect(Set(refs.map { Array($0.bytes.prefix(6)) }).count == 3)
  }
}
