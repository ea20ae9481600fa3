import Core
import Decode
import Map
import Testing

/// Looks at files of rows with the census of `CSVMappingTests`.
enum LookAtRows {
  static let mapping = Census.mapping(
    more: "birth_date: born | date \"MM/DD/YYYY\"\n    sex: sex | code sex@1 | unmapped hold\nignore: {visit: told by the visit feed}")

  static func tally(_ text: String) throws -> FeedTally {
    let library = Census.library(mapping)
    return try Look.at(text, ["census@1"], .csv, library: library)
  }

  static let row = "T1,TEST,01/02/1970,F,V1,WARD3,20260301\n"

  static func fates(_ text: String) throws -> [String: FeedTally.Fate] {
    Dictionary(uniqueKeysWithValues: try tally(text).list(.field).map { ($0.item.path, $0.sight.fate) })
  }

  static func names(_ heading: String) throws -> [String] {
    let row = "T1,TEST,01/02/1970,F,V1,WARD3,20260301,X\n"
    return try tally(String(Census.heading.dropLast()) + ",\(heading)\n" + row).list(.field).map(\.item.path)
  }
}

@Suite("Coverage of rows") struct RowCoverageTests {
  @Test("columns are read, ignored or unread by the names of the layout") func fates() throws {
    let fates = try LookAtRows.fates(Census.heading + LookAtRows.row)
    #expect(fates == ["mrn": .read, "last": .read, "born": .read, "sex": .read, "visit": .ignored, "ward": .unread, "since": .read])
  }

  @Test("an empty column is not populated") func empty() throws {
    #expect(try LookAtRows.fates(Census.heading + "T1,TEST,,F,V1,,20260301\n")["ward"] == nil)
  }

  @Test("a constant of the mapping is no column of the file") func constant() throws {
    #expect(try LookAtRows.fates(Census.heading + LookAtRows.row)["assigner"] == nil)
  }

