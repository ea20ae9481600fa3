import Core
import Support
import Testing

/// The machine's own zone files.
enum Zones {
  static func rules(_ name: String) throws -> ZoneRules { try #require(ZoneRules(tzif: TestFile.read("/usr/share/zoneinfo/" + name))) }
}

@Suite struct ZoneRulesTests {
  static let names = [
    "America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York", "America/Phoenix", "Africa/Casablanca", "Pacific/Apia",
    "America/Sao_Paulo", "Asia/Kathmandu", "UTC", "Europe/Dublin",
  ]

  /// Python's `zoneinfo`, reading the same file: for moments its offset in seconds; for local times offset (earlier fold), gap and overlap.
  private static let oracle = """
    import sys, datetime as d, zoneinfo
    z = zoneinfo.ZoneInfo.from_file(open('/usr/share/zoneinfo/' + sys.argv[1], 'rb'))
    e = d.datetime(1970, 1, 1)
    for line in sys.stdin:
      kind, n = line.split(); t = e + d.timedelta(seconds=int(n))
      if kind == 'u':
        print(int(t.replace(tzinfo=d.timezone.utc).astimezone(z).utcoffset().total_seconds()))
      else:
        a, b = (t.replace(tzinfo=z, fold=f) for f in (0, 1))
        same = a.astimezone(d.timezone.utc).astimezone(z).replace(tzinfo=None) == t
        differ = a.utcoffset() != b.utcoffset()
        print(int(a.utcoffset().total_seconds()), 'gap' if not same else 'ambiguous' if differ else 'sure')
    """

  private func answers(_ zone: String, _ questions: [String]) throws -> [String] {
    let result = try Tools.run("python3", ["-c", Self.oracle, zone], input: Array(questions.joined(separator: "\n").utf8))
    try #require(result.exit == 0, "\(result.errorText)")
    return result.outputText.split(separator: "\n").map(String.init)
  }

  @Test("At a moment the offset is Python's, far past the table too", arguments: names) func moments(zone: String) throws {
    var generator = SeededGenerator(SeededGenerator.base)
    let moments = (0..<400).map { _ in Int.random(in: 0...6_000_000_000, using: &generator) }
    let rules = try Zones.rules(zone)
    let wanted = try answers(zone, moments.map { "u \($0)" })
    let got = moments.map { String(rules.offset(atUTC: $0)) }
    #expect(zip(moments, zip(wanted, got)).filter { $1.0 != $1.1 }.map(\.0) == [], "COMPLINE_SEED=\(SeededGenerator.base)")
  }

  @Test("At a local time offset and doubt are Python's, each quarter of an hour around every change", arguments: names) func locals(zone: String) throws {
    let rules = try Zones.rules(zone)
    let changes = Self.changes(rules, from: 1_700_000_000, to: 1_900_000_000) + Self.changes(rules, from: 4_100_000_000, to: 4_200_000_000)
    let times = [1_772_366_400] + changes.flatMap { change in (-16...16).map { change + rules.offset(atUTC: change - 1) + $0 * 900 } }
    let wanted = try answers(zone, times.map { "l \($0)" })
    let got = times.map { time -> String in
      let local = rules.offset(atLocal: time)
      return "\(local.minutes * 60) " + (local.doubt.map { $0 == .gap ? "gap" : "ambiguous" } ?? "sure")
    }
    #expect(zip(times, zip(wanted, got)).filter { $1.0 != $1.1 }.map { "\($0): \($1)" } == [])
  }

  /// The moments at which the offset changes, found by halving whole weeks.
  private static func changes(_ rules: ZoneRules, from: Int, to: Int) -> [Int] {
    stride(from: from, to: to, by: 604_800).compactMap { start in
      guard rules.offset(atUTC: start) != rules.offset(atUTC: start + 604_800) else { return nil }
      var low = start, high = start + 604_800
      while high - low > 1 {
        let middle = (low + high) / 2
        if rules.offset(atUTC: middle) == rules.offset(atUTC: low) { low = middle } else { high = middle }
      }
      return high
    }
  }

  @Test("Bytes that are no TZif file, or half of one, give no rules") func notZones() throws {
    let bytes = try TestFile.read("/usr/share/zoneinfo/America/Chicago")
    #expect(ZoneRules(tzif: []) == nil)
    #expect(ZoneRules(tzif: Array("TZif".utf8)) == nil)
    for count in stride(from: 0, to: bytes.count * 3 / 4, by: 7) { #expect(ZoneRules(tzif: Array(bytes.prefix(count))) == nil) }
  }

  @Test("Changed bytes never trap", arguments: SeededGenerator.seeds(3)) func mutated(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let bytes = try TestFile.read("/usr/share/zoneinfo/Australia/Lord_Howe")
    for _ in 0..<300 {
      var changed = bytes
      for _ in 0..<3 { changed[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
      let rules = ZoneRules(tzif: changed)
      #expect(rules == nil || (rules?.offset(atUTC: 1_772_366_400) != nil && rules?.offset(atLocal: 4_772_366_400) != nil))
    }
  }

  /// A zone file of one offset and one rule for the years to come.
  private func file(offset: Int32, rule: String) -> [UInt8] {
    func number(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    let head = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + [0, 0, 0, 0, 1, 4].flatMap { number($0) }
    let body = head + number(offset) + [0, 0] + Array("ABC\0".utf8)
    return body + body + Array("\n\(rule)\n".utf8)
  }

  @Test("A file whose offset no time can be written with is no zone file") func absurdOffset() {
    #expect(ZoneRules(tzif: file(offset: 57_599, rule: "")) != nil)
    #expect(ZoneRules(tzif: file(offset: 57_600, rule: "")) == nil)
  }

  @Test("A rule that no calendar knows is left out", arguments: [
    "ABC9999999999999", "ABC-24", "ABC6DEF99", "ABC6DEF,M13.1.0,M1.1.0", "ABC6DEF,M1.1.0/999999999999999999,M99.1.0", "ABC6DEF,M3.9.9,M11.1.0", "ABC1:2:3:4",
  ])
  func absurdRule(rule: String) throws {
    let rules = try #require(ZoneRules(tzif: file(offset: 3_600, rule: rule)))
    #expect(rules.offset(atUTC: 4_000_000_000) == 3_600)
  }
}
