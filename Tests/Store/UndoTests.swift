import Core
import Store
import Testing

/// A run of ingest is taken back: as if it had never been, for all that came before it and all that came on top.
@Suite struct UndoTests {
  private static let first = MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA", "status": "old"]), .patient("T2", at: 100)])
  private static let wrong = MappedMessage("2", [.patient("T1", at: 200, ["family": "WRONG"]), .patient("T9", at: 200), .charge("X1", ["amount": "10.00"])])
  private static let later = MappedMessage("3", [.patient("T1", at: 300, ["phone": "555-0100"])])

  @Test("The digest is that from before, and the totals of the night too", arguments: StoreKind.allCases)
  func restores(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": [Self.first]])
    let before = (try site.digest(), try site.site.open().night(StoreSite.night).feeds[0].entities, try site.site.open().dispositions())
    let run = try site.ingest(["b": [Self.wrong]])
    let report = try site.undo(run)
    #expect(report.entities == ["patient": UndoTally(withdrawn: 2, changed: 2), "charge": UndoTally(withdrawn: 1, changed: 1)])
    #expect(try site.digest() == before.0)
    let night = try site.site.open().night(StoreSite.night)
    #expect(night.feeds[0].entities == before.1)
    #expect(try site.site.open().dispositions() == before.2)
    #expect(night.feeds[0].dropsWithdrawn == 1 && night.feeds[0].dropsPending == 0 && night.feeds[0].sums.isEmpty)
  }

  @Test("What came later on top stays right, in any order of event times", arguments: StoreKind.allCases)
  func onTop(kind: StoreKind) throws {
    let site = try RunningSite(kind), without = try RunningSite(kind)
    try site.ingest(["a": [Self.first]])
    let run = try site.ingest(night: 1, ["b": [Self.wrong]])
    try site.ingest(night: 2, ["c": [Self.later]])
    try site.undo(run, night: 1)
    try without.ingest(["a": [Self.first]])
    try without.ingest(night: 2, ["c": [Self.later]])
    #expect(try site.digest() == without.digest())
  }