  @Test("a column that no layout names is called by its heading where its words are known", arguments: ["Birth Date", "birth_date", "BIRTH-DATE"])
  func heading(text: String) throws { #expect(try LookAtRows.names(text).contains("birth_date")) }

  @Test("any other heading could be a value, and the column has its number", arguments: ["TESTALPHA", "Test Alpha", "T900001", "01/02/1970", "last", ""])
  func hidden(text: String) throws { #expect(try LookAtRows.names(text).contains("column 8")) }

  @Test("a renamed column is seen as a new one beside a missing one, though its rows are held") func renamed() throws {
    let fates = try LookAtRows.fates(Census.heading.replacing("DOB", with: "Birth Date") + LookAtRows.row)
    #expect(fates["birth_date"] == .unread && fates["born"] == nil && fates["mrn"] == .read)
  }

  @Test("a row of the wrong number of fields is not looked at") func wrongCount() throws {
    #expect(try LookAtRows.tally(Census.heading.replacing("DOB", with: "Birth Date") + "T1,TEST\n").list(.field).isEmpty)
  }

  @Test("the codes of a column that a code step reads are counted, and those of no set noted") func codes() throws {
    let tally = try LookAtRows.tally(Census.heading + LookAtRows.row + LookAtRows.row.replacing(",F,", with: ",Q,"))
    #expect(tally.list(.code).map(\.item.value) == ["F", "Q"])
    #expect(tally.list(.unmapped).map(\.item.value) == ["Q"])
  }

  @Test("of dates the picture is kept, and nothing of the value") func pictures() throws {
    let tally = try LookAtRows.tally(Census.heading + LookAtRows.row)
    #expect(tally.list(.picture).map { "\($0.item.path) \($0.item.value)" } == ["born 99/99/9999", "since 99999999"])
  }

  @Test("codes of several rows are told to be of several patients") func patients() throws {
    let tally = try LookAtRows.tally(Census.heading + LookAtRows.row + LookAtRows.row.replacing("T1,", with: "T2,"))
    #expect(tally.list(.code).first?.sight.patients.count == 2)
  }
}

@Suite("Coverage of an overlay") struct OverlayCoverageTests {
  private static let library = Fixture.library([
    "hl7v2/own/1.yaml": "mapping: own\nversion: 1\noverlays: pid-patient@1\nowner: site\nwhy: test\npatient:\n  set:\n    given: PID-5.2 | trim\n"
  ])

  @Test("lines of the mapping below count as read, and its ignored places as ignored") func inherited() throws {
    let tally = try Look.at(Look.admit, ["own@1"], library: Self.library)
    let fates = Dictionary(tally.list(.field).map { ($0.item.path, $0.sight.fate) }) { first, _ in first }
    #expect(fates["PID-5.1"] == .read && fates["PID-5.2"] == .read && fates["PID-1"] == .ignored && fates["NK1-2.1"] == .ignored)
  }

  @Test("each target names the file and line in which it is written") func lines() throws {
    let rules = try CoverageRules(try Fixture.plan(["own@1"], .hl7v2, Self.library), Self.library)
    #expect(rules.place(of: "patient.given", in: 0) == "Mappings/hl7v2/own/1.yaml:8")
    #expect(rules.place(of: "patient.family", in: 0) == "Mappings/hl7v2/pid-patient/1.yaml:26")
  }

  @Test("its examples are those of the mapping below too") func examples() throws {
    #expect(try !MappingExamples.texts(in: Self.library, of: try Fixture.plan(["own@1"], .hl7v2, Self.library)).isEmpty)
  }
}

@Suite("Coverage over drops") struct DropCoverageTests {
  private static func tallies(_ texts: [String], _ names: [String], _ format: SourceFormat) throws -> [(tally: FeedTally, wire: FeedTally)] {
    let plan = try Fixture.plan(names, format)
    var observer = CoverageObserver(try CoverageRules(plan, Fixture.shipped))
    return try texts.map { text in
      observer.begin()
      Look.run(text, plan, format, &observer)
      var writer = ByteWriter()
      observer.write(to: &writer)
      var reader = ByteReader(writer.bytes)
      return (observer.tally(), try FeedTally(from: &reader))
    }
  }

  private static let short = DocumentCoverageTests.text.replacing("<priorityCode code=\"A\"/>", with: "")

  @Test("a drop's counts are its own, whatever came before it") func own() throws {
    let tallies = try Self.tallies([DocumentCoverageTests.text, Self.short], ["ccda-standard@1"], .cda)
    #expect(try tallies[1].tally == Look.at(Self.short, ["ccda-standard@1"], .cda))
  }

  @Test("what crosses to ingest is what was counted", arguments: [SourceFormat.cda, .hl7v2]) func wire(format: SourceFormat) throws {
    let text = format == .cda ? DocumentCoverageTests.text : Look.admit
    for pair in try Self.tallies([text, text], [format == .cda ? "ccda-standard@1" : "hl7v2-standard@1"], format) { #expect(pair.tally == pair.wire) }
  }

  @Test("of many documents the first 24 are looked at") func documents() throws {
    let looked = try Self.tallies(Array(repeating: Self.short, count: 60), ["ccda-standard@1"], .cda).map(\.tally.looked)
    #expect(looked.reduce(0, +) == 24 && looked.prefix(24).allSatisfy { $0 == 1 })
  }

  @Test("the first 64 messages of a type are looked at, however late they come") func types() throws {
    let many = (0..<1_000).map { Look.admit.replacing("|M1|", with: "|M\($0)|").replacing("ADT^A01^ADT_A01", with: $0 < 800 ? "ADT^A01" : "ADT^A08") }
    let tally = try #require(try Self.tallies([many.joined()], ["hl7v2-standard@1"], .hl7v2).first).tally
    #expect((64..<80).contains(tally.list(.type).first { $0.item.path == "ADT^A08" }?.sight.messages ?? 0))
  }
}
