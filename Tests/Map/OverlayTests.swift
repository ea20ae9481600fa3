import Core
import Map
import Testing

@Suite("Overlays")
struct OverlayTests {
  private static let message = "MSH|^~\\&|EPIC|NORTH|||20260301||ADT^A04|1\rPID|1||P1^^^NORTH^MR~S1^^^STATE^SS||TEST^ALPHA^Q||19700102|M\r"

  private static func overlay(_ lines: String, id: String = "own", over base: String = "pid-patient@1") -> String {
    "mapping: \(id)\nversion: 1\noverlays: \(base)\nowner: site\nwhy: test\n" + lines
  }

  private func map(_ lines: String, _ others: [String: String] = [:]) throws -> Mapped {
    let library = Fixture.library(others.merging(["hl7v2/own/1.yaml": Self.overlay(lines)]) { $1 })
    return try Mapped(Self.message, ["own@1"], .hl7v2, library)
  }

  private func refusal(_ lines: String, over base: String = "pid-patient@1", names: [String] = ["own@1"]) -> ConfigurationError? {
    do {
      _ = try Fixture.plan(names, .hl7v2, Fixture.library(["hl7v2/own/1.yaml": Self.overlay(lines, over: base)]))
      return nil
    } catch { return error as? ConfigurationError }
  }

  @Test("An overlay that says nothing more gives what the mapping below gives")
  func nothing() throws {
    let plain = try Mapped(Self.message, ["pid-patient@1"])
    #expect(try map("").message.rows == plain.message.rows)
  }

  @Test("One line is changed, one added, one taken away; the rest is inherited")
  func lines() throws {
    let message = try map("patient:\n  set:\n    middle: (removed)\n    family: PID-5.1.1 | lower\n    country: PID-12\nignore:\n  PID-12: (removed)\n")
    #expect(["middle", "family", "given", "birth_date"].map { message.cell("patient", $0) } == ["(absent)", "test", "ALPHA", "1970-01-02"])
  }

  @Test("A whole entity is taken away")
  func entity() throws {
    let message = try map("identifier: (removed)\nignore: {PID-3: one identifier is enough here}\n")
    #expect(message.values("identifier", "identifier") == [] && message.values("patient", "family") == ["TEST"])
  }

  @Test("Keys of a block are restated or taken away")
  func blockKeys() throws {
    let when = "identifier:\n  when: {PID-3.5: [SS]}\n"
    #expect(try map(when).values("identifier", "identifier") == ["S1@STATE"])
    let twice = Self.overlay("identifier:\n  when: (removed)\n", id: "twice", over: "own@1")
    let library = Fixture.library(["hl7v2/own/1.yaml": Self.overlay(when), "hl7v2/twice/1.yaml": twice])
    #expect(try Mapped(Self.message, ["twice@1"], .hl7v2, library).values("identifier", "identifier").count == 2)
  }

  @Test("The version of a code set is exchanged in every line that names it")
  func codes() throws {
    let csv = "source,target,relationship,since,until,approver\nM,man,equivalent,,,t\n"
    #expect(try map("codes: {sex@1: sex@2}\n", ["codes/sex/2.csv": csv]).cell("patient", "sex") == "man")
  }

  @Test("ignore: lines are added, changed and taken away")
  func ignore() throws {
    let text = Self.overlay("ignore: {NK1: (removed), PID-19: numbers are asked elsewhere, ZZ1: not asked}\n")
    let plan = try Fixture.plan(["own@1"], .hl7v2, Fixture.library(["hl7v2/own/1.yaml": text]))
    let paths = plan.ignored.map(\.path)
    #expect(!paths.contains("NK1") && paths.count { $0 == "PID-19" } == 1 && paths.last == "ZZ1")
    #expect(plan.ignored.map(\.file).filter { $0.hasSuffix("own/1.yaml") }.count == 2)
  }

