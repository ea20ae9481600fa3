import Core
import Store
import Testing

@Suite struct DeliveryLedgerTests {
  private static let manifest = String(repeating: "a", count: 64)
  private static let content = String(repeating: "b", count: 64)
  private static let next = StoreSite.night.advanced(by: 1)

  /// A night in which three rows went to billing, whose receipt is overdue on the night after.
  private func delivered(_ kind: StoreKind) throws -> SiteStore {
    let store = try StoreSite(kind).open()
    let cells = ["account": "A1", "amount": "10.00", "patient": "T1"]
    try store.load("a", [MappedMessage("1", [.patient("T1"), .charge("X1", cells), .charge("X2", cells), .charge("X3", cells)])])
    let session = try store.openOutflow(consumer: "billing", entity: "charge", night: StoreSite.night, fields: [])
    try session.forEachCandidate { _ in .send(mark: [1]) }
    try session.commit(ExtractEntry(sha256: Self.content, sentCents: 0, receiptExpected: true))
    var entry = entry()
    try store.beginDelivery(entry)
    entry.state = .delivered
    try store.endDelivery(entry, manifestPath: "m")
    return store
  }

  private func entry() -> DeliveryEntry {
    DeliveryEntry(consumer: "billing", night: StoreSite.night, revision: 1, manifest: Self.manifest, sha256: Self.content, lines: 3, overdueFrom: Self.next)
  }

  private func answer(_ store: SiteStore, _ id: String, _ accepted: Int, _ refused: Int, digest: String = manifest) throws -> ReceiptFate {
    try store.record(
      receipt: id, of: "billing", says: ReceiptStatement(digest: digest, acknowledged: accepted, refused: refused), night: StoreSite.night)
  }

  private func books(_ store: SiteStore, _ night: BusinessDate = StoreSite.night) throws -> ConsumerLedger {
    try #require(try store.night(night).consumers.first)
  }

  @Test("What is sent awaits its receipt, and a receipt settles it", arguments: StoreKind.allCases)
  func settled(kind: StoreKind) throws {
    let store = try delivered(kind)
    #expect(try books(store).awaiting == 3)
    #expect(try answer(store, "r1", 2, 1) == .settled)
    let books = try books(store)
    #expect([books.acknowledged, books.refused, books.awaiting] == [2, 1, 0])
    #expect(try store.deliveries(consumer: "billing").first?.answer == .partly)
  }

  @Test("A receipt may answer by the digest of the manifest or of the file", arguments: StoreKind.allCases)
  func either(kind: StoreKind) throws {
    #expect(try answer(try delivered(kind), "r1", 3, 0, digest: Self.content) == .settled)
  }

  @Test("A receipt is counted once, and one that says the same again changes nothing", arguments: StoreKind.allCases)
  func again(kind: StoreKind) throws {
    let store = try delivered(kind)
    #expect(try answer(store, "r1", 3, 0) == .settled)
    #expect(try answer(store, "r2", 3, 0) == .again)
    #expect(try answer(store, "r3", 2, 1) == .differs)
    #expect(try books(store).acknowledged == 3)
    #expect(try store.knownReceipts(consumer: "billing") == ["r1", "r2", "r3"])
  }

  @Test("Of nights with the same bytes the oldest without an answer is answered first", arguments: StoreKind.allCases)
  func equalNights(kind: StoreKind) throws {
    let store = try delivered(kind)
    for days in 1...2 {
      var entry = entry()
      entry.night = StoreSite.night.advanced(by: days)
      try store.beginDelivery(entry)
    }
    for (number, expected) in [1, 2, 3].enumerated() {
      #expect(try answer(store, "r\(number)", 3, 0, digest: Self.content) == .settled)
      #expect(try store.deliveries(consumer: "billing").prefix(expected).allSatisfy { $0.answer == .accepted })
      #expect(try store.deliveries(consumer: "billing").dropFirst(expected).allSatisfy { $0.answer == nil })
    }
  }

  @Test("Counts that are not those of the delivery settle nothing", arguments: StoreKind.allCases)
  func differs(kind: StoreKind) throws {
    let store = try delivered(kind)
    #expect(try answer(store, "r1", 2, 0) == .differs)
    #expect(try answer(store, "r2", .max, 1) == .differs)
    #expect(try answer(store, "r3", 3, 0, digest: String(repeating: "c", count: 64)) == .unknown)
    #expect(try store.record(receipt: "r4", of: "billing", says: nil, night: StoreSite.night) == .unreadable)
    #expect(try books(store).awaiting == 3)
    #expect(try Set(books(store).receipts.map(\.fate)) == [.differs, .unknown, .unreadable])
  }

  @Test("A delivery is overdue from its night on until it is answered, and no sooner", arguments: StoreKind.allCases)
  func overdue(kind: StoreKind) throws {
    let store = try delivered(kind)
    let session = try store.openOutflow(consumer: "billing", entity: "charge", night: Self.next, fields: [])
    try session.commit(ExtractEntry(sha256: "", sentCents: 0))
    #expect(try books(store).overdue.isEmpty)
    #expect(try books(store, Self.next).overdue == [DeliveryLedger(night: StoreSite.night, revision: 1, lines: 3)])
    _ = try answer(store, "r1", 0, 3)
    #expect(try books(store, Self.next).overdue.isEmpty)
    #expect(try store.deliveries(consumer: "billing").first?.answer == .refused)
  }

  @Test("Each attempt is counted, and a failure keeps its code", arguments: StoreKind.allCases)
  func attempts(kind: StoreKind) throws {
    let store = try delivered(kind)
    var entry = entry()
    try store.beginDelivery(entry)
    (entry.state, entry.code) = (.failed, "EXC-306")
    try store.endDelivery(entry, manifestPath: "m")
    let kept = try #require(try store.deliveries(consumer: "billing").first)
    #expect(kept.attempts == 2 && kept.state == .failed && kept.code == "EXC-306")
    #expect(try store.undelivered(consumer: "billing", before: Self.next) == [StoreSite.night])
  }

  @Test("What waits longest is named by its night", arguments: StoreKind.allCases)
  func oldest(kind: StoreKind) throws {
    let store = try delivered(kind)
    #expect(try store.oldestWaiting().delivery == StoreSite.night)
    _ = try answer(store, "r1", 3, 0)
    #expect(try store.oldestWaiting().delivery == nil)
  }
}
