import Core
import Support
import Testing

/// Coverage, new codes and drift through the jobs, from drops to the statement.
@Suite struct DriftNightTests {
  private static func message(_ number: Int, sex: String = "F", more: String = "") -> String {
    "MSH|^~\\&|EHR|NORTH|||20260309081500||ADT^A01^ADT_A01|M\(number)|P|2.5.1\rEVN|A01|20260309081500\r"
      + "PID|1||T90\(1_000 + number)^^^NORTH^MR||TEST^ALPHA||19700102|\(sex)\r\(more)"
  }

  private static func ran(_ messages: [String], before: (TestSite) throws -> Void = { _ in }) throws -> TestSite {
    let site = try TestSite()
    try site.drop(Array(messages.joined().utf8), at: "north-hl7/night.hl7")
    try before(site)
    _ = try site.job("nightly")
    return site
  }

  private static func coverage(_ site: TestSite) throws -> JSONValue { try #require(try site.feed("north-hl7")["coverage"]) }

  @Test func theStatementCountsPlacesByTheirFate() throws {
    let coverage = try Self.coverage(try Self.ran([Self.message(1, more: "NK1|1|TEST^BETA\rZPD|1\r")]))
    #expect(coverage["looked"]?.integer == 1)
    #expect(coverage["ignored"]?.integer == 7)
    #expect(coverage["unread_places"]?.array?.contains { $0["path"]?.string == "ZPD-1" } == true)
  }

  @Test func aNewCodeOfSeveralPatientsIsNamed() throws {
    let codes = try Self.coverage(try Self.ran((1...3).map { Self.message($0, sex: "Q") }))["new_codes"]?.array
    #expect(codes?.map { $0["code"]?.string } == ["Q"])
  }

  @Test func aNewCodeThatLooksLikeAnIdentifierIsNotShown() throws {
    let site = try Self.ran((1...3).map { Self.message($0, sex: "T900001") })
    #expect(try Self.coverage(site)["new_codes"]?.array?.map { $0["code"]?.string } == [nil])
    #expect(!String(decoding: try site.root.read("site/var/statements/\(TestSite.night)/statement.html"), as: UTF8.self).contains("T900001"))
  }

  @Test func aFrozenProfileMakesANewSegmentAnException() throws {
    let site = try Self.ran((1...40).map { Self.message($0) })
    let range = "\(TestSite.night)..\(TestSite.night)"
    try site.expectExit(0, of: try site.compline("profile", "learn", "north-hl7", "--nights", range, "--site", site.path))
    try site.expectExit(0, of: try site.compline("profile", "freeze", "north-hl7", "--person", "ann", "--site", site.path))
    try site.drop(Array((50...90).map { Self.message($0, more: "ZPD|1\r") }.joined().utf8), at: "north-hl7/later.hl7")
    _ = try site.job("nightly")
    #expect(try site.statement()["exceptions_by_feed"]?["north-hl7"]?["PROFILE-DRIFT"]?.integer == 1)
    #expect(try Self.coverage(site)["drift"]?.array?.first?["path"]?.string == "ZPD")
  }

  @Test func onlyAGrantOfItsOwnFreezesAProfile() throws {
    let site = try Self.ran((1...3).map { Self.message($0) })
    let range = "\(TestSite.night)..\(TestSite.night)"
    let people = String(decoding: try site.root.read("site/people.yaml"), as: UTF8.self)
    try site.root.write(Array(people.replacing("grants: [all]", with: "grants: [status]").utf8), to: "site/people.yaml")
    try site.expectExit(0, of: try site.compline("profile", "learn", "north-hl7", "--nights", range, "--site", site.path))
    try site.expectExit(77, of: try site.compline("profile", "freeze", "north-hl7", "--person", "ann", "--site", site.path))
  }

  @Test func aProfileOfOtherKeysIsNotHeldAgainstAnything() throws {
    let site = try Self.ran((1...40).map { Self.message($0) })
    let range = "\(TestSite.night)..\(TestSite.night)"
    try site.expectExit(0, of: try site.compline("profile", "learn", "north-hl7", "--nights", range, "--site", site.path))
    let profile = String(decoding: try site.root.read("site/profiles/north-hl7.yaml"), as: UTF8.self)
    let key = try #require(profile.split(separator: "\n").first { $0.hasPrefix("keys: ") })
    let other = profile.replacing(key, with: "keys: \"0000000000000000\"")
    try site.root.write(other, to: "site/profiles/north-hl7.yaml")
    #expect(try site.compline("profile", "freeze", "north-hl7", "--person", "ann", "--site", site.path).errorText.contains("PIP-426"))
    try site.root.write(other.replacing("\ntypes:", with: "\nfrozen: {by: ann, on: 2026-03-01}\ntypes:"), to: "site/profiles/north-hl7.yaml")
    _ = try site.job("reconcile")
    #expect(try site.statement()["exceptions_by_feed"]?["north-hl7"]?["PROFILE-DRIFT"]?.integer == 1)
    #expect(try Self.coverage(site)["drift"]?.array?.first?["kind"]?.string == "learned-under-other-keys")
  }

  @Test func aPastedMessageShowsWhatReadsEachOfItsPlaces() throws {
    let folder = try TemporaryFolder()
    try TestFile.write(Array(Self.message(1, more: "ZPD|1\r").replacing("\r", with: "\n").utf8), to: folder.path("pasted.hl7"))
    let file = TestSite.checkout + "/Mappings/hl7v2/pid-patient/1.yaml"
    let text = try Tools.run(TestSite.binary("compline"), ["mapping", "run", file, "--on", folder.path("pasted.hl7")], environment: TestSite.environment()).outputText
    #expect(text.contains("by patient.birth_date, Mappings/hl7v2/pid-patient/1.yaml:32"))
    #expect(text.contains("ZPD-1              unread"))
  }

  // MARK: Rows

  private static let censusMapping = """
    mapping: ward-census
    version: 1
    reads: {csv: rows}
    zone: feed
    event_time: as_of | time "MM/DD/YYYY hh:mm"
    owner: test
    why: test
    layout: {columns: {mrn: Patient ID, last: Last Name, born: DOB, ward: Ward, facility: Facility, as_of: As Of}}
    patient:
      each: row
      key: [identifier]
      set:
        identifier: mrn | id else facility | required
        family: last
        birth_date: born | date "MM/DD/YYYY"
    ignore: {ward: told by the visit feed}
    examples:
      - name: a patient
        given: |
          Patient ID,Last Name,DOB,Ward,Facility,As Of
          T1,TEST,01/02/1970,W4,NORTH,03/10/2026 00:00
        expect: {patient: [{birth_date: 1970-01-02}]}
    """

  private static let censusFeed = """
    feed: ward-census
    owner: interfaces@example.invalid
    from: {drop: drops/ward-census}
    format: csv
    mappings: [ward-census]
    zone: America/Chicago
    arrival: {by: "02:00", complete: rename}
    failure: {late: warn, empty: break, mismatch: break, partial: hold, refused: hold}
    """

  /// A night with a census of 40 rows, and the profile that it teaches.
  private static func censusSite() throws -> TestSite {
    let site = try TestSite()
    try site.root.write(Array(censusMapping.utf8), to: "site/mappings/csv/ward-census/1.yaml")
    try site.root.write(Array(censusFeed.utf8), to: "site/feeds/ward-census.yaml")
    let release = "cd '\(site.path)/mappings' && find . -type f -path './*/*' | sed 's|^\\./||' | LC_ALL=C sort | xargs sha256sum > RELEASED"
    _ = try Tools.run("sh", ["-c", release])
    try site.drop(census(1...40), at: "ward-census/first.csv")
    _ = try site.job("nightly")
    let range = "\(TestSite.night)..\(TestSite.night)"
    try site.expectExit(0, of: try site.compline("profile", "learn", "ward-census", "--nights", range, "--site", site.path))
    try site.expectExit(0, of: try site.compline("profile", "freeze", "ward-census", "--person", "ann", "--site", site.path))
    return site
  }

  private static func census(_ rows: ClosedRange<Int>, born: String = "DOB", more: (heading: String, value: String) = ("", "")) -> [UInt8] {
    let names = "Patient ID,Last Name,\(born),Ward,Facility,As Of\(more.heading)\n"
    return Array((names + rows.map { "T90\(1_000 + $0),TEST,01/02/1970,W4,NORTH,03/10/2026 00:00\(more.value)\n" }.joined()).utf8)
  }

  private static func drift(_ site: TestSite) throws -> [String] {
    _ = try site.job("nightly")
    let drift = try #require(try site.feed("ward-census")["coverage"]?["drift"]?.array)
    return drift.map { "\($0["kind"]?.string ?? "") \($0["scope"]?.string ?? "") \($0["path"]?.string ?? "")" }
  }

  @Test func aRenamedColumnOfACensusShowsThoughItsRowsAreHeld() throws {
    let site = try Self.censusSite()
    try site.drop(Self.census(50...90, born: "Birth Date"), at: "ward-census/second.csv")
    #expect(try Self.drift(site) == ["new-place row birth_date"])
  }

  @Test func anAddedColumnOfACensusShowsByItsNumberWhereItsHeadingCouldBeAValue() throws {
    let site = try Self.censusSite()
    try site.drop(Self.census(50...90, more: (",TESTALPHA", ",X")), at: "ward-census/second.csv")
    #expect(try Self.drift(site) == ["new-place row column 7"])
    #expect(try site.feed("ward-census")["coverage"]?["ignored"]?.integer == 1)
  }
}
