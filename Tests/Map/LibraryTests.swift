import Core
import Map
import Testing

@Suite("Places of files")
struct PlaceTests {
  @Test("A site's own file is named by its place in the site, in errors too")
  func own() throws {
    var library = Census.library(Census.mapping(set: "nobody"))
    library.setPlaces(of: ["csv/census/1.yaml"], below: "SITE/mappings")
    let error = #expect(throws: ConfigurationError.self) { try Fixture.plan(["census"], .csv, library) }
    #expect(error?.file == "SITE/mappings/csv/census/1.yaml")
    #expect(library.place("sets/hl7v2-standard/1.yaml") == "Mappings/sets/hl7v2-standard/1.yaml")
  }

  @Test("A set that names a mapping that is not there is refused with its file and line")
  func member() throws {
    let set = "set: own\nversion: 1\nowner: test\nwhy: test\nmappings: [pid-patient@1, pid-patient@99]\n"
    let error = #expect(throws: ConfigurationError.self) { try Fixture.plan(["own"], .hl7v2, Fixture.library(["sets/own/1.yaml": set])) }
    #expect(error?.code == "MAP-141" && error?.file == "Mappings/sets/own/1.yaml" && error?.line == 5)
  }

  @Test("A byte-order mark before a YAML file is passed over")
  func mark() throws {
    let library = Census.library("\u{FEFF}" + Census.mapping())
    #expect(try Fixture.plan(["census"], .csv, library).mappings.count == 1)
  }

  @Test("A heading of an example that the layout does not have is named")
  func heading() throws {
    let text = Census.mapping(example: "given: |\n      \(Census.heading.replacing("Ward", with: "Wart"))      T1,TEST,,,,,20260301\n    change: {ward: W4}\n    expect: {patient: [{}]}")
    let error = #expect(throws: ConfigurationError.self) {
      try MappingExamples.failures(in: Census.library(text), format: .csv, zone: Fixture.chicago) { bytes, plan, evaluator in
        Fixture.decode(bytes, plan, &evaluator, format: .csv)
      }
    }
    #expect(error?.summary.contains("no column 'Ward'") == true)
  }
}

@Suite("Outline, dictionary and library")
struct LibraryTests {
  private func outline(_ text: String) throws(ConfigurationError) -> OutlineNode { try OutlineReader.read(Array(text.utf8), file: "site.yaml") }

  @Test("Every scalar stays the text that was written")
  func texts() throws {
    let node = try outline("on: no\ndate: 2026-03-01\nnumber: 007\nempty: ~\n")
    #expect(node.entries.map(\.key) == ["on", "date", "number", "empty"])
    #expect(node.entries.map { $0.value.text } == ["no", "2026-03-01", "007", "~"])
  }

  @Test("Places are one-based lines and columns")
  func places() throws {
    let node = try outline("a: 1\nb:\n  c: x\n")
    #expect(node["b"]?["c"]?.line == 3)
    #expect(node["b"]?["c"]?.column == 6)
    #expect(node["b"]?.entries.first?.keyColumn == 3)
  }

  @Test(
    "What hides or repeats a value is refused",
    arguments: [
      ("a: &x 1\nb: *x\n", "MAP-103"), ("a: !!int 1\n", "MAP-103"), ("a: 1\na: 2\n", "MAP-105"), ("? [a]\n: b\n", "MAP-104"), ("a: [1\n", "MAP-106"),
      ("", "MAP-102"), ("a: 1\n---\nb: 2\n", "MAP-106"),
    ])
  func refused(text: String, code: String) {
    let error = #expect(throws: ConfigurationError.self) { try outline(text) }
    #expect(error?.code == code)
  }

  @Test("A key that stands twice is named")
  func twice() {
    let error = #expect(throws: ConfigurationError.self) { try outline("a: 1\nown: 1\nown: 2\n") }
    #expect(error?.summary.contains("'own' stands twice") == true)
  }

