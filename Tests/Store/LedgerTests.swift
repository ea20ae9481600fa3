import Core
@testable import Store
import Testing

@Suite struct LedgerTests {
  @Test("The night's ledger needs no keys and balances", arguments: StoreKind.allCases)
  func night(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let writer = try site.open()
    try writer.load("a", [MappedMessage("1", [.patient("T1"), .charge("X1", ["amount": "12.30"]), .charge("X2", ["amount": "-2.00"])])])
    try writer.intake(
      [], duplicates: [DuplicateName(feed: "north", night: StoreSite.night, keyedName: [1], keyedHash: [2])],
      looks: [FeedLook(feed: "north", night: StoreSite.night, arriving: 1)])
    let ledger = try site.open(epoch: nil, keys: StoreKeys.none).night(StoreSite.night)
    let feed = try #require(ledger.feeds.first)
    #expect(feed.sums == [FieldSum(entity: "charge", field: "amount", cents: 1030)])
    #expect([feed.dropsDuplicate, feed.dropsArriving, feed.dropsResubmitted, feed.dropsPending] == [1, 1, 0, 0])
    #expect(feed.drops.map(\.byType) == [["ADT^A08": 1]])
    #expect(feed.drops.map(\.messagesDeclared) == [1])
    #expect(feed.entities.values.filter { !$0.isBalanced }.isEmpty)
  }

  @Test("The versions of a night are those of its last note, and the bytes of a file those of the first", arguments: StoreKind.allCases)
  func versions(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let store = try site.open()
    try store.note(versions: ["a@1"], files: ["sets/a/1.yaml": "1"], feed: "north", night: StoreSite.night)
    try store.note(versions: ["a@1", "b@2"], files: ["sets/a/1.yaml": "2", "sets/b/2.yaml": "3"], feed: "north", night: StoreSite.night)
    let reader = try site.open(epoch: nil, keys: StoreKeys.none)
    #expect(try reader.versions(feed: "north").map(\.names) == [["a@1", "b@2"]])
    #expect(try reader.versions(feed: "south").isEmpty)
    #expect(try reader.frozenFiles() == ["sets/a/1.yaml": "1", "sets/b/2.yaml": "3"])
  }

  @Test("Drops stand in ascending SHA-256 and batches in their order", arguments: StoreKind.allCases)
  func order(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    for name in ["a", "b", "c", "d"] { try store.load(name, []) }
    let hashes = try store.night(StoreSite.night).feeds[0].drops.map(\.sha256)
    #expect(hashes == hashes.sorted() && hashes.count == 4)
    #expect(try store.drops(night: StoreSite.night, feed: "north").map(\.sha256) == hashes)
  }

  @Test("A batch total comes back as it was", arguments: StoreKind.allCases)
  func batches(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let total = BatchTotal(unit: .batch, ordinal: 0, declared: 4, counted: 3, agrees: false, hasTrailer: true, hasHeader: true)
    let bare = BatchTotal(unit: .file, ordinal: 0, declared: nil, counted: 1, agrees: nil, hasTrailer: false, hasHeader: true)
    let load = try store.openLoad(drop: try store.pull("a"), run: "run")
    try load.batch(total)
    try load.batch(bare)
    try load.finish(messagesDeclared: 0)
    #expect(try store.night(StoreSite.night).feeds[0].drops[0].batches == [total, bare])
  }

  @Test("The journal may be taken in twice", arguments: StoreKind.allCases)
  func intakeTwice(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = DropIntake(id: String(repeating: "0", count: 32), feed: "north", night: StoreSite.night, keyedHash: [1], byteCount: 5, isResubmission: true)
    let name = DuplicateName(feed: "north", night: StoreSite.night, keyedName: [1], keyedHash: [2])
    for _ in 0..<2 { try store.intake([drop], duplicates: [name]) }
    let feed = try store.night(StoreSite.night).feeds[0]
    #expect([feed.dropsDuplicate, feed.dropsResubmitted, feed.dropsPending] == [1, 1, 1])
  }

