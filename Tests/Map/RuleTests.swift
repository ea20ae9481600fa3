import Core
import Map
import Testing

@Suite("Rules")
struct RuleTests {
  static let pid = "PID|1||T1^^^NORTH^MR||TEST^ALPHA\r"

  @Test("A result before any order is the patient's, never attached to a neighbour")
  func orphans() throws {
    let message = try Mapped.result("OBX|1|ST|X^Y||v||||||F\rOBR|1||F1^LAB\rOBX|2|ST|X^Y||w||||||F\r", order: "")
    #expect(message.values("observation", "order").sorted() == ["1#20260301@NORTH", "F1@LAB"])
    #expect(message.held == [])
  }

  @Test("An order number of the group before is out of reach")
  func leadingSegments() throws {
    let message = try Mapped.result("ORC|RE||C1^LAB\rOBR|1\rOBX|1|ST|X||v||||||F\rOBR|2\rOBX|2|ST|X||v||||||F\r", order: "")
    #expect(message.values("observation", "order") == ["C1@LAB", "1#20260301#2@NORTH"])
  }

  @Test("A second patient's results belong to the second patient")
  func twoPatients() throws {
    let message = try Fixture.map(
      "MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\r\(Self.pid)OBR|1||F1^LAB\rOBX|1|ST|X||v\rPID|2||T2^^^NORTH\rOBR|1||F2^LAB\rOBX|1|ST|X||v\r")
    let plan = try Fixture.plan(["hl7v2-standard"])
    let entity = try #require(plan.dictionary.index(of: "observation"))
    let patient = try #require(plan.dictionary.entities[entity].index(of: "patient"))
    let rows = message.rows.rows.indices.filter { message.rows.rows[$0].entity == Int32(entity) }
    #expect(rows.map { String(decoding: message.rows.value(row: $0, field: patient).dropFirst(4).prefix(2), as: UTF8.self) } == ["T1", "T2"])
  }

  @Test("The same key twice: equal content is merged, other content holds both")
  func repeatedKeys() throws {
    let head = "MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\r\(Self.pid)OBR|1||F1^LAB\rOBX|1|ST|X||v\r"
    let same = try Fixture.map(head + "OBX|1|ST|X||v\r")
    let other = try Fixture.map(head + "OBX|1|ST|X||w\r")
    #expect(same.skipped.map(\.rule) == ["repeated"])
    #expect(same.heldCodes == [])
    #expect(other.heldCodes == [.keyRepeated, .keyRepeated])
  }

  @Test(
    "Types are mapped, filtered or held by name",
    arguments: [
      ("ACK^A01", "filtered hl7v2-standard@1:no_rows"), ("ACK", "filtered hl7v2-standard@1:no_rows"), ("ADT^A11", "rows"), ("ADT^A40", "rows"),
      ("VXU^V04", "rows"), ("ZZZ^Z01", "NO-MAPPING"), ("", "MESSAGE-TYPE-MISSING"), ("ADT^A04", "rows"), ("ORU", "rows"),
    ])
  func types(type: String, want: String) throws {
    let message = try Fixture.map("MSH|^~\\&|A|NORTH|||20260301||\(type)|1\r\(Self.pid)")
    switch message.verdict {
    case .rows: #expect(want == "rows")
    case .filtered(let rule): #expect(want == "filtered " + rule)
    case .held(let finding), .rejected(let finding): #expect(want == finding.code.rawValue)
    }
  }

  @Test("A type is counted by name only where it has the standard's form")
  func typeNames() throws {
    #expect(try Fixture.map("MSH|^~\\&|A|NORTH|||20260301||ADT^A04^ADT_A01|1\r\(Self.pid)").type == "ADT^A04")
    #expect(try Fixture.map("MSH|^~\\&|A|NORTH|||20260301||TEST ALPHA|1\r\(Self.pid)").type == "other")
  }

  @Test("A message without a patient is held whole")
  func noPatient() throws {
    let message = try Fixture.map("MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rOBR|1||F1^LAB\rOBX|1|ST|X||v\r")
    #expect(message.verdict == .held(Finding(.subjectMissing, at: SourcePosition(path: "PID", byteOffset: 0))))
    #expect(message.rows.isEmpty && message.heldRows.isEmpty)
  }

