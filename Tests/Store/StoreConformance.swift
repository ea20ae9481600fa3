import Core
import Store
import Testing

/// What every store must do, whatever it is built on.
@Suite struct StoreConformance {
  @Test("A new key is inserted, newer content updates it, an older one that changes nothing is superseded", arguments: StoreKind.allCases)
  func outcomes(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA"])])])
    try store.load("b", [MappedMessage("2", [.patient("T1", at: 200, ["family": "BRAVO"])])])
    try store.load("c", [MappedMessage("3", [.patient("T1", at: 50, ["family": "CHARLIE"])])])
    let tally = try store.tally("patient")
    #expect([tally.inserted, tally.updated, tally.superseded, tally.unchanged] == [1, 1, 1, 0])
    #expect(try store.dispositions()[.loaded] == 2)
    #expect(try store.dispositions()[.superseded] == 1)
  }

  @Test("A late row that fills a gap updates the current content", arguments: StoreKind.allCases)
  func late(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 200, ["family": "ALPHA"])])])
    try store.load("b", [MappedMessage("2", [.patient("T1", at: 100, ["phone": "555-0100"])])])
    #expect(try store.tally("patient").updated == 1)
    #expect(try store.current("phone", of: "patient") == ["555-0100"])
    #expect(try store.current("family", of: "patient") == ["ALPHA"])
  }

  @Test("A correction stands for what it corrects at the same time, whichever arrives first and whatever the ranks of the sources", arguments: StoreKind.allCases)
  func corrections(kind: StoreKind) throws {
    let said = MappedMessage("1", [.patient("T1", at: 100, ["family": "ZULU"])])
    let corrected = MappedMessage("2", [.patient("T1", at: 100, ["family": "ALPHA"])]).with { $0.rows.setAction(.correct) }
    for order in [[said, corrected], [corrected, said]] {
      let store = try StoreSite(kind).open()
      for (number, message) in order.enumerated() { try store.load("drop \(number)", rank: message.digest == said.digest ? 1_000 : 0, [message]) }
      #expect(try store.current("family", of: "patient") == ["ALPHA"])
    }
  }

  @Test("A preliminary result of the same second never stands above the final one, whichever arrives first", arguments: StoreKind.allCases)
  func announcements(kind: StoreKind) throws {
    let preliminary = MappedMessage("1", [.patient("T1", at: 100, ["family": "ZULU"])]).with { $0.rows.setAction(.announce) }
    let final = MappedMessage("2", [.patient("T1", at: 100, ["family": "ALPHA"])])
    for order in [[preliminary, final], [final, preliminary]] {
      let store = try StoreSite(kind).open()
      for (number, message) in order.enumerated() { try store.load("drop \(number)", rank: message.digest == final.digest ? 0 : 1_000, [message]) }
      #expect(try store.current("family", of: "patient") == ["ALPHA"])
    }
  }

  @Test("A withdrawn row is no longer there, and a later statement brings it back under its ref", arguments: StoreKind.allCases)
  func withdrawals(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA"])])])
    let digest = try store.digest(), ref = try store.ref(of: "patient", key: RowKey.encode([Array("T1".utf8)]))
    try store.load("b", [MappedMessage("2", [.patient("T1", at: 200)]).with { $0.rows.setAction(.withdraw) }])
    #expect(try store.tally("patient").updated == 1)
    #expect(try store.current("family", of: "patient") == [])
    #expect(try store.digest() != digest)
    try store.load("c", [MappedMessage("3", [.patient("T1", at: 300)])])
    #expect(try store.current("family", of: "patient") == ["-"])
    #expect(try store.ref(of: "patient", key: RowKey.encode([Array("T1".utf8)])) == ref)
  }

  @Test("What arrives late from before a withdrawal changes nothing that is so", arguments: StoreKind.allCases)
  func lateForWithdrawal(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 200)]).with { $0.rows.setAction(.withdraw) }])
    try store.load("b", [MappedMessage("2", [.patient("T1", at: 100, ["family": "ALPHA"])])])
    #expect(try store.tally("patient").superseded == 1)
    #expect(try store.current("family", of: "patient") == [])
  }

  @Test("Any order of statements, corrections and withdrawals gives one digest", arguments: 0..<20)
  func permutations(seed: Int) throws {
    var random = Seeded(seed)
    let messages = (0..<12).map { number -> MappedMessage in
      let action = [RowAction.announce, .state, .state, .correct, .withdraw].randomElement(using: &random) ?? .state
      let said = Said.patient("T\(number % 3)", at: 100 * Int.random(in: 1...3, using: &random), ["family": ["ALPHA", "BRAVO", nil].randomElement(using: &random) ?? nil])
      return MappedMessage("\(number)", [said]).with { $0.rows.setAction(action) }
    }
    let digests = try (0..<4).map { turn in
      let store = try StoreSite().open()
      for (number, message) in (turn == 0 ? messages : messages.shuffled(using: &random)).enumerated() { try store.load("drop \(number)", [message]) }
      return try store.digest()
    }
    #expect(Set(digests).count == 1, "seed \(seed)")
  }

  @Test("The same content at a later time is unchanged", arguments: StoreKind.allCases)
  func unchanged(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 100)]), MappedMessage("2", [.patient("T1", at: 200)])])
    #expect(try store.tally("patient").unchanged == 1)
    #expect(try store.dispositions()[.unchanged] == 1)
  }

  @Test("A null clears a field and an absent one keeps it", arguments: StoreKind.allCases)
  func nulls(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA", "status": "active"])])])
    try store.load("b", [MappedMessage("2", [.patient("T1", at: 200, ["status": Optional<String>.none])])])
    #expect(try store.current("status", of: "patient") == ["-"])
    #expect(try store.current("family", of: "patient") == ["ALPHA"])
  }

  @Test("The same bytes are a duplicate in their feed and its rows are not counted; in another feed they are not", arguments: StoreKind.allCases)
  func duplicates(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let message = MappedMessage("1", [.patient("T1")])
    try store.load("a", [message, message])
    try store.load("b", [message])
    try store.load("b", feed: "south", [message])
    #expect(try store.dispositions()[.duplicate] == 2)
    #expect(try store.tally("patient").found == 2)
  }

  @Test("A control id with other bytes is a finding and both messages load", arguments: StoreKind.allCases)
  func controlReused(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", control: "C1", [.patient("T1")]), MappedMessage("2", control: "C1", [.patient("T2")])])
    #expect(try store.dispositions()[.loaded] == 2)
    #expect(try store.exceptions(night: StoreSite.night).map(\.code) == [.controlIdReused])
  }

  @Test("Filtered, held and rejected messages keep their verdict and store nothing", arguments: StoreKind.allCases)
  func verdicts(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let messages = [
      MappedMessage("1").with { $0.verdict = .filtered(rule: "test@1:no_rows") },
      MappedMessage("2", [.patient("T1")]).with { $0.verdict = .held(Finding(.subjectMissing, at: SourcePosition(path: "PID-3"))) },
      MappedMessage("3").with { $0.verdict = .rejected(Finding(.notHL7)) },
    ]
    try store.load("a", messages)
    let counts = try store.dispositions()
    #expect([counts[.filtered], counts[.held], counts[.rejected]] == [1, 1, 1])
    #expect(try store.tally("patient").held == 1)
    #expect(try store.current("family", of: "patient").isEmpty)
  }

  @Test("A message whose rows are all held is held; one whose rows are all skipped is unchanged", arguments: StoreKind.allCases)
  func withoutRows(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let held = MappedMessage("1").with { $0.heldRows = [MappedMessage.HeldRow(entity: 0, finding: Finding(.codeUnmapped))] }
    let skipped = MappedMessage("2").with { $0.skipped = [(entity: 0, rule: "test@1:null", count: 3)] }
    try store.load("a", [held, skipped])
    let tally = try store.tally("patient")
    #expect([tally.found, tally.held, tally.skipped] == [4, 1, 3])
    #expect(try store.dispositions()[.held] == 1)
    #expect(try store.dispositions()[.unchanged] == 1)
  }

  @Test("A message loads although one of its rows is held, and the held row is an exception", arguments: StoreKind.allCases)
  func partly(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1"), .charge("X1", ["amount": "99999999999999.00"])])])
    #expect(try store.dispositions()[.loaded] == 1)
    #expect(try store.exceptions(night: StoreSite.night).map(\.code) == [.moneyInvalid])
    #expect(try store.tally("charge").held == 1)
  }

  @Test("A drop loaded twice is loaded once", arguments: StoreKind.allCases)
  func idempotent(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let id = try store.load("a", [MappedMessage("1", [.patient("T1")])])
    let before = try store.night(StoreSite.night)
    #expect(try store.openLoad(drop: id, run: "run").isAlreadyLoaded)
    try store.load("a", [MappedMessage("9", [.patient("T9")])])
    #expect(try store.night(StoreSite.night) == before)
  }

  @Test("A crashed drop is held as one message, and a later load replaces that", arguments: StoreKind.allCases)
  func crashed(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let id = try store.pull("a")
    try store.recordCrash(drop: id, run: "run")
    #expect(try store.dispositions()[.held] == 1)
    #expect(try store.exceptions(night: StoreSite.night).map(\.code) == [.decoderCrashed])
    try store.load("a", [MappedMessage("1", [.patient("T1")])])
    #expect(try store.dispositions()[.held] == 0)
    #expect(try store.exceptions(night: StoreSite.night).isEmpty)
  }

  @Test("A load that was taken back leaves no memory of what its rows said", arguments: StoreKind.allCases)
  func takenBack(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1", at: 100, ["status": "old"])])])
    let load = try store.openLoad(drop: try store.pull("b"), run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"])
    try load.load(MappedMessage("2", [.patient("T1", at: 200, ["status": "new"])]))
    load.rollback()
    try store.load("b", [MappedMessage("2", [.patient("T1", at: 200, ["status": "new"])])])
    #expect(try store.tally("patient").updated == 1)
  }

  @Test("What another process stored is seen by a store that loaded before it", arguments: StoreKind.allCases)
  func twoWriters(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let one = try site.open(), two = try site.open()
    for number in 1...2 { try one.load("a\(number)", [MappedMessage("a\(number)", [.patient("T1", at: number, ["status": "one"])])]) }
    try two.load("b", [MappedMessage("b", [.patient("T1", at: 50, ["status": "two"])])])
    try one.load("c", [MappedMessage("c", [.patient("T1", at: 60, ["status": "one"])])])
    #expect(try one.tally("patient").updated == 2)
  }

  @Test("A load that never finishes leaves nothing", arguments: StoreKind.allCases)
  func unfinished(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    try {
      let store = try site.open()
      let load = try store.openLoad(drop: try store.pull("a"), run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"])
      try load.load(MappedMessage("1", [.patient("T1")]))
    }()
    let store = try site.open(epoch: 2)
    #expect(try store.current("family", of: "patient").isEmpty)
    #expect(try store.night(StoreSite.night).feeds.map(\.dropsPending) == [1])
  }

  @Test("Rows that do not fit the dictionary refuse the drop whole", arguments: StoreKind.allCases)
  func malformed(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let load = try store.openLoad(drop: try store.pull("a"), run: "run", mappings: [], rowPaths: [])
    #expect(throws: StoreError.self) { try load.load(MappedMessage("1", [.patient("T1")])) }
    #expect(throws: StoreError.self) { try load.finish(messagesDeclared: 0) }
  }

  @Test("A later epoch fences out an earlier run", arguments: StoreKind.allCases)
  func fenced(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let early = try site.open(epoch: 1), late = try site.open(epoch: 2)
    try late.load("a", [MappedMessage("1", [.patient("T1")])])
    let refusal = #expect(throws: StoreError.self) { try early.load("b", [MappedMessage("2", [.patient("T2")])]) }
    #expect(refusal?.code == "STO-102")
    #expect(refusal?.exitCode == .locked)
  }

  @Test("A run that another one has overtaken puts no file in place", arguments: StoreKind.allCases)
  func overtaken(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let early = try site.open(epoch: 1), late = try site.open(epoch: 2)
    var done: [Int] = []
    try early.asWriter { done.append(1) }
    try late.asWriter { done.append(2) }
    #expect(#expect(throws: StoreError.self) { try early.asWriter { done.append(1) } }?.code == "STO-102")
    #expect(done == [1, 2])
  }

  @Test("A store opened for reading writes nothing", arguments: StoreKind.allCases)
  func readOnly(kind: StoreKind) throws {
    let store = try StoreSite(kind).open(epoch: nil)
    #expect(throws: StoreError.self) { try store.beginRun(stage: "reconcile", night: StoreSite.night, started: "2026-02-16T00:00:00Z") }
  }

  @Test("Another site, another dictionary and a missing file are refused", arguments: StoreKind.allCases)
  func otherSite(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    var other = StoreSite.dictionary
    other.digest = "e"
    #expect(throws: StoreError.self) { try SiteStore(at: site.place, siteID: "other", dictionary: StoreSite.dictionary, keys: .none, epoch: nil) }
    #expect(throws: StoreError.self) { try SiteStore(at: site.place, siteID: "test-site", dictionary: other, keys: .none, epoch: nil) }
    #expect(throws: StoreError.self) { try SiteStore(at: site.elsewhere, siteID: "test-site", dictionary: StoreSite.dictionary, keys: .none, epoch: nil) }
  }

  @Test("Creating a store again keeps what is in it", arguments: StoreKind.allCases)
  func createTwice(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    try site.open().load("a", [MappedMessage("1", [.patient("T1", ["family": "ALPHA"])])])
    try SiteStore.create(at: site.place, siteID: "test-site", dictionary: StoreSite.dictionary)
    #expect(try site.open().current("family", of: "patient") == ["ALPHA"])
  }
}
