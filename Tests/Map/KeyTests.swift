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

  @Test("A line number that tells results without OBX-4 apart never is OBX-4, and nobody shared a number that was not sent")
  func subs() throws {
    let message = try Mapped.result("OBX|1|NM|X^Y^L||140\rOBX|2|NM|X^Y^L|1|150\rOBX||NM|X^Y^L||160\r")
    #expect(message.values("observation", "sub") == ["#1", "1", "#"] && message.message.findings.isEmpty)
  }

  @Test("A result without OBX-4 that comes again in another line is the same one", arguments: ["1", "3", ""])
  func alone(line: String) throws { #expect(try Mapped.result("OBX|\(line)|NM|X^Y^L||140\r").values("observation", "sub") == ["-"]) }
}

@Suite("Whose a row is")
struct NeighbourTests {
  /// Patients and visits of a mapping that says of neither that it is the subject.
  private static let visits = OwnMapping(
    blocks: """
      patient:
        each: PID
        key: [identifier]
        set:
          identifier: PID-3 | id | required
      encounter:
        each: PV1
        key: [visit, patient]
        set:
          visit: PV1-19 | id else MSH-4.1 | required
          patient: ref patient | required
          class: PV1-2
      charge:
        each: FT1
        key: [transaction, patient]
        set:
          transaction: FT1-2 | id else MSH-4.1 | required
          patient: ref patient | required
          encounter: ref encounter
          procedure: FT1-7.1
      """)

  private func map(_ segments: String) throws -> Mapped { try Mapped("MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\r" + segments, ["own@1"], .hl7v2, Self.visits.library) }

  @Test("A patient who is held has no visit, least of all that of the one before")
  func heldPatient() throws {
    let mapped = try map("PID|1||P1^^^N\rPV1|1|I|||||||||||||||||V1\rPID|2||P2\rPV1|1|I|||||||||||||||||V2\r")
    #expect(mapped.values("encounter", "visit") == ["V1@NORTH"])
    #expect(mapped.held == ["REQUIRED-MISSING PID-3 2", "REQUIRED-MISSING ref patient 2"])
  }

  @Test("A charge does not take the visit of another patient, nor one that stands before the visit that was held")
  func heldVisit() throws {
    let other = try map("PID|1||P1^^^N\rPV1|1|I|||||||||||||||||V1\rPID|2||P2^^^N\rFT1|1|X2\r")
    #expect(other.values("charge", "encounter") == ["(absent)"])
    let held = try map("PID|1||P1^^^N\rPV1|1|I|||||||||||||||||V1\rPV1|2|I\rFT1|1|X2\r")
    #expect(held.values("charge", "encounter") == ["(absent)"])
  }

  @Test("A word that says that there is no number is none", arguments: ["UNK^^^NORTH^MR", "Unknown^^^NORTH^MR", "N/A^^^NORTH^MR"])
  func placeholders(identifier: String) throws {
    #expect(try map("PID|1||\(identifier)\r").values("patient", "identifier") == [])
    let both = "MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\rPID|1||\(identifier)~T1^^^NORTH^MR||TEST\r"
    #expect(try Mapped(both, ["pid-patient@1"]).values("patient", "identifier") == ["T1@NORTH"])
  }

  @Test("A blank assigner is none, and an escape that writes the sign between value and assigner makes no identifier", arguments: [#"1001^^^ ^MR"#, #"A\X1F\B^^^C"#, #"A^^^B\X1F\C"#])
  func assigners(identifier: String) throws {
    #expect(try map("PID|1||\(identifier)\r").values("patient", "identifier") == [])
  }
}
