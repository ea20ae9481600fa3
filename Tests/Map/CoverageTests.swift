import Core
import Decode
import Map
import Testing

/// Looks at a text with the shipped mappings.
enum Look {
  static func at(
    _ text: String, _ names: [String] = ["hl7v2-standard@1"], _ format: SourceFormat = .hl7v2, isWhole: Bool = true, library: MappingLibrary = Fixture.shipped
  ) throws -> FeedTally {
    let plan = try Fixture.plan(names, format, library)
    var observer = CoverageObserver(try CoverageRules(plan, library), isWhole: isWhole)
    run(text, plan, format, &observer)
    return observer.tally()
  }

  static func run(_ text: String, _ plan: MapPlan, _ format: SourceFormat, _ observer: inout CoverageObserver) {
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    var settings = DecodeSettings(format: format, names: plan.arenaNames)
    settings.layout = plan.layout
    let decoder = DropDecoder(settings)
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head): evaluator.begin(head)
      case .record:
        evaluator.record(record)
        observer.record(record, &evaluator)
      case .end(let tail):
        observer.end(tail, record)
        _ = evaluator.end(tail)
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(Array(text.utf8), take)
    _ = decoder.finish(take)
  }

  static func fate(_ path: String, _ text: String) throws -> FeedTally.Fate? {
    try at(text).list(.field).first { $0.item.path == path }?.sight.fate
  }

  static let admit = "MSH|^~\\&|EPIC|NORTH|||20260301081500||ADT^A01^ADT_A01|M1|T|2.5.1\rEVN|A01|20260301081500\r"
    + "PID|1||T900001^^^NORTH^MR||TEST^ALPHA^^^^^L||19700102|F||RACE1\rNK1|1|TEST^BETA\rPV1|1|I|||||||||||||||||V1^^^NORTH\r"
}

