import Core
import Map
import Testing

/// A mapping of rows of the test's own: a census with its columns, mapped to patients and visits.
enum Census {
  static let columns = "columns: {mrn: Patient ID, last: Last Name, born: DOB, sex: Sex, visit: Visit, ward: Ward, since: Admitted}"
  static let layout = "\(columns), constant: {assigner: NORTH}"

  static func mapping(
    layout: String = layout, set: String = "mrn | id else assigner | required", more: String = "", name: String = "census", absent: String = "keeps",
    example: String = "given: x\n    expect: {}"
  ) -> String {
    """
    mapping: \(name)
    version: 1
    reads: {csv: rows}
    zone: feed
    event_time: since
    owner: test
    why: test
    layout: {\(layout)}
    patient:
      each: row
      key: [identifier]
      absent: \(absent)
      set:
        identifier: \(set)
        family: last
        \(more)
    examples:
      - name: none
        \(example)
    """
  }

  static let heading = "Patient ID,Last Name,DOB,Sex,Visit,Ward,Admitted\n"

  static func library(_ text: String, _ others: [String: String] = [:]) -> MappingLibrary {
    Fixture.library(["csv/census/1.yaml": text].merging(others) { own, _ in own })
  }

  static func map(_ rows: String, _ text: String = mapping()) throws -> Mapped { try Mapped(heading + rows, ["census"], .csv, library(text)) }
}

@Suite("Rows")
struct CSVMappingTests {
  @Test("Every example of the shipped mappings of rows gives what it says")
  func examples() throws {
    let failures = try MappingExamples.failures(in: Fixture.shipped, format: .csv, zone: Fixture.chicago) { bytes, plan, evaluator in
      Fixture.decode(bytes, plan, &evaluator, format: .csv)
    }
    #expect(failures.map(\.description) == [])
    #expect(try MappingExamples.count(in: Fixture.shipped, format: .csv) >= 4)
  }

  @Test("A column is named, and a constant is the same in every row")
  func columns() throws {
    let mapped = try Census.map("T1,TEST,,,,,20260301\n")
    #expect(mapped.cell("patient", "identifier") == "T1@NORTH")
    #expect(mapped.cell("patient", "family") == "TEST")
    #expect(mapped.message.type == "csv")
  }

  @Test("Nothing in a column is cut: carets, tildes and backslashes are characters")
  func noDelimiters() throws {
    #expect(try Census.map("T1,A^B~C&D\\F\\E,,,,,20260301\n").cell("patient", "family") == "A^B~C&D\\F\\E")
  }

  @Test("An empty column keeps what is known, and two quotation marks clear it")
  func states() throws {
    #expect(try Census.map("T1,,,,,,20260301\n").cell("patient", "family") == "(absent)")
    #expect(try Census.map("T1,\"\"\"\"\"\",,,,,20260301\n").cell("patient", "family") == "(cleared)")
    #expect(try Census.map("T1,,,,,,20260301\n", Census.mapping(absent: "clears")).cell("patient", "family") == "(cleared)")
  }

  @Test("A row without a required column is held at the column's name")
  func held() throws {
    #expect(try Census.map(",TEST,,,,,20260301\n").held == ["REQUIRED-MISSING mrn 1"])
  }

  @Test(
    "Dates are read as their picture says",
    arguments: [
      ("\"MM/DD/YYYY\"", "03/01/2026", "2026-03-01"), ("\"M/D/YYYY\"", "3/1/2026", "2026-03-01"), ("\"DD.MM.YYYY\"", "01.03.2026", "2026-03-01"),
      ("\"MM/DD/YYYY\"", "3/1/2026", "DATE-INVALID"), ("\"MM/DD/YYYY\"", "13/01/2026", "DATE-INVALID"), ("\"MM/DD/YYYY\"", "03/01/20261", "DATE-INVALID"),
      ("", "2026-03-01", "2026-03-01"), ("", "03/01/2026", "DATE-INVALID"),
    ])
  func dates(picture: String, sent: String, wanted: String) throws {
    let mapped = try Census.map("T1,TEST,\(sent),,,,20260301\n", Census.mapping(more: "birth_date: born | date \(picture)"))
    #expect((mapped.message.heldCodes.first?.rawValue ?? mapped.cell("patient", "birth_date")) == wanted)
  }

  @Test(
    "Times are read as their picture says, in the feed's zone",
    arguments: [
      ("03/01/2026 08:10", "MM/DD/YYYY hh:mm", "2026-03-01T08:10-06:00"), ("3/1/2026 8:10 PM", "M/D/YYYY h:mm AM", "2026-03-01T20:10-06:00"),
      ("3/1/2026 12:10 am", "M/D/YYYY h:mm AM", "2026-03-01T00:10-06:00"), ("3/1/2026 13:10 PM", "M/D/YYYY h:mm AM", "TIME-INVALID"),
      ("2026-03-01 08:10:30", "YYYY-MM-DD hh:mm:ss", "2026-03-01T08:10:30-06:00"),
    ])
  func times(sent: String, picture: String, wanted: String) throws {
    let mapped = try Census.map("T1,TEST,\(sent),,,,20260301\n", Census.mapping(more: "deceased: born | time \"\(picture)\""))
    #expect((mapped.message.heldCodes.first?.rawValue ?? mapped.cell("patient", "deceased")) == wanted)
  }

