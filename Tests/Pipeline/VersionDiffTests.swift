import Core
@testable import Pipeline
import Support
import Testing
import Trust

/// What two versions say of one row.
@Suite struct VersionDiffTests {
  private let folder = Result { try TemporaryFolder() }
  private let dictionary = CanonicalDictionary(
    version: 1, entities: [CanonicalEntity(name: "thing", fhir: "", fields: [CanonicalField(name: "code", kind: .text, dataClass: .clinical, isKey: true)])], digest: "")

  private func message(_ action: RowAction) -> MappedMessage {
    var message = MappedMessage()
    message.rows.beginRow(entity: 0, mapping: 0, path: 0, occurrence: 1, eventInstant: 0, fallback: false)
    message.rows.setAction(action)
    message.rows.set(field: 0, to: Array("X".utf8))
    return message
  }

  private func fields(_ old: RowAction, _ new: RowAction) throws -> [[String]] {
    var bytes = [UInt8](repeating: 7, count: 32), rows: [[String]] = []
    let key = try #require(SecretKey(taking: &bytes))
    let diff = try VersionDiff(dictionary: dictionary, indexKey: key, folder: try folder.get().path)
    diff.begin()
    try diff.take(message(old), .old, drop: 0)
    try diff.take(message(new), .new, drop: 0)
    diff.end()
    try diff.compare { rows.append($0.fields) }
    return rows
  }

  @Test func aStatementThatCorrectsIsAnotherThanOneThatDoesNot() throws {
    #expect(try fields(.state, .correct) == [["action"]])
    #expect(try fields(.correct, .update) == [["action"]])
    #expect(try fields(.announce, .update) == [["action"]])
  }

  @Test func actionsWithTheSameEffectAreTheSame() throws { #expect(try fields(.state, .update) == []) }
}
