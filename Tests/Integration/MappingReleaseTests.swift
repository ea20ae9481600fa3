import Core
import Support
import Testing

/// Released bytes are frozen: of mappings, sets, code sets and dictionaries, the shipped ones and a site's own.
@Suite struct MappingReleaseTests {
  /// A site with shipped mappings of its own, so that they can be changed.
  private func site() throws -> TestSite {
    let site = try TestSite()
    _ = try Tools.run("cp", ["-a", TestSite.checkout + "/Mappings", site.root.path("Mappings")])
    let lines = String(decoding: try site.root.read("site/site.yaml"), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("mappings:") }
    try site.root.write(lines.joined(separator: "\n") + "\nmappings: \"\(site.root.path("Mappings"))\"\n", to: "site/site.yaml")
    return site
  }

  /// One bit of the byte in the middle; the length stays.
  private func change(_ site: TestSite, _ path: String) throws {
    var bytes = try site.root.read(path)
    bytes[bytes.count / 2] ^= 1
    try site.root.write(bytes, to: path)
  }

  private func release(_ folder: String, _ more: String...) throws -> ToolResult {
    try Tools.run(TestSite.binary("compline"), ["mapping", "release", "--mappings", folder] + more, environment: TestSite.environment())
  }

  @Test(arguments: ["hl7v2/pid-patient/1.yaml", "ccda/cda-problem/1.yaml", "csv/charge-file/1.yaml", "sets/hl7v2-standard/1.yaml", "codes/sex/1.csv", "canonical/1.yaml"])
  func oneChangedByteOfAShippedFileRefusesCheckAndNightAndNamesIt(_ path: String) throws {
    let site = try site()
    try change(site, "Mappings/" + path)
    for result in [try site.compline("check", "--site", site.path), try site.job("nightly"), try release(site.root.path("Mappings"))] {
      #expect(result.exit == 78)
      #expect(result.errorText.contains("Mappings/" + path))
    }
  }

  @Test(arguments: ["hl7v2/own-patient/1.yaml", "sets/own-set/1.yaml", "codes/own-sex/1.csv"])
  func oneChangedByteOfASitesOwnFileRefusesCheckAndNightAndNamesIt(_ path: String) throws {
    let site = try OwnMappings(OwnMappings.phone).site
    try site.root.write("source,target,relationship,since,until,approver\nF,female,equivalent,,,interface-team\n", to: "site/mappings/codes/own-sex/1.csv")
    try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path))
    try site.expectExit(0, of: try site.compline("check", "--site", site.path))
    try change(site, "site/mappings/" + path)
    for result in [try site.compline("check", "--site", site.path), try site.job("nightly"), try site.compline("mapping", "release", "--site", site.path)] {
      #expect(result.exit == 78)
      #expect(result.errorText.contains("SITE/mappings/" + path))
    }
  }

  @Test func aReleaseIsWhatSha256sumWritesAndKeepsEveryLine() throws {
    let site = try site()
    let before = String(decoding: try site.root.read("Mappings/RELEASED"), as: UTF8.self).split(separator: "\n")
    let set = String(decoding: try site.root.read("Mappings/sets/hl7v2-standard/1.yaml"), as: UTF8.self)
    try site.root.write(set.replacing("hl7v2-standard", with: "other-set"), to: "Mappings/sets/other-set/1.yaml")
    try site.expectExit(0, of: try release(site.root.path("Mappings")))
    let after = String(decoding: try site.root.read("Mappings/RELEASED"), as: UTF8.self).split(separator: "\n")
    #expect(Set(after).isSuperset(of: before))
    #expect(after.count == before.count + 1)
    #expect(try Tools.run("sh", ["-c", "cd \(site.root.path("Mappings")) && LC_ALL=C sort -c -k2 RELEASED && sha256sum --quiet -c RELEASED"]).exit == 0)
  }

  @Test func aMappingWithoutAnExampleIsNotReleased() throws {
    let own = try OwnMappings(OwnMappings.phone).site
    let text = String(decoding: try own.root.read("site/mappings/hl7v2/own-patient/2.yaml"), as: UTF8.self).replacing("version: 2", with: "version: 3")
    try own.root.write(text.components(upTo: "examples:"), to: "site/mappings/hl7v2/own-patient/3.yaml")
    let result = try own.compline("mapping", "release", "--site", own.path)
    #expect(result.exit == 78)
    #expect(result.errorText.contains("no example"))
  }

  @Test func aMappingWhoseExampleFailsIsNotReleased() throws {
    let own = try OwnMappings(OwnMappings.phone).site
    let text = String(decoding: try own.root.read("site/mappings/hl7v2/own-patient/2.yaml"), as: UTF8.self).replacing("version: 2", with: "version: 3")
    try own.root.write(text.replacing("family: TEST}", with: "family: OTHER}"), to: "site/mappings/hl7v2/own-patient/3.yaml")
    let before = try own.root.read("site/mappings/RELEASED")
    let result = try own.compline("mapping", "release", "--site", own.path)
    #expect(result.exit == 78)
    #expect(result.errorText.contains("PIP-803"))
    #expect(try own.root.read("site/mappings/RELEASED") == before)
  }

  @Test(arguments: ["dft-charge", "pid-patient"]) func anOverlayIsReleasedWithWhatTheMappingBelowComesAfter(_ base: String) throws {
    let site = try site()
    try site.root.write("mapping: own\nversion: 1\noverlays: \(base)@1\nowner: interface-team\nwhy: the same\n", to: "site/mappings/hl7v2/own/1.yaml")
    #expect(try site.compline("mapping", "release", "--site", site.path).outputText == "released  hl7v2/own/1.yaml\n")
  }

  @Test func aDryReleaseWritesNothing() throws {
    let site = try site()
    let set = String(decoding: try site.root.read("Mappings/sets/hl7v2-standard/1.yaml"), as: UTF8.self)
    try site.root.write(set.replacing("hl7v2-standard", with: "other-set"), to: "Mappings/sets/other-set/1.yaml")
    let before = try site.root.read("Mappings/RELEASED")
    #expect(try release(site.root.path("Mappings"), "--dry-run").outputText == "would release sets/other-set/1.yaml\n")
    #expect(try site.root.read("Mappings/RELEASED") == before)
  }
}