  @Test("Each line says in which file and line it is written")
  func origins() throws {
    let plan = try Fixture.plan(["own@1"], .hl7v2, Fixture.library(["hl7v2/own/1.yaml": Self.overlay("patient:\n  set:\n    given: PID-5.2 | trim\n")]))
    let given = try #require(plan.origin(mapping: 0, entity: "patient", field: "given"))
    let family = try #require(plan.origin(mapping: 0, entity: "patient", field: "family"))
    #expect(given.file == "Mappings/hl7v2/own/1.yaml" && given.line == 8 && given.text == "PID-5.2 | trim" && given.paths == ["PID-5.2"])
    #expect(family.file == "Mappings/hl7v2/pid-patient/1.yaml" && family.line == 26)
    #expect(plan.mappings.map(\.id) == ["own"])
  }

  @Test("What comes after the mapping below may come after the overlay")
  func after() throws {
    let library = Fixture.library(["hl7v2/own/1.yaml": Self.overlay("")])
    #expect(try Fixture.plan(["own@1", "dft-charge@1"], .hl7v2, library).mappings.map(\.id) == ["own", "dft-charge"])
  }

  @Test("The examples below still hold, but for those of the same name")
  func examples() throws {
    func failures(_ lines: String) throws -> [String] {
      let library = Fixture.library(["hl7v2/own/1.yaml": Self.overlay(lines)])
      let all = try MappingExamples.failures(in: library, format: .hl7v2, zone: Fixture.chicago) { Fixture.decode($0, $1, &$2, format: .hl7v2) }
      return all.filter { $0.mapping == "own@1" }.map(\.example)
    }
    let change = "patient:\n  set:\n    sex: PID-8 | lower\n"
    let name = "an admission gives the patient and both identifiers"
    #expect(try failures(change) == [name])
    #expect(try failures(change + "examples:\n  - name: \(name)\n    given: |\n      \(Self.given)\n    expect: {patient: [{sex: m}]}\n") == [])
  }

  /// That of the mapping below, of a man: what its other examples change stands in it.
  private static let given = """
    MSH|^~\\&|EPIC|NORTH|||20260301081500||ADT^A01^ADT_A01|M1|T|2.5.1
          EVN|A01|20260301081500
          PID|1||T900009^^^STATE^SS~T900001^^^NORTH^MR||TEST^ALPHA^Q||19700102|M|||1 TEST ST^^TESTVILLE^TX^75001^USA^H||5550100
    """

  @Test(
    "What an overlay may not say is refused with its place",
    arguments: [
      ("patient:\n  set:\n    gender_identity: (removed)\n", "MAP-154"), ("ignore: {ZZ1: (removed)}\n", "MAP-154"), ("encounter: (removed)\n", "MAP-154"),
      ("codes: {sex@2: sex@3}\n", "MAP-154"), ("patient:\n  set:\n    identifier: (removed)\n", "MAP-148"), ("codes: {sex@1: sex@9}\n", "MAP-140"), ("codes: {sex@1: abnormal@1}\n", "MAP-154"),
      ("patience:\n  set: {a: b}\n", "MAP-142"),
    ])
  func refused(lines: String, code: String) {
    let error = refusal(lines)
    #expect(error?.code == code && error?.hint.isEmpty == false)
    #expect((error?.line ?? 0) > 0 && (error?.column ?? 0) > 0)
  }

  @Test("It names one mapping with a version, and not itself", arguments: ["pid-patient", "nothing@1", "hl7v2-standard@1", "own@1"])
  func base(name: String) { #expect(refusal("", over: name)?.code == "MAP-154") }

  @Test("A mapping and what stands over it are not run together")
  func together() { #expect(refusal("", names: ["pid-patient@1", "own@1"])?.code == "MAP-162") }

  @Test("'codes' in a mapping that is no overlay is refused")
  func codesAlone() { #expect(OwnMapping.results("", head: "codes: {sex@1: sex@2}").refusal()?.code == "MAP-154") }
}
