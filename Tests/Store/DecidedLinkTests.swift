import Core
@testable import Store
import Testing

/// What a person's decision over two patients moves, and what takes it apart.
@Suite struct DecidedLinkTests {
  private let site: RunningSite

  init() throws { site = try RunningSite(.sqlite) }

  private static func decide(_ site: RunningSite, _ one: String, _ other: String, _ verdict: IdentityDecision.Verdict, night: Int = 0) throws {
    let store = try site.next(), run = try store.beginRun(stage: "identity", night: RunningSite.night(night), started: "2026-02-18T10:00:0\(site.epoch % 10)Z")
    let refs = try [one, other].map { try #require(try store.ref(of: "patient", key: RowKey.encode([Array($0.utf8)]))) }
    try store.record(IdentityDecision((refs[0], refs[1]), verdict, rule: "candidates@1", score: 7, agrees: ["ssn"], person: "ann", reason: "t"), run: run)
  }

  private static func messages() -> [MappedMessage] {
    [
      MappedMessage("1", [.patient("T1", ["family": "ALPHA"]), .patient("T2", ["family": "BRAVO"]), .patient("T3")]),
      MappedMessage("2", [LinkTests.visit("V2", of: "T2"), LinkTests.visit("V3", of: "T3"), LinkTests.result("R1", of: "T2", ["encounter": "V2/T2"])]),
    ]
  }

  private func visits() throws -> [String] { try LinkTests.rows(try site.site.open(epoch: nil), "encounter") }

  @Test("Two who are one: what refers to either is the one's with the lesser key, and each keeps what was said of it", arguments: StoreKind.allCases)
  func same(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": Self.messages()])
    try Self.decide(site, "T2", "T1", .same)
    let store = try site.site.open(epoch: nil)
    try #expect(LinkTests.rows(store, "encounter") == ["visit=V2 patient=T1", "visit=V3 patient=T3"])
    try #expect(LinkTests.rows(store, "observation") == ["code=R1 patient=T1 encounter=V2/T1"])
    try #expect(LinkTests.rows(store, "patient") == ["identifier=T1 family=ALPHA", "identifier=T2 family=BRAVO", "identifier=T3"])
  }

  @Test("Who is one with another is one with all whom that one is, and a message that comes later is moved too") func chain() throws {
    try site.ingest(["a": Self.messages()])
    try Self.decide(site, "T2", "T3", .same)
    try Self.decide(site, "T1", "T3", .same)
    try site.ingest(["b": [MappedMessage("3", [LinkTests.visit("V4", of: "T3")])]])
    #expect(try visits() == ["visit=V2 patient=T1", "visit=V3 patient=T1", "visit=V4 patient=T1"])
  }

  @Test("A later word that they are two gives everything back", arguments: StoreKind.allCases) func different(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": Self.messages()])
    let before = try site.digest()
    try Self.decide(site, "T1", "T2", .same)
    #expect(try site.digest() != before)
    try Self.decide(site, "T1", "T2", .different)
    #expect(try site.digest() == before)
  }

  @Test("A night before the decision is known as it was, and one after it with it") func known() throws {
    try site.ingest(night: 0, ["a": Self.messages()])
    let before = try site.digest()
    try Self.decide(site, "T1", "T2", .same, night: 1)
    try site.ingest(night: 1, ["b": [MappedMessage("9", [.patient("T9")])]])
    let after = try site.digest()
    #expect(try site.digest(asKnownOn: 0) == before)
    #expect(try site.digest(asKnownOn: 1) == after)
  }

  @Test("A decision outlives the undoing of a run and its loading again") func undone() throws {
    let run = try site.ingest(["a": [MappedMessage("0", [.patient("T1")])]])
    try site.ingest(["b": [MappedMessage("1", [.patient("T2"), LinkTests.visit("V2", of: "T2")])]])
    try Self.decide(site, "T1", "T2", .same)
    let decided = try site.digest()
    try site.undo(run)
    #expect(try visits() == ["visit=V2 patient=T1"])
    try site.ingest(["a": [MappedMessage("0", [.patient("T1")])]])
    #expect(try site.digest() == decided)
  }

  @Test("A merge that a message says later stands over the decision") func message() throws {
    try site.ingest(["a": Self.messages()])
    try Self.decide(site, "T2", "T1", .same)
    try site.ingest(["b": [MappedMessage("5", [LinkTests.merge("T2", into: "T3", at: 2_000_000_000_000_000)])]])
    #expect(try visits() == ["visit=V2 patient=T3", "visit=V3 patient=T3"])
  }
}