  @Test("A run keeps its stage, epoch and exit", arguments: StoreKind.allCases)
  func runs(kind: StoreKind) throws {
    let store = try StoreSite(kind).open(epoch: 7)
    let id = try store.beginRun(stage: "ingest", night: StoreSite.night, started: "2026-02-16T01:00:00Z")
    try store.endRun(id, ended: "2026-02-16T01:00:05Z", exit: 3)
    #expect(
      try store.night(StoreSite.night).runs
        == [RunEntry(id: id, stage: "ingest", epoch: 7, started: "2026-02-16T01:00:00Z", ended: "2026-02-16T01:00:05Z", exit: 3)])
  }

  @Test(
    "A tampered count refuses the write",
    arguments: StoreKind.allCases, [
      "UPDATE drop_ SET loaded = loaded + 1", "UPDATE drop_ SET loaded = loaded + 1, received = received + 1", "UPDATE tally SET found = found + 1",
      "UPDATE tally SET mapped = mapped + 1, found = found + 1", "DELETE FROM message", "UPDATE message SET disposition = 'held'",
      "INSERT INTO message(number, drop_, ordinal, byte_offset, byte_count, type, batch, disposition) SELECT 99, id, 9, 0, 0, 'other', -1, 'loaded' FROM drop_",
      "UPDATE drop_ SET state = 'loaded', sha256 = NULL",
    ])
  func tampered(kind: StoreKind, sql: String) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1")])])
    let refusal = #expect(throws: StoreError.self) { try store.write { db in try db.script(sql) } }
    #expect(refusal?.code == "STO-301")
  }

  @Test("An error names the constraint, never a value", arguments: StoreKind.allCases)
  func quietErrors(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let sql = "INSERT INTO run(id, stage, night, epoch, started) VALUES ('TESTVALUE', 's', 'n', 1, 's'), ('TESTVALUE', 's', 'n', 1, 's')"
    let refusal = #expect(throws: StoreError.self) { try store.write { db in try db.script(sql) } }
    #expect(refusal?.summary.contains(kind == .sqlite ? "run.id" : "run_pkey") == true)
    #expect(refusal?.summary.contains("TESTVALUE") == false)
  }

  @Test("A row traces back to mapping, path, message and drop without keys", arguments: StoreKind.allCases)
  func trace(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let store = try site.open()
    let drop = try store.load("a", [MappedMessage("1"), MappedMessage("2", [.patient("T1")]).with { $0.byteOffset = 77 }])
    var ref = ""
    try store.forEachRow(entity: "patient", history: true) { ref = $0.ref }
    let entry = try #require(try site.open(epoch: nil, keys: StoreKeys.none).trace(ref: ref).first)
    #expect(entry.mapping == StoreSite.mapping && entry.rowPath == "PID" && entry.occurrence == 1)
    #expect(entry.dropID == drop && entry.messageOrdinal == 1 && entry.messageByteOffset == 177 && entry.run == "run")
    #expect(try store.trace(ref: "00").isEmpty)
  }

  @Test("An exception names its code, place, owner and how long it waits", arguments: StoreKind.allCases)
  func exceptions(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let finding = Finding(.requiredMissing, at: SourcePosition(path: "PV1-19", occurrence: 2))
    try store.load("a", [MappedMessage("1", [.patient("T1")]).with { $0.heldRows = [MappedMessage.HeldRow(entity: 1, finding: finding)] }])
    let entry = try #require(try store.openExceptions(asOf: StoreSite.night.advanced(by: 2)).first)
    #expect(entry.code == .requiredMissing && entry.position == finding.position && entry.entity == "charge" && entry.ownerRole == "steward")
    #expect(entry.nightsOpen(on: StoreSite.night.advanced(by: 2)) == 3)
  }
}
