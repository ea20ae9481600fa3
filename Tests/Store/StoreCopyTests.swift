import Core
@testable import Store
import Testing

/// A store that moves from one engine to another, or to another place.
@Suite struct StoreCopyTests {
  static let ways: [(StoreKind, StoreKind)] = StoreKind.allCases.flatMap { from in StoreKind.allCases.map { (from, $0) } }

  private func filled(_ kind: StoreKind) throws -> StoreSite {
    let site = try StoreSite(kind)
    let store = try site.open(), run = try store.beginRun(stage: "ingest", night: StoreSite.night, started: "")
    try store.load(
      "a",
      [
        MappedMessage("1", [.patient("T1", at: 100, ["family": "ALPHA", "status": "one"])]), MappedMessage("2", [.patient("T1", at: 200, ["status": "é"])]),
        MappedMessage("3", control: "C", [.charge("X1", ["account": "", "amount": "12.30", "patient": "T1"])])
          .with { $0.heldRows = [.init(entity: 0, finding: Finding(.codeUnmapped))] },
      ])
    _ = try store.pull("later")
    try store.recordCrash(drop: try store.pull("crashed"), run: run)
    let session = try store.openOutflow(consumer: "billing", entity: "charge", night: StoreSite.night, fields: ["account"])
    try session.forEachCandidate { _ in .send(mark: [1]) }
    try session.commit(ExtractEntry(sha256: "a", sentCents: 1_230))
    return site
  }

  @Test("A copy has the digest, the ledger and the exceptions of its source, and goes on from there", arguments: ways)
  func copied(from: StoreKind, to: StoreKind) throws {
    let site = try filled(from), other = try StoreSite(to)
    let store = try site.open(epoch: nil)
    #expect(try StoreCopy.run(from: store, to: other.place) > 10)
    let copy = try other.open(keys: site.keys)
    #expect(try copy.digest() == store.digest())
    #expect(try copy.night(StoreSite.night) == store.night(StoreSite.night))
    #expect(try copy.openExceptions(asOf: StoreSite.night) == store.openExceptions(asOf: StoreSite.night))
    try copy.load("b", [MappedMessage("4", [.patient("T1", at: 300, ["status": "three"])])])
    #expect(try copy.current("status", of: "patient") == ["three"])
  }

  @Test("A place that holds something is refused and stays as it was", arguments: StoreKind.allCases)
  func occupied(kind: StoreKind) throws {
    let site = try filled(.sqlite), other = try filled(kind)
    let before = try other.open(epoch: nil).digest()
    #expect(#expect(throws: StoreError.self) { try StoreCopy.run(from: site.open(epoch: nil), to: other.place) }?.code == "STO-210")
    #expect(try other.open(epoch: nil).digest() == before)
  }
}
