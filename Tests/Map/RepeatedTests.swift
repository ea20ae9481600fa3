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

  /// Results under one order, their segments behind `OBX|`, each with OBX-1, OBX-4 and a text.
  private func numbered(_ lines: [(number: String, sub: String, text: String)], rule: String = "repeated: {sub: OBX-1}") throws -> Mapped {
    try OwnMapping.results(rule).map(lines.map { "OBX|\($0.number)|TX|X^Y^L|\($0.sub)|\($0.text)\r" }.joined())
  }

  @Test("Statements that share a key are told apart by the number of their segment")
  func numbers() throws {
    let message = try numbered([("1", "9", "one"), ("2", "1", "first"), ("3", "1", "second"), ("4", "1", "first")])
    #expect(message.values("observation", "sub") == ["9", "1#2", "1#3", "1#4"])
    #expect(message.values("observation", "value") == ["one", "first", "second", "first"])
    #expect(message.held == [] && message.message.findings.map(\.code) == [.idShared])
  }

  @Test("What shares the number too is held where it differs, and merged where it does not")
  func equalNumbers() throws {
    let message = try numbered([("1", "1", "a"), ("2", "1", "b"), ("2", "1", "c"), ("3", "1", "d"), ("3", "1", "d"), ("", "2", "e"), ("", "2", "f")])
    #expect(message.values("observation", "value") == ["a", "d"])
    #expect(message.held.map { $0.suffix(1) } == ["2", "3", "6", "7"])
    #expect(message.message.skipped.map(\.count) == [1])
  }

  @Test("A number that one of them lacks, or that holds escapes, tells them apart as well")
  func oddNumbers() throws {
    let message = try numbered([("", "1", "a"), ("2\\F\\x", "1", "b")])
    #expect(message.values("observation", "sub") == ["1#", "1#2|x"])
  }

  @Test(
    "What tells rows apart is a key field that holds text, and a field of the row's own segment or its parent",
    arguments: ["{patient: OBX-1}", "{value: OBX-1}", "{sub: PID-1}", "{sub: its NTE-1}", "{sub: OBX-1, value: OBX-1}", "{sub: \"OBX-8[*]\"}", "{other: OBX-1}", "{sub: OBX-1 with OBX-2}", "{sub: MSH-10}", "{sub: MSH-10 with PID-1}"])
  func refusedNumbers(rule: String) { #expect(["MAP-149", "MAP-135"].contains(OwnMapping.results("repeated: " + rule).refusal()?.code)) }

  @Test("What only the message and its place tell apart bears both")
  func places() throws {
    let message = try numbered([("1", "1", "a"), ("2", "1", "b")], rule: "repeated: {sub: MSH-10 with OBX-1 MSH-7}")
    #expect(message.values("observation", "sub") == ["1#1#1#20260301", "1#1#2#20260301"])
    #expect(message.held == [] && message.message.findings.map(\.code) == [.idShared])
  }

  @Test("What stands behind an identifier stands before its assigner, and who refers to the row means it by its new name")
  func identifiers() throws {
    let own = OwnMapping(
      blocks: """
        patient:
          each: PID
          key: [identifier]
          set:
            identifier: PID-3 | id else MSH-4.1 | required
        order:
          each: OBR
          key: [identifier, patient]
          repeated: {identifier: OBR-4}
          set:
            identifier: OBR-2 | id else MSH-4.1 | required
            patient: ref patient | required
        charge:
          each: FT1
          key: [transaction, patient]
          set:
            transaction: FT1-2 | id else MSH-4.1 | required
            patient: ref patient | required
            order: ref order
        """)
    let message = try own.map("OBR|1|7^EPIC||A\rFT1|1|1\rOBR|2|8^EPIC||A\rFT1|2|2\rOBR|3|7^EPIC||B\rFT1|3|3\r")
    #expect(message.values("order", "identifier") == ["7#A@EPIC", "8@EPIC", "7#B@EPIC"])
    #expect(zip(message.values("charge", "order"), ["7#A@EPIC", "8@EPIC", "7#B@EPIC"]).allSatisfy { $0.contains($1) })
  }

  private static func agreed(_ segments: String, extra: String = "") throws -> Mapped { try agreeing(extra).map(segments) }

  /// Providers of DG1-16, joined where they agree.
  static func agreeing(_ extra: String = "") -> OwnMapping {
    OwnMapping(
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
