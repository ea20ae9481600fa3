import Core
@testable import Store
import Support
import Testing

/// What a load asks of an engine, on both.
@Suite struct ConnectionTests {
  private func connection(_ kind: StoreKind) throws -> any SQLConnection { try StoreSite(kind).place.open(readOnly: false) }

  /// Makes a table of the three types and does `body` in a transaction.
  private func trying(_ kind: StoreKind, _ body: (any SQLConnection) throws -> Void) throws {
    let db = try connection(kind)
    try db.exclusively {
      try db.define("CREATE TABLE tried(k BLOB PRIMARY KEY, n INTEGER, t TEXT) STRICT;")
      try db.begin(.write)
      try db.lookUpByIndex()
      try body(db)
    }
  }

  private func packed(_ rows: [[SQLValue]], _ db: any SQLConnection) -> PackedRows {
    var packed = PackedRows(keepsText: db.dialect.keepsOpenText)
    for row in rows { packed.append(row: row) }
    return packed
  }

  @Test("Packed rows come out as they went in, empty and null ones too", arguments: StoreKind.allCases)
  func roundTrip(kind: StoreKind) throws {
    let rows: [[SQLValue]] = [
      [.blob([0, 1]), .integer(-1), .text("é")], [.blob([]), .integer(Int.min), .text("")], [.blob([0xFF]), .null, .null],
    ]
    try trying(kind) { db in
      try db.add(packed(rows, db), to: "tried", ["k", "n", "t"])
      #expect(try db.all("SELECT k, n, t FROM tried ORDER BY k").map(\.values) == [rows[1], rows[0], rows[2]])
    }
  }

  @Test("A row that the engine refuses ends the transaction with an error, at the latest at its commit", arguments: StoreKind.allCases)
  func refused(kind: StoreKind) throws {
    try trying(kind) { db in
      let error = #expect(throws: StoreError.self) {
        try db.add(packed([[.blob([1]), .null, .null], [.blob([1]), .null, .null]], db), to: "tried", ["k", "n", "t"])
        try db.commit()
      }
      #expect(error?.code == "STO-301")
      try db.rollback()
      #expect(try db.value("SELECT count(*) FROM tried") == 0)
    }
  }

  @Test("Keys that are there are found, each with its row, and those that are not are passed over", arguments: StoreKind.allCases)
  func find(kind: StoreKind) throws {
    try trying(kind) { db in
      try db.add(packed((0..<50).map { [.blob([$0]), .integer(Int($0)), .null] }, db), to: "tried", ["k", "n", "t"])
      var found: [Int] = []
      try db.find(["n"], in: "tried", by: ["k"], [[.blob([7])], [.blob([77])], [.blob([8])]], then: "AND n > 7") { found.append(try $0[0]) }
      #expect(found == [8])
    }
  }

  @Test("Of each key as many rows are given as asked for, in their order, and those of a key in turn", arguments: StoreKind.allCases)
  func newest(kind: StoreKind) throws {
    try trying(kind) { db in
      try db.add(packed((0..<60).map { [.blob([$0]), .integer(Int($0) % 3), .null] }, db), to: "tried", ["k", "n", "t"])
      var found: [UInt8] = []
      try db.find(["k"], in: "tried", by: ["n"], [[.integer(2)], [.integer(0)]], then: "ORDER BY k DESC LIMIT 2") { found += try $0[0] as [UInt8] }
      #expect(found == [59, 56, 57, 54])
    }
  }

  @Test("What is merged stays where it is there already", arguments: StoreKind.allCases)
  func merge(kind: StoreKind) throws {
    try trying(kind) { db in
      for text in ["first", "second"] { try db.merge([[.blob([1]), .text(text)], [.blob([UInt8(text.utf8.count)]), .text(text)]], into: "tried", ["k", "t"], "DO NOTHING") }
      #expect(try db.list("SELECT t FROM tried ORDER BY k") == ["first", "first", "second"])
    }
  }

  @Test("A place is told where another value stands beside the same one", arguments: StoreKind.allCases)
  func places(kind: StoreKind) throws {
    try trying(kind) { db in
      try db.add(packed([[.blob([1]), .integer(5), .null], [.blob([2]), .integer(5), .null], [.blob([3]), .integer(6), .null]], db), to: "tried", ["k", "n", "t"])
      #expect(try db.places(in: "tried", where: "n", isNot: "k", [[.integer(6), .blob([3])], [.integer(5), .blob([1])], [.integer(7), .blob([1])]]) == [1])
    }
  }

  @Test("Of many rows some are amended by their keys", arguments: StoreKind.allCases)
  func amend(kind: StoreKind) throws {
    try trying(kind) { db in
      try db.add(packed((0..<5).map { [.blob([$0]), .integer(0), .null] }, db), to: "tried", ["k", "n", "t"])
      try db.amend("tried", set: ["n"], by: "k", [[.integer(9), .blob([3])], [.integer(8), .blob([1])]])
      #expect(try db.list("SELECT n FROM tried ORDER BY k") == [0, 8, 0, 9, 0])
    }
  }

  @Test("A statement may be run while its own answer is read")
  func nested() throws {
    try trying(.sqlite) { db in
      try db.add(packed([[.blob([1]), .integer(1), .null], [.blob([2]), .integer(2), .null]], db), to: "tried", ["k", "n", "t"])
      var seen: [Int] = []
      try db.each("SELECT n FROM tried ORDER BY n", []) { row in seen += [try row[0]] + (try db.list("SELECT n FROM tried ORDER BY n") as [Int]) }
      #expect(seen == [1, 1, 2, 2, 1, 2])
    }
  }
}

@Suite struct PackedRowsTests {
  @Test("An integer of a row is written over where it stands, whatever stands before it")
  func set() {
    var rows = PackedRows(keepsText: true)
    for number in 0..<3 { rows.append(row: [.text(String(repeating: "T", count: number)), .null, .integer(number), .blob([7])]) }
    rows.set(2, of: 1, to: -9)
    #expect(rows.values.enumerated().filter { $0.offset % 4 == 2 }.map(\.element) == [.integer(0), .integer(-9), .integer(2)])
  }

  @Test("An open value is text where the engine keeps text and its bytes are one", arguments: [
    ("TEST", true, SQLValue.text("TEST")), ("é", true, .text("é")), ("TEST", false, .blob(Array("TEST".utf8))), ("a\u{0}", true, .blob([0x61, 0])),
  ])
  func open(text: String, keepsText: Bool, wanted: SQLValue) {
    var rows = PackedRows(keepsText: keepsText)
    rows.begin(columns: 2)
    rows.open(Array(text.utf8))
    rows.open([0xFF])
    #expect(rows.values == [wanted, .blob([0xFF])])
  }
}
