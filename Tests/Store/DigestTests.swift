import Core
import Store
import Testing

@Suite struct DigestTests {
  private static func messages(_ random: inout Seeded) -> [MappedMessage] {
    (0..<Int.random(in: 2...9, using: &random)).map { number in
      var cells: [String: String?] = [:]
      for field in ["family", "phone", "note", "status"] where Bool.random(using: &random) {
        cells[field] = .some(Int.random(in: 0...3, using: &random) == 0 ? nil : "v\(Int.random(in: 0...1, using: &random))")
      }
      let patient = Said.patient("T\(Int.random(in: 1...2, using: &random))", at: Int.random(in: 1...3, using: &random), cells)
      let charge = Said.charge("X\(Int.random(in: 1...2, using: &random))", at: Int.random(in: 1...3, using: &random), ["amount": "\(number).00", "patient": "T1"])
      return MappedMessage("m\(number)", [patient, charge])
    }
  }

  /// The digest after the messages came in this order, cut into drops of `size`, in a fresh site with keys of its own.
  private static func digest(_ messages: [MappedMessage], size: Int, _ kind: StoreKind = .sqlite) throws -> String {
    let store = try StoreSite(kind).open()
    for start in stride(from: 0, to: messages.count, by: size) {
      try store.load("drop\(start)", Array(messages[start..<min(start + size, messages.count)]))
    }
    return try store.digest()
  }

  @Test("Any order of messages, in any drops, in any site, gives the same digest", arguments: 0..<200)
  func permutations(seed: Int) throws {
    var random = Seeded(seed)
    let messages = Self.messages(&random)
    let straight = try Self.digest(messages, size: messages.count)
    #expect(try Self.digest(messages.shuffled(using: &random), size: Int.random(in: 1...3, using: &random)) == straight, "seed \(seed)")
  }

  @Test("Both kinds of store give one digest, whatever the order of messages and drops", arguments: 0..<20)
  func kinds(seed: Int) throws {
    var random = Seeded(seed)
    let messages = Self.messages(&random)
    let straight = try Self.digest(messages, size: messages.count)
    let other = try Self.digest(messages.shuffled(using: &random), size: Int.random(in: 1...3, using: &random), .postgresql)
    #expect(other == straight, "seed \(seed)")
  }

  @Test("A message that comes again under other bytes changes no digest")
  func resent() throws {
    let rows = [Said.patient("T1", ["family": "ALPHA"])]
    #expect(try Self.digest([MappedMessage("1", rows)], size: 1) == Self.digest([MappedMessage("1", rows), MappedMessage("2", rows)], size: 1))
  }

  @Test("One changed value changes the digest")
  func sensitive() throws {
    let one = try Self.digest([MappedMessage("1", [.patient("T1", ["family": "ALPHA"])])], size: 1)
    #expect(try Self.digest([MappedMessage("1", [.patient("T1", ["family": "BRAVO"])])], size: 1) != one)
  }

  @Test("A changed event time changes the digest")
  func eventTime() throws {
    #expect(try Self.digest([MappedMessage("1", [.patient("T1", at: 1)])], size: 1) != Self.digest([MappedMessage("1", [.patient("T1", at: 2)])], size: 1))
  }

  @Test("Without the column keys there is no digest", arguments: StoreKind.allCases)
  func keys(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let refusal = #expect(throws: StoreError.self) { try site.open(epoch: nil, keys: StoreKeys.none).digest() }
    #expect(refusal?.exitCode == .notPermitted)
  }
}
