import Core
@testable import Store
import Testing

/// Fields that one feed owns, and numbers that end wrongly.
@Suite struct FieldOwnerTests {
  /// Of the dictionary of the tests: `patient.phone`.
  static let phone = LoadRules(foreign: [0: [2]])

  static func load(_ store: SiteStore, _ id: String, feed: String, _ rules: LoadRules, _ rows: [Said]) throws {
    let drop = try store.pull(id, feed: feed)
    let load = try store.openLoad(drop: drop, run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"], rules: rules)
    try load.load(MappedMessage(id, rows))
    try load.finish(messagesDeclared: 1)
  }

  static func findings(_ store: SiteStore) throws -> [FindingCode: Int] {
    try store.night(StoreSite.night).feeds.flatMap(\.drops).reduce(into: [:]) { $0.merge($1.findings) { $0 + $1 } }
  }

  @Test("The owner's word on a field stands, whoever speaks first and last", arguments: StoreKind.allCases) func owner(kind: StoreKind) throws {
    let owner = { (store: SiteStore) in try Self.load(store, "1", feed: "desk", LoadRules(), [.patient("T1", at: 100, ["family": "ALPHA", "phone": "555-0100"])]) }
    let other = { (store: SiteStore) in try Self.load(store, "2", feed: "lab", Self.phone, [.patient("T1", at: 200, ["family": "BRAVO", "phone": "555-0199"])]) }
    var digests: Set<String> = []
    for order in [[owner, other], [other, owner]] {
      let store = try StoreSite(kind).open()
      for load in order { try load(store) }
      try #expect(LinkTests.rows(store, "patient") == ["identifier=T1 family=BRAVO phone=555-0100"])
      digests.insert(try store.digest())
    }
    #expect(digests.count == 1)
  }

  @Test("Who says something else than the owner opens an exception, who says the same does not") func conflict() throws {
    let store = try StoreSite().open()
    try Self.load(store, "1", feed: "desk", LoadRules(), [.patient("T1", ["phone": "555-0100"])])
    try Self.load(store, "2", feed: "lab", Self.phone, [.patient("T1", at: 200, ["phone": "555-0100"])])
    #expect(try Self.findings(store).isEmpty)
    try Self.load(store, "3", feed: "lab", Self.phone, [.patient("T1", at: 300, ["phone": "555-0199"])])
    #expect(try Self.findings(store) == [.fieldConflict: 1] && FindingCode.fieldConflict.isException)
  }

  @Test("Only the owner clears its field") func clears() throws {
    let store = try StoreSite().open()
    try Self.load(store, "1", feed: "desk", LoadRules(), [.patient("T1", ["phone": "555-0100"])])
    try Self.load(store, "2", feed: "lab", Self.phone, [.patient("T1", at: 200, ["phone": nil])])
    try #expect(LinkTests.rows(store, "patient") == ["identifier=T1 phone=555-0100"])
    try Self.load(store, "3", feed: "desk", LoadRules(), [.patient("T1", at: 300, ["phone": nil])])
    try #expect(LinkTests.rows(store, "patient") == ["identifier=T1"])
  }

  @Test("A number with a wrong check digit is loaded and told of; another assigner's is not looked at") func checkDigit() throws {
    let store = try StoreSite().open(), rules = LoadRules(checkDigits: [Array("NORTH".utf8): .m10])
    try Self.load(store, "1", feed: "desk", rules, [.patient("123456\u{1F}NORTH"), .patient("123455\u{1F}NORTH"), .patient("123456\u{1F}SOUTH")])
    #expect(try Self.findings(store) == [.checkDigitWrong: 1])
    #expect(try LinkTests.rows(store, "patient").count == 3)
  }
}
