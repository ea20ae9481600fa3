import Core
import Store
import Testing

/// Messages said anew: what they asserted before is replaced, what others assert too stays.
@Suite struct ReplayTests {
  private func replay(_ store: SiteStore, _ drop: String, dry: Bool = false, _ messages: [MappedMessage]) throws -> [String: ReplayTally]? {
    let run = dry ? nil : try store.beginRun(stage: "replay", night: StoreSite.night, started: "")
    let replay = try store.openReplay(run: run, sourceRank: 0, mappings: [StoreSite.mapping], rowPaths: ["PID"])
    let entry = try #require(try store.drops(named: drop).first)
    try replay.begin(entry)
    for (ordinal, message) in messages.enumerated() { try replay.replace(message.placed(ordinal)) }
    let done = try replay.end()
    replay.close()
    return done
  }

  private func fresh(_ kind: StoreKind, _ messages: [[MappedMessage]]) throws -> String {
    let store = try StoreSite(kind).open()
    for (number, drop) in messages.enumerated() { try store.load("d\(number)", drop) }
    return try store.digest()
  }

  @Test("What a message says now takes the place of what it said, as if it had never said otherwise", arguments: StoreKind.allCases)
  func replaced(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let second = MappedMessage("2", [.patient("T1", at: 200, ["phone": "555-0100"])])
    let now = MappedMessage("1", [.patient("T1", at: 100, ["family": "BRAVO"]), .patient("T2", at: 100, ["family": "CHARLIE"])])
    let drop = try store.load("a", [MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA"]), .patient("T3", at: 100)])])
    try store.load("b", [second])
    #expect(try replay(store, drop, [now]) == ["patient": ReplayTally(inserted: 2, withdrawn: 2)])
    #expect(try store.current("family", of: "patient") == ["BRAVO", "CHARLIE"])
    #expect(try store.digest() == fresh(kind, [[now], [second]]))
  }

  @Test("What another message says too stays when the first no longer says it, and the other way round", arguments: StoreKind.allCases, [0, 1])
  func supported(kind: StoreKind, which: Int) throws {
    let store = try StoreSite(kind).open()
    let said = [Said.patient("T1", at: 100, ["family": "ALPHA"])]
    let drops = [try store.load("a", [MappedMessage("1", said)]), try store.load("b", [MappedMessage("2", said)])]
    let done = try replay(store, drops[which], [MappedMessage("\(which + 1)", [])])
    #expect(done == ["patient": ReplayTally(withdrawn: 1)])
    #expect(try store.current("family", of: "patient") == ["ALPHA"])
    #expect(try replay(store, drops[1 - which], [MappedMessage("\(2 - which)", [])]) == ["patient": ReplayTally(withdrawn: 1)])
    #expect(try store.current("family", of: "patient").isEmpty)
  }

  @Test("A dry replay counts and leaves nothing", arguments: StoreKind.allCases)
  func dry(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("1", [.patient("T1", ["family": "ALPHA"])])])
    let before = try store.digest()
    #expect(try replay(store, drop, dry: true, [MappedMessage("1", [.patient("T1", ["family": "BRAVO"])])]) == ["patient": ReplayTally(inserted: 1, withdrawn: 1)])
    #expect(try store.digest() == before)
  }