  @Test("The dictionary names keys, classes and references of each entity")
  func dictionary() throws {
    let dictionary = try DictionaryFile.newest(in: Fixture.shipped)
    let charge = dictionary.entities[try #require(dictionary.index(of: "charge"))]
    #expect(charge.keyFields.map { charge.fields[$0].name } == ["transaction", "patient"])
    #expect(charge.fields[try #require(charge.index(of: "amount"))].kind == .money(currency: "USD"))
    #expect(charge.fields[try #require(charge.index(of: "encounter"))].kind == .reference(entity: "encounter"))
  }

  @Test("A released file that changed, is missing or is not listed is named")
  func released() throws {
    func code(_ change: (inout [String: [UInt8]]) -> Void) -> String? {
      var files = Fixture.files(below: Fixture.root + "/Mappings")
      change(&files)
      let error = #expect(throws: ConfigurationError.self) { try MappingLibrary(files: files).verifyReleased() }
      #expect(error?.exitCode == .configuration)
      return error.map { "\($0.code) \($0.file)" }
    }
    #expect(code { $0["codes/sex/1.csv"]?.append(0x0A) } == "MAP-123 Mappings/codes/sex/1.csv")
    #expect(code { $0["codes/sex/1.csv"] = nil } == "MAP-122 Mappings/codes/sex/1.csv")
    #expect(code { $0["codes/new/1.csv"] = [0x41] } == "MAP-124 Mappings/codes/new/1.csv")
    #expect(code { $0["RELEASED"] = nil } == "MAP-120 Mappings/RELEASED")
  }

  @Test("A name without a version is the latest one")
  func latest() {
    let library = Fixture.library(["hl7v2/pid-patient/10.yaml": "x", "hl7v2/pid-patient/9.yaml": "x"])
    #expect(library.latestVersion(of: "pid-patient") == "pid-patient@10")
    #expect(library.latestVersion(of: "pid-patient@9") == "pid-patient@9")
    #expect(library.latestVersion(of: "hl7v2-standard") == "hl7v2-standard@1")
    #expect(library.latestVersion(of: "nothing") == nil)
  }

  @Test("A library crosses a border as bytes and builds the same plan")
  func crossing() throws {
    var writer = ByteWriter()
    Fixture.shipped.write(to: &writer)
    var reader = ByteReader(writer.bytes)
    let there = try MappingLibrary(from: &reader)
    #expect(there.paths == Fixture.shipped.paths)
    #expect(try Fixture.plan(["ccda-standard"], .cda, there).mappings == Fixture.plan(["ccda-standard"], .cda).mappings)
  }

  @Test("A code set is in force from since to until")
  func codeDates() throws {
    let csv = "source,target,relationship,since,until,approver\nZZ,early,equivalent,,2026-02-28,t\nZZ,late,equivalent,2026-03-01,,t\n"
    let library = Fixture.library(["codes/sex/1.csv": csv])
    let message = Array("MSH|^~\\&|A|N|||20260301||ADT^A01|1\rPID|1||T1|||||ZZ\r".utf8)
    func sex(on date: String) throws -> String {
      let plan = try Fixture.plan(["pid-patient@1"], .hl7v2, library)
      var evaluator = MapEvaluator(plan: plan, businessDate: try #require(BusinessDate(date)))
      let mapped = Fixture.decode(message, plan, &evaluator, format: .hl7v2)[0]
      let entity = try #require(plan.dictionary.index(of: "patient"))
      let row = try #require(mapped.rows.rows.firstIndex { $0.entity == Int32(entity) })
      return String(decoding: mapped.rows.value(row: row, field: plan.dictionary.entities[entity].index(of: "sex") ?? 0), as: UTF8.self)
    }
    #expect(try sex(on: "2026-02-28") == "early")
    #expect(try sex(on: "2026-03-01") == "late")
  }

  @Test("A code set that names a value twice for one day is refused")
  func overlap() throws {
    let csv = "source,target,relationship,since,until,approver\nZZ,a,equivalent,,,t\nZZ,b,equivalent,2026-03-01,,t\n"
    let error = #expect(throws: ConfigurationError.self) {
      try Fixture.plan(["hl7v2-standard"], .hl7v2, Fixture.library(["codes/charge-kind/1.csv": csv]))
    }
    #expect(error?.code == "MAP-151")
  }
}
