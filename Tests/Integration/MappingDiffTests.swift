import Core
import Demo
import Support
import Testing

/// Two versions that differ in one line, over a month of drops, against a slow script that shares nothing with the program.
@Suite(.serialized) struct MappingDiffTests {
  static let first = BusinessDate("2026-03-01")!
  /// The files of thirty days, in three nights: what came before a long weekend is late.
  static let month = [9, 19, 29].map { first.advanced(by: $0) }

  @Test(arguments: [OwnMappings.phone, OwnMappings.sex, OwnMappings.key])
  func diffFindsExactlyTheRowsAndFieldsThatTheSlowScriptFinds(_ change: OwnMappings.Change) throws {
    let own = try OwnMappings(change)
    let isWhole = change.name == OwnMappings.phone.name
    for night in isWhole ? Self.month : [Self.first] { try own.load(night, days: isWhole ? 10 : 2) }
    let found = try own.diff()
    let wanted = try slow(own, change)
    func keys(_ kind: String) -> [JSONValue] { found.rows.filter { $0["change"]?.string == kind }.compactMap { $0["row"] }.sorted { ($0.string ?? "") < ($1.string ?? "") } }
    #expect(keys("added") == wanted["added"]?.array)
    #expect(keys("removed") == wanted["removed"]?.array)
    let changed = found.rows.filter { $0["change"]?.string == "changed" }.map { ($0["row"]?.string ?? "", $0["fields"] ?? .null) }
    #expect(JSONValue.object(Dictionary(uniqueKeysWithValues: changed)) == wanted["changed"])
    #expect(OwnMappings.patients(found.report)?["rows"]?["same"] == wanted["same"])
    #expect(found.report["messages"] == wanted["messages"])
    #expect(!found.rows.isEmpty)
  }

  private func slow(_ own: OwnMappings, _ change: OwnMappings.Change) throws -> JSONValue {
    let files = try TestFile.list(under: own.site.path + "/drops/north-hl7").map { own.site.path + "/drops/north-hl7/" + $0 }
    let script = TestSite.checkout + "/Tests/Integration/slow_diff.py"
    let result = try Tools.run("python3", [script, own.site.root.path("site.keys/index.key"), change.old, change.new] + files)
    try own.site.expectExit(0, of: result)
    return try JSONValue(parsing: result.standardOutput)
  }

  @Test func aDiffHoldsNoValueAndIsRecordedAndAudited() throws {
    let own = try OwnMappings(OwnMappings.phone)
    try own.load(Self.first)
    let report = try own.diff().report
    let records = try TestFile.list(under: own.site.path + "/var/diffs")
    #expect(records.count == 1)
    let record = String(decoding: try own.site.root.read("site/var/diffs/\(records[0])"), as: UTF8.self)
    for value in DemoNight(Self.first).identifyingValues { #expect(!record.contains(value)) }
    #expect(try JSONValue(parsing: Array(record.utf8))["rows_sha256"] == report["rows_sha256"])
    #expect(try own.site.compline("audit", "verify", "--site", own.site.path).exit == 0)
  }

  @Test func aDiffOfTheSameRulesUnderAnotherNumberFindsNothing() throws {
    let own = try OwnMappings(OwnMappings.none)
    try own.load(Self.first)
    let found = try own.diff()
    #expect(found.rows.isEmpty)
    #expect((OwnMappings.patients(found.report)?["rows"]?["same"]?.integer ?? 0) > 0)
  }

  @Test func aMappingInsideASetCanBeComparedByItself() throws {
    let own = try OwnMappings(OwnMappings.phone)
    try own.load(Self.first)
    let bySet = try own.diff().report["rows_sha256"]
    let result = try own.site.compline("mapping", "diff", "own-patient@1", "own-patient@2", "--site", own.site.path, "--on", "north-hl7", "--json")
    #expect(try JSONValue(parsing: result.standardOutput)["rows_sha256"] == bySet)
  }

  @Test(arguments: [("own-set@1", "own-set@9", "north-hl7", 78), ("own-set", "own-set@2", "north-hl7", 64), ("own-set@1", "own-set@2", "north-hl7:2026-02-30", 64), ("own-set@1", "own-set@2", "south-hl7", 65)])
  func aDiffThatCannotBeMadeSaysWhy(_ old: String, _ new: String, _ range: String, _ exit: Int) throws {
    let own = try OwnMappings(OwnMappings.phone)
    let result = try own.site.compline("mapping", "diff", old, new, "--site", own.site.path, "--on", range)
    #expect(result.exit == Int32(exit), "\(result.errorText)")
  }
}
