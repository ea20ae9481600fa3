import Core
import Map
import Testing

@Suite("Shipped mappings")
struct ExampleTests {
  @Test("Every example of the HL7 v2 mappings gives what it says")
  func segments() throws {
    let failures = try MappingExamples.failures(in: Fixture.shipped, format: .hl7v2, zone: Fixture.chicago) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .hl7v2)
    }
    #expect(failures.map(\.description) == [])
    #expect(try MappingExamples.count(in: Fixture.shipped, format: .hl7v2) >= 15)
  }

  @Test("Every example of the C-CDA mappings gives what it says")
  func documents() throws {
    let failures = try MappingExamples.failures(in: Fixture.shipped, format: .cda, zone: Fixture.chicago) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .cda)
    }
    #expect(failures.map(\.description) == [])
    #expect(try MappingExamples.count(in: Fixture.shipped, format: .cda) >= 12)
  }

  @Test("The benchmark's mapping gives what its example says")
  func benchmark() throws {
    let library = MappingLibrary(files: Fixture.files(below: Fixture.root + "/Benchmarks/Mappings"))
    let failures = try MappingExamples.failures(in: library, format: .hl7v2, zone: Fixture.chicago) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .hl7v2)
    }
    #expect(failures.map(\.description) == [])
  }

  @Test("An example that is wrong fails with what was wanted and what came")
  func wrongExample() throws {
    let path = "hl7v2/pid-patient/1.yaml"
    let text = String(decoding: try #require(Fixture.shipped[path]), as: UTF8.self)
    let library = Fixture.library([path: text.replacing("sex: female, city", with: "sex: male, city")])
    let failures = try MappingExamples.failures(in: library, format: .hl7v2, zone: Fixture.chicago) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .hl7v2)
    }
    #expect(failures.map { "\($0.place) \($0.want) \($0.got)" } == ["patient[0].sex male female"])
  }

  /// What fails of an example of the results of two segments, the second of which is held.
  private func failures(expecting lines: String) throws -> [String] {
    let own = OwnMapping.results("hold: {OBX-11: {W: CORRECTION-HELD}}").text
    let given = "MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\n      PID|1||P1\n      OBX|1|ST|X||a||||||F\n      OBX|2|ST|Y||b||||||W\n      OBX|3|ST|||b||||||F"
    let text = own.replacing("    given: MSH\n    expect: {}", with: "    given: |\n      \(given)\n    \(lines)")
    return try MappingExamples.failures(in: Fixture.library(["hl7v2/own/1.yaml": text]), format: .hl7v2, zone: Fixture.chicago, names: ["own@1"]) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .hl7v2)
    }.map { "\($0.place): \($0.got)" }
  }

  private static let both = "[{code: CORRECTION-HELD, at: OBX-11}, {code: REQUIRED-MISSING, at: OBX-3.1}]"

  @Test("An example names all that is held", arguments: [
    ("hold: \(both)", []), ("hold: {code: CORRECTION-HELD, at: OBX-11}", ["hold: CORRECTION-HELD at OBX-11, REQUIRED-MISSING at OBX-3.1"]),
    ("expect: {observation: [{value: a}]}", ["hold: CORRECTION-HELD at OBX-11, REQUIRED-MISSING at OBX-3.1"]),
  ])
  func wholeHold(lines: String, want: [String]) throws { #expect(try failures(expecting: lines) == want) }

  @Test("An example that names no entity fails", arguments: [("does: {observatoin: []}", "does observatoin"), ("skipped: {observatoin: 0}", "skipped observatoin"), ("expect: {observatoin: []}", "observatoin")])
  func noEntity(line: String, place: String) throws {
    #expect(try failures(expecting: "\(line)\n    hold: \(Self.both)") == ["\(place): none of that name"])
  }

  @Test("An example of what nobody can say is refused", arguments: [
    "hold: CORRECTION-HELD", "hold: {code: CORRECTION-HELD, where: OBX}", "hold: [CORRECTION-HELD]", "hold: {at: OBX}", "server: https://n.example/",
  ])
  func refusedExample(line: String) {
    let error = #expect(throws: ConfigurationError.self) { try failures(expecting: line) }
    #expect(error?.code == "MAP-144" && (error?.line ?? 0) > 0)
  }

  private func failures(eventTime: String, findings: String = "") throws -> [String] {
    let text = Census.mapping(example: "given: |\n      \(Census.heading)      T1,TEST,,,,,03.01.2026\n    expect: {patient: [{}]}\(findings)")
    let library = Census.library(text.replacing("event_time: since", with: eventTime))
    return try MappingExamples.failures(in: library, format: .csv, zone: Fixture.chicago) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .csv)
    }.filter { $0.mapping == "census@1" }.map { "\($0.place): \($0.got)" }
  }

  @Test("An example whose event time cannot be read fails, unless it expects that")
  func eventTimes() throws {
    #expect(try failures(eventTime: "event_time: since") == ["findings: TIME-INVALID at since", "findings: EVENT-TIME-MISSING at since"])
    #expect(try failures(eventTime: "event_time: since", findings: "\n    findings: [TIME-INVALID, EVENT-TIME-MISSING]") == [])
    #expect(try failures(eventTime: "event_time: since | date \"MM.DD.YYYY\"") == [])
  }

  @Test("A mapping of rows without an event time lets the night stand in, and an example need not say so")
  func noEventTime() throws { #expect(try failures(eventTime: "") == []) }

  @Test("The shipped files are those that RELEASED lists")
  func released() throws { try Fixture.shipped.verifyReleased() }
}

extension String {
  func replacing(_ old: String, with new: String) -> String {
    var out = ""
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(old) {
        out += new
        rest = rest.dropFirst(old.count)
      } else {
        out.append(rest.removeFirst())
      }
    }
    return out
  }
}
