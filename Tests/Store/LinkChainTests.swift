import Core
@testable import Store
import Testing

/// Chains of merges of any length, and what they cost.
@Suite struct LinkChainTests {
  /// A link of each row to the next: `links[k]` leads from `k` to its target.
  static func table(_ links: [Int: (target: Int, since: Int, takesAll: Bool)]) -> LinkTable {
    var table = LinkTable(LinkPlan(StoreSite.dictionary))
    for (source, link) in links { table[name(source)] = RowLink(target: Said.key("T\(link.target)"), since: link.since, takesAll: link.takesAll) }
    return table
  }

  static func name(_ number: Int) -> LinkTable.Name { .init(entity: 0, key: Said.key("T\(number)")) }

  /// As the decision says it, one link after the other: of a circle the oldest does not hold.
  static func end(of start: Int, _ links: [Int: (target: Int, since: Int, takesAll: Bool)], until instant: Int) -> Int {
    func holds(_ own: Int) -> Bool {
      var at = links[own]?.target, oldest = links[own]?.since ?? 0
      for _ in 0...links.count {
        guard let next = at else { return true }
        if next == own { return (links[own]?.since ?? 0) > oldest }
        if let link = links[next] { oldest = min(oldest, link.since) }
        at = links[next]?.target
      }
      return true
    }
    var at = start
    while let link = links[at], link.takesAll || link.since <= instant, holds(at) { at = link.target }
    return at
  }

  @Test("The end of a chain is that of a walk along its links, circles or not, for any time", arguments: 0..<30) func ends(seed: Int) {
    var random = Seeded(seed)
    var links: [Int: (target: Int, since: Int, takesAll: Bool)] = [:]
    for _ in 0..<24 { links[Int(random.next() % 30)] = (Int(random.next() % 30), Int(random.next() % 12), random.next() % 4 == 0) }
    let table = Self.table(links)
    for start in 0..<30 {
      #expect(table.key(Self.name(start)) == Said.key("T\(Self.end(of: start, links, until: Int.max))"))
      for instant in 0..<12 {
        let cells = table.moved(0, [.value(Array("T\(start)".utf8))] + Array(repeating: .absent, count: 6), at: instant, isWithdrawal: false)
        #expect(cells?[0].bytes ?? Array("T\(start)".utf8) == Array("T\(Self.end(of: start, links, until: instant))".utf8))
      }
    }
  }

  /// The time that the merges of one drop take, each with a visit of the record that is no more.
  static func load(_ count: Int, kind: StoreKind) throws -> Duration {
    let store = try StoreSite(kind).open()
    let messages = (1...count).map { number in
      MappedMessage("\(number)", [LinkTests.visit("V\(number)", of: "T\(number)"), LinkTests.merge("T\(number)", into: "T\(number + 1)", at: number)])
    }
    let clock = ContinuousClock(), start = clock.now
    try store.load("drop", messages)
    let taken = clock.now - start
    #expect(try LinkTests.rows(store, "encounter").allSatisfy { $0.hasSuffix("patient=T\(count + 1)") })
    return taken
  }

  @Test("Ten times as many merges in a row take about ten times as long") func linear() throws {
    let few = try Self.load(500, kind: .sqlite), many = try Self.load(5_000, kind: .sqlite)
    #expect(many < few * 30)
  }

  @Test("A chain of merges over several drops ends at its last survivor, in any order", arguments: StoreKind.allCases) func long(kind: StoreKind) throws {
    var links: [LinkTests.Message] = (1...1_500).map { ("\($0)", [LinkTests.merge("T\($0)", into: "T\($0 + 1)", at: $0)]) }
    let visit: LinkTests.Message = ("v", [LinkTests.visit("V1", of: "T1")])
    var digests: Set<String> = []
    for seed in 0..<2 {
      var random = Seeded(seed)
      links.shuffle(using: &random)
      let store = try StoreSite(kind).open()
      for (number, part) in stride(from: 0, to: links.count, by: 500).enumerated() {
        try store.load("d\(number)", links[part..<part + 500].map { MappedMessage($0.id, $0.rows) } + (number == seed ? [MappedMessage(visit.id, visit.rows)] : []))
      }
      try #expect(LinkTests.rows(store, "encounter") == ["visit=V1 patient=T1501"])
      digests.insert(try store.digest())
    }
    #expect(digests.count == 1)
  }
}
