import Core
import Support
import Testing

/// The way out and back, by the real jobs: what is delivered awaits its receipt; what people stop, stops.
@Suite struct ReceiptNightTests {
  private static let next = TestSite.night.advanced(by: 1)

  /// A site of one feed whose consumer answers within a night, after a night of two charges.
  private func delivered() throws -> TestSite {
    let site = try TestSite()
    _ = try Tools.run("sh", ["-c", "cd \(site.path) && rm feeds/south-hl7.yaml feeds/clinic-ccda.yaml && mkdir receipts"])
    let file = String(decoding: try site.root.read("site/consumers/billing.yaml"), as: UTF8.self)
    let receipt = "receipt: {within: 24h, format: json, from: {folder: receipts}}\n"
    let marked = file.replacing("name: \"{consumer}-{night}.csv\"", with: "name: \"{consumer}-{night}.csv\", marker: \"{name}.done\"")
    try site.root.write(marked + "\n" + receipt, to: "site/consumers/billing.yaml")
    try site.drop(charges(), at: "north-hl7/charges.hl7")
    try site.expectExit(0, of: try site.job("nightly"))
    return site
  }

  private func charges() -> [UInt8] {
    let messages = ["T1", "T2"].flatMap { id in
      [
        "MSH|^~\\&|EHR|NORTH|||20260309101500||DFT^P03^DFT_P03|C\(id)|P|2.5.1", "EVN|P03|20260309101500",
        "PID|1||T900001^^^NORTH^MR||TEST^ALPHA||19700102|F||||||||||A1^^^NORTH^AN", "FT1|1|\(id)||20260309|20260309|CG|99213|||1|10.00||||||||||||||99213",
      ]
    }
    return Array(((["BHS|^~\\&|EHR|NORTH"] + messages + ["BTS|2"]).joined(separator: "\r") + "\r").utf8)
  }

  private func outflow(_ site: TestSite, _ night: BusinessDate = TestSite.night) throws -> JSONValue {
    let statement = try JSONValue(parsing: try site.root.read("site/var/statements/\(night)/statement.json"))
    return try #require(statement["consumers"]?.array?.first)
  }

  private func breaks(_ site: TestSite, _ night: BusinessDate) throws -> [String] {
    let statement = try JSONValue(parsing: try site.root.read("site/var/statements/\(night)/statement.json"))
    return (statement["breaks"]?.array ?? []).compactMap { $0["consumer"] == nil ? nil : $0["code"]?.string }
  }

