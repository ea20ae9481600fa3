import Core
import Support
import Testing

/// Several nights of one site: what was sent stays sent, what was held for its file is not lost, what failed is tried again.
@Suite struct NightsTests {
  private let first = "2026-03-10", second = "2026-03-11", third = "2026-03-12"

  private func charge(_ id: String, amount: String, account: String = "A1", at time: String = "20260309101500") -> [String] {
    [
      "MSH|^~\\&|EHR|NORTH|||\(time)||DFT^P03^DFT_P03|C\(id)\(amount)\(time)|P|2.5.1", "EVN|P03|\(time)",
      "PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F||||||||||\(account.isEmpty ? "" : account + "^^^NORTH^AN")",
      "FT1|1|\(id)||20260309|20260309|CG|99213|||1|\(amount)||||||||||||||99213",
    ]
  }

  private func batch(_ messages: [[String]], declared: Int? = nil) -> [UInt8] {
    let lines = ["BHS|^~\\&|EHR|NORTH"] + messages.flatMap { $0 } + ["BTS|\(declared ?? messages.count)"]
    return Array((lines.joined(separator: "\r") + "\r").utf8)
  }

  private func run(_ site: TestSite, _ night: String) throws -> ToolResult {
    try Tools.run(TestSite.binary("compline-nightly"), ["--site", site.path, "--night", night], environment: TestSite.environment())
  }