  @Test("A message that was held loads, the books of its night stay", arguments: StoreKind.allCases)
  func held(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("1").with { $0.verdict = .held(Finding(.noMapping)) }])
    #expect(try replay(store, drop, [MappedMessage("1", [.patient("T1", ["family": "ALPHA"])])]) == ["patient": ReplayTally(inserted: 1)])
    #expect(try store.current("family", of: "patient") == ["ALPHA"])
    #expect(try store.dispositions()[.held] == 1)
    #expect(try store.tally("patient").found == 0)
  }

  @Test("The file of a message stays in the ledger once the message says something, and not before", arguments: StoreKind.allCases, [true, false])
  func file(kind: StoreKind, isRead: Bool) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("1").with { $0.verdict = .held(Finding(.noMapping)) }])
    let head = AttachmentHead(message: 0, number: 0, position: SourcePosition(path: "OBX-5", occurrence: 1), mediaType: "application/pdf", encoding: .base64)
    let open = try store.openReplay(run: try store.beginRun(stage: "replay", night: StoreSite.night, started: ""), sourceRank: 0, mappings: [StoreSite.mapping], rowPaths: ["PID"])
    try open.begin(try #require(try store.drops(named: drop).first))
    #expect(try open.takes(head))
    try open.attachment(head, AttachmentTail(byteCount: 12, sniffedType: "", isWhole: true))
    try open.replace(isRead ? MappedMessage("1", [.patient("T1")]) : MappedMessage("1").with { $0.verdict = .held(Finding(.noMapping)) })
    #expect(try open.takes(head) == !isRead)
    _ = try open.end()
    #expect(try store.attachments(drop: drop).map(\.byteCount) == (isRead ? [12] : []))
  }

  @Test("A message held for a missing column loads when another layout reads it, and the replay says how it ended before", arguments: StoreKind.allCases, [FindingCode.columnMissing, .notCSV])
  func layout(kind: StoreKind, _ code: FindingCode) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("1").with { $0.verdict = code == .notCSV ? .rejected(Finding(code)) : .held(Finding(code)) }])
    #expect(try replay(store, drop, [MappedMessage("1", [.patient("T1")])]) == ["patient": ReplayTally(inserted: 1)])
    #expect(try store.fates(drop: drop).fates.map(\.code) == [code])
  }

  @Test("Messages that a drop has only by another layout are added, and the books of its night do not count them", arguments: StoreKind.allCases)
  func added(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("whole").with { $0.verdict = .rejected(Finding(.notCSV)) }])
    let rows = ["1", "2"].map { id in MappedMessage(id, [.patient("T" + id)]).with { $0.byteOffset = 40 } }
    #expect(try replay(store, drop, rows) == ["patient": ReplayTally(inserted: 2)])
    #expect(try store.dispositions().received == 1)
    #expect(try replay(store, drop, rows) == ["patient": ReplayTally(kept: 2)])
    #expect(try replay(store, drop, [MappedMessage("whole")]) == ["patient": ReplayTally(withdrawn: 2)])
  }

  @Test("A message of a batch that the feed holds is not replayed", arguments: StoreKind.allCases)
  func heldBatch(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("1").with { $0.verdict = .held(Finding(.batchHeld)) }])
    #expect(try replay(store, drop, [MappedMessage("1", [.patient("T1")])]) == [:])
  }

  @Test("A row that was taken back comes again under its old ref", arguments: StoreKind.allCases)
  func again(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let message = MappedMessage("1", [.patient("T1", ["family": "ALPHA"])])
    let drop = try store.load("a", [message])
    let digest = try store.digest()
    _ = try replay(store, drop, [MappedMessage("1", [])])
    #expect(try store.digest() != digest)
    #expect(try replay(store, drop, [message]) == ["patient": ReplayTally(inserted: 1)])
    #expect(try store.digest() == digest)
  }

  @Test("A row taken back before a consumer had it is not due; one that the consumer has is withheld by name", arguments: StoreKind.allCases)
  func outflow(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("1", [.charge("X1", ["account": "A1"]), .charge("X2")])])
    func bill(_ night: BusinessDate) throws -> ExtractEntry {
      let session = try store.openOutflow(consumer: "billing", entity: "charge", night: night, fields: ["account"])
      try session.forEachCandidate { $0.cells[0].bytes.map { .send(mark: $0) } ?? .withhold(reason: "ACCOUNT-MISSING") }
      return try session.commit(ExtractEntry(sha256: "x", sentCents: 0))
    }
    _ = try bill(StoreSite.night)
    _ = try replay(store, drop, [MappedMessage("1", [])])
    let next = try bill(StoreSite.night.advanced(by: 1))
    #expect([next.eligible, next.sent, next.withheld] == [1, 0, 1])
  }

  @Test("A drop whose counts are not accepted is taken back", arguments: StoreKind.allCases)
  func refused(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.load("a", [MappedMessage("1", [.patient("T1", ["family": "ALPHA"])])])
    let before = try store.digest()
    let open = try store.openReplay(run: try store.beginRun(stage: "replay", night: StoreSite.night, started: ""), sourceRank: 0, mappings: [StoreSite.mapping], rowPaths: ["PID"])
    try open.begin(try #require(try store.drops(named: drop).first))
    try open.replace(MappedMessage("1", []))
    #expect(try open.end(accept: { _ in false }) == nil)
    open.close()
    #expect(try store.digest() == before)
  }
}
