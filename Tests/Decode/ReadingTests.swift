import Core
import Decode
import Testing

/// Readings in which Compline and other programs differ; docs/formats/hl7v2.md says by which clause.
@Suite struct ReadingTests {
  @Test("The message type is split by the component separator that the message declares", arguments: [
    ("MSH^~|\\&^DEMO^NORTH^^^20260301^^ORU~R01^M1^T^2.4\r", "ORU^R01"), ("MSH*:!\\&*DEMO*NORTH***20260301**ADT:A01*M1*T*2.4\r", "ADT^A01"),
  ])
  func declaredComponents(text: String, type: String) {
    let inspector = Inspector()
    inspector.push(Array(text.utf8))
    #expect(inspector.finish().json(file: "a.hl7", sha256: "00")["message_types"] == [type: 1])
  }
}