  private func lines(_ site: TestSite, _ night: String) throws -> [String] {
    String(decoding: try site.root.read("site/delivery/billing/billing-\(night).csv"), as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }

  private func statement(_ site: TestSite, _ night: String) throws -> JSONValue {
    try JSONValue(parsing: try site.root.read("site/var/statements/\(night)/statement.json"))
  }

  @Test func anOlderNightRunAgainSendsNothingAnewAndNothingIsSentTwice() throws {
    let site = try TestSite()
    try site.drop(batch([charge("T1", amount: "10.00"), charge("T2", amount: "3.00", account: "")]), at: "north-hl7/one.hl7")
    _ = try run(site, first)
    let sent = try lines(site, first)
    try site.drop(batch([charge("T1", amount: "20.00", at: "20260310101500"), charge("T2", amount: "3.00", at: "20260310101501")]), at: "north-hl7/two.hl7")
    _ = try run(site, second)
    let later = try lines(site, second)
    #expect(later.last == "TRAILER,2,23.00")
    _ = try run(site, first)
    _ = try run(site, second)
    #expect(try lines(site, first) == sent)
    #expect(try lines(site, second) == later)
    #expect(try TestFile.list(under: site.path + "/delivery").filter { $0.contains("-r2") }.isEmpty)
  }

  @Test func aFileThatCameLateForAnOlderNightIsSentWithTheNextExtract() throws {
    let site = try TestSite()
    try site.drop(batch([charge("T1", amount: "10.00")]), at: "north-hl7/one.hl7")
    _ = try run(site, first)
    _ = try run(site, second)
    try site.drop(batch([charge("T9", amount: "5.00")]), at: "north-hl7/late.hl7")
    _ = try run(site, first)
    #expect(try lines(site, first).last == "TRAILER,1,10.00")
    _ = try run(site, third)
    #expect(try lines(site, third).last == "TRAILER,1,5.00")
  }

  @Test func aMessageHeldForItsTruncatedFileLoadsWhenTheWholeFileComes() throws {
    let site = try TestSite()
    let whole = batch([charge("T1", amount: "1.00"), charge("T2", amount: "2.00")])
    let end = try #require(whole.lastIndex(of: UInt8(ascii: "B")))
    try site.drop(Array(whole[..<end]), at: "north-hl7/cut.hl7")
    _ = try run(site, first)
    #expect(try statement(site, first)["feeds"]?.array?.first { $0["feed"]?.string == "north-hl7" }?["intake"]?["held"] == 1)
    try site.drop(whole, at: "north-hl7/whole.hl7")
    _ = try run(site, second)
    let intake = try statement(site, second)["feeds"]?.array?.first { $0["feed"]?.string == "north-hl7" }?["intake"]
    #expect(intake?["duplicate"] == 1)
    #expect(intake?["loaded"] == 1)
    #expect(try lines(site, second).last == "TRAILER,1,2.00")
  }

  @Test func anExtractThatCouldNotBeDeliveredIsDeliveredByALaterNight() throws {
    let site = try TestSite()
    TestFile.remove(site.path + "/delivery/billing")
    try site.drop(batch([charge("T1", amount: "1.00")]), at: "north-hl7/one.hl7")
    #expect(try run(site, first).exit == 76)
    try TestFile.makeFolder(site.path + "/delivery/billing")
    _ = try run(site, second)
    #expect(try lines(site, first).last == "TRAILER,1,1.00")
    #expect(try lines(site, second).last == "TRAILER,0,0.00")
  }

  @Test func twoPatientsUnderOneTransactionNumberAreTwoCharges() throws {
    let site = try TestSite()
    let other = charge("T1", amount: "7.00", account: "A2").map { $0.replacing("T900001", with: "T900002") }
    try site.drop(batch([charge("T1", amount: "5.00"), other]), at: "north-hl7/one.hl7")
    _ = try run(site, first)
    #expect(try lines(site, first).last == "TRAILER,2,12.00")
  }

  @Test func aMergeMovesAChargeToTheSurvivorAndBillingGetsItOnce() throws {
    let site = try TestSite()
    try site.drop(batch([charge("T1", amount: "5.00").map { $0.replacing("T900001", with: "T900002") }]), at: "north-hl7/one.hl7")
    _ = try run(site, first)
    let merge = [
      "MSH|^~\\&|EHR|NORTH|||20260310101500||ADT^A40^ADT_A39|M1|P|2.5.1", "EVN|A40|20260310101500", "PID|1||T900001^^^NORTH^MR||TEST^ALPHA",
      "MRG|T900002^^^NORTH^MR",
    ]
    try site.drop(batch([merge]), at: "north-hl7/two.hl7")
    _ = try run(site, second)
    #expect(try lines(site, second).last == "TRAILER,0,0.00")
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", site.root.path("export")))
    let charges = String(decoding: try site.root.read("export/charge.ndjson"), as: UTF8.self)
    #expect(charges.contains("T900001") && !charges.contains("T900002"))
  }

  @Test func aDropThatCannotBeOpenedStaysInTheBooksAndItsNeighboursLoad() throws {
    let site = try TestSite()
    try site.drop(batch([charge("T1", amount: "1.00")]), at: "north-hl7/one.hl7")
    try site.drop(batch([charge("T2", amount: "2.00")]), at: "north-hl7/two.hl7")
    _ = try Tools.run(TestSite.binary("compline-pull"), ["--site", site.path, "--night", first], environment: TestSite.environment())
    let sealed = try #require(try TestFile.list(under: site.path + "/var/spool").first { $0.hasSuffix(".sealed") })
    var bytes = try site.root.read("site/var/spool/" + sealed)
    bytes[bytes.count - 20] ^= 1
    try site.root.write(bytes, to: "site/var/spool/" + sealed)
    #expect(try run(site, first).exit == 3)
    let feed = try statement(site, first)["feeds"]?.array?.first { $0["feed"]?.string == "north-hl7" }
    #expect(feed?["intake"]?["received"] == 2)
    #expect(feed?["intake"]?["held"] == 1)
    #expect(feed?["intake"]?["loaded"] == 1)
  }

  /// A feed that breaks where nothing comes, like one that was there from the beginning but for its `since`.
  private func addFeed(_ site: TestSite, since: String) throws {
    let north = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    let text = north.replacing("north-hl7", with: "later").replacing("late: warn", with: "late: break")
    try site.root.write(text + "\n\(since)", to: "site/feeds/later.yaml")
    try TestFile.makeFolder(site.path + "/drops/later")
  }

  @Test func aFeedThatIsAddedTodayLeavesOlderNightsAsTheyWereWhenTheyRunAgain() throws {
    let site = try TestSite()
    try site.drop(batch([charge("T1", amount: "1.00")]), at: "north-hl7/one.hl7")
    let code = try run(site, first).exit
    guard case .object(var before) = try statement(site, first) else { return }
    try addFeed(site, since: "since: \(second)\n")
    try site.drop(batch([charge("T2", amount: "2.00")]), at: "later/two.hl7")
    #expect(try run(site, first).exit == code)
    guard case .object(var after) = try statement(site, first) else { return }
    (before["runs"], after["runs"]) = (nil, nil)
    #expect(before == after)
    _ = try run(site, second)
    #expect(try statement(site, second)["feeds"]?.array?.first { $0["feed"]?.string == "later" }?["intake"]?["loaded"] == 1)
  }

  @Test func whatWasPulledIntoANightIsLoadedByItsMappingsThoughTheFeedCountsLaterNow() throws {
    let site = try TestSite()
    try addFeed(site, since: "")
    try site.drop(batch([charge("T2", amount: "2.00")]), at: "later/two.hl7")
    _ = try site.job("pull")
    try addFeed(site, since: "since: \(second)\n")
    _ = try run(site, first)
    #expect(try statement(site, first)["feeds"]?.array?.first { $0["feed"]?.string == "later" }?["intake"]?["loaded"] == 1)
  }

  @Test func aFeedThatSaysNothingCountsInEveryNight() throws {
    let site = try TestSite()
    _ = try run(site, first)
    try addFeed(site, since: "")
    _ = try run(site, first)
    #expect(try statement(site, first)["breaks"]?.array?.contains { $0["feed"]?.string == "later" && $0["code"]?.string == "FEED-LATE" } == true)
  }

  @Test func aNightBeforeAFeedsFirstOneIsRefusedWhereTheFeedIsNamed() throws {
    let site = try TestSite()
    try addFeed(site, since: "since: \(second)\n")
    let result = try site.job("nightly", ["--feed", "later"])
    #expect(result.exit == 64 && result.errorText.contains("counts from the night \(second)"), "\(result.errorText)")
  }

  @Test func checkNamesTheNightsThatAFeedWithoutItsFirstOneWouldReopen() throws {
    let site = try TestSite()
    _ = try run(site, first)
    try addFeed(site, since: "")
    let warnings = try site.compline("check", "--site", site.path).outputText.split(separator: "\n").filter { $0.hasPrefix("warning ") }
    #expect(warnings.contains { $0.contains("feed later: nights up to \(first)") && $0.hasSuffix("since: \(second)") })
    #expect(!warnings.contains { $0.contains("north-hl7") })
  }

  @Test func theWarningOfAFeedStaysWhenOneOfTheOlderNightsHasRunAgain() throws {
    let site = try TestSite()
    for night in [first, second] { _ = try run(site, night) }
    try addFeed(site, since: "")
    _ = try run(site, first)
    #expect(try site.compline("check", "--site", site.path).outputText.contains("feed later: nights up to \(second)"))
  }

  @Test func aFeedThatCouldNotBePulledInOneNightIsNotWarnedOf() throws {
    let site = try TestSite()
    _ = try run(site, first)
    TestFile.remove(site.path + "/drops/north-hl7")
    _ = try run(site, second)
    try TestFile.makeFolder(site.path + "/drops/north-hl7")
    _ = try run(site, third)
    #expect(!(try site.compline("check", "--site", site.path).outputText).contains("before anybody looked at it"))
  }

  @Test func aLockFileThatWasLostStartsAboveTheStoresEpoch() throws {
    let site = try TestSite()
    try site.drop(batch([charge("T1", amount: "1.00")]), at: "north-hl7/one.hl7")
    _ = try run(site, first)
    _ = try run(site, first)
    TestFile.remove(site.path + "/var/lock")
    #expect(try run(site, first).exit != 75)
  }
}
