import Core
import Map
import Testing

/// Segments behind a row, values that a segment must hold, and identifiers that go on.
@Suite("Paths of neighbours")
struct FollowingTests {
  private static func results(_ line: String) -> OwnMapping { OwnMapping.results("", set: line) }

  private func text(_ line: String, _ segments: String) throws -> [String] { try Self.results(line).map(segments).values("observation", "text") }

  @Test("What stands behind a row is read up to the next row")
  func behind() throws {
    let segments = "OBX|1|ST|A||1\rSPM|1||||S1\rOBX|2|ST|B||2\rOBX|3|ST|C||3\rSPM|2||||S2\r"
    #expect(try text("text: its SPM-5", segments) == ["S1", "(absent)", "S2"])
  }

  @Test("An order and a patient end what stands behind a row")
  func ended() throws {
    #expect(try text("text: its SPM-5", "OBX|1|ST|A||1\rORC|NW\rSPM|1||||S1\r") == ["(absent)"])
    #expect(try text("text: its SPM-5", "OBX|1|ST|A||1\rPID|2||P2\rSPM|1||||S1\r") == ["(absent)"])
  }

  @Test("A note belongs to what stands right before it")
  func notes() throws {
    #expect(try text("text: its NTE-3", "OBX|1|ST|A||1\rSPM|1\rNTE|1||N\r") == ["(absent)"])
    #expect(try text("text: its NTE-3[*] | join \" \"", "OBX|1|ST|A||1\rNTE|1||N~M\rNTE|2||O\rOBX|2|ST|B||1\rNTE|1||P\r") == ["N M O", "P"])
  }

  @Test("What stands behind the order is the same for all its results")
  func ofTheOrder() throws {
    let segments = "OBR|1\rOBX|1|ST|A||1\rOBX|2|ST|B||2\rSPM|1||||S1\rOBR|2\rOBX|1|ST|C||3\r"
    var mapping = Self.results("text: OBR its SPM-5")
    mapping.blocks = mapping.blocks.replacing("each: OBX", with: "each: OBX within OBR")
    #expect(try mapping.map(segments).values("observation", "text") == ["S1", "S1", "(absent)"])
  }

  @Test("The first segment that holds the value is meant, and none where none does")
  func tested() throws {
    let segments = "OBX|1|ST|A||1\rSPM|1|||X|S1\rSPM|2|||Y^Z|S2\r"
    #expect(try text("text: its SPM[4=Y]-5", segments) == ["S2"])
    #expect(try text("text: its SPM[4.2=Z]-5", segments) == ["S2"])
    #expect(try text("text: its SPM[4=Q]-5", segments) == ["(absent)"])
  }

  @Test("A field of the own segment counts only beside the value that is asked for")
  func ownSegment() throws {
    let segments = "OBX|1|CWE|A||1^ONE\rOBX|2|NM|B||2\r"
    #expect(try Self.results("value_code: OBX[2=CWE]-5.1").map(segments).values("observation", "value_code") == ["1", "(absent)"])
  }

  @Test("An identifier goes on with values, each in its place, and their marks never look like ours")
  func goesOn() throws {
    let mapping = Self.results("source: OBX-21 with OBX-3.1 OBX-4 OBX-7 | id else MSH-4.1")
    let keys = try mapping.map("OBX|1|ST|A||1||R||||||||||||||N1\rOBX|2|ST|A#|1|1||||||||||||||||N1\r").values("observation", "source")
    #expect(keys == ["N1#A##R@NORTH", "N1#A\\##1#@NORTH"])
  }

  @Test("Without the first of its values an identifier is none, and the next path is taken")
  func firstIsNeeded() throws {
    let mapping = Self.results("source: OBX-21 with OBX-7 or OBX-21 with OBX-3.1 OBX-4 | id else MSH-4.1")
    #expect(try mapping.map("OBX|1|ST|A||1||||||||||||||||N1\r").values("observation", "source") == ["N1#A#@NORTH"])
  }

  @Test("A national number of providers has one assigner whoever sends it")
  func providers() throws {
    let mapping = Self.results("performer: OBX-16 | id else MSH-4.1 | ref provider")
    let numbers = ["1^A^B^^^^^^NPI", "1^A^B^^^^^^CMS^^^^NPI", "1^A^B^^^^^^X&2.16.840.1.113883.4.6&ISO"]
    let keys = try numbers.map { try mapping.map("OBX|1|ST|A||1|||||||||||\($0)\r").values("observation", "performer")[0] }
    #expect(Set(keys).count == 1)
    #expect(keys[0].hasSuffix("1@2.16.840.1.113883.4.6"))
  }

  @Test("The other numbers of providers are those of their assigner in component 9")
  func otherProviders() throws {
    let mapping = Self.results("performer: OBX-16 | id else MSH-4.1 | ref provider")
    #expect(try mapping.map("OBX|1|ST|A||1|||||||||||1^A^B^C^^^^^HOUSE\r").values("observation", "performer")[0].hasSuffix("1@HOUSE"))
  }

  @Test("The sender of a number is its facility, application, organization or feed, in this order", arguments: zip(
    ["|A|F|", "|A||", "|||"], ["N1@F", "N1@A", "N1@feed:example"]))
  func senders(_ head: String, _ wanted: String) throws {
    let mapping = Self.results("source: OBX-18 | id else sender")
    let plan = try MapPlan.build(mapping.library, mappings: ["own@1"], format: .hl7v2, zone: Fixture.chicago, feed: "example")
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    let text = "MSH|^~\\&\(head)||20260301||ORU^R01|1\rPID|1||P1^^^X\rOBX|1|ST|A||1|||||||||||||N1\r"
    let message = try #require(Fixture.decode(Array(text.utf8), plan, &evaluator, format: .hl7v2).first)
    let field = try #require(plan.dictionary["observation"]?.index(of: "source"))
    let row = try #require(message.rows.rows.indices.last)
    #expect(String(decoding: message.rows.value(row: row, field: field).map { $0 == 0x1F ? 0x40 : $0 }, as: UTF8.self) == wanted)
  }

  @Test("A value that was sent may be asked for, whatever it is")
  func present() throws {
    let mapped = try OwnMapping.results("when: {OBX-5: (present)}").map("OBX|1|ST|A||1\rOBX|2|ST|B||\rOBX|3|ST|C||\"\"\r")
    #expect(mapped.values("observation", "code") == ["A"])
  }

  @Test("Two records that become one are held by name")
  func merged() throws {
    let mapping = OwnMapping.results("events: {R01: merge}")
    #expect(try mapping.map("OBX|1|ST|A||1\r").message.heldCodes == [.mergeHeld])
  }

  @Test("Where MSH-9 has no event, EVN-1 names it")
  func oldEvents() throws {
    #expect(try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT|1|P|2.1\rEVN|A01|20260301\rPID|1||P1\r").verdict == "rows")
    #expect(try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT|1|P|2.1\rPID|1||P1\r").verdict == "NO-MAPPING MSH-9 1")
  }

  @Test("What stands before the patient is of the only one, and of nobody where there are two")
  func beforeThePatient() throws {
    let referral = "MSH|^~\\&|A|NORTH|||20260301||REF^I12|1\rRF1|A|||||R1\rPID|1||P1\r"
    #expect(try Mapped(referral).cell("referral", "identifier") == "R1@NORTH")
    #expect(try Mapped(referral + "PID|2||P2\r").held == ["REQUIRED-MISSING ref patient 1"])
  }
}
