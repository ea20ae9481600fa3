import Core
import Store
import Testing

@Suite struct OutflowTests {
  private static let next = StoreSite.night.advanced(by: 1)

  /// Runs billing for a night: rows without an account are withheld, the account is the mark.
  @discardableResult
  private func bill(_ store: SiteStore, _ night: BusinessDate = StoreSite.night) throws -> ExtractEntry {
    let session = try store.openOutflow(consumer: "billing", entity: "charge", night: night, fields: ["account", "amount"])
    var cents = 0
    try session.forEachCandidate { candidate in
      guard let account = candidate.cells[0].bytes else { return .withhold(reason: "ACCOUNT-MISSING") }
      if candidate.lastSentMark == account { return .suppress }
      cents += candidate.cells[1].bytes.flatMap { DecimalNumber($0)?.hundredths } ?? 0
      if let patient = candidate.subjectRef { try session.disclose(Disclosure(patientRef: patient, purpose: "payment", description: "charges")) }
      return .send(mark: account)
    }
    return try session.commit(ExtractEntry(sha256: "\(cents)", sentCents: cents))
  }

  private func filled(_ kind: StoreKind) throws -> SiteStore {
    let store = try StoreSite(kind).open()
    try store.load(
      "a",
      [
        MappedMessage("1", [.patient("T1"), .charge("X1", ["account": "A1", "amount": "10.00", "patient": "T1"]), .charge("X2", ["amount": "5.00"])])
      ])
    return store
  }

  @Test("Rows that changed are eligible; sent, withheld and suppressed make up the eligible ones", arguments: StoreKind.allCases)
  func equation(kind: StoreKind) throws {
    let entry = try bill(try filled(kind))
    #expect([entry.eligible, entry.sent, entry.withheld, entry.suppressed] == [2, 1, 1, 0])
  }

  @Test("The ledger shows what a consumer got and why the rest was withheld", arguments: StoreKind.allCases)
  func ledger(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    try store.noteDelivered("billing", StoreSite.night, manifest: "outbox/billing/manifest.json")
    let consumer = try #require(try store.night(StoreSite.night).consumers.first)
    #expect([consumer.eligible, consumer.sent, consumer.sentCents] == [2, 1, 1000])
    #expect(consumer.withheld == ["ACCOUNT-MISSING": 1])
    #expect(consumer.delivery == "delivered")
  }

  @Test("A withheld row is eligible again on the next night, a sent one is not", arguments: StoreKind.allCases)
  func withheldAgain(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    let entry = try bill(store, Self.next)
    #expect([entry.eligible, entry.withheld] == [1, 1])
  }

  @Test("A withheld row that was sent later is settled", arguments: StoreKind.allCases)
  func settled(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    try store.load("b", night: Self.next, [MappedMessage("2", [.charge("X2", at: 200, ["account": "A2"])])])
    #expect(try bill(store, Self.next).sent == 1)
    #expect(try bill(store, Self.next.advanced(by: 1)).eligible == 0)
  }

  @Test("A consumer that comes later gets nothing of what an older night brought late before", arguments: StoreKind.allCases)
  func later(kind: StoreKind) throws {
    let store = try filled(kind), third = Self.next.advanced(by: 1)
    try bill(store)
    try bill(store, Self.next)
    try store.load("b", [MappedMessage("2", [.charge("X9", ["account": "A9"])])])
    let session = try store.openOutflow(consumer: "later", entity: "charge", night: third, fields: [])
    var count = 0
    try session.forEachCandidate { _ in
      count += 1
      return .suppress
    }
    session.rollback()
    #expect(count == 0)
    #expect(try bill(store, third).sent == 1)
  }

  @Test("What comes late for the night that was extracted last is due in the next extract, where that night is not extracted again", arguments: StoreKind.allCases)
  func lateForTheLast(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    try store.load("b", [MappedMessage("2", [.charge("X9", ["account": "A9"])])])
    #expect(try bill(store, Self.next).sent == 1)
  }

  @Test("A row that changed where the consumer does not look is suppressed", arguments: StoreKind.allCases)
  func suppressed(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    try store.load("b", night: Self.next, [MappedMessage("2", [.charge("X1", at: 200, ["patient": "T9"])])])
    #expect(try bill(store, Self.next).suppressed == 1)
  }

  @Test("A night run again gives the same verdicts, revision and delivery", arguments: StoreKind.allCases)
  func rerun(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    try store.noteDelivered("billing", StoreSite.night, manifest: "m")
    let before = try store.night(StoreSite.night)
    #expect(try bill(store).revision == 1)
    #expect(try store.night(StoreSite.night) == before)
  }

  @Test("Other content of the same night is a new revision, due again", arguments: StoreKind.allCases)
  func revision(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    try store.load("b", [MappedMessage("2", [.charge("X3", ["account": "A3", "amount": "1.00"])])])
    let entry = try bill(store)
    #expect(entry.revision == 2 && entry.delivery == "pending" && entry.sent == 2)
  }

  @Test("An extract that fails half way leaves no verdict", arguments: StoreKind.allCases)
  func failed(kind: StoreKind) throws {
    let store = try filled(kind)
    let session = try store.openOutflow(consumer: "billing", entity: "charge", night: StoreSite.night, fields: [])
    #expect(throws: FrameError.self) { try session.forEachCandidate { _ in throw FrameError() } }
    #expect(try store.extractEntry(consumer: "billing", night: StoreSite.night) == nil)
    #expect(try bill(store).eligible == 2)
  }

  @Test("What went to a consumer stands in the patient's accounting of disclosures", arguments: StoreKind.allCases)
  func disclosures(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    var patient = ""
    try store.forEachRow(entity: "patient", history: false) { patient = $0.ref }
    #expect(try store.disclosures(patientRef: patient).map(\.consumer) == ["billing"])
  }

  @Test("A row withdrawn before a consumer had it is not due; one that the consumer has is withheld by name", arguments: StoreKind.allCases)
  func withdrawn(kind: StoreKind) throws {
    let store = try filled(kind)
    try bill(store)
    for (name, night) in [("X1", Self.next), ("X3", Self.next)] {
      try store.load(name, night: night, [MappedMessage(name, [.charge(name, at: 900)]).with { $0.rows.setAction(.withdraw) }])
    }
    try bill(store, Self.next)
    #expect(try store.night(Self.next).consumers.first?.withheld == ["ACCOUNT-MISSING": 1, "ROW-WITHDRAWN": 1])
  }

  @Test("More rows than a page are each asked once", arguments: StoreKind.allCases)
  func pages(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", (0..<1_203).map { .charge("X\($0)", ["account": "A"]) })])
    #expect(try bill(store).eligible == 1_203)
  }

  @Test("While an extract is open nothing else is written", arguments: StoreKind.allCases)
  func exclusive(kind: StoreKind) throws {
    let store = try filled(kind)
    let session = try store.openOutflow(consumer: "billing", entity: "charge", night: StoreSite.night, fields: [])
    #expect(throws: StoreError.self) { try store.pull("b") }
    session.rollback()
    #expect(throws: Never.self) { try store.pull("b") }
  }
}

extension SiteStore {
  /// As a delivery that went well is noted.
  fileprivate func noteDelivered(_ consumer: String, _ night: BusinessDate, manifest: String) throws {
    var entry = DeliveryEntry(
      consumer: consumer, night: night, revision: try #require(try extractEntry(consumer: consumer, night: night)).revision, manifest: "", sha256: "", lines: 0)
    try beginDelivery(entry)
    entry.state = .delivered
    try endDelivery(entry, manifestPath: manifest)
  }
}
