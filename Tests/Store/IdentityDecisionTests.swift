import Core
import Store
import Testing

/// What people said of pairs of patients.
@Suite struct IdentityDecisionTests {
  @Test("The last decision over a pair counts, whichever is named first", arguments: StoreKind.allCases)
  func last(kind: StoreKind) throws {
    let site = try RunningSite(kind)
    try site.ingest(["a": [MappedMessage("1", [.patient("T1"), .patient("T2")])]])
    let store = try site.next(), run = try store.beginRun(stage: "identity", night: StoreSite.night, started: "")
    let refs = try ["T1", "T2"].map { try #require(try store.ref(of: "patient", key: RowKey.encode([Array($0.utf8)]))) }
    func decide(_ one: Int, _ other: Int, _ verdict: IdentityDecision.Verdict) throws {
      try store.record(IdentityDecision((refs[one], refs[other]), verdict, rule: "candidates@1", score: 7, agrees: ["ssn"], person: "ann", reason: "t"), run: run)
    }
    try decide(0, 1, .same)
    try decide(1, 0, .different)
    #expect(try store.identityDecisions().map(\.verdict) == [.different])
    #expect(#expect(throws: StoreError.self) { try decide(0, 0, .same) }?.code == "STO-302")
  }
}
