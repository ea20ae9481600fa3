import Core
import Demo
import Support
import Testing

/// The whole product on its own synthetic night, against the truth that is derived beside it.
@Suite(.serialized) struct DemoNightTests {
  private static let closed = Result { () throws -> TestSite in
    let site = try TestSite()
    try site.closeDemoNight()
    return site
  }

  private var site: TestSite { get throws { try Self.closed.get() } }
  private var truth: JSONValue { DemoNight(TestSite.night).truth }

  @Test func theNightEndsOpenWithExactlyThePlantedBreaks() throws {
    let statement = try site.statement()
    #expect(statement["state"] == truth["state"])
    let breaks = (statement["breaks"]?.array ?? []).map { [$0["code"], $0["feed"], $0["expected"], $0["actual"]] }
    #expect(breaks == (truth["breaks"]?.array ?? []).map { [$0["code"], $0["feed"], $0["expected"], $0["actual"]] })
  }

  @Test(arguments: DemoNight.feeds) func everyFeedHasTheCountsOfTheTruth(_ name: String) throws {
    let feed = try site.feed(name), wanted = truth["feeds"]?[name]
    #expect(feed["intake"]?["declared"] == wanted?["declared"])
    #expect(feed["intake"]?["received"] == wanted?["received"])
    for kind in Disposition.allCases { #expect(feed["intake"]?[kind.rawValue] == wanted?["dispositions"]?[kind.rawValue], "\(kind.rawValue)") }
    for key in ["drops_duplicate", "drops_resubmitted", "drops_arriving"] { #expect(feed[key] == wanted?[key], "\(key)") }
  }

  @Test(arguments: DemoNight.feeds) func everyDropStandsInTheStatement(_ name: String) throws {
    let drops = try site.feed(name)["drops"]?.array ?? []
    for wanted in truth["feeds"]?[name]?["drops"]?.array ?? [] {
      let drop = drops.first { $0["drop"] == wanted["drop"] }
      #expect(drop?["messages"] == wanted["messages"])
      #expect(drop?["by_type"] == wanted["by_type"])
    }
  }

  @Test func billingGetsWhatTheTruthSaysToTheCent() throws {
    let billing = try site.statement()["consumers"]?.array?.first { $0["consumer"]?.string == "billing" }
    let wanted = truth["billing"]
    #expect(billing?["outflow"]?["eligible"] == wanted?["eligible"])
    #expect(billing?["outflow"]?["sent"] == wanted?["sent"])
    #expect(billing?["outflow"]?["withheld"] == wanted?["withheld"])
    let text = String(decoding: try site.outcome().delivered, as: UTF8.self)
    let trailer = text.split(whereSeparator: \.isNewline).last.map(String.init)
    let cents = wanted?["sent_cents"]?.integer ?? 0
    #expect(trailer == "TRAILER,\(wanted?["sent"]?.integer ?? -1),\(Money(cents: cents))")
  }

  @Test func theExceptionsAreExactlyThoseOfTheTruth() throws {
    #expect(try site.statement()["exceptions"] == truth["exceptions"])
  }

  @Test func eachCountedExceptionStandsInTheList() throws {
    var listed: [String: JSONValue] = [:]
    for line in try site.statement()["exception_list"]?.array ?? [] {
      listed[line["code"]?.string ?? ""] = .integer((listed[line["code"]?.string ?? ""]?.integer ?? 0) + (line["count"]?.integer ?? 0))
      #expect(line["drop_number"]?.integer != nil && line["position"]?.string != "not listed one by one")
    }
    #expect(JSONValue.object(listed) == truth["exceptions"])
    #expect(try site.compline("status", "--site", site.path, "--exceptions").outputText.contains("DROP-RESUBMITTED  south-hl7, drop "))
  }

  @Test func theTruthOfTheDemoIsThatOfAFirstNight() throws {
    let result = try site.compline("demo-night", "--site", try site.path, "--night", "2026-03-02", "--run")
    #expect(result.exit == 64 && result.errorText.contains("PIP-706"))
  }

  @Test func aSecondRunChangesNothing() throws {
    let copy = try TestSite(copying: try site)
    let first = try copy.outcome()
    try copy.expectExit(3, of: try copy.job("nightly"))
    #expect(try copy.outcome() == first)
  }

  @Test func aFreshSiteWithOtherNamesAndOrderGivesTheSameNight() throws {
    let fresh = try TestSite()
    try fresh.closeDemoNight { name in
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      return String(parts[0].reversed()) + "-renamed." + parts.dropFirst().joined(separator: ".")
    }
    #expect(try fresh.outcome() == site.outcome())
  }

  @Test func theAuditAndTheSignaturesHoldAndTheOpensslToolAgrees() throws {
    let site = try site
    try site.expectExit(0, of: try site.compline("audit", "verify", "--site", site.path))
    for (file, key) in [("outbox/billing/\(TestSite.night)/manifest.json", "manifest"), ("statements/\(TestSite.night)/statement.json", "statement")] {
      let path = site.path + "/var/" + file
      let result = try Tools.run("openssl", ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", site.path + ".keys/\(key).pub.pem", "-in", path, "-sigfile", path + ".sig"])
      #expect(result.exit == 0, "\(file)")
    }
  }

  @Test func exportedRowsTraceBackToMappingPathMessageAndDrop() throws {
    let site = try TestSite(copying: try site)
    let folder = site.root.path("out")
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", folder))
    for entity in ["patient", "encounter", "observation", "charge", "condition", "medication", "allergy", "document"] {
      let rows = String(decoding: try TestFile.read("\(folder)/\(entity).ndjson"), as: UTF8.self).split(separator: "\n")
      let ref = try JSONValue(parsing: Array((rows.first ?? "{}").utf8))["ref"]?.string ?? ""
      let trace = try site.compline("trace", "--site", site.path, ref, "--json")
      #expect(trace.exit == 0, "\(entity): \(trace.errorText)")
      let entry = try JSONValue(parsing: Array((trace.outputText.split(separator: "\n").first ?? "{}").utf8))
      for key in ["mapping", "path", "message", "drop", "feed"] { #expect(entry[key] != nil, "\(entity) \(key)") }
    }
  }

  @Test func aSecondRunAtTheSameTimeEndsWith75AndNamesTheHolder() throws {
    let site = try TestSite(copying: try site)
    let holder = try Child("flock", [site.path + "/var/lock", "sleep", "5"])
    defer { holder.signal(9) }
    var result = try site.job("pull")
    for _ in 0..<50 where result.exit != 75 { result = try site.job("pull") }
    #expect(result.exit == 75)
    #expect(result.errorText.contains("process "))
    _ = holder.pid
  }
}