  @Test("A missing event time is the business date in the feed's zone, and the row says so")
  func eventTime() throws {
    let message = try Fixture.map("MSH|^~\\&|A|NORTH|||||ADT^A04|1\r\(Self.pid)")
    #expect(message.rows.rows[0].eventTimeIsFallback)
    #expect(message.rows.rows[0].eventInstant == (Fixture.night.daysSinceEpoch * 86_400 + 21_600) * 1_000_000)
    #expect(message.findings.map(\.code) == [.eventTimeMissing])
  }

  @Test("A day as event time begins in the feed's zone")
  func eventDay() throws {
    let message = try Fixture.map("MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\r\(Self.pid)")
    #expect(ClinicalTime.text(instant: message.rows.rows[0].eventInstant) == "2026-03-01T06:00:00.000000Z")
  }

  @Test("One evaluator gives the same message after any other message")
  func reuse() throws {
    let plan = try Fixture.plan(["hl7v2-standard"])
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    let text = Array("MSH|^~\\&|A|NORTH|||20260301||ADT^A04|1\r\(Self.pid)".utf8)
    let first = Fixture.decode(text, plan, &evaluator, format: .hl7v2)
    _ = Fixture.decode(Array("MSH|^~\\&|A|NORTH|||||ORU^R01|2\rPID|1||\rOBX|1\r".utf8), plan, &evaluator, format: .hl7v2)
    #expect(Fixture.decode(text, plan, &evaluator, format: .hl7v2) == first)
  }

  @Test("Entries that share an id and differ all keep their rows under the document's id and their place")
  func sharedEntryIds() throws {
    let statement = { (code: String) in
      "<entry><observation><templateId root=\"2.16.840.1.113883.10.20.22.4.4\"/><id root=\"1.2\" extension=\"SAME\"/><value code=\"\(code)\"/></observation></entry>"
    }
    let text =
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"9.9\" extension=\"D\"/><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget>"
      + "<component><structuredBody><component><section>\(statement("1"))\(statement("2"))\(statement("1"))</section></component></structuredBody></component></ClinicalDocument>"
    let plan = try Fixture.plan(["ccda-standard"], .cda)
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    let message = try #require(Fixture.decode(Array(text.utf8), plan, &evaluator, format: .cda).first)
    let entity = Int32(try #require(plan.dictionary.index(of: "condition")))
    let sources = message.rows.rows.indices.filter { message.rows.rows[$0].entity == entity }.map {
      String(decoding: message.rows.value(row: $0, field: 0).map { $0 == 0x1F ? 0x40 : $0 }, as: UTF8.self)
    }
    #expect(sources == ["D#1.1@9.9", "D#2.1@9.9"])
    #expect(message.skipped.map(\.rule) == ["repeated"])
  }

  @Test("A section rule keeps statements of other sections out")
  func sections() throws {
    let path = "ccda/cda-problem/1.yaml"
    let text = String(decoding: try #require(Fixture.shipped[path]), as: UTF8.self)
    let narrowed = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0 == "  section: any" ? "  section: //h:section[h:code/@code='11450-4']" : String($0) }.joined(separator: "\n")
    let plan = try Fixture.plan(["ccda-standard"], .cda, Fixture.library([path: narrowed]))
    func count(_ code: String) throws -> Int {
      let text =
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"9.9\"/><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget><component><structuredBody><component><section><code code=\"\(code)\"/>"
        + "<entry><observation><templateId root=\"2.16.840.1.113883.10.20.22.4.4\"/><id root=\"1.2\"/></observation></entry></section></component></structuredBody></component></ClinicalDocument>"
      var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
      return Fixture.decode(Array(text.utf8), plan, &evaluator, format: .cda)[0].rows.rows.filter {
        $0.entity == Int32(plan.dictionary.index(of: "condition") ?? -1)
      }.count
    }
    #expect(try count("11450-4") == 1)
    #expect(try count("46240-8") == 0)
  }
}

@Suite("Large fields")
struct LargeFieldTests {
  @Test("Fifty thousand repetitions cost one pass")
  func repetitions() throws {
    let value = Array(repeating: "v", count: 50_000).joined(separator: "~")
    let message = try Fixture.map("MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\r\(RuleTests.pid)OBR|1||F1^LAB\rOBX|1|TX|X||\(value)\r")
    #expect(message.rows.rows.count == 4)
    #expect(message.rows.bytes.count > 99_000)
  }
}