  @Test("The event time may be written by a picture too", arguments: [("03/01/2026 08:10", 0), ("2026-03-01", 1)])
  func eventTime(sent: String, findings: Int) throws {
    let text = Census.mapping().split(separator: "\n").map { $0.hasPrefix("event_time") ? "event_time: since | time \"MM/DD/YYYY hh:mm\"" : String($0) }
    let message = try Census.map("T1,TEST,,,,,\(sent)\n", text.joined(separator: "\n")).message
    #expect(message.findings.count { $0.code == .timeInvalid } == findings)
    #expect((message.rows.rows.first?.eventInstant == 1_772_374_200_000_000) == (findings == 0))
  }

  @Test("Equal rows that do not say when they are of are two messages on two nights, and one on one")
  func identity() throws {
    let plan = try Fixture.plan(["census"], .csv, Census.library(Census.mapping()))
    func digests(_ rows: String, _ day: Int) throws -> [[UInt8]] {
      var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night.advanced(by: day))
      return Fixture.decode(Array((Census.heading + rows).utf8), plan, &evaluator, format: .csv).map(\.digest)
    }
    let undated = "T1,TEST,,,,,\n", dated = "T1,TEST,,,,,20260301\n"
    #expect(try digests(undated, 0) == digests(undated, 0) && digests(undated, 0) != digests(undated, 1))
    #expect(try digests(dated, 0) == digests(dated, 1))
  }
}

@Suite("Layouts that are refused")
struct CSVRefusalTests {
  private func error(_ text: String, _ names: [String] = ["census"], _ others: [String: String] = [:], _ format: SourceFormat = .csv) throws -> ConfigurationError {
    try #require(#expect(throws: ConfigurationError.self) { try Fixture.plan(names, format, Census.library(text, others)) })
  }

  @Test(
    "What a layout does not know it names, with what is legal",
    arguments: [
      ("columns: [mrn, last, since], delimeter: \",\"", "MAP-170", "Did you mean 'delimiter'"), ("columns: [mrn, last, since], delimiter: \":\"", "MAP-170", "Legal:"),
      ("columns: [mrn, last, since], quote: \"*\"", "MAP-170", "none"), ("columns: [mrn, last, since], names: second", "MAP-170", "first line"),
      ("columns: [mrn, Last Name, since]", "MAP-171", "{patient_id: Patient ID}"), ("columns: [mrn, mrn, last, since]", "MAP-171", ""),
      ("columns: {mrn: A, last: a, since: B}", "MAP-171", ""), ("columns: [mrn, last, since], optional: [lost]", "MAP-171", "Did you mean 'last'"),
      ("columns: [mrn, last, since], fixed: {mrn: 1-2}", "MAP-170", "either"), ("fixed: {mrn: 1-2, last: 3, since: 4-5}", "MAP-171", "11-20"),
      ("columns: [mrn, last, since], records: {at: x, trailer: T}", "MAP-172", "counted from 1"), ("columns: [mrn, last, since], records: {at: 1}", "MAP-172", "trailer: T"),
      ("columns: [mrn, last, since], totals: {trailer 2: count rows}", "MAP-173", "records"),
      ("columns: [mrn, last, since], records: {at: 1, trailer: T}, totals: {trailer 2: count beds}", "MAP-173", "count rows"),
      ("columns: [mrn, last, since], records: {at: 1, trailer: T}, totals: {trailer 2: sum amount}", "MAP-171", "Its columns: mrn, last, since"),
      ("columns: [mrn, last, since], records: {at: 1, trailer: T}, totals: {trailer 2: count rows, trailer 3: count lines}", "MAP-173", "one count"),
      ("columns: [mrn, last, since], header: {day: 2}", "MAP-172", "records"),
    ])
  func refused(layout: String, code: String, words: String) throws {
    let error = try error(Census.mapping(layout: layout + ", constant: {assigner: NORTH}"))
    #expect(error.code == code && error.line == 8 && error.column > 0)
    #expect((error.hint + error.summary).contains(words) || words.isEmpty)
  }

  @Test("A path that is no column names the nearest one")
  func unknownColumn() throws {
    let error = try error(Census.mapping(set: "mnr | id else assigner | required"))
    #expect(error.code == "MAP-171" && error.hint.contains("Did you mean 'mrn'") && error.line == 14)
  }

  @Test("Mappings of one feed have one layout")
  func otherLayout() throws {
    let other = Census.mapping(layout: Census.columns + ", constant: {assigner: SOUTH}", name: "other")
    let error = try error(Census.mapping(), ["census", "other"], ["csv/other/1.yaml": other])
    #expect(error.code == "MAP-174" && error.file == "Mappings/csv/other/1.yaml" && error.line == 8)
  }

  @Test("A column that may be missing clears nothing")
  func optionalClears() throws {
    #expect(try error(Census.mapping(layout: Census.layout + ", optional: [last]", absent: "clears")).code == "MAP-175")
  }

  @Test("A mapping of rows without a layout, and a layout without rows, are refused")
  func layoutMissing() throws {
    #expect(try error(Census.mapping().split(separator: "\n").filter { !$0.hasPrefix("layout") }.joined(separator: "\n")).code == "MAP-170")
    let segments = Census.mapping().split(separator: "\n").map { $0.hasPrefix("reads") ? "reads: {hl7v2: [ADT^A01]}" : String($0) }.joined(separator: "\n")
    #expect(try error(segments, ["census"], [:], .hl7v2).code == "MAP-170")
  }

  @Test("A picture without its century, its month or its time is refused", arguments: ["date \"MM/DD/YY\"", "date \"YYYY\"", "time \"MM/DD/YYYY\"", "date MM/DD/YYYY"])
  func picture(step: String) throws {
    #expect(try error(Census.mapping(more: "birth_date: born | \(step)")).code == "MAP-136")
  }
}
