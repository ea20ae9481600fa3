import Core
import Map
import Testing

@Suite("Numeric results")
struct NumericResultTests {
  @Test("Blanks around a number are no part of it", arguments: ["5 ", " 5", " 5 "])
  func blanks(sent: String) throws {
    let message = try Mapped.result("OBX|1|NM|X^Y^L||\(sent)\r")
    #expect(message.values("observation", "value") == ["5"])
    #expect(!message.message.findings.contains { $0.code == .numberInvalid })
  }

  @Test("What is no number stays as it was sent, with the finding")
  func words() throws {
    let message = try Mapped.result("OBX|1|NM|X^Y^L||< 5 \r")
    #expect(message.values("observation", "value") == ["< 5 "])
    #expect(message.message.findings.map(\.code) == [.numberInvalid])
  }
}
