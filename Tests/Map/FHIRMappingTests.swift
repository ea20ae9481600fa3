import Core
import Decode
import Map
import Testing

/// What the shipped FHIR mappings make of a drop.
struct MappedResources {
  let messages: [MappedMessage]
  let dictionary: CanonicalDictionary

  init(_ text: String, server: String = "", _ names: [String] = ["fhir-standard"], on night: BusinessDate = Fixture.night) throws {
    let plan = try Fixture.plan(names, .fhir)
    var evaluator = MapEvaluator(plan: plan, businessDate: night), found: [MappedMessage] = []
    var settings = DecodeSettings(format: .fhir, names: plan.arenaNames)
    settings.server = server
    let decoder = DropDecoder(settings)
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head): evaluator.begin(head)
      case .record: evaluator.record(record)
      case .end(let tail): found.append(evaluator.end(tail))
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(Array(text.utf8), take)
    _ = decoder.finish(take)
    messages = found
    dictionary = plan.dictionary
  }

  /// A field of every row of an entity; of references the target's own identifier.
  func values(_ entity: String, _ field: String) throws -> [String] {
    let number = try #require(dictionary.index(of: entity)), index = try #require(dictionary.entities[number].index(of: field))
    return messages.flatMap { message in
      message.rows.rows.indices.filter { message.rows.rows[$0].entity == Int32(number) }.map { row in
        let value = Array(message.rows.value(row: row, field: index))
        let shown = dictionary.entities[number].fields[index].isReference ? RowKey.parts(value)?.first ?? [] : value
        return String(decoding: shown.map { $0 == 0x1F ? 0x40 : $0 }, as: UTF8.self)
      }
    }
  }

  var digests: [[UInt8]] { messages.map(\.digest) }

  var verdicts: [String] {
    messages.map {
      switch $0.verdict {
      case .rows: "rows"
      case .filtered: "filtered"
      case .held(let finding), .rejected(let finding): finding.code.rawValue
      }
    }
  }
}

@Suite("FHIR mappings")
struct FHIRMappingTests {
  private static let subject = #"{"resourceType":"Patient","id":"p1","identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:oid:2.999.1","value":"T900001"}]}"#
  private static func condition(_ subject: String, _ more: String = "") -> String {
    #"{"resourceType":"Condition",\#(more)"identifier":[{"system":"urn:oid:2.999.6","value":"C1"}],"code":{"text":"TEST"},"subject":\#(subject)}"#
  }

