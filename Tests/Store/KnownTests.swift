import Core
import Store
import Testing

/// What was believed when a night had closed is told exactly, whatever was said, replayed and taken back since.
@Suite struct KnownTests {
  /// Nights of statements, corrections, withdrawals, repetitions and late rows; some are replayed or undone after later ones, and loaded again.
  private struct Story {
    let site: RunningSite
    var random: Seeded
    var digests: [String] = []
    private var runs: [(night: Int, run: String, name: String, messages: [MappedMessage])] = []

    init(_ kind: StoreKind, seed: Int) throws { (site, random) = (try RunningSite(kind), Seeded(seed)) }

    private mutating func message(_ name: String) -> MappedMessage {
      if Int.random(in: 0..<4, using: &random) == 0 { return MappedMessage(name, [merge(), .charge("X\(name)", ["patient": "T1"])]) }
      let action = [RowAction.announce, .state, .state, .correct, .withdraw].randomElement(using: &random) ?? .state
      let rows = (0..<2).map { _ in
        Said.patient("T\(Int.random(in: 0..<4, using: &random))", at: 100 * Int.random(in: 1...3, using: &random), ["family": ["ALPHA", "BRAVO", nil].randomElement(using: &random) ?? nil])
      }
      return MappedMessage(name, rows).with { $0.rows.setAction(action) }
    }

    /// A merge of two patients, a new number, or that one is none of both.
    private mutating func merge() -> Said {
      let one = Int.random(in: 0..<4, using: &random), other = Bool.random(using: &random) ? "T\((one + 1) % 4)" : Bool.random(using: &random) ? "T\((one + 2) % 4)" : nil
      return LinkTests.merge("T\(one)", into: other, at: 100 * Int.random(in: 1...3, using: &random), as: Bool.random(using: &random) ? "merged" : "renumbered")
    }

    mutating func close(_ night: Int) throws {
      var messages = (0..<3).map { message("\(night) \($0)") }
      if let again = runs.randomElement(using: &random)?.messages.first { messages.append(again) }
      runs.append((night, try site.ingest(night: night, ["n\(night)": messages]), "n\(night)", messages))
      digests.append(try site.digest())
    }

    /// What may come between two nights.
    mutating func disturb() throws {
      guard let index = runs.indices.randomElement(using: &random) else { return }
      let old = runs[index]
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        let messages = old.messages.indices.map { number in old.messages[number].with { $0.rows = message("x").rows } }
        try site.replay(old.name, night: old.night, messages)
      case 1:
        try site.undo(old.run, night: old.night)
        runs.remove(at: index)
        guard Bool.random(using: &random) else { return }
        _ = try site.next().release(undone: old.run)
        runs.append((old.night, try site.ingest(night: old.night, [old.name: old.messages]), old.name, old.messages))
      default: return
      }
    }
  }

  @Test("The digest as known on each night is the one that was recorded after it, with corrections, withdrawals, replays and undos since", arguments: StoreKind.allCases, 0..<12)
  func digests(kind: StoreKind, seed: Int) throws {
    var story = try Story(kind, seed: seed)
    for night in 0..<7 {
      try story.close(night)
      try story.disturb()
    }
    for (night, digest) in story.digests.enumerated() {
      #expect(try story.site.digest(asKnownOn: night) == digest, "seed \(seed), night \(night)")
    }
  }

  @Test("A row is traced to the messages that were known, one that was undone since among them", arguments: StoreKind.allCases)
  func traced(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    let run = try site.ingest(["a": [MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA"])])]])
    try site.ingest(night: 1, ["b": [MappedMessage("2", [.patient("T1", at: 50, ["family": "BRAVO"])])]])
    let store = try site.site.open(), ref = try #require(try store.ref(of: "patient", key: RowKey.encode([Array("T1".utf8)])))
    try site.undo(run)
    #expect(try store.trace(ref: ref).map(\.night) == [RunningSite.night(1)])
    #expect(try store.trace(ref: ref, asKnownOn: StoreSite.night).map(\.run) == [run])
    #expect(try store.trace(ref: ref, asKnownOn: RunningSite.night(1)).map(\.night) == [RunningSite.night(1), StoreSite.night])
  }

  @Test("What was taken back under an earlier dictionary is told under the later one", arguments: StoreKind.allCases)
  func migrated(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    let run = try site.ingest(["a": [MappedMessage("1", [.patient("T1", ["family": "ALPHA", "phone": "555-0100"])])]])
    try site.undo(run)
    var later = StoreSite.dictionary
    (later.version, later.digest, later.earlier) = (2, String(repeating: "2", count: 64), [StoreSite.dictionary])
    later.entities[0].fields.insert(CanonicalField(name: "given", kind: .text, dataClass: .identifier), at: 1)
    let store = try SiteStore(at: site.site.place, siteID: "test-site", dictionary: later, keys: site.site.keys, epoch: 9)
    var texts: [String] = []
    try store.forEachRow(entity: "patient", history: false, asKnownOn: StoreSite.night) { row in
      texts += row.current?.cells.map { $0.bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-" } ?? []
    }
    #expect(texts.prefix(6) == ["T1", "-", "ALPHA", "555-0100", "-", "-"])
  }

  @Test("Of a night before the first one nothing is known", arguments: StoreKind.allCases)
  func nothing(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(night: 1, ["a": [MappedMessage("1", [.patient("T1")])]])
    #expect(#expect(throws: StoreError.self) { try site.digest(asKnownOn: 0) }?.code == "STO-305")
  }

  @Test("Without the keys nothing that was taken back can be read", arguments: StoreKind.allCases)
  func sealed(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.undo(try site.ingest(["a": [MappedMessage("1", [.patient("T1", ["family": "CANARYALPHA"])])]]))
    #expect(try !site.site.holds("CANARYALPHA"))
    #expect(throws: StoreError.self) { try site.site.open(epoch: nil, keys: StoreKeys.none).digest(asKnownOn: StoreSite.night) }
  }
}
