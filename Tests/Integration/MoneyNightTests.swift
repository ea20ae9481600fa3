import Core
import Support
import Testing

/// The sum that a sender declares (BTS-3) against the charges that came, from the drop to the statement.
@Suite struct MoneyNightTests {
  private static let overlay = """
    mapping: own-charge
    version: 1
    overlays: dft-charge@1
    owner: interface-team
    why: The trailers of this sender declare the sum of a batch
    totals: {BTS-3: sum amount}
    charge:
      hold: {FT1-6: {CD: CREDIT-HELD, PY: CREDIT-HELD, AJ: CREDIT-HELD, CO: CREDIT-HELD}}
    examples:
      - name: a charge that counts below nothing takes something back, and is held as a credit
        change: {FT1-10: "-1"}
        expect: {charge: [{quantity: "-1"}]}
      - name: so is one of an amount below nothing
        change: {FT1-11: "-125.50"}
        expect: {charge: [{amount: "-125.50"}]}

    """
  private static let set = """
    set: own-set
    version: 1
    owner: interface-team
    why: Charges whose sum is declared
    mappings: [pid-patient@1, pv1-encounter@1, own-charge@1]

    """

  private func charge(_ id: String, _ kind: String, _ amount: String) -> [String] {
    [
      "MSH|^~\\&|EHR|NORTH|||20260309101500||DFT^P03^DFT_P03|C\(id)|P|2.5.1", "EVN|P03|20260309101500",
      "PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F||||||||||A1^^^NORTH^AN",
      "FT1|1|\(id)||20260309|20260309|\(kind)|99213|||1|\(amount)||||||||||||||99213",
    ]
  }

  /// A night of one feed whose one file, a batch of 1,250.50 - 100.00, says that it holds `sum`.
  private func night(declaring sum: String, more: [String] = [], failure: String = "mismatch: break") throws -> (site: TestSite, exit: Int32) {
    let site = try TestSite()
    _ = try Tools.run("sh", ["-c", "rm \(site.path)/feeds/south-hl7.yaml \(site.path)/feeds/clinic-ccda.yaml"])
    try site.root.write(Self.overlay, to: "site/mappings/hl7v2/own-charge/1.yaml")
    try site.root.write(Self.set, to: "site/mappings/sets/own-set/1.yaml")
    try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path))
    let feed = String(decoding: try site.root.read("site/feeds/north-hl7.yaml"), as: UTF8.self)
    try site.root.write(feed.replacing("[hl7v2-standard]", with: "[own-set]").replacing("mismatch: break", with: failure), to: "site/feeds/north-hl7.yaml")
    let messages = charge("T1", "CG", "1250.50") + charge("T2", "CG", "-100.00") + more
    let lines = ["BHS|^~\\&|EHR|NORTH"] + messages + ["BTS|\(messages.count { $0.hasPrefix("MSH") })||\(sum)"]
    try site.drop(Array((lines.joined(separator: "\r") + "\r").utf8), at: "north-hl7/charges.hl7")
    return (site, try site.job("nightly").exit)
  }

  @Test func aBatchWhoseSumIsTrueToTheCentClosesTheNight() throws {
    let (site, exit) = try night(declaring: "1150.50")
    #expect(exit == 0)
    #expect(try site.statement()["state"] == "closed")
    #expect(try site.feed("north-hl7")["verdict"] == "balanced")
    #expect(try site.feed("north-hl7")["sums"]?.array?.first?["sum"] == "1150.50")
  }

  @Test func aBatchWhoseSumLiesByACentIsABreakWithBothFigures() throws {
    let (site, exit) = try night(declaring: "1150.51")
    #expect(exit == 3)
    let statement = try site.statement(), found = try #require(statement["breaks"]?.array)
    #expect(statement["state"] == "open" && found.count == 1)
    #expect(found.first?["code"] == "TRAILER-MISMATCH" && found.first?["place"] == "drop 1, sum 1")
    #expect(found.first?["expected"] == 115_051 && found.first?["actual"] == 115_050 && found.first?["unit"] == "cents")
    #expect(try site.feed("north-hl7")["intake"]?["loaded"] == 2)
  }

  @Test func thePageAndTheListOfBreaksShowBothFiguresOfALyingSum() throws {
    let site = try night(declaring: "1150.51").site
    func text(_ file: String) throws -> String { String(decoding: try site.root.read("site/var/statements/\(TestSite.night)/\(file)"), as: UTF8.self) }
    #expect(try text("breaks.csv").contains("115051,115050,-1,cents"))
    let page = try text("statement.html")
    #expect(page.contains(">1,150.51</td>") && page.contains(">1,150.50</td>"))
    #expect(page.contains("What the trailer declares is not what came"))
  }

  @Test func aBatchWhoseSumLiesIsHeldWhereTheFeedSaysSo() throws {
    let (site, exit) = try night(declaring: "1150.51", failure: "mismatch: hold")
    #expect(exit == 3)
    let intake = try site.feed("north-hl7")["intake"]
    #expect(intake?["held"] == 2 && intake?["loaded"] == 0)
  }

  @Test func aSumOfABatchWithAHeldChargeIsNotMeasured() throws {
    let (site, exit) = try night(declaring: "9.99", more: charge("T3", "CD", "5.00"))
    #expect(exit == 3)
    #expect(try site.statement()["breaks"]?.array == [])
    let sum = try #require(try site.feed("north-hl7")["drops"]?.array?.first?["batches"]?.array?.first { $0["unit"] == "sum" })
    #expect(sum["agrees"] == .null && sum["declared"] == 999)
  }
}