  @Test("What an address without a type names is of the type that the resource says", arguments: [
    (#"{"reference":"urn:uuid:p"}"#, ["T900001@2.999.1"]), (#"{"reference":"urn:uuid:o"}"#, []), (##"{"reference":"#p1"}"##, ["T900001@2.999.1"]),
    (#"{"type":"Patient","identifier":{"system":"urn:oid:2.999.1","value":"T900001"}}"#, ["T900001@2.999.1"]),
  ])
  func untypedAddress(subject: String, patient: [String]) throws {
    let entries = [
      #"{"fullUrl":"urn:uuid:p","resource":\#(Self.subject)}"#, #"{"fullUrl":"urn:uuid:o","resource":{"resourceType":"Organization","id":"o"}}"#,
      #"{"resource":\#(Self.condition(subject, #""contained":[\#(Self.subject)],"#))}"#,
    ]
    let mapped = try MappedResources(#"{"resourceType":"Bundle","type":"collection","entry":[\#(entries.joined(separator: ","))]}"#, ["fhir-patient@1", "fhir-condition@1"])
    #expect(try mapped.values("condition", "patient") == patient)
  }

  private static let order = #"{"resourceType":"ServiceRequest","id":"s1","identifier":[{"type":{"coding":[{"code":"PLAC"}]},"system":"urn:oid:2.999.3","value":"P1"},{"type":{"coding":[{"code":"FILL"}]},"system":"urn:oid:2.999.4","value":"F1"}]}"#

  @Test("An order is its filler's number, and its id on the server where ids count", arguments: [("", "F1@2.999.4"), ("https://n.example/fhir", "s1@https://n.example/fhir/ServiceRequest")])
  func orderOfAResult(server: String, order: String) throws {
    let entries = [Self.patient, Self.order, Self.result.replacing(#""status""#, with: #""basedOn":[{"reference":"ServiceRequest/s1"}],"status""#)].map { #"{"resource":\#($0)}"# }
    let mapped = try MappedResources(#"{"resourceType":"Bundle","type":"collection","entry":[\#(entries.joined(separator: ","))]}"#, server: server)
    #expect(try mapped.values("observation", "order") == [order])
  }

  @Test("Every example of the FHIR mappings gives what it says")
  func examples() throws {
    let failures = try MappingExamples.failures(in: Fixture.shipped, format: .fhir, zone: Fixture.chicago) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .fhir)
    }
    #expect(failures.map(\.description) == [])
    #expect(try MappingExamples.count(in: Fixture.shipped, format: .fhir) >= 60)
  }

  @Test("The shipped set has no finding of the lint")
  func lint() { #expect(MappingLint.findings(Fixture.shipped, names: ["fhir-standard@1"], format: .fhir, zone: Fixture.chicago) == []) }

  static let patient = #"{"resourceType":"Patient","id":"p1","identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:oid:1.2.3","value":"T900001"}]}"#
  static let result = #"{"resourceType":"Observation","id":"o1","identifier":[{"system":"urn:oid:1.2.9","value":"O1"}],"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"}}"#
  static let visit = #"{"resourceType":"Encounter","id":"e1","subject":{"reference":"Patient/p1"},"class":{"code":"AMB"}}"#

  @Test("Patient and results of separate files join by the ids of the feed's server")
  func export() throws {
    let mapped = try MappedResources([Self.result, Self.patient, Self.visit].joined(separator: "\n"), server: "https://n.example/fhir")
    #expect(try mapped.values("patient", "identifier") == ["p1@https://n.example/fhir/Patient"])
    #expect(try mapped.values("observation", "patient") == ["p1@https://n.example/fhir/Patient"])
    #expect(try mapped.values("observation", "encounter") == mapped.values("encounter", "visit"))
    #expect(try mapped.values("identifier", "identifier") == ["T900001@1.2.3"])
  }

  @Test("Without a server, an id alone identifies nobody")
  func noServer() throws {
    let mapped = try MappedResources([Self.result, Self.patient].joined(separator: "\n"))
    #expect(mapped.verdicts == ["SUBJECT-MISSING", "rows"])
    #expect(try mapped.values("patient", "identifier") == ["T900001@1.2.3"])
  }

  @Test("In a Bundle, references stand for the identifiers of what they name")
  func bundle() throws {
    let mapped = try MappedResources(#"{"resourceType":"Bundle","entry":["# + [Self.result, Self.patient].map { #"{"resource":\#($0)}"# }.joined(separator: ",") + "]}")
    #expect(try mapped.values("observation", "patient") == ["T900001@1.2.3"])
  }

  @Test("A patient on another server is known by the address that names it")
  func otherServer() throws {
    let mapped = try MappedResources(Self.result.replacing("Patient/p1", with: "https://s.example/fhir/Patient/p1/_history/2"), server: "https://n.example/fhir")
    #expect(try mapped.values("observation", "patient") == ["p1@https://s.example/fhir/Patient"])
  }

  @Test("Resources of different types with one id are different", arguments: [
    ("provider", "identifier", "Practitioner", "Organization", ""), ("medication", "source", "MedicationRequest", "MedicationAdministration", #","subject":{"reference":"Patient/p1"},"medicationCodeableConcept":{"text":"x"}"#),
  ])
  func oneIdOfTwoTypes(entity: String, field: String, one: String, other: String, more: String) throws {
    let lines = [one, other].map { #"{"resourceType":"\#($0)","id":"7","name":"x"\#(more)}"# }
    let mapped = try MappedResources(lines.joined(separator: "\n"), server: "https://n.example/fhir")
    #expect(try mapped.values(entity, field) == [one, other].map { "7@https://n.example/fhir/\($0)" })
  }

  private static func bundle(_ resource: String, at timestamp: String) -> String {
    #"{"resourceType":"Bundle","timestamp":"\#(timestamp)","entry":[{"resource":\#(resource)}]}"#
  }

  @Test("An entry that is said again in a later Bundle is another message where the Bundle tells its event time, else the same one", arguments: [
    (Self.patient, false), (Self.patient.replacing(#""id""#, with: #""meta":{"lastUpdated":"2026-03-01T08:00:00Z"},"id""#), true),
  ])
  func saidAgain(resource: String, isSame: Bool) throws {
    let one = try MappedResources(Self.bundle(resource, at: "2026-03-02T08:00:00Z")), other = try MappedResources(Self.bundle(resource, at: "2026-03-03T08:00:00Z"))
    #expect((one.digests == other.digests) == isSame)
    #expect(try MappedResources(Self.bundle(resource, at: "2026-03-02T08:00:00Z")).digests == one.digests)
  }

  @Test("A resource without any time is a statement of its night")
  func fallback() throws {
    func digests(_ days: Int) throws -> [[UInt8]] { try MappedResources(Self.patient, on: BusinessDate(daysSinceEpoch: 20_513 + days)).digests }
    #expect(try digests(0) == digests(0) && digests(0) != digests(1))
  }

  @Test("Whatever value of a path acts on a row counts, not the first alone")
  func anyValueHolds() throws {
    let codings = #""verificationStatus":{"coding":[{"code":"confirmed"},{"code":"entered-in-error"}]},"subject":"#
    let text = Self.condition(#"{"identifier":{"system":"urn:oid:2.999.1","value":"T900001"}}"#).replacing(#""subject":"#, with: codings)
    let mapped = try MappedResources(text, ["fhir-condition@1"])
    #expect(mapped.messages.flatMap { $0.rows.rows.map(\.action) } == [.withdraw])
  }

  /// Rows of `Basic` by a guard, for values of `code.coding.code`.
  private static func guarded(_ block: String, _ codes: [String]) throws -> MappedMessage {
    let text = """
      mapping: own
      version: 1
      reads: {fhir: [Basic]}
      zone: feed
      event_time: Bundle.timestamp
      owner: test
      why: test
      provider:
        each: Basic
        key: [identifier]
        \(block)
        set:
          identifier: identifier | id | default "-"
          family: code.text
      examples: [{name: none, given: x, expect: {}}]
      """
    let plan = try Fixture.plan(["own@1"], .fhir, Fixture.library(["fhir/own/1.yaml": text]))
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    let coding = codes.map { #"{"code":"\#($0)"}"# }.joined(separator: ",")
    return try #require(Fixture.decode(Array(#"{"resourceType":"Basic","code":{"coding":[\#(coding)]}}"#.utf8), plan, &evaluator, format: .fhir).first)
  }

  @Test("A row is made where any value of a path is one of the rule's", arguments: [
    (["a", "b"], 1), (["b", "a"], 1), (["b"], 0), ([], 0),
  ])
  func anyValueChooses(codes: [String], rows: Int) throws { #expect(try Self.guarded("when: {code.coding.code: [a]}", codes).rows.rows.count == rows) }

  @Test("A value may be asked for, or that there is none", arguments: [("(present)", ["a"], 1), ("(present)", [], 0), ("(absent)", ["a"], 0), ("(absent)", [], 1)])
  func presence(word: String, codes: [String], rows: Int) throws { #expect(try Self.guarded("when: {code.coding.code: [\(word)]}", codes).rows.rows.count == rows) }

  private static func observation(_ status: String) -> String {
    result.replacing(#""final""#, with: "\"\(status)\"").replacing(#""reference":"Patient/p1""#, with: #""identifier":{"system":"urn:oid:1.2.3","value":"T900001"}"#)
  }

  @Test("A result that was corrected, or entered in error, says so", arguments: [("final", RowAction.state), ("amended", .correct), ("corrected", .correct), ("entered-in-error", .withdraw)])
  func correction(status: String, action: RowAction) throws {
    let message = try #require(try MappedResources(Self.observation(status), ["fhir-observation@1"]).messages.first)
    #expect(message.rows.rows.map(\.action) == [action] && message.heldCodes == [])
  }

  @Test("A resource whose meaning is modified is held whole, wherever the modifier stands", arguments: [
    (#""implicitRules":"https://n.example/rules","#, "implicitRules"), (#""modifierExtension":[{"url":"https://n.example/not"}],"#, "modifierExtension"),
    (#""component":[{"modifierExtension":[{"url":"https://n.example/not"}]}],"#, "modifierExtension"),
  ])
  func modified(member: String, path: String) throws {
    let text = Self.observation("final").replacing(#""status""#, with: member + #""status""#)
    let message = try #require(try MappedResources(text).messages.first)
    guard case .held(let finding) = message.verdict else { return #expect(Bool(false)) }
    #expect(finding.code == .modifierHeld && finding.position.path == path)
  }

  private static func bundle(_ before: String, _ entry: String, _ resource: String = observation("final")) -> String {
    #"{"resourceType":"Bundle","type":"collection",\#(before)"entry":[{\#(entry)"resource":\#(resource)}]}"#
  }

  @Test("A Bundle or an entry whose meaning is modified is held", arguments: [
    (#""implicitRules":"https://n.example/rules","#, "", "Bundle.implicitRules"),
    ("", #""modifierExtension":[{"url":"https://n.example/not"}],"#, "Bundle.entry.modifierExtension"),
  ])
  func modifiedEntry(before: String, entry: String, path: String) throws {
    let message = try #require(try MappedResources(Self.bundle(before, entry)).messages.first)
    guard case .held(let finding) = message.verdict else { return #expect(Bool(false)) }
    #expect(finding.code == .modifierHeld && finding.position.path == path)
    #expect(try MappedResources(Self.bundle("", "")).verdicts == ["rows"])
  }

  @Test("What refers to a resource whose meaning is modified is held with it")
  func modifiedReference() throws {
    let medication = #"{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Medication","id":"m1","modifierExtension":[{"url":"https://n.example/not"}],"code":{"coding":[{"code":"1"}]}}}"#
    let request =
      #"{"resource":{"resourceType":"MedicationRequest","id":"r1","status":"active","intent":"order","medicationReference":{"reference":"urn:uuid:1"},"subject":{"identifier":{"system":"urn:oid:1.2.3","value":"T1"}}}}"#
    let messages = try MappedResources(#"{"resourceType":"Bundle","type":"collection","entry":[\#(medication),\#(request)]}"#).messages
    guard case .held(let finding) = try #require(messages.last).verdict else { return #expect(Bool(false)) }
    #expect(finding.code == .modifierHeld)
  }

  @Test("A cancel of a resource that does not say what became of it is held")
  func cancelWithoutStatus() throws {
    let message = try Self.guarded("events_by: {code.coding.code: {a: cancel}}", ["a"])
    #expect(message.heldCodes == [.cancelHeld] && message.rows.rows.isEmpty)
  }

  @Test("What carries no rows is filtered, what nobody reads is held")
  func types() throws {
    let lines = ["OperationOutcome", "Goal"].map { #"{"resourceType":"\#($0)"}"# }
    #expect(try MappedResources(lines.joined(separator: "\n")).verdicts == ["filtered", "NO-MAPPING"])
  }

  @Test("A name that neither a mapping nor the standard has is never shown", arguments: ["TESTALPHA19700102", "testalpha"])
  func madeUpName(name: String) throws {
    let text = #"{"resourceType":"Patient","id":"1","\#(name)":"x","photo":{"\#(name)":{"\#(name)":"y"}},"maritalStatus":{"userSelected":"z"}}"#
    let paths = try Look.at(text, ["fhir-standard@1"], .fhir).list(.field).map(\.item.path)
    #expect(!paths.contains { $0.contains(name) })
    #expect(Set(paths).isSuperset(of: ["*", "photo.*.*", "maritalStatus.userSelected"]))
  }

  @Test("Places that a line reads are read, the others are not", arguments: [("birthDate", FeedTally.Fate.read), ("name.given", .read), ("multipleBirthBoolean", .unread), ("contact.name.family", .ignored)])
  func coverage(path: String, fate: FeedTally.Fate) throws {
    let text = #"{"resourceType":"Patient","id":"1","birthDate":"1970-01-02","multipleBirthBoolean":true,"name":[{"given":["ALPHA"],"family":"TEST"}],"contact":[{"name":{"family":"TEST"}}]}"#
    #expect(try Look.at(text, ["fhir-standard@1"], .fhir).list(.field).first { $0.item.path == path }?.sight.fate == fate)
  }
}

@Suite("FHIR paths")
struct FHIRPathTests {
  private static func value(_ path: String, _ members: String) throws -> String {
    let text = """
      mapping: own
      version: 1
      reads: {fhir: [Basic]}
      zone: feed
      event_time: Bundle.timestamp
      owner: test
      why: test
      provider:
        each: Basic
        key: [identifier]
        set:
          identifier: identifier | id | default "-"
          family: \(path)
      examples: [{name: none, given: x, expect: {}}]
      """
    let plan = try Fixture.plan(["own@1"], .fhir, Fixture.library(["fhir/own/1.yaml": text]))
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    let message = try #require(Fixture.decode(Array(#"{"resourceType":"Basic",\#(members)}"#.utf8), plan, &evaluator, format: .fhir).first)
    let field = try #require(plan.dictionary["provider"]?.index(of: "family"))
    guard message.rows.rows.count == 1, message.rows.cell(row: 0, field: field).state == .value else { return "none" }
    return String(decoding: message.rows.value(row: 0, field: field), as: UTF8.self)
  }

  @Test("A path gives the first value that it selects", arguments: [
    ("a.b", "x"), ("a[1].b", "y"), ("a.first().b", "x"), ("a.where(c='2').b", "y"), ("a.where(c='2' and b.exists()).b", "y"), ("a.where(c !~ '1').b", "y"), ("a.where(d.empty())[1].b", "y"),
    ("Basic.a[1].b", "y"), ("Resource.a.b", "x"), ("a.where(b='z').b", "none"), ("v.ofType(Quantity)", "<1.50"), ("vQuantity.value", "1.50"), ("extension('u').valueCode", "k"), ("t.extension('u').valueCode", "m"),
    ("r", "1:128"), ("low", ">=3"), ("high", "<=5.0"), ("both", "3-5.0"), ("a.b | join \"+\"", "x+y"), ("flag", "true"), ("s.where(resolve() is Patient).display", "D"), ("s.where(resolve() is Group).display", "none"), ("blank", "none"),
  ])
  func paths(path: String, value: String) throws {
    let members = #""a":[{"b":"x","c":"1"},{"b":"y","c":"2"}],"vQuantity":{"comparator":"<","value":1.50},"extension":[{"url":"u","valueCode":"k"}],"_t":{"extension":[{"url":"u","valueCode":"m"}]},"# +
      #""r":{"numerator":{"value":1},"denominator":{"value":128}},"low":{"low":{"value":3}},"high":{"high":{"value":5.0}},"both":{"low":{"value":3},"high":{"value":5.0}},"flag":true,"s":{"reference":"Patient/1","display":"D"},"blank":" ""#
    #expect(try Self.value(path, members) == value)
  }

  @Test("What is not understood is refused", arguments: ["a.", "a[x]", "a.where(b)", "a.where(b='1'", "a.last()", "Nothing.a", "Bundle.entry", "a b", "a.where(resolve() is Person1).b"])
  func refused(path: String) { #expect(throws: ConfigurationError.self) { try Self.value(path, #""a":1"#) } }
}
