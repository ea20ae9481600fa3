import Core
import Support
import Testing

/// A consumer that is added to a site whose nights have run: it is told from which night on it gets something, and gets no more than that.
@Suite struct LaterConsumerTests {
  private let first = "2026-03-10", second = "2026-03-11", third = "2026-03-12", fourth = "2026-03-13"

  /// A site that has closed its first night, and a consumer that was added then.
  private func site(_ since: String = "") throws -> TestSite {
    let site = try TestSite()
    try lay(site, "T1")
    _ = try job(site, "nightly", first)
    let billing = String(decoding: try site.root.read("site/consumers/billing.yaml"), as: UTF8.self)
    try site.root.write(billing.replacing("consumer: billing\n", with: "consumer: later\n").replacing("delivery/billing", with: "delivery/later") + since, to: "site/consumers/later.yaml")
    try TestFile.makeFolder(site.path + "/delivery/later")
    return site
  }

  private func lay(_ site: TestSite, _ charge: String, amount: String = "10.00", at time: String = "20260309101500") throws {
    let lines = [
      "MSH|^~\\&|EHR|NORTH|||\(time)||DFT^P03^DFT_P03|C\(charge)\(time)|P|2.5.1", "EVN|P03|\(time)",
      "PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F||||||||||A1^^^NORTH^AN", "FT1|1|\(charge)||20260309|20260309|CG|99213|||1|\(amount)||||||||||||||99213",
    ]
    try site.drop(Array((lines.joined(separator: "\r") + "\r").utf8), at: "north-hl7/\(charge)-\(time).hl7")
  }

  private func job(_ site: TestSite, _ name: String, _ night: String, _ more: [String] = []) throws -> ToolResult {
    try Tools.run(TestSite.binary("compline-" + name), ["--site", site.path, "--night", night] + more, environment: TestSite.environment())
  }

  private func consumer(_ site: TestSite, _ night: String) throws -> JSONValue? {
    try JSONValue(parsing: try site.root.read("site/var/statements/\(night)/statement.json"))["consumers"]?.array?.first { $0["consumer"]?.string == "later" }
  }

  private func trailer(_ site: TestSite, _ night: String) throws -> String? {
    String(decoding: try site.root.read("site/delivery/later/later-\(night).csv"), as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
  }

  @Test func itsFirstStatementSaysThatItGetsNothingOfEarlierNights() throws {
    let site = try site()
    try lay(site, "T2")
    let said = try job(site, "nightly", second)
    #expect(said.outputText.contains("from this night on; nothing of the nights before it"))
    #expect(try consumer(site, second)?["first_night"]?.string == second)
    #expect(try trailer(site, second) == "TRAILER,1,10.00")
    #expect(String(decoding: try site.root.read("site/var/statements/\(second)/statement.html"), as: UTF8.self).contains("nothing of the nights before it"))
  }

  @Test func checkSaysWhatItGetsAndHowItGetsMore() throws {
    let site = try site(), said = try site.compline("check", "--site", site.path).outputText
    #expect(said.contains("consumer later: nights up to \(first) ran before it had an extract, and it gets nothing of them"))
    #expect(said.contains("write since: \(second)") && said.contains("compline-extract --consumer later --night NIGHT"))
    #expect(!said.contains("consumer billing: nights"))
  }

  @Test(arguments: ["", "since: 2098-01-01\n"]) func checkSaysWhatWaitsForAnAgreementThatBeginsLater(since: String) throws {
    let site = try site(since), paper = "site/agreements/billing-baa.yaml"
    try site.root.write(String(decoding: try site.root.read(paper), as: UTF8.self).replacing("from: 2025-01-01", with: "from: 2098-01-01"), to: paper)
    let said = try site.compline("check", "--site", site.path).outputText
    #expect(said.contains("consumer later: its agreement begins on 2098-01-01") == since.isEmpty)
    #expect(said.contains("consumer later: gets nothing today") && said.contains("AGREEMENT-NOT-YET"))
  }

  @Test func anOlderNightIsDeliveredToItWhereSomebodyAsksForIt() throws {
    let site = try site()
    try site.expectExit(0, of: try job(site, "extract", first, ["--consumer", "later"]))
    #expect(try trailer(site, first) == "TRAILER,1,10.00")
    #expect(!(try site.compline("check", "--site", site.path).outputText).contains("consumer later: nights"))
  }

  @Test func aRowThatItHasInThisFormIsNotSentAgainWithAnOlderNight() throws {
    let site = try site()
    try lay(site, "T1", amount: "20.00", at: "20260310101500")
    _ = try job(site, "nightly", second)
    #expect(try trailer(site, second) == "TRAILER,1,20.00")
    try site.expectExit(0, of: try job(site, "extract", first, ["--consumer", "later"]))
    #expect(try trailer(site, first) == "TRAILER,0,0.00")
  }

  @Test func withItsFirstNightAnOlderOneThatRunsAgainSendsItNothingAndSaysWhatItSaid() throws {
    let site = try site("since: \(second)\n")
    _ = try job(site, "nightly", first)
    #expect(try consumer(site, first) == nil)
    #expect(try TestFile.list(under: site.path + "/delivery/later").isEmpty)
    _ = try job(site, "nightly", second)
    #expect(try trailer(site, second) == "TRAILER,0,0.00")
    #expect(!(try site.compline("check", "--site", site.path).outputText).contains("consumer later: nights"))
  }

  @Test func whatAnOlderNightBroughtLateBeforeItWasThereIsNotSentToIt() throws {
    let site = try site("since: \(third)\n")
    _ = try job(site, "nightly", second)
    try lay(site, "T9")
    _ = try job(site, "nightly", first)
    _ = try job(site, "nightly", third)
    #expect(try trailer(site, third) == "TRAILER,0,0.00")
    try lay(site, "T10")
    _ = try job(site, "nightly", first)
    _ = try job(site, "nightly", fourth)
    #expect(try trailer(site, fourth) == "TRAILER,1,10.00")
  }

  @Test func aNightBeforeItsFirstOneIsRefusedWhereItIsNamed() throws {
    let site = try site("since: \(second)\n"), result = try job(site, "extract", first, ["--consumer", "later"])
    #expect(result.exit == 64 && result.errorText.contains("PIP-452"), "\(result.errorText)")
  }
}