  private func answer(_ site: TestSite, _ accepted: Int, _ refused: Int, name: String = "answer.json") throws {
    let sha256 = try #require(try site.manifest()["files"]?.array?.first?["sha256"]?.string)
    try site.root.write(#"{"sha256": "\#(sha256)", "accepted": \#(accepted), "refused": \#(refused), "note": "of TEST^ALPHA"}"#, to: "site/receipts/" + name)
  }

  private func run(_ site: TestSite, _ night: BusinessDate = next) throws -> Int32 {
    try Tools.run(TestSite.binary("compline-nightly"), ["--site", site.path, "--night", night.description], environment: TestSite.environment()).exit
  }

  @Test func whatIsDeliveredAwaitsItsReceiptAndAMarkerComesLast() throws {
    let site = try delivered()
    let files = try Tools.run("ls", [site.path + "/delivery/billing"]).outputText.split(separator: "\n").map(String.init)
    #expect(files == ["", ".done", ".manifest.json", ".manifest.json.sig"].map { "billing-\(TestSite.night).csv" + $0 })
    #expect(try outflow(site)["outflow"]?["awaiting"] == 2)
  }

  @Test func aReceiptIsCollectedSealedAndCountedOnItsOwnNight() throws {
    let site = try delivered()
    try answer(site, 2, 0)
    _ = try run(site)
    _ = try run(site, TestSite.night)
    let counted = try #require(try outflow(site)["outflow"])
    #expect(counted["acknowledged"] == 2 && counted["awaiting"] == 0)
    #expect(try breaks(site, Self.next).isEmpty)
    #expect(try Tools.run("grep", ["-rc", "TEST", site.path + "/var/receipts"]).outputText.split(separator: "\n").allSatisfy { $0.hasSuffix(":0") })
    #expect(try Tools.run("ls", [site.path + "/receipts"]).outputText == "answer.json\n")
  }

  @Test func noReceiptInTimeIsABreakUntilItComes() throws {
    let site = try delivered()
    _ = try run(site)
    #expect(try breaks(site, Self.next) == ["RECEIPT-OVERDUE"])
    try answer(site, 2, 0)
    _ = try run(site)
    #expect(try breaks(site, Self.next).isEmpty)
  }

  @Test func refusedRowsAndForeignReceiptsAreBreaks() throws {
    let site = try delivered()
    try answer(site, 1, 1)
    try site.root.write("{}", to: "site/receipts/other.json")
    try site.root.write("half", to: "site/receipts/later.json.part")
    _ = try run(site)
    #expect(try breaks(site, Self.next) == ["RECEIPT-REFUSED", "RECEIPT-UNKNOWN"])
  }

  /// Runs SQL on the store of a site, as nothing of the program does.
  private func sql(_ site: TestSite, _ text: String) throws {
    let script = "import sqlite3, glob, sys\nbase = sqlite3.connect(glob.glob(sys.argv[1] + '/var/store/*.sqlite')[0])\nbase.executescript(sys.argv[2])\nbase.commit()\n"
    try site.expectExit(0, of: try Tools.run("python3", ["-c", script, site.path, text]))
  }

  @Test func aDamagedReceiptIsUnreadableAndDoesNotStopTheOthers() throws {
    let site = try delivered()
    try answer(site, 2, 0, name: "first.json")
    _ = try run(site)
    try sql(site, "DELETE FROM receipt_; UPDATE delivery_ SET answer = '', acknowledged = 0, refused = 0")
    let sealed = try #require(try TestFile.list(under: site.path + "/var/receipts").first { $0.hasSuffix(".sealed") })
    var bytes = try site.root.read("site/var/receipts/" + sealed)
    bytes[bytes.count - 1] ^= 1
    try site.root.write(bytes, to: "site/var/receipts/" + sealed)
    try answer(site, 2, 0)
    _ = try run(site)
    _ = try run(site, TestSite.night)
    #expect(try breaks(site, Self.next) == ["RECEIPT-UNKNOWN"])
    #expect(try outflow(site)["outflow"]?["acknowledged"] == 2)
  }

  @Test func whatIsDoneWithAReceiptStandsInTheAuditBeforeTheBooks() throws {
    let site = try delivered()
    try answer(site, 2, 0)
    try sql(site, "CREATE TRIGGER stop_ BEFORE INSERT ON receipt_ BEGIN SELECT RAISE(ABORT, 'stop'); END")
    let ended = try run(site)
    #expect(try receives(site) == 1 && [70, 74].contains(ended))
    try sql(site, "DROP TRIGGER stop_")
    _ = try run(site)
    _ = try run(site, TestSite.night)
    #expect(try outflow(site)["outflow"]?["acknowledged"] == 2)
  }

  /// Receipts that the audit says were received.
  private func receives(_ site: TestSite) throws -> Int {
    String(decoding: try site.root.read("site/var/audit/entries"), as: UTF8.self).split(separator: "\n").count { $0.contains("\"verb\":\"receive\"") && $0.contains("\"bytes\"") }
  }

  @Test func aConsumerThatIsSuspendedGetsNothingUntilItIsResumed() throws {
    let site = try TestSite()
    _ = try Tools.run("sh", ["-c", "cd \(site.path) && rm feeds/south-hl7.yaml feeds/clinic-ccda.yaml"])
    try site.drop(charges(), at: "north-hl7/charges.hl7")
    try site.expectExit(0, of: try site.compline("suspend", "billing", "--site", site.path, "--reason", "TICKET-7"))
    try site.expectExit(3, of: try site.job("nightly"))
    #expect(try breaks(site, TestSite.night) == ["CONSUMER-SUSPENDED"] && outflow(site)["outflow"]?["sent"] == 0)
    #expect(try Tools.run("ls", [site.path + "/delivery/billing"]).outputText.isEmpty)
    #expect(try site.compline("inventory", "--site", site.path).outputText.contains("SUSPENDED"))
    try site.expectExit(0, of: try site.compline("resume", "billing", "--site", site.path))
    try site.expectExit(0, of: try site.job("nightly"))
    #expect(try outflow(site)["outflow"]?["sent"] == 2)
  }

  @Test func aFeedThatIsSuspendedIsNotPulled() throws {
    let site = try TestSite()
    try site.drop(charges(), at: "north-hl7/charges.hl7")
    try site.expectExit(0, of: try site.compline("suspend", "north-hl7", "--site", site.path))
    try site.expectExit(3, of: try site.job("nightly"))
    let statement = try site.statement()
    #expect(statement["breaks"]?.array?.contains { $0["code"] == "FEED-SUSPENDED" && $0["feed"] == "north-hl7" } == true)
    #expect(try site.feed("north-hl7")["intake"]?["received"] == 0)
    #expect(try site.compline("suspend", "nobody", "--site", site.path).exit == 64)
  }

  @Test func theInventoryNamesEveryConnectionAndWhatNobodyUses() throws {
    let site = try delivered()
    let all = try JSONValue(parsing: Array(try site.compline("inventory", "--site", site.path, "--json").outputText.utf8))["connections"]?.array ?? []
    #expect(all.map { $0["kind"]?.string } == ["feed", "consumer", "consumer"])
    for connection in all {
      for key in ["owner", "purpose", "direction", "place", "authentication", "format", "revoke"] { #expect(connection[key]?.string?.isEmpty == false, "\(key)") }
    }
    #expect(all.allSatisfy { $0["last_success"]?.string == TestSite.night.description })
  }

  private func watch(_ site: TestSite) throws -> ToolResult { try site.compline("watch", "--site", site.path) }

  @Test func theWatchSaysWhetherANightWasClosed() throws {
    let site = try TestSite(), first = try site.compline("watch", "--site", site.path, "--json")
    let due = try #require(try JSONValue(parsing: first.standardOutput)["due"]?.string)
    #expect(first.exit == 3)
    _ = try Tools.run(TestSite.binary("compline-nightly"), ["--site", site.path], environment: TestSite.environment())
    #expect(try watch(site).exit == 0)
    _ = try Tools.run("touch", ["-d", "3 days ago", site.path + "/var/statements/\(due)/statement.json.sig"])
    let old = try watch(site)
    #expect(old.exit == 3 && (old.outputText.contains("71 hours ago") || old.outputText.contains("72 hours ago")))
  }

  @Test func anOldNightThatIsClosedTodayDoesNotSatisfyTheWatch() throws {
    let site = try TestSite()
    _ = try site.job("nightly")
    #expect(try watch(site).exit == 3)
  }
}
