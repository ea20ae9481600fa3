import Core
import Map
import Testing

@Suite("Kinds of numbers in the place of the assigner")
struct NumberKindTests {
  private static func map(_ number: String) throws -> Mapped { try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID|1||\(number)\r") }

  @Test(
    "A kind of number names nobody, in any case: the universal id, else the sender stands in",
    arguments: [("7^^^MRN", "7@NORTH"), ("7^^^ mr ", "7@NORTH"), ("7^^^Pi&1.2.3&ISO^PI", "7@1.2.3")])
  func kinds(number: String, want: String) throws {
    let message = try Self.map(number)
    #expect(message.values("patient", "identifier") == [want] && message.message.findings.map(\.code) == [.assignerUnnamed])
  }

  @Test("What names a house, a register or the papers of a person stays", arguments: ["MRNS", "EPI", "MPI", "SSN", "M"])
  func names(assigner: String) throws {
    let message = try Self.map("7^^^\(assigner)")
    #expect(message.values("patient", "identifier") == ["7@\(assigner)"] && message.message.findings.isEmpty)
  }

  @Test("A merge finds both records by the sender")
  func merge() throws {
    let message = try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT^A40|1\rPID|1||N1^^^MRN\rMRG|O1^^^MRN\r")
    #expect(message.values("patient", "identifier") == ["N1@NORTH", "O1@NORTH"])
  }

  @Test("PID-2, else PID-4 names the patient of what has no number of its own", arguments: ["||7", "||||7"])
  func older(numbers: String) throws {
    let message = try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID\(numbers)\rAL1|1|DA|1^PEN^L\rDG1|1||I10^HTN^I10\r")
    #expect(message.values("allergy", "source") == ["7#1#L#DA@NORTH"] && message.values("condition", "source").map { $0.hasPrefix("7#I10#") } == [true])
  }
}
