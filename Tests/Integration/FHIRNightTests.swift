import Core
import Support
import Testing

/// A night over a Bundle and a bulk export, with the shipped set: rows joined to their patients, nothing lost.
@Suite struct FHIRNightTests {
  private static let patient = #"{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2026-03-09T12:00:00Z"},"identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:oid:2.999.1","value":"T900001"}],"name":[{"family":"TEST","given":["ALPHA"]}],"gender":"female","birthDate":"1970-01-02"}"#
  private static func result(_ id: String, _ value: String) -> String {
    #"{"resourceType":"Observation","id":"\#(id)","identifier":[{"system":"urn:oid:2.999.2","value":"\#(id)"}],"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2345-7"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-09T12:00:00Z","valueQuantity":{"value":\#(value),"code":"mmol/L"}}"#
  }

  private static let bundle =
    #"{"resourceType":"Bundle","type":"collection","entry":["# + [result("o1", "5.40"), patient, result("o2", "NaN"), result("o3", "6")].map { #"{"resource":\#($0)}"# }.joined(separator: ",\n") + "]}"

  private func site(_ files: [String: String], server: String = "") throws -> TestSite {
    let site = try TestSite()
    for part in ["feeds", "consumers", "agreements"] { TestFile.remove(site.path + "/" + part) }
    let feed = """
      feed: north-fhir
      owner: interfaces@example.invalid
      from: {drop: drops/north-fhir}
      format: fhir
      \(server)
      mappings: [fhir-standard]
      zone: America/Chicago
      arrival: {by: "02:00", complete: settle}

      """
    try site.root.write(feed, to: "site/feeds/north-fhir.yaml")
    for (name, text) in files { try site.drop(Array(text.utf8), at: "north-fhir/" + name) }
    return site
  }

  private func rows(_ entity: String, of site: TestSite) throws -> [JSONValue] {
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", site.root.path("out-" + entity)))
    return try site.root.read("out-\(entity)/\(entity).ndjson").split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
  }

  @Test func theEntriesOfABundleAreMessagesAndABrokenOneHarmsNoOther() throws {
    let site = try site(["bundle.json": Self.bundle])
    try site.expectExit(3, of: try site.job("nightly"))
    let intake = try site.feed("north-fhir")["intake"]
    #expect(["received", "loaded", "rejected"].map { intake?[$0]?.integer } == [4, 3, 1])
    #expect(try rows("observation", of: site).compactMap { $0["value"]?.string }.sorted() == ["5.40", "6"])
  }

  @Test func filesOfLinesJoinByTheIdsOfTheServer() throws {
    let files = ["Patient.ndjson": Self.patient + "\n", "Observation.ndjson": [Self.result("o1", "5.40"), Self.result("o3", "6")].joined(separator: "\n")]
    let site = try site(files, server: "server: https://n.example/fhir")
    try site.expectExit(0, of: try site.job("nightly"))
    #expect(try site.feed("north-fhir")["intake"]?["loaded"]?.integer == 3)
    #expect(try rows("patient", of: site).count == 1)
    #expect(try site.statement()["feeds"]?.array?.first?["drops"]?.array?.compactMap { $0["by_type"]?["Observation"]?.integer } == [2])
  }

  @Test func aFileOfLinesOfAFeedWithoutServerWaitsForOne() throws {
    let site = try site(["Observation.ndjson": Self.result("o1", "5.40")])
    try site.expectExit(3, of: try site.job("nightly"))
    #expect(try site.statement()["exceptions"]?["SUBJECT-MISSING"]?.integer == 1)
  }

  @Test func inspectCountsResourcesByType() throws {
    let root = try TemporaryFolder()
    try root.write(Self.bundle, to: "bundle.json")
    let report = try JSONValue(parsing: Array(try TestSite().compline("inspect", root.path("bundle.json"), "--json").outputText.utf8))
    #expect(report["format"]?.string == "fhir")
    #expect(report["message_types"]?["Observation"]?.integer == 2)
  }
}
