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
