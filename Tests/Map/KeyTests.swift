import Core
import Map
import Testing

@Suite("Keys")
struct KeyTests {
  private static let dft = "MSH|^~\\&|A|NORTH|||20260301||DFT^P03|1\r"
  private static let ft1 = "FT1|1|100||20260301||CG|C1|||1|5.00\r"

  @Test("The same transaction number of two patients is two charges")
  func twoPatientsCharges() throws {
    let message = try Mapped(Self.dft + "PID|1||P1\r" + Self.ft1 + "PID|2||P2\r" + Self.ft1)
    #expect(message.values("charge", "patient").map { $0.dropFirst(4) } == ["P1@NORTH", "P2@NORTH"])
    #expect(Set(try message.keys("charge")).count == 2)
  }

  @Test("The same order number of two patients is two observations")
  func twoPatientsResults() throws {
    let result = "OBR|1||F1^LAB\rOBX|1|ST|X^Y^L||v\r"
    let message = try Mapped("MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rPID|1||P1\r\(result)PID|2||P2\r\(result)")
    #expect(Set(try message.keys("observation")).count == 2)
  }

  @Test("The same code of two systems is two observations of one order")
  func codeSystems() throws {
    let message = try Mapped.result("OBX|1|NM|100^Sodium^L||140\rOBX|1|NM|100^Age^PHIN||56\r")
    #expect(message.values("observation", "value") == ["140", "56"])
    #expect(message.held == [])
  }

  @Test("A code without a system says so in the key")
  func noCodeSystem() throws { #expect(try Mapped.result("OBX|1|NM|100||140\r").values("observation", "code_system") == ["-"]) }

  @Test("A line number that stands in for OBX-4 never is OBX-4")
  func subs() throws {
    let message = try Mapped.result("OBX|1|NM|X^Y^L||140\rOBX|2|NM|X^Y^L|1|150\rOBX||NM|X^Y^L||160\r")
    #expect(message.values("observation", "sub") == ["#1", "1", "-"])
  }
}
