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
