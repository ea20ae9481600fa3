import Core
import Map
import Testing

@Suite("Repeated keys")
struct RepeatedKeyTests {
  @Test("Rows of one key and different content are all held, none is chosen")
  func repeated() throws {
    let line = "OBX|1|TX|X^Y^L||"
    let message = try Mapped.result("\(line)one\r\(line)two\r\(line)three\rOBX|2|TX|X^Y^L||other\r")
    #expect(message.held == ["KEY-REPEATED OBX within OBR 1", "KEY-REPEATED OBX within OBR 2", "KEY-REPEATED OBX within OBR 3"])
    #expect(message.values("observation", "value") == ["other"])
    #expect(message.values("patient", "identifier") == ["P1@NORTH"])
  }

  @Test("What was found is mapped, held or skipped, also where keys repeat")
  func tally() throws {
    let line = "OBX|1|TX|X^Y^L||"
    let message = try Mapped.result("\(line)one\r\(line)one\r\(line)two\r\(line)one\r")
    #expect(message.held.count == 2)
    #expect(message.message.skipped.filter { $0.rule == "repeated" }.map(\.count) == [2])
    #expect(message.values("observation", "value") == [])
  }

  @Test("A key that stands again at another event time is another statement")
  func otherTime() throws {
    let order = { (time: String) in "OBR|1||F1^LAB" + String(repeating: "|", count: 19) + time + "\rOBX|1|TX|X^Y^L||\(time)\r" }
    let message = try Mapped.result(order("2026030108") + order("2026030109") + order("2026030109") + "OBX|1|TX|X^Y^L||late\r", order: "")
    #expect(message.values("observation", "value") == ["2026030108"])
    #expect(message.held.count == 2)
  }

  private static func agreed(_ segments: String, extra: String = "") throws -> Mapped {
    let mapping = OwnMapping(
      blocks: """
        patient:
          each: PID
          key: [identifier]
          set:
            identifier: PID-3 | id else MSH-4.1 | required
        provider:
          each: DG1
          key: [identifier]
          repeated: agree\(extra)
          set:
            identifier: DG1-16 | id else MSH-4.1 | required
            family: DG1-16.2
            given: DG1-16.3
            suffix: DG1-16.5
        """)
    return try mapping.map(segments)
  }

  @Test("Rows that agree become one with what each of them says")
  func agree() throws {
    let message = try Self.agreed("DG1|1|||||||||||||||7^TEST\rDG1|2|||||||||||||||7^TEST^ALPHA\rDG1|3|||||||||||||||7^TEST^^^MD\r")
    #expect(message.cell("provider", "family") == "TEST" && message.cell("provider", "given") == "ALPHA" && message.cell("provider", "suffix") == "MD")
    #expect(message.message.skipped.map(\.count) == [2] && message.held == [])
  }

  @Test("A field on which they differ is left as it is known, whatever comes after")
  func differ() throws {
    let message = try Self.agreed("DG1|1|||||||||||||||7^TEST^ALPHA\rDG1|2|||||||||||||||7^TEST^BETA\rDG1|3|||||||||||||||7^TEST^ALPHA^^MD\r")
    #expect(message.cell("provider", "given") == "(absent)" && message.cell("provider", "suffix") == "MD")
    #expect(message.message.findings.map(\.code) == [.fieldsDiffer])
  }

  @Test("Whole statements do not agree by parts")
  func whole() {
    let error = #expect(throws: ConfigurationError.self) { try Self.agreed("", extra: "\n  absent: clears") }
    #expect(error?.code == "MAP-149")
  }
}
