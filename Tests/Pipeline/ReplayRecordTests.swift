import Core
@testable import Pipeline
import Store
import Support
import Testing

/// What a dry run wrote down counts by the word of the audit alone.
@Suite struct ReplayRecordTests {
  private let folder = Result { try TemporaryFolder() }

  private func record(charset: JSONValue = .null, kept: Int = 1) -> ReplayRecord {
    var record = ReplayRecord(arguments: ["feed": "lab", "charset": charset], person: "alex", reason: "IFC-212", account: "compline", at: "2026-03-01T00:00:00Z")
    record.drops = ["d1": ["patient": .init(kept: kept, inserted: 0, withdrawn: 0, held: 0)]]
    return record
  }

  private func acts(_ record: ReplayRecord, feed: String = "lab") throws -> AuditedActs {
    let digest = Hex.text(SHA256.digest(record.bytes))
    return try AuditedActs([JSONValue.object(["verb": "replay", "subject": ["kind": "feed", "name": .string(feed)], "digests": ["replay": .string(digest)]]).canonical])
  }

  @Test func aRecordThatTheAuditKnowsIsBelieved() throws {
    let site = try SiteFolder(try folder.get().path)
    try record().write(in: site)
    #expect(try record().recordedDrops(in: site, acts: try acts(record())) == record().drops)
  }

  @Test func aRecordThatWasEditedOrIsOfAnotherFeedIsRefused() throws {
    let site = try SiteFolder(try folder.get().path)
    try record(kept: 2).write(in: site)
    for acts in [try AuditedActs([]), try acts(record()), try acts(record(kept: 2), feed: "other")] {
      let error = #expect(throws: PipelineError.self) { try record().recordedDrops(in: site, acts: acts) }
      #expect(error?.code == "PIP-834" && error?.exitCode == .notPermitted)
    }
  }

  @Test func aRecordOfOtherArgumentsUnderThisNameIsRefused() throws {
    let site = try SiteFolder(try folder.get().path), other = record(charset: "UTF-8")
    try folder.get().write(String(decoding: other.bytes, as: UTF8.self), to: "var/replays/\(record().id).json")
    #expect(throws: PipelineError.self) { try record().recordedDrops(in: site, acts: try acts(other)) }
  }
}
