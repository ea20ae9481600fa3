import Core
import Map
import Testing

/// Which path of its line gave a value.
@Suite("Sources of cells")
struct CellSourceTests {
  /// What gave a field of the rows of an entity, row by row: `PID-3[first]`, `PID-3 by MSH-4.1`, `default`, `nearest`, `entry` or `-`.
  private func sources(_ text: String, _ names: [String], _ target: String, _ library: MappingLibrary, _ format: SourceFormat = .hl7v2) throws -> [String] {
    let plan = try Fixture.plan(names, format, library), parts = target.split(separator: ".").map(String.init)
    let entity = try #require(plan.dictionary.index(of: parts[0])), field = try #require(plan.dictionary.entities[entity].index(of: parts[1]))
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night, tracing: TracedField(entity: entity, field: field))
    let message = try #require(Fixture.decode(Array(text.utf8), plan, &evaluator, format: format).first)
    return try message.rows.rows.indices.filter { Int(message.rows.rows[$0].entity) == entity }.map { row in
      let origin = try #require(plan.origin(mapping: Int(message.rows.rows[row].mapping), entity: parts[0], field: parts[1]))
      switch evaluator.source(ofRow: row) {
      case .path(let path, let assigner): return origin.paths[path] + (assigner < 0 ? "" : " by " + origin.paths[assigner])
      case .fallback: return "default"
      case .nearestRow: return "nearest"
      case .entryIdentity: return "entry"
      case .cleared: return "clears"
      case .joined(.path(let path, _), let place): return "\(origin.paths[path]) of \(plan.rowPaths[place.path]) \(place.occurrence)"
      case .joined: return "joined"
      case nil: return "-"
      }
    }
  }

  private static let head = "MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rPID|1||P1\r"

  private func result(_ segments: String, _ field: String, set: String = "", block: String = "") throws -> [String] {
    try sources(Self.head + segments, ["own@1"], "observation.\(field)", OwnMapping.results(block, set: set).library)
  }

  @Test("Of a chain the path that had the value is named", arguments: [("OBX|1|ST|X|9||\r", "OBX-4"), ("OBX|1|ST|X|||\r", "OBX-1"), ("OBX||ST|X|||\r", "default")])
  func chain(segment: String, want: String) throws { #expect(try result(segment, "sub") == [want]) }

  @Test("Of rows of one message each names its own", arguments: ["", "OBX|2|ST|Z||a\rOBX|2|ST|Z||b\r"])
  func rows(contradicted: String) throws {
    #expect(try result(contradicted + "OBX|1|ST|X|9||\rOBX|3|ST|Y|||\r", "sub") == ["OBX-4", "OBX-1"])
  }

  @Test("A field that was cleared names the path that cleared it, and what nobody said none", arguments: [
    ("OBX|1|ST|X|9|||\"\"|\r", "OBX-7"), ("OBX|1|ST|X|9|||||N\r", "OBX-9"), ("OBX|1|ST|X|9||||\r", "-"),
  ])
  func cleared(segment: String, want: String) throws { #expect(try result(segment, "range", set: "range: OBX-7 or OBX-9", block: "absent: clears") == [want]) }

  @Test("A field that the trigger event clears names that line, whatever the message says of it")
  func clearedByEvent() throws {
    let own = OwnMapping.results("clears: {R03: [value, range]}", reads: "{hl7v2: [ORU^R01, ORU^R03]}", set: "range: OBX-7")
    let text = Self.head.replacing("ORU^R01", with: "ORU^R03") + "OBX|1|ST|X||a||3-5\r"
    #expect(try sources(text, ["own@1"], "observation.value", own.library) == ["clears"])
    #expect(try sources(text, ["own@1"], "observation.status", own.library) == ["-"])
    let plan = try own.plan(), own1 = try #require(plan.mappings.first)
    let line = try #require(try own.library.clearing(of: own1, entity: "observation", field: "range", event: "R03"))
    #expect(line.text == "clears: {R03: [value, range]}" && line.line > 0)
    #expect(try own.library.clearing(of: own1, entity: "observation", field: "range", event: "R01") == nil)
  }

  @Test("A mapping and what it stands over are one, and so are its versions", arguments: [("own@1", "pid-patient@1", true), ("pid-patient@1", "own@1", true), ("own@1", "own@1", true), ("own@1", "pv1-encounter@1", false)])
  func areOne(one: String, other: String, isOne: Bool) throws {
    let library = Fixture.library(["hl7v2/own/1.yaml": "mapping: own\nversion: 1\noverlays: pid-patient@1\nowner: test\nwhy: test\n"])
    #expect(try library.areOne(one, other) == isOne)
  }

  @Test("A field beside another one names the path of its own chain")
  func beside() throws {
    let set = "unit: OBX-6.1 or OBX-6.4\nunit_display: OBX-6.2 or OBX-6.5 | beside unit"
    #expect(try result("OBX|1|NM|X|9|5|^^^mg^milli\r", "unit_display", set: set) == ["OBX-6.5"])
  }

  @Test("An identifier names its path, and the path of its assigner where its own repetition has none", arguments: [("P1^^^SOUTH", "PID-3"), ("P1", "PID-3 by MSH-4.1")])
  func assigner(id: String, want: String) throws {
    let text = Self.head.replacing("|P1\r", with: "|\(id)\r").replacing("ORU^R01", with: "ADT^A04")
    #expect(try sources(text, ["pid-patient@1"], "patient.identifier", Fixture.shipped).map { $0.replacing("[record]", with: "") } == [want])
  }

  @Test("A reference by position names none of the paths")
  func nearest() throws { #expect(try result("OBX|1|ST|X|9||\r", "patient") == ["nearest"]) }

  @Test("A statement without an id of its own is known by its entry")
  func entry() throws {
    let own = OwnMapping(
      format: .cda, reads: "{cda: any}",
      blocks: """
        patient:
          each: /h:ClinicalDocument/h:recordTarget/h:patientRole
          key: [identifier]
          null_flavor: {others: absent}
          set: {identifier: h:id | id | required}
        condition:
          section: any
          each: h:observation
          key: [source, patient]
          null_flavor: {others: absent}
          negation: skip
          set: {source: h:id or h:code | id else entry | required, patient: ref patient | required}
        """)
    let entries = "<entry><observation><id root=\"1.3\"/></observation></entry><entry><observation/></entry>"
    let text = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"9.9\" extension=\"D1\"/><recordTarget><patientRole><id root=\"1.1\" extension=\"T1\"/></patientRole></recordTarget><component><structuredBody><component><section>\(entries)</section></component></structuredBody></component></ClinicalDocument>"
    #expect(try sources(text, ["own@1"], "condition.source", own.library, .cda) == ["h:id", "entry"])
  }

  @Test("What rows that agree say together is named by the place that said it", arguments: [("family", "DG1-16.2"), ("given", "DG1-16.3 of DG1 2"), ("suffix", "DG1-16.5 of DG1 3")])
  func joined(field: String, want: String) throws {
    let text = Self.head + "DG1|1|||||||||||||||7^TEST\rDG1|2|||||||||||||||7^TEST^ALPHA\rDG1|3|||||||||||||||7^TEST^ALPHA^^MD\r"
    #expect(try sources(text, ["own@1"], "provider.\(field)", RepeatedKeyTests.agreeing().library) == [want])
  }

  @Test("Tracing changes no row", arguments: ["sub", "value", "patient"])
  func rows(field: String) throws {
    let plan = try OwnMapping.results("").plan(), entity = try #require(plan.dictionary.index(of: "observation"))
    let traced = TracedField(entity: entity, field: try #require(plan.dictionary.entities[entity].index(of: field)))
    let text = Array((Self.head + "OBX|1|ST|X|9|a~b|\rOBX|3|NM|Y||5|\r").utf8)
    var plain = MapEvaluator(plan: plan, businessDate: Fixture.night), tracing = MapEvaluator(plan: plan, businessDate: Fixture.night, tracing: traced)
    #expect(Fixture.decode(text, plan, &plain, format: .hl7v2) == Fixture.decode(text, plan, &tracing, format: .hl7v2))
  }

  @Test("A source crosses the border of a process", arguments: [CellSource.path(2, assigner: -1), .path(0, assigner: 3), .fallback, .nearestRow, .entryIdentity, .cleared,
    .joined(.path(1, assigner: -1), at: CellPlace(mapping: 2, path: 3, occurrence: 4)),
  ])
  func crossing(source: CellSource) throws {
    var writer = ByteWriter()
    source.write(to: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try CellSource(from: &reader) == source)
  }

  @Test("The lines of a field: the overlay's first, then what it stands over, and the code set that it exchanged")
  func layers() throws {
    let top = "mapping: top\nversion: 1\noverlays: own@1\nowner: site\nwhy: test\ncodes: {sex@1: sex@2}\n"
    let own = "mapping: own\nversion: 1\noverlays: pid-patient@1\nowner: site\nwhy: test\npatient:\n  set:\n    given: PID-5.2 | trim\n"
    let csv = "source,target,relationship,since,until,approver\nM,man,equivalent,,,t\n"
    let library = Fixture.library(["hl7v2/own/1.yaml": own, "hl7v2/top/1.yaml": top, "codes/sex/2.csv": csv])
    let identity = try #require(try Fixture.plan(["top@1"], .hl7v2, library).mappings.first)
    let given = try library.layers(of: identity, entity: "patient", field: "given"), sex = try library.layers(of: identity, entity: "patient", field: "sex")
    #expect(given.lines.map(\.place) == ["Mappings/hl7v2/own/1.yaml:8", "Mappings/hl7v2/pid-patient/1.yaml:27"] && given.codes == [])
    #expect(given.lines.first?.text == "given: PID-5.2 | trim")
    #expect(sex.lines.count == 1 && sex.codes.map(\.text) == ["sex@1: sex@2"] && sex.codes.map(\.place) == ["Mappings/hl7v2/top/1.yaml:6"])
  }
}
