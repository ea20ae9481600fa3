import Core
import Map
import Testing

@Suite("Main rows")
struct MainRowTests {
  @Test("A message none of whose charges can be keyed is held whole")
  func charges() throws {
    let charge = "|||20260301||CG|C1|||1|5.00\r"
    let message = try Mapped("MSH|^~\\&|A|NORTH|||20260301||DFT^P03\rPID|1||P1\rFT1|1\(charge)FT1|2\(charge)")
    #expect(message.verdict == "REQUIRED-MISSING FT1-2 1")
    #expect(message.message.rows.isEmpty && message.message.heldRows.isEmpty)
  }

  @Test("A message none of whose results has an order is held whole")
  func results() throws {
    #expect(try Mapped(Self.nameless + "OBX|1|ST|X||v\r").verdict == "REQUIRED-MISSING ORC-3 1")
    #expect(try Mapped(Self.nameless + "OBR|1\rOBX|1|ST|X||v\r").verdict == "REQUIRED-MISSING OBR-3 1")
  }

  /// The head of a message that has no number of its own.
  private static let nameless = "MSH|^~\\&|A|NORTH|||20260301||ORU^R01\rPID|1||P1\r"

  @Test("In the standard set a result under no request is the patient's, one under a request without a number that of its message")
  func unnumbered() throws {
    let mapped = try Mapped.result("OBX|1|ST|X||v||||||F|||20260228\rOBR|1|||T\rOBX|1|ST|Y||w\r", order: "")
    #expect(mapped.values("observation", "order").sorted() == ["1#20260301#1@NORTH", "1#20260301@NORTH"])
  }

  @Test("One result that has a key is enough")
  func one() throws {
    let message = try Mapped(Self.nameless + "OBR|1||F1^LAB\rOBX|1|ST|X||v\rOBR|2\rOBX|1|ST|X||v\r")
    #expect(message.verdict == "rows")
    #expect(message.held.sorted() == ["REQUIRED-MISSING OBR-2 2", "REQUIRED-MISSING OBR-3 2"])
  }

  @Test("Corrections, credits and what does not convert hold their rows, not the message")
  func otherReasons() throws {
    #expect(try Mapped.result("OBX|1|ST|X||v||||||C\r").verdict == "rows")
    let charge = { (fields: String) in try Mapped("MSH|^~\\&|A|NORTH|||20260301||DFT^P03|1\rPID|1||P1\rFT1|1|\(fields)\r").verdict }
    #expect(try charge("||20260301||CD|C1|||1|5.00") == "rows")
    #expect(try charge("100||20260301||CD|C1|||1|5.00") == "rows")
    #expect(try charge("100||20260301||CG|C1|||1|") == "rows")
  }

  @Test("A message without any such row is loaded")
  func none() throws { #expect(try Mapped.result("", order: "").verdict == "rows") }
}