@Suite("Coverage") struct CoverageTests {
  @Test("a place that a line reads is read") func read() throws { #expect(try Look.fate("PID-7", Look.admit) == .read) }

  @Test("a component that no line reads is unread beside one that is read") func component() throws {
    let own = "mapping: own\nversion: 1\noverlays: pid-patient@1\nowner: site\nwhy: test\npatient:\n  set:\n    former_family: (removed)\nignore:\n  PID-5: (removed)\n"
    let fields = try Look.at(Look.admit, ["own@1"], library: Fixture.library(["hl7v2/own/1.yaml": own])).list(.field)
    #expect(fields.filter { ["PID-5.1", "PID-5.7"].contains($0.item.path) }.map(\.sight.fate) == [.read, .unread])
  }

  @Test("a place under ignore is ignored, with the reason of its line") func ignored() throws {
    let sight = try #require(try Look.at(Look.admit).list(.field).first { $0.item.path == "PID-1" }?.sight)
    #expect(sight.fate == .ignored)
    #expect(sight.reason == "the number of the segment")
  }

  @Test("all of an ignored segment is ignored") func ignoredSegment() throws { #expect(try Look.fate("NK1-2.1", Look.admit) == .ignored) }

  @Test("every populated place has a fate, and no place is made up") func whole() throws {
    let paths = Set(try Look.at(Look.admit).list(.field).map(\.item.path).filter { $0.hasPrefix("PID") || $0.hasPrefix("NK1") })
    #expect(paths == ["PID-1", "PID-3.1", "PID-3.4", "PID-3.5", "PID-5.1", "PID-5.2", "PID-5.7", "PID-7", "PID-8.1", "PID-10.1", "NK1-1", "NK1-2.1", "NK1-2.2"])
  }

  @Test("a place is counted once a message and once a value") func counts() throws {
    let twice = Look.admit.replacing("NORTH^MR", with: "NORTH^MR~T900002^^^NORTH^MR") + Look.admit
    let sight = try #require(try Look.at(twice).list(.field).first { $0.item.path == "PID-3.1" }?.sight)
    #expect((sight.messages, sight.occurrences) == (2, 3))
  }

  @Test("no value of a place without codes stands in the tally") func values() throws {
    let texts = try Look.at(Look.admit).sights.keys.map(\.value)
    #expect(!texts.contains { $0.contains("TEST") || $0.contains("T900001") || $0.contains("19700102") })
  }

  @Test("a code that its set does not hold is counted in every message") func unmapped() throws {
    let tally = try Look.at((0..<400).map { Look.admit.replacing("|M1|", with: "|M\($0)|").replacing("|F||", with: "|\($0 == 399 ? "Q" : "F")||") }.joined(), isWhole: false)
    #expect(tally.list(.unmapped).map(\.item.value) == ["Q"])
    #expect(tally.list(.unmapped).first?.item.scope == "sex@1")
  }

  @Test("a message with a code that rules of two mappings read is one message") func unmappedByTwo() throws {
    let result = Look.admit.replacing("ADT^A01^ADT_A01", with: "ORU^R01") + "OBR|1||F1^LAB|718-7^HGB^LN|||20260301080000|||||||||||||||||ZZZ|F\r" + "OBX|1|NM|718-7^HGB^LN||13.1|g/dL|||||F\r"
    let list = try Look.at(result).list(.unmapped).filter { $0.item.path == "OBR-24" }
    #expect(list.map(\.item.value) == ["ZZZ"] && list.map(\.sight.messages) == [1])
  }

  @Test("a large drop is looked at in part, and always where a segment is new") func sample() throws {
    let many = (0..<2_000).map { Look.admit.replacing("|M1|", with: "|M\($0)|") + ($0 == 1_500 ? "ZPD|1\r" : "") }.joined()
    let tally = try Look.at(many, isWhole: false)
    #expect(tally.messages == 2_000 && (256..<500).contains(tally.looked))
    #expect(tally.list(.part).contains { $0.item.path == "ZPD" })
  }

  @Test("a tally reads back as it was written") func wire() throws {
    let tally = try Look.at(Look.admit)
    var reader = ByteReader(tally.encoded)
    #expect(try FeedTally(from: &reader) == tally)
  }
}

@Suite("Coverage of documents") struct DocumentCoverageTests {
  static let text = """
    <ClinicalDocument xmlns="urn:hl7-org:v3"><id root="2.16.840.1.113883.19.5" extension="D1"/><effectiveTime value="20260301081500-0600"/>
    <recordTarget><patientRole><id root="2.16.840.1.113883.19.1" extension="T900001"/><TESTalphaX1/><JOHNSMITH SSN.JOHN="x" Meier="1"/></patientRole></recordTarget>
    <component><structuredBody><component><section><code code="11450-4"/><title>Problems</title><entry><act><statusCode code="active"/><entryRelationship><observation
     negationInd="false"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="2.16.840.1.113883.19.7" extension="C1"/><code code="55607006"/>
    <repeatNumber value="1"/><value code="195967001" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship></act></entry></section></component>
    </structuredBody></component></ClinicalDocument>
    """

  static func fate(_ end: String) throws -> FeedTally.Fate? {
    try Look.at(text, ["ccda-standard@1"], .cda).list(.field).first { $0.item.path.hasSuffix(end) }?.sight.fate
  }

  @Test("a place from which a path takes its value is read") func read() throws { #expect(try Self.fate("h:observation/h:value/@code") == .read) }
  @Test("a place from which none does is unread") func unread() throws { #expect(try Self.fate("h:repeatNumber/@value") == .unread) }
  @Test("the header's places are counted too") func header() throws { #expect(try Self.fate("h:patientRole/h:id/@extension") == .read) }

  @Test("of names only those of the standard and of the mappings are told") func names() throws {
    let paths = try Look.at(Self.text, ["ccda-standard@1"], .cda).list(.field).map(\.item.path)
    #expect(!paths.contains { $0.contains("JOHN") || $0.contains("Meier") })
    #expect(paths.contains { $0.hasSuffix("h:patientRole/*/*") } && paths.contains { $0.hasSuffix("h:patientRole/h:id/@extension") })
  }

  @Test("places below an entry stand under the code of its section") func scope() throws {
    let tally = try Look.at(Self.text, ["ccda-standard@1"], .cda)
    #expect(Set(tally.list(.field).filter { $0.item.path.contains("h:observation") }.map(\.item.scope)) == ["11450-4"])
    #expect(tally.list(.part).map(\.item.path) == ["11450-4"])
  }
}

@Suite("Code shapes") struct CodeShapeTests {
  @Test("what looks like a code may be shown", arguments: ["F", "mg/dL", "2345-7", "V01", "LN", "2.16.840.1.113883.6.96", "10*3", "%", "mm[Hg]", "10*3/uL", "[degF]", "/min"])
  func plain(text: String) { #expect(CodeShape.isPlain(text.utf8)) }

  @Test("identifiers, dates, names and text may not", arguments: ["T900001", "19700102", "1970", "ALPHA TEST", "TESTALPHAX", "", "555-0100", "123-45-6789", "O'SHEA", "Ä", "DOE/JOHN", "SMITH#7", "1/JAN/70", "1/Mar/70", "{DOE}", "mg{DOE}", "DOE%", "[DOE]", "J*DOE", "99213", "WARD-3", "SMITH", "LEE", "0412", "03/09"])
  func hidden(text: String) { #expect(!CodeShape.isPlain(text.utf8)) }
}