  @Test("A correction and a withdrawal that are undone leave what they acted on", arguments: StoreKind.allCases, [RowAction.correct, .withdraw])
  func actions(kind: StoreKind, action: RowAction) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": [Self.first]])
    let before = try site.digest()
    let run = try site.ingest(night: 1, ["b": [MappedMessage("2", [.patient("T1", at: 100, ["family": "WRONG"])]).with { $0.rows.setAction(action) }]])
    #expect(try site.digest() != before)
    try site.undo(run, night: 1)
    #expect(try site.digest() == before)
  }

  @Test("A merge that is undone returns what was said to its number; one that stands keeps what came later", arguments: StoreKind.allCases, ["merged", "renumbered"])
  func merges(kind: StoreKind, how: String) throws {
    let site = try RunningSite(kind), without = try RunningSite(kind)
    let charge = MappedMessage("4", [.charge("X1", at: 50, ["patient": "T1"])])
    let run = try site.ingest(["a": [Self.first]])
    let before = try site.digest()
    let merge = try site.ingest(night: 1, ["b": [MappedMessage("2", [LinkTests.merge("T1", into: "T5", at: 200, as: how)])]])
    #expect(try site.digest() != before)
    try site.undo(merge, night: 1)
    #expect(try site.digest() == before)
    #expect(try site.next().release(undone: merge) == 1)
    for one in [site, without] { try one.ingest(night: 1, ["b": [MappedMessage("2", [LinkTests.merge("T1", into: "T5", at: 200, as: how)])], "c": [Self.later, charge]]) }
    try site.undo(run)
    #expect(try site.digest() == without.digest())
  }

  @Test("A message with the same bytes, a duplicate until then, stands in the place of the undone one", arguments: StoreKind.allCases)
  func heirs(kind: StoreKind) throws {
    let site = try RunningSite(kind), without = try RunningSite(kind)
    let run = try site.ingest(["a": [Self.first]])
    let second = try site.ingest(night: 1, ["b": [Self.first, Self.later]])
    try without.ingest(night: 1, ["b": [Self.first, Self.later]])
    #expect(try site.undo(run).heirs == 1)
    #expect(try site.digest() == without.digest())
    #expect(try site.site.open().dispositions(night: RunningSite.night(1))[.duplicate] == 1)
    try site.ingest(night: 2, ["c": [Self.first]])
    #expect(try site.site.open().dispositions(night: RunningSite.night(2))[.duplicate] == 1)
    try site.undo(second, night: 1)
    #expect(try site.digest() == without.digest() ? false : site.site.open().current("family", of: "patient") == ["-", "ALPHA"])
  }

  @Test("What another message says too stays, and that one is its source", arguments: StoreKind.allCases)
  func supported(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    let run = try site.ingest(["a": [Self.first]])
    try site.ingest(night: 1, ["b": [MappedMessage("other", [.patient("T1", at: 100, ["family": "ALPHA", "status": "old"])])]])
    let report = try site.undo(run)
    #expect(report.entities == ["patient": UndoTally(withdrawn: 1, handedOn: 1, changed: 1)])
    let store = try site.site.open(), ref = try #require(try store.ref(of: "patient", key: RowKey.encode([Array("T1".utf8)])))
    #expect(try store.trace(ref: ref).map(\.night) == [RunningSite.night(1)])
  }

  @Test("What a held message left for people goes to the message with the same bytes", arguments: StoreKind.allCases)
  func heldHeir(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    let held = MappedMessage("1").with { $0.verdict = .held(Finding(.noMapping)) }
    let run = try site.ingest(["a": [held]])
    try site.ingest(night: 1, ["b": [Self.later, held]])
    try site.undo(run)
    #expect(try site.site.open().exceptions(night: StoreSite.night).isEmpty)
    #expect(try site.site.open().exceptions(night: RunningSite.night(1)).map(\.messageOrdinal) == [1])
  }

  @Test("Set-aside drops are not due until they are asked for; loaded again they give the same digest and tallies", arguments: StoreKind.allCases)
  func again(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    let run = try site.ingest(["a": [Self.first, Self.wrong]])
    let before = try site.digest(), tally = try site.site.open().tally("patient")
    try site.undo(run)
    #expect(try site.site.open().drops(night: StoreSite.night).map(\.isDue) == [false])
    #expect(try site.site.open().night(RunningSite.night(1)).earlierOpen.isEmpty)
    #expect(try site.next().release(undone: run) == 1)
    #expect(try site.site.open().drops(night: StoreSite.night).map(\.isDue) == [true])
    let other = try site.ingest(["a": [Self.first, Self.wrong]])
    #expect(try site.digest() == before)
    #expect(try site.site.open().tally("patient") == tally)
    try site.undo(other)
    #expect(try site.site.open().current("family", of: "patient").isEmpty)
  }

  @Test("Consumers' extracts are listed and the changed rows are due in the next one, no others", arguments: StoreKind.allCases)
  func deliveries(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": [Self.first]])
    try site.extract(night: 0)
    let run = try site.ingest(night: 1, ["b": [Self.wrong]])
    try site.extract(night: 1)
    let report = try site.undo(run, night: 1)
    let delivery = try #require(report.deliveries.first)
    #expect(report.deliveries.count == 1 && delivery.consumer == "payer" && delivery.night == RunningSite.night(1) && delivery.rows == 2)
    #expect(try site.extract(night: 2) == 1)
    let ledger = try site.site.open().night(RunningSite.night(2)).consumers[0]
    #expect(ledger.withheld == ["ROW-WITHDRAWN": 1] && ledger.eligible == 2)
  }

  @Test("A dry undo says what an undo does, and leaves everything", arguments: StoreKind.allCases)
  func dry(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": [Self.first]])
    let run = try site.ingest(night: 1, ["b": [Self.wrong]])
    let before = try site.digest(), dry = try #require(try site.next().undo(run, as: nil))
    #expect(try site.digest() == before)
    #expect(try site.site.open().night(RunningSite.night(1)).feeds[0].dropsWithdrawn == 0)
    #expect(try site.undo(run, night: 1) == dry)
  }

  @Test("Where the store is not what was shown, nothing is taken back", arguments: StoreKind.allCases)
  func refused(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    let run = try site.ingest(["a": [Self.first]]), before = try site.digest(), store = try site.next()
    #expect(try store.undo(run, as: try store.beginRun(stage: "undo", night: StoreSite.night, started: ""), accept: { _ in false }) == nil)
    #expect(try site.digest() == before)
  }

  @Test("A run of another stage, an unknown one and one that was undone before are refused", arguments: StoreKind.allCases)
  func notOfIngest(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    let run = try site.ingest(["a": [Self.first]]), other = try site.next().beginRun(stage: "extract", night: StoreSite.night, started: "")
    #expect(#expect(throws: StoreError.self) { try site.next().undo(other, as: nil) }?.code == "STO-306")
    #expect(#expect(throws: StoreError.self) { try site.next().undo("none", as: nil) }?.code == "STO-306")
    try site.undo(run)
    #expect(#expect(throws: StoreError.self) { try site.next().undo(run, as: nil) }?.code == "STO-307")
  }

  @Test("A code that the run was the first to bring is first seen where it came next", arguments: StoreKind.allCases)
  func firstSights(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    var runs: [String] = []
    for night in 0...1 {
      let store = try site.next(), run = try store.beginRun(stage: "ingest", night: RunningSite.night(night), started: "")
      let load = try store.openLoad(drop: try store.pull("d\(night)", night: RunningSite.night(night)), run: run, mappings: [StoreSite.mapping], rowPaths: ["PID"])
      var tally = FeedTally(), sight = FeedTally.Sight(), gate = CodeGate()
      sight.messages = 1
      (tally.messages, tally.looked) = (1, 1)
      tally.sights[FeedTally.Item(.unmapped, scope: "sex", path: "PID-8", value: "Q")] = sight
      try load.coverage(tally, through: &gate)
      try load.finish(messagesDeclared: 0)
      runs.append(run)
    }
    try site.undo(runs[0])
    #expect(try site.site.open().newCodes(night: StoreSite.night).isEmpty)
    #expect(try site.site.open().newCodes(night: RunningSite.night(1))["north"]?.count == 1)
    try site.undo(runs[1], night: 1)
    #expect(try site.site.open().newCodes(night: RunningSite.night(1)).isEmpty)
  }

  @Test("An undone run is undone in a copy of the store too", arguments: StoreKind.allCases)
  func copied(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": [Self.first]])
    try site.undo(try site.ingest(night: 1, ["b": [Self.wrong]]), night: 1)
    try site.ingest(night: 2, ["c": [Self.later]])
    _ = try StoreCopy.run(from: try site.site.open(epoch: nil), to: site.site.elsewhere)
    let copy = try SiteStore(at: site.site.elsewhere, siteID: "test-site", dictionary: StoreSite.dictionary, keys: site.site.keys, epoch: nil)
    #expect(try copy.digest() == site.digest())
    #expect(try copy.digest(asKnownOn: RunningSite.night(1)) == site.digest(asKnownOn: 1))
    #expect(try copy.drops(night: RunningSite.night(1)).map(\.state) == [.withdrawn])
  }
}
