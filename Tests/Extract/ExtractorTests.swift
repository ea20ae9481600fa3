import Core
import Extract
import Store
import Support
import Testing
import Trust

@Suite struct ExtractorTests {
  private static let header = "account,account_assigner,transaction,transaction_assigner,service,amount\r\n"
  private let charges: [(transaction: String, account: String?, amount: String)] = [("T2", "A2", "100.05"), ("T1", "A1", "-5.20"), ("T3", nil, "7.00")]

  private func loaded() throws -> ExtractSite {
    let site = try ExtractSite()
    try site.load(charges)
    return site
  }

  @Test func `an extract has a header, its lines in the order of the key, and a trailer with count and sum`() throws {
    let site = try loaded()
    _ = try site.produce()
    #expect(try site.text() == Self.header + "A1,NORTH,T1,NORTH,2026-11-19,-5.20\r\nA2,NORTH,T2,NORTH,2026-11-19,100.05\r\nTRAILER,2,94.85\r\n")
  }

  @Test func `rows without a required field are withheld and counted by reason`() throws {
    guard case .produced(let entry, let manifest) = try loaded().produce() else { return #expect(Bool(false)) }
    #expect(manifest.tally.withheld == ["ACCOUNT-MISSING": 1] && manifest.tally.withheldCents == 700)
    #expect(entry.eligible == 3 && entry.sent == 2 && entry.withheld == 1 && entry.sentCents == 9_485)
  }

  @Test func `the same rows give the same plain bytes in another site under other keys`() throws {
    let first = try loaded(), second = try ExtractSite()
    try second.load(charges.reversed())
    _ = try first.produce()
    _ = try second.produce()
    #expect(try first.text() == second.text())
  }

  @Test func `a second run of the night changes no byte of the outbox`() throws {
    let site = try loaded()
    _ = try site.produce()
    let before = try site.folder.files().filter { $0.hasPrefix("outbox") }.map { try site.folder.read($0) }
    _ = try site.produce()
    #expect(try site.folder.files().filter { $0.hasPrefix("outbox") }.map { try site.folder.read($0) } == before)
    #expect(before.count == 3)
  }

  @Test func `a night that got more rows later has a second revision`() throws {
    let site = try loaded()
    _ = try site.produce()
    try site.load([("T4", "A4", "1.00")])
    guard case .produced(let entry, let manifest) = try site.produce() else { return #expect(Bool(false)) }
    #expect(entry.revision == 2 && manifest.revision == 2)
    #expect(manifest.files[0].name == "billing-2026-11-20-r2.csv")
  }

  @Test func `a withheld row is due again the next night`() throws {
    let site = try loaded(), next = ExtractSite.night.advanced(by: 1)
    _ = try site.produce()
    try site.load([("T3", "A3", "7.00")], night: next)
    _ = try site.produce(night: next)
    #expect(try site.text(night: next) == Self.header + "A3,NORTH,T3,NORTH,2026-11-19,7.00\r\nTRAILER,1,7.00\r\n")
  }

  @Test func `without an agreement nothing is produced and every due row stays due`() throws {
    let site = try loaded(), next = ExtractSite.night.advanced(by: 1)
    guard case .refused(.missing, let entry) = try site.produce(agreement: .some(nil)) else { return #expect(Bool(false)) }
    #expect(entry.sent == 0 && entry.withheld == 3 && entry.refusal == "AGREEMENT-MISSING")
    #expect(try site.folder.files().filter { $0.hasPrefix("outbox") }.isEmpty)
    guard case .produced(let later, _) = try site.produce(night: next) else { return #expect(Bool(false)) }
    #expect(later.sent == 2)
  }

  @Test func `the first extract of a night that was refused before is its first revision`() throws {
    let site = try loaded()
    _ = try site.produce(agreement: .some(nil))
    guard case .produced(let entry, let manifest) = try site.produce() else { return #expect(Bool(false)) }
    #expect(entry.revision == 1 && manifest.files[0].name == "billing-2026-11-20.csv")
  }

  @Test func `plain text is in no file of the site`() throws {
    let site = try loaded()
    _ = try site.produce()
    for file in try site.folder.files() where file.hasPrefix("outbox") {
      #expect(!(try site.folder.read(file)).contains(subsequence: Array("NORTH".utf8)))
    }
  }

  @Test func `each patient sent has a disclosure`() throws {
    let site = try loaded()
    _ = try site.produce()
    let store = try site.store()
    var patient = ""
    try store.forEachRow(entity: "patient", history: false) { patient = $0.ref }
    let disclosures = try store.disclosures(patientRef: patient)
    #expect(disclosures.map(\.disclosure.purpose) == ["payment"])
    #expect(disclosures[0].disclosure.description == "charge rows by billing-charges@1 under billing-baa")
  }

  @Test func `the ledger takes the outflow and the equation holds`() throws {
    let site = try loaded()
    _ = try site.produce()
    let consumer = try site.store().night(ExtractSite.night).consumers[0]
    #expect(consumer.eligible == consumer.sent + consumer.withheld.values.reduce(0, +) + consumer.suppressed)
    #expect(consumer.withheld == ["ACCOUNT-MISSING": 1])
  }
}

@Suite struct ReleaseTests {
  private func produced() throws -> ExtractSite {
    let site = try ExtractSite()
    try site.load([("T1", "A1", "10.00")])
    _ = try site.produce()
    return site
  }

  @Test func `the manifest states the plain file and is signed`() throws {
    let site = try produced()
    guard case .permitted(let release) = try site.release() else { return #expect(Bool(false)) }
    let manifest = try JSONValue(parsing: release.manifest)
    #expect(manifest["files"]?.array?.first?["sha256"]?.string == Hex.text(SHA256.digest(Array(try site.text().utf8))))
    #expect(manifest["rows"] == 1 && manifest["sums"]?["amount"] == "10.00")
    #expect(try site.manifestKey.verifyingKey.verify(release.signature, of: release.manifest))
  }

  @Test func `a release after the agreement ended is refused`() throws {
    let late = try #require(BusinessDate("2027-01-01"))
    guard case .refused(.expired) = try produced().release(delivery: late) else { return #expect(Bool(false)) }
  }

  @Test(arguments: ["manifest.json", "manifest.json.sig", "extract-r1.sealed"]) func `a changed byte in the outbox stops the release`(name: String) throws {
    let site = try produced(), path = "outbox/billing/2026-11-20/" + name
    var bytes = try site.folder.read(path)
    bytes[bytes.count - 20] ^= 1
    try site.folder.write(bytes, to: path)
    #expect(throws: (any Error).self) { try site.release() }
  }

  @Test func `a sealed file of another night does not pass for this one`() throws {
    let site = try produced(), next = ExtractSite.night.advanced(by: 1)
    try site.load([("T9", "A9", "10.00")], night: next)
    _ = try site.produce(night: next)
    try site.folder.write(try site.folder.read("outbox/billing/2026-11-20/extract-r1.sealed"), to: "outbox/billing/2026-11-21/extract-r1.sealed")
    #expect(throws: TrustError.self) { try site.release(night: next) }
  }
}

extension [UInt8] {
  fileprivate func contains(subsequence: [UInt8]) -> Bool { firstRange(of: subsequence) != nil }
}
