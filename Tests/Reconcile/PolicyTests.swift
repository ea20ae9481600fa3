import Core
import Reconcile
import Testing

@Suite struct PolicyTests {
  static let tolerance: KeyValuePairs = ["code": "FEED-LATE", "within": "1", "reason": "holiday", "owner": "lab@clinic.example", "until": "2026-12-31"]

  private func list(_ item: OutlineNode) throws(ConfigurationError) -> [Tolerance] {
    try Tolerance.list(reading: OutlineNode(.sequence([item]), file: "f", line: 1, column: 1))
  }

  @Test func `an absent policy has the stated defaults`() throws {
    let policy = try FailurePolicy(reading: nil)
    #expect(policy.late == .warn && policy.empty == .break && policy.mismatch == .break && policy.partial == .hold && policy.refused == .hold)
  }

  @Test func `named keys replace their defaults only`() throws {
    let policy = try FailurePolicy(reading: Books.outline(["mismatch": "hold"]))
    #expect(policy.mismatch == .hold && policy.late == .warn)
  }

  @Test func `an action that a failure does not permit is refused with its place`() {
    let error = #expect(throws: ConfigurationError.self) { try FailurePolicy(reading: Books.outline(["mismatch": "ignore"])) }
    #expect(error?.code == "REC-102")
    #expect(error?.line == 3 && error?.column == 15)
    #expect(error?.hint == "Legal actions for 'mismatch': break, hold.")
  }

  @Test func `a misspelt failure is refused with the nearest key`() {
    let error = #expect(throws: ConfigurationError.self) { try FailurePolicy(reading: Books.outline(["mismach": "hold"])) }
    #expect(error?.hint.contains("'mismatch'") == true)
  }

  @Test func `a tolerance is read whole`() throws {
    let list = try list(Books.outline(Self.tolerance))
    #expect(list.map(\.code) == [.feedLate])
    #expect(list[0].until == BusinessDate("2026-12-31"))
  }

  @Test(arguments: ["reason", "owner", "until"]) func `a tolerance is refused without`(key: String) {
    var item = Books.outline(Self.tolerance)
    item.content = .mapping(item.entries.filter { $0.key != key })
    #expect(throws: ConfigurationError.self) { try list(item) }
  }

  @Test func `no tolerance can cover an expired agreement`() {
    let item = Books.outline(["code": "AGREEMENT-EXPIRED", "within": "1", "reason": "r", "owner": "o", "until": "2026-12-31"])
    #expect(#expect(throws: ConfigurationError.self) { try list(item) }?.code == "REC-111")
  }
}
