import Core
import Map
import Testing

@Suite("Conditions and actions of rows")
struct GuardTests {
  private func values(_ block: String, _ segments: String) throws -> [String] {
    let message = try OwnMapping.results(block).map(segments)
    return message.values("observation", "value") + message.message.skipped.map { "\($0.rule) \($0.count)" }
  }

  private static let three = "OBX|1|ST|X||a||||||F\rOBX|2|ST|X||b||||||P\rOBX|3|ST|X||c\r"

  @Test("when: a row whose value is none of those named is skipped by the rule's name and counted")
  func when() throws {
    #expect(try values("when: {OBX-11: [F, C]}", Self.three) == ["a", "when:OBX-11 2"])
    #expect(try values("when: {OBX-11: F}", Self.three) == ["a", "when:OBX-11 2"])
  }

  @Test("when: (absent) stands for a value that was not sent or is null")
  func absent() throws {
    #expect(try values("when: {OBX-11: [F, (absent)]}", Self.three) == ["a", "c", "when:OBX-11 1"])
    #expect(try values("when: {OBX-11: (absent)}", "OBX|1|ST|X||a||||||\"\"\r") == ["a"])
  }

  @Test("when: of several conditions all must be met")
  func both() throws { #expect(try values("when: {OBX-11: [F, P], OBX-3.1: [Y]}", Self.three) == ["when:OBX-3.1 2", "when:OBX-11 1"]) }

  @Test("when: a skipped row leaves no finding and does not hold the message")
  func silent() throws {
    let message = try OwnMapping.results("when: {OBX-11: F}\nmain: true").map("OBX|1|ST|||c\r")
    #expect(message.verdict == "rows" && message.held == [] && message.message.findings == [])
  }

  @Test("when: reads the attributes of an element, and skips what does not fit")
  func documents() throws {
    let block = """
      condition:
        section: any
        each: .//h:observation
        when: {h:code/@code: [A], ./@negationInd: ["false", (absent)]}
        key: [source, patient]
        set:
          source: h:id | id | required
          patient: ref patient | required
        null_flavor: {others: absent}
        negation: skip
      """
    let own = OwnMapping(format: .cda, reads: "{cda: any}", blocks: Self.patientOfDocument + block)
    let entry = { (id: String, code: String) in "<entry><observation><id root=\"\(id)\"/><code code=\"\(code)\"/></observation></entry>" }
    let text =
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget><component>"
      + "<structuredBody><component><section>\(entry("1.2", "A"))\(entry("1.3", "B"))</section></component></structuredBody></component></ClinicalDocument>"
    let message = try Mapped(text, ["own@1"], .cda, own.library)
    #expect(message.values("condition", "source") == ["1.2@1.2"])
    #expect(message.message.skipped.map(\.rule) == ["when:h:code/@code"])
  }

  @Test("negation skip: a denial gives no row in either spelling, and a word that is no truth value holds the row", arguments: [
    ("true", [], []), ("1", [], []), ("false", ["1.2@1.2"], []), ("0", ["1.2@1.2"], []), ("TRUE", [], ["CODE-UNMAPPED"]), ("", [], ["CODE-UNMAPPED"]),
  ])
  func negated(word: String, rows: [String], held: [String]) throws {
    let block = """
      condition:
        section: any
        each: .//h:observation
        key: [source, patient]
        set:
          source: h:id | id | required
          patient: ref patient | required
        null_flavor: {others: absent}
        negation: skip
      """
    let text =
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget><component><structuredBody>"
      + "<component><section><entry><observation negationInd=\"\(word)\"><id root=\"1.2\"/></observation></entry></section></component></structuredBody></component></ClinicalDocument>"
    let own = OwnMapping(format: .cda, reads: "{cda: any}", blocks: Self.patientOfDocument + block)
    let message = try Mapped(text, ["own@1"], .cda, own.library)
    #expect(message.values("condition", "source") == rows)
    #expect(message.held.map { String($0.prefix { $0 != " " }) } == held)
  }

  private static let patientOfDocument = """
    patient:
      each: /h:ClinicalDocument/h:recordTarget
      key: [identifier]
      set:
        identifier: h:patientRole/h:id | id | required
      null_flavor: {others: absent}

    """

  @Test(
    "when: reads coded values only, names values, and never chooses the subject",
    arguments: [
      ("when: {OBX-5: [x]}", "MAP-152"), ("when: {OBX-1: ['1']}", "MAP-152"), ("when: {PID-5.1: [x]}", "MAP-152"), ("when: {OBX-11: []}", "MAP-152"),
      ("when: {}", "MAP-152"), ("when: {OBX-11: [F]}\nsubject: true", "MAP-152"), ("when: {OBX-99: [F]}", "MAP-133"), ("when: {ZXX-1: [F]}", "none"),
      ("when: {PV1-2: [I]}", "none"), ("when: {PID-3.5: [MR]}", "none"),
    ])
  func refusedWhens(block: String, code: String) {
    let error = OwnMapping.results(block).refusal()
    #expect((error?.code ?? "none") == code)
    #expect(error == nil || (error?.line ?? 0) > 0 && error?.hint.isEmpty == false)
  }

  // MARK: Actions

  private static let twoEvents = "{hl7v2: [ORU^R01, ORU^R03]}"

  @Test("events: what an event updates is a row that says so, and what it cancels one that says what became of it")
  func events() throws {
    let own = OwnMapping.results("events: {R01: update, R03: cancel}", reads: Self.twoEvents)
    let updated = try own.map("OBX|1|ST|X||a\r")
    #expect(updated.message.rows.rows.map(\.action) == [.state, .update])
    let cancelled = try own.map("OBX|1|ST|X||a||||||X\r", type: "ORU^R03")
    #expect(cancelled.held == [] && cancelled.message.rows.rows.map(\.action) == [.state, .cancel])
  }

  @Test("events: a cancel without a status is held: nobody can say what became of the row")
  func cancelWithoutStatus() throws {
    let own = OwnMapping.results("events: {R01: update, R03: cancel}", reads: Self.twoEvents)
    let cancelled = try own.map("OBX|1|ST|X||a\r", type: "ORU^R03")
    #expect(cancelled.held == ["CANCEL-HELD MSH-9 1"] && cancelled.values("observation", "value") == [])
  }

  @Test("events_by: the values of other coded paths say what rows do, and the strongest word counts")
  func otherPaths() throws {
    let own = OwnMapping.results("events_by_status: {C: correct}\nevents_by: {OBX-2: {ST: withdraw}}")
    #expect(try own.map("OBX|1|ST|X||a||||||C\rOBX|2|NM|Y||1||||||C\r").message.rows.rows.map(\.action) == [.state, .withdraw, .correct])
    #expect(OwnMapping.results("events_by: {OBX-5: {a: withdraw}}").refusal()?.code == "MAP-153")
  }

  @Test("clears: an event clears the fields that it names, whatever the message says of them")
  func clears() throws {
    let own = OwnMapping.results("clears: {R03: [value]}", reads: Self.twoEvents)
    #expect(try own.map("OBX|1|ST|X||a\r").values("observation", "value") == ["a"])
    #expect(try own.map("OBX|1|ST|X||a\r", type: "ORU^R03").values("observation", "value") == ["(cleared)"])
    #expect(OwnMapping.results("clears: {R01: [code]}").refusal()?.code == "MAP-153")
    #expect(OwnMapping.results("clears: {R09: [value]}").refusal()?.code == "MAP-153")
    #expect(OwnMapping.results("clears: {R01: [code]}").refusal()?.hint.contains("value, value_code") == true)
  }

  @Test("A list or text in the place of a block is refused, and does not do nothing", arguments: [
    "events_by: [{OBX-11: {D: withdraw}}]", "events_by: OBX-11", "clears: [R01]", "clears: R01", "events: [R01]", "events_by_status: C", "events_by: {OBX-11: [D]}",
  ])
  func noBlocks(block: String) {
    let error = OwnMapping.results(block).refusal()
    #expect(error?.code == "MAP-153" && (error?.line ?? 0) > 0)
  }

  @Test("events_by_status: corrections and withdrawals are rows that say so, by the path of the line 'status'")
  func statuses() throws {
    let own = OwnMapping.results("events_by_status: {C: correct, D: withdraw, A: update}")
    let message = try own.map("OBX|1|ST|X||a||||||C\rOBX|2|ST|X||b||||||D\rOBX|3|ST|X||c||||||A\rOBX|4|ST|X||d||||||F\r")
    #expect(message.held == [])
    #expect(message.message.rows.rows.map(\.action) == [.state, .correct, .withdraw, .update, .state])
  }

  @Test("A result and its correction in one message are two statements, in either order")
  func correctedAtOnce() throws {
    let own = OwnMapping.results("events_by_status: {C: correct}")
    for lines in ["OBX|1|ST|X|1|a||||||F\rOBX|2|ST|X|1|b||||||C\r", "OBX|1|ST|X|1|b||||||C\rOBX|2|ST|X|1|a||||||F\r"] {
      let message = try own.map(lines)
      #expect(message.held == [] && Set(message.values("observation", "value")) == ["a", "b"])
    }
  }

  @Test("What is not final says so, gives way to what the trigger event says, and is still a line of its own")
  func announced() throws {
    let own = OwnMapping.results("events: {R03: update}\nevents_by_status: {P: announce}", reads: Self.twoEvents)
    #expect(try own.map("OBX|1|ST|X||a||||||P\rOBX|2|ST|Y||b||||||F\r").message.rows.rows.map(\.action) == [.state, .announce, .state])
    #expect(try own.map("OBX|1|ST|X||a||||||P\r", type: "ORU^R03").message.rows.rows.map(\.action).last == .update)
    let twice = try own.map("OBX|1|ST|X|1|a||||||P\rOBX|2|ST|X|1|b||||||F\r")
    #expect(twice.message.heldRows.map(\.finding.code) == [.keyRepeated, .keyRepeated])
  }

  @Test("hold: a number below zero is named by (negative); zero is none", arguments: [("-1", 0), ("-0.50", 0), ("-0", 1), ("1", 1), ("", 1)])
  func negative(sent: String, rows: Int) throws {
    let text = "MSH|^~\\&|A|NORTH|||20260301||DFT^P03|1\rPID|1||P1\rFT1|1|100||20260301||CG|C1|||\(sent)|5.00\r"
    let message = try Mapped(text, ["pid-patient@1", "dft-charge@1"], .hl7v2)
    #expect(message.values("charge", "amount").count == rows && message.message.heldRows.allSatisfy { $0.finding.code == .creditHeld })
  }

  @Test("hold, when and events_by_status know a code of HL7 v2 in either case")
  func eitherCase() throws {
    #expect(try values("when: {OBX-11: [F]}", "OBX|1|ST|X||a||||||f\rOBX|2|ST|X||b||||||p\r") == ["a", "when:OBX-11 1"])
    let message = try OwnMapping.results("events_by_status: {C: correct, D: withdraw}").map("OBX|1|ST|X||a||||||c\rOBX|2|ST|X||b||||||d\r")
    #expect(message.message.rows.rows.map(\.action) == [.state, .correct, .withdraw])
  }

  @Test("A path that tests a code of HL7 v2 knows it in either case, as a guard does")
  func eitherCaseOfPaths() throws {
    let message = try OwnMapping.results("events_by: {OBX-11: {C: correct}}", set: "text: OBX[11=C]-5").map("OBX|1|ST|X||a||||||c\rOBX|2|ST|Y||b||||||F\r")
    #expect(message.values("observation", "text") == ["a", "(absent)"])
    #expect(message.message.rows.rows.map(\.action) == [.state, .correct, .state])
  }

  @Test("A cancel without a status is held at the place that says so")
  func placeOfCancel() throws {
    let message = try OwnMapping.results("events_by: {OBX-8: {X: cancel}}").map("OBX|1|ST|X||a|||x\r")
    #expect(message.held == ["CANCEL-HELD OBX-8 1"])
  }

  // MARK: Withdrawn and said in one message

  private static let replacing = OwnMapping.results("events_by: {OBX-8: {D: withdraw}}")

  @Test("A row that is withdrawn and then said in one message is said: its sender replaces it")
  func replaced() throws {
    let message = try Self.replacing.map("OBX|1|ST|X|1|a|||D|||F\rOBX|2|ST|X|1|b||||||F\r")
    #expect(message.values("observation", "value") == ["b"] && message.held == [])
    #expect(message.message.rows.rows.map(\.action) == [.state, .state])
    #expect(message.message.skipped.map { "\($0.rule) \($0.count)" } == ["replaced 1"])
  }

  @Test("A row that is said and then withdrawn in one message is held in both: nobody knows which one is meant", arguments: [
    ["", "D"], ["D", "", "D"], ["", "D", ""],
  ])
  func contradicted(actions: [String]) throws {
    let lines = actions.enumerated().map { "OBX|\($0 + 1)|ST|X|1|a|||\($1)|||F\r" }.joined()
    let message = try Self.replacing.map(lines + "OBX|9|ST|Y|1|c||||||F\r")
    #expect(message.values("observation", "value") == ["c"])
    #expect(message.message.heldCodes == [.keyRepeated, .keyRepeated])
  }

  @Test("Of event and status the stronger one counts")
  func stronger() throws {
    let own = OwnMapping.results("events: {R01: update, R03: cancel}\nevents_by_status: {C: correct, D: withdraw}", reads: Self.twoEvents)
    #expect(try own.map("OBX|1|ST|X||a||||||C\r").message.rows.rows.map(\.action) == [.state, .correct])
    #expect(try own.map("OBX|1|ST|X||a||||||D\r").message.rows.rows.map(\.action) == [.state, .withdraw])
    #expect(try own.map("OBX|1|ST|X||a||||||C\r", type: "ORU^R03").message.rows.rows.map(\.action) == [.state, .cancel])
    #expect(try own.map("OBX|1|ST|X||a||||||D\r", type: "ORU^R03").message.rows.rows.map(\.action) == [.state, .withdraw])
  }

  @Test(
    "An event that the mapping does not read and an action that is none are refused with the legal ones",
    arguments: [
      ("events: {A11: cancel}", "Events of 'reads': R01."), ("events: {R01: delete}", "Legal: announce, update, correct, withdraw, cancel, merge, unlink."),
      ("events_by_status: {C: replace}", "Legal: announce, update, correct, withdraw, cancel, merge, unlink."), ("events: {}", "Write '{A08: update, A11: cancel}'."),
    ])
  func refusedActions(block: String, hint: String) {
    let error = OwnMapping.results(block).refusal()
    #expect(error?.code == "MAP-153" && error?.hint == hint && (error?.line ?? 0) > 0)
  }

  @Test("A row's action crosses the border of a process")
  func crossing() throws {
    let message = try OwnMapping.results("events: {R01: update}").map("OBX|1|ST|X||a\r").message
    var writer = ByteWriter()
    message.write(to: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try MappedMessage(from: &reader).rows == message.rows)
  }
}
