import Core
import Map
@testable import Pipeline
import Support
import Testing

/// Which version is in force on which night, and who may change that.
@Suite struct VersionTests {
  private let folder = Result { try TemporaryFolder() }

  private func feed(_ mappings: String) throws -> FeedFile {
    let text = "feed: lab\nowner: o\nfrom: {drop: drops/lab}\nformat: hl7v2\nmappings: \(mappings)\nzone: America/Chicago\narrival: {by: \"02:00\", complete: settle}\n"
    let folder = try folder.get()
    return try FeedFile.read(Array(text.utf8), file: "feeds/lab.yaml", ground: SiteGround(folder: try SiteFolder(folder.path), keys: folder.path + ".keys"))
  }

  private func pins(_ text: String) throws -> Pins { try Pins.read(try folder.get().write(text, to: "pins.yaml")) }

  @Test(arguments: [("2026-02-28", 1), ("2026-03-01", 2), ("2026-03-31", 2), ("2026-04-01", 5)])
  func theVersionInForceIsThatOfTheBusinessDate(_ night: String, _ version: Int) throws {
    let feed = try feed("{own-set: [{version: 1}, {version: 2, from: 2026-03-01}, {version: 5, from: 2026-04-01}], other: 3}")
    #expect(feed.mappings == ["own-set", "other"])
    #expect(feed.versions["own-set"]?.version(on: try #require(BusinessDate(night))) == version)
    #expect(feed.versions["other"]?.version(on: try #require(BusinessDate(night))) == 3)
  }

  @Test(arguments: [
    "{own: []}", "{own: [{version: 1, from: 2026-03-01}]}", "{own: [{version: 1}, {version: 2}]}", "{own: [{version: 1}, {version: 2, from: 2026-02-30}]}",
    "{own: [{version: 1}, {version: 2, from: 2026-03-02}, {version: 3, from: 2026-03-01}]}", "{own: [{version: one}]}", "{own: 0}", "{own: [{since: 1}]}",
  ])
  func datesOutOfOrderAndOtherWordsAreRefusedWithTheirLine(_ mappings: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try feed(mappings) }
    #expect(error.code == "CFG-216")
    #expect(error.line == 5)
  }

  @Test func pinsOfBothFormsAreReadAndWrittenAsTheyWere() throws {
    let text = "lab:\n  a: \"a@1\"\n  b: [{version: 1}, {version: 2, from: 2026-03-01}]\n"
    let path = try folder.get().path("again.yaml")
    let read = try pins(text)
    try read.write(to: path)
    #expect(try Pins.read(path) == read)
    #expect(String(decoding: try folder.get().read("again.yaml"), as: UTF8.self).hasSuffix(text))
  }

  @Test func aPromotionReplacesWhatHasNotBegunAndKeepsWhatHas() throws {
    var pins = try pins("lab:\n  a: [{version: 1}, {version: 2, from: 2026-03-01}, {version: 3, from: 2026-05-01}]\n")
    pins.promote(VersionName("a", 4), of: "lab", from: try #require(BusinessDate("2026-04-01")))
    #expect(pins.pinned("a", of: "lab")?.text == "[{version: 1}, {version: 2, from: 2026-03-01}, {version: 4, from: 2026-04-01}]")
  }

  @Test(arguments: [("alex", "compline"), ("robin", "compline"), ("alex", "second")])
  func theSecondPersonIsAnotherPersonUnderAnotherAccount(_ person: String, _ account: String) throws {
    var promotion = proposal
    #expect(throws: PipelineError.self) { try promotion.approve(person: person, account: account) }
    #expect(promotion.approver == nil)
  }

  @Test func aProposalThatASecondPersonAgreesToNamesBoth() throws {
    let site = try SiteFolder(try folder.get().path)
    try proposal.write(in: site)
    var read = try #require(try Promotion.proposed("lab", VersionName("a", 2), from: proposal.from, in: site, acts: try AuditedActs([entry(ended: 3)])))
    try read.approve(person: "robin", account: "second")
    #expect(read.json["person"] == "alex")
    #expect(read.json["approver"]?["account"] == "second")
  }

  @Test func aProposalOfOtherBytesIsNotAgreedTo() throws {
    var later = proposal
    later.digests.new = "c"
    try proposal.requireSame(proposal)
    let error = #expect(throws: PipelineError.self) { try proposal.requireSame(later) }
    #expect(error?.code == "PIP-824" && error?.exitCode == .notPermitted)
  }

  @Test func theDigestOfAVersionIsThatOfAllItIsReadFrom() {
    func digest(_ codes: String) -> String {
      let files = ["sets/own/1.yaml": "mappings: [part@1]", "hl7v2/part/1.yaml": "sex: PID-8 | code sex@1", "codes/sex/1.csv": codes, "codes/other/1.csv": codes]
      return ReleasedFiles.digest(of: ["own@1"], in: MappingLibrary(files: files.mapValues { Array($0.utf8) }))
    }
    #expect(digest("F,female") != digest("F,male"))
    #expect(digest("F,female") == digest("F,female"))
  }

  @Test func aProposalThatNobodyMadeByTheAuditsWordIsRefused() throws {
    let site = try SiteFolder(try folder.get().path)
    try proposal.write(in: site)
    for lines in [[], [entry(ended: 3, actor: "other")], [entry(ended: 3, feed: "other")], [entry(ended: 3), entry(ended: 0)]] {
      let error = #expect(throws: PipelineError.self) { try Promotion.proposed("lab", VersionName("a", 2), from: proposal.from, in: site, acts: try AuditedActs(lines)) }
      #expect(error?.code == "PIP-828" && error?.exitCode == .notPermitted)
    }
  }

  /// An audit entry that speaks of the proposal.
  private func entry(ended exit: Int, actor: String = "compline", feed: String = "lab") -> [UInt8] {
    let digest = Hex.text(SHA256.digest(proposal.bytes))
    return JSONValue.object([
      "actor": .string(actor), "person": "alex", "verb": exit == 3 ? "promote" : "approve", "subject": ["kind": "feed", "name": .string(feed)],
      "outcome": .string("ended-\(exit)"), "digests": ["promotion": .string(digest)],
    ]).canonical
  }

  private var proposal: Promotion {
    Promotion(
      feed: "lab", old: VersionName("a", 1), new: VersionName("a", 2), from: BusinessDate(daysSinceEpoch: 20_500), person: "alex", reason: "IFC-212", account: "compline",
      diff: "d", at: "2026-03-01T00:00:00Z", digests: (old: "a", new: "b"))
  }

  @Test(arguments: ["lab:", "lab:2026-03-01..", "lab:2026-03-02..2026-03-01", "lab:2026-03-01..2026-03-02..2026-03-03", "LAB", "lab:x", ""])
  func aRangeOfAnotherFormIsRefused(_ text: String) { #expect(throws: PipelineError.self) { try StoredRange(text) } }

  @Test func aRangeIsAFeedANightOrFromNightToNight() throws {
    let night = try #require(BusinessDate("2026-03-01"))
    #expect(try StoredRange("lab:2026-03-01") == StoredRange(feed: "lab", first: night, last: night))
    #expect(try StoredRange("lab:2026-03-01..2026-03-05").last == night.advanced(by: 4))
    #expect(try StoredRange("lab").first < night)
  }

  @Test(arguments: ["set", "set@", "set@0", "set@01", "Set@1", "set@1@2", "@1"])
  func aVersionOfAnotherFormIsRefused(_ text: String) { #expect(VersionName(text) == nil) }
}
