import Core
import Decode
import Oracle
import Testing

/// What a file of rows gives under a layout, readable.
struct Rows {
  let trace: Trace
  /// The fields of each decoded row, behind each other.
  private(set) var rows: [[String]] = []

  init(_ bytes: [UInt8], _ layout: RowLayout, charset: String? = nil, limits: DecodeLimits = DecodeLimits()) {
    var settings = DecodeSettings(format: .csv, charset: charset, limits: limits), rows: [[String]] = []
    settings.layout = layout
    trace = Trace([bytes], settings) { event, record in
      guard event == .record else { return }
      let table = record.segments
      rows.append((0..<table.fieldCount(0)).map { String(decoding: table.bytes[table.field(0, $0 + 1)], as: UTF8.self) })
    }
    self.rows = rows
  }

  init(_ text: String, _ layout: RowLayout = SampleLayout.named) { self.init(Array(text.utf8), layout) }

  var outcomes: [FindingCode?] { trace.tails.map { $0.outcome.findings.first?.code } }
  /// Of the file.
  var findings: [String] { trace.dropFindings.map { "\($0.code.rawValue) \($0.position.path) \($0.position.byteOffset)" } }
  var totals: [String] {
    trace.totals.map { "\($0.unit.rawValue) \($0.declared.map { String($0) } ?? "nil") \($0.counted) \($0.agrees.map { String($0) } ?? "nil")" }
  }
}

@Suite struct CSVTests {
  @Test func aRowIsAMessageOfOneSegment() {
    let rows = Rows("mrn,last,amount\nT1,TEST,1\nT2,TEST,2\n")
    #expect(rows.rows == [["T1", "TEST", "1"], ["T2", "TEST", "2"]])
    #expect(rows.trace.heads.map(\.byteOffset) == [16, 26])
    #expect(rows.trace.summary.messages == 2)
  }

  @Test func theLineOfNamesDecidesTheOrder() {
    let rows = Rows("Amount, MRN ,ward,last\n1,T1,W4,TEST\n")
    #expect(rows.rows == [["T1", "TEST", "1", "W4"]])
    #expect(rows.findings == ["COLUMN-UNKNOWN column 3 0"])
  }

  @Test func quotesHoldDelimitersQuotesAndLineEnds() {
    #expect(Rows("mrn,last,amount\n\"T1\",\"A, \"\"B\"\"\r\nC\",\r\n").rows == [["T1", "A, \"B\"\nC", ""]])
  }

  @Test(arguments: ["\n", "\r", "\r\n", "\n\r\n\n"]) func anyLineEndEndsARecord(_ end: String) {
    #expect(Rows(["mrn,last,amount", "T1,A,1", "T2,B,2"].joined(separator: end)).rows.map { $0[0] } == ["T1", "T2"])
  }

  @Test func aMissingColumnHoldsTheRowsOfTheFile() {
    let rows = Rows("mrn,amount\nT1,1\nT2,2\n")
    #expect(rows.outcomes == [.columnMissing, .columnMissing])
    #expect(rows.findings == ["COLUMN-MISSING last 0"])
  }

  @Test func anOptionalColumnMayBeMissing() {
    let rows = Rows("mrn,last\nT1,TEST\n")
    #expect(rows.rows == [["T1", "TEST", ""]])
    #expect(rows.findings == [])
  }

  @Test func aColumnThatStandsTwiceHoldsTheRows() {
    #expect(Rows("mrn,last,amount,last\nT1,A,1,B\n").outcomes == [.columnRepeated])
  }

  @Test func aFileWithoutOneNameOfTheLayoutIsRefusedWhole() {
    let rows = Rows("a;b;c\n1;2;3\n1;2;3\n")
    #expect(rows.outcomes == [.notCSV])
    #expect(rows.trace.tails[0].byteCount == 18)
  }

  @Test func aFirstLineThatCannotBeReadAndHoldsNoNameIsOfAnotherFormat() {
    #expect(Rows("\"a\": 1,\n\"b\": 2\n").outcomes == [.notCSV])
    #expect(Rows("\"mrn\"x,last,amount\nT1,TEST,1\n").outcomes == [.columnMissing])
  }

  @Test(arguments: ["T1,TEST", "T1,TEST,1,", "T1"]) func aRaggedRowIsHeldAndItsNeighbourIsNot(_ row: String) {
    let rows = Rows("mrn,last,amount\n\(row)\nT2,TEST,2\n")
    #expect(rows.outcomes == [.fieldCount, nil])
  }

  @Test func aLastRowThatIsCutIsHeldAsTruncated() {
    let rows = Rows("mrn,last,amount\nT1,TEST,1\nT2,TE")
    #expect(rows.outcomes == [nil, .dropTruncated])
    #expect(rows.trace.summary.truncated)
  }

  @Test func aLastRowWithoutALineEndIsWhole() { #expect(Rows("mrn,last,amount\nT1,TEST,1").outcomes == [nil]) }

  @Test func aQuoteThatIsNeverClosedHoldsTheRestAsOne() {
    let rows = Rows("mrn,last,amount\nT1,TEST,1\nT2,\"TEST,2\nT3,TEST,3\n")
    #expect(rows.outcomes == [nil, .dropTruncated])
    #expect(rows.trace.summary.truncated)
  }

  @Test(arguments: ["T1,\"TEST\"X,1", "T1, \"TEST\",1"]) func textOutsideOfTheQuotesRejectsTheRow(_ row: String) {
    #expect(Rows("mrn,last,amount\n\(row)\nT2,TEST,2\n").outcomes == [.quoteInvalid, nil])
  }

  @Test func aQuoteInsideOfAnUnquotedFieldIsACharacter() { #expect(Rows("mrn,last,amount\nT1,5\" TUBE,1\n").rows == [["T1", "5\" TUBE", "1"]]) }

  @Test func aSecondLineOfNamesIsNoRow() { #expect(Rows("mrn,last,amount\nT1,A,1\nmrn,last,amount\nT2,B,2\n").outcomes == [nil, .recordMisplaced, nil]) }

  @Test(arguments: ["", "\n\n  \n", "mrn,last,amount\n"]) func aFileWithoutARowIsEmpty(_ text: String) {
    let rows = Rows(text)
    #expect(rows.outcomes == [.dropEmpty])
    #expect(rows.trace.summary.messages == 1)
  }

  @Test func aNULRejectsItsRowAtItsPlace() {
    let rows = Rows(Array("mrn,last,amount\nT1,T\u{0}ST,1\nT2,TEST,2\n".utf8), SampleLayout.named)
    #expect(rows.outcomes == [.nulByte, nil])
    #expect(rows.trace.findings.first?.finding.position.byteOffset == 20)
  }

  @Test func aRowOverTheLimitIsHeldAndItsNeighboursAreNot() {
    var limits = DecodeLimits()
    limits.recordBytes = 40
    let long = "T2,\"" + String(repeating: "TEST\n", count: 100) + "\",2\n"
    let rows = Rows(Array(("mrn,last,amount\nT1,TEST,1\n" + long + "T3,TEST,3\n").utf8), SampleLayout.named, limits: limits)
    #expect(rows.outcomes == [nil, .messageLimit, nil])
    #expect(rows.trace.tails[1].byteCount == long.utf8.count - 1)
  }
}

@Suite struct CSVIdentityTests {
  private func digests(_ text: String, _ layout: RowLayout = SampleLayout.named) -> [[UInt8]] { Rows(text, layout).trace.tails.map(\.digest) }

  @Test func equalRowsUnderEqualNamesAreOneMessage() {
    let digests = digests("mrn,last,amount\nT1,A,1\nT1,A,1\nT2,A,1\n")
    #expect(digests[0] == digests[1] && digests[0] != digests[2])
  }

  @Test func equalRowsUnderOtherNamesAreTwoMessages() {
    #expect(digests("mrn,last,amount\nA,B,1\n") != digests("last,mrn,amount\nA,B,1\n"))
  }

  @Test func aHeaderRecordThatRowsTakeFromIsAPartOfThem() {
    #expect(digests("H|1|NORTH\nD|T1|A|1\nT|1|1\n", SampleLayout.framed) != digests("H|1|SOUTH\nD|T1|A|1\nT|1|1\n", SampleLayout.framed))
  }

  @Test func theTrailerIsNoPartOfARow() {
    #expect(digests("H|1|NORTH\nD|T1|A|1\nT|1|1\n", SampleLayout.framed) == digests("H|1|NORTH\nD|T1|A|1\nT|9|9\n", SampleLayout.framed))
  }
}

@Suite struct CSVCharsetTests {
  private static let head = Array("mrn,last,amount\n".utf8)

  @Test func windows1252IsReadWhereItIsDeclared() {
    let rows = Rows(Self.head + [0x54, 0x31, 0x2C, 0x54, 0xCB, 0x80, 0x2C, 0x31, 0x0A], SampleLayout.named, charset: "windows-1252")
    #expect(rows.rows == [["T1", "TË€", "1"]])
  }

  @Test func theFeedGoesBeforeTheLayout() {
    var layout = SampleLayout.named
    layout.charset = "windows-1252"
    #expect(Rows(Self.head + [0x54, 0x2C, 0xC3, 0x8B, 0x2C, 0x31], layout, charset: "UTF-8").rows == [["T", "Ë", "1"]])
  }

  @Test func bytesThatAreNoTextRejectTheirRowAtTheirPlace() {
    let rows = Rows(Self.head + Array("T1,".utf8) + [0xFF] + Array(",1\nT2,TEST,2\n".utf8), SampleLayout.named)
    #expect(rows.outcomes == [.charsetUndecodable, nil])
    #expect(rows.trace.findings.first?.finding.position.byteOffset == 19)
  }

  @Test func aByteOrderMarkIsNoPartOfTheFirstName() { #expect(Rows("\u{FEFF}\"mrn\",last,amount\nT1,TEST,1\n").rows == [["T1", "TEST", "1"]]) }

  @Test func utf16IsReadAndPlacesAreThoseOfTheFile() {
    let text = "mrn,last,amount\nT1,TÉST,1\nT2,X\n"
    let rows = Rows([0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, SampleLayout.named)
    #expect(rows.rows == [["T1", "TÉST", "1"]])
    #expect(rows.trace.heads.map(\.byteOffset) == [34, 54])
  }

  @Test func aLastRowWhoseLastCharacterIsCutIsHeld() {
    let text = "mrn,last,amount\nT1,TEST,12"
    let rows = Rows([0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } + [0x35], SampleLayout.named)
    #expect(rows.outcomes == [.dropTruncated])
  }

  @Test(arguments: ["BIG-5", "ISO IR87"]) func aSetWhoseBytesMayLookLikeDelimitersIsNotRead(_ name: String) {
    #expect(Rows(Self.head + Array("T1,TEST,1\n".utf8), SampleLayout.named, charset: name).outcomes == [.charsetUnsupported])
  }
}

@Suite struct CSVEnvelopeTests {
  private func framed(_ text: String) -> Rows { Rows(text, SampleLayout.framed) }

  @Test func headerDetailsAndTrailerAgree() {
    let rows = framed("H|20260301|NORTH\nD|T1|TEST|1.50\nD|T2|TEST|-0.25\nT|2|1.25\n")
    #expect(rows.rows.first == ["D", "T1", "TEST", "1.50", "NORTH", "FILE"])
    #expect(rows.totals == ["rows 2 2 true", "sum 125 125 true"])
    #expect(rows.trace.summary.messagesDeclared == 2)
  }

  @Test func aTrailerThatLiesIsNamed() {
    let rows = framed("H|1|NORTH\nD|T1|TEST|1.50\nT|3|9\n")
    #expect(rows.totals == ["rows 3 1 false", "sum 900 150 false"])
    #expect(rows.findings == ["TRAILER-MISMATCH trailer 2 25", "TRAILER-MISMATCH trailer 3 25"])
    #expect(rows.outcomes == [nil])
  }

  @Test func aTotalThatIsNoNumberIsNotMeasured() {
    let rows = framed("H|1|NORTH\nD|T1|TEST|1\nT|one|1\n")
    #expect(rows.totals == ["rows nil 1 nil", "sum 100 100 true"])
    #expect(rows.findings == ["TRAILER-NOT-NUMERIC trailer 2 22"])
  }

  @Test func noRowsAndATrailerThatSaysSoIsAValidFile() {
    let rows = framed("H|1|NORTH\nT|0|0\n")
    #expect(rows.trace.summary.messages == 0 && rows.trace.tails.isEmpty)
    #expect(rows.totals == ["rows 0 0 true", "sum 0 0 true"])
  }

  @Test func noRowsAndATrailerThatSaysOtherwiseIsEmptyAndLies() {
    let rows = framed("H|1|NORTH\nT|5|0\n")
    #expect(rows.outcomes == [.dropEmpty])
    #expect(rows.totals.first == "rows 5 0 false")
  }

  @Test func aFileWithoutItsTrailerIsTruncatedAndItsLastRowHeld() {
    let rows = framed("H|1|NORTH\nD|T1|TEST|1\nD|T2|TEST|1\n")
    #expect(rows.outcomes == [nil, .dropTruncated])
    #expect(rows.totals == ["rows nil 2 nil", "sum nil 200 nil"])
    #expect(rows.findings == ["ENVELOPE-UNCLOSED trailer 34"])
    #expect(rows.trace.summary.truncated)
  }

  @Test func rowsBehindTheTrailerAreHeldOutsideOfTheBatch() {
    let rows = framed("H|1|NORTH\nD|T1|TEST|1\nT|1|1\nD|T2|TEST|1\nT|1|1\nH|2|X\n")
    #expect(rows.outcomes == [nil, .recordMisplaced])
    #expect(rows.trace.heads.map(\.batch) == [0, -1])
    #expect(rows.findings.last == "RECORD-MISPLACED trailer 40")
  }

  @Test func rowsWithoutTheirHeaderAreHeld() {
    let rows = framed("D|T1|TEST|1\nT|1|1\n")
    #expect(rows.outcomes == [.recordMisplaced])
    #expect(rows.totals == ["rows 1 1 nil", "sum 100 100 nil"])
  }

  @Test func aFileWhoseFirstRecordIsOfNoKindIsRefusedOnce() {
    let rows = framed("MSH|^~\\&|A\nPID|1||P1\nPV1|1\n")
    #expect(rows.outcomes == [.notCSV] && rows.findings == [] && !rows.trace.summary.truncated)
  }

  @Test func aKindThatTheLayoutDoesNotNameIsRejected() {
    #expect(framed("H|1|NORTH\nX|T1|TEST|1\nD|T2|TEST|1\nT|2|2\n").outcomes == [.recordUnknown, nil])
  }

  @Test func aRowThatCannotBeReadIsCounted() {
    let rows = framed("H|1|NORTH\nD|T1|TEST\nD|T2|TEST|1\nT|2|1\n")
    #expect(rows.outcomes == [.fieldCount, nil])
    #expect(rows.totals == ["rows 2 2 true", "sum 100 100 true"])
  }
}

@Suite struct CSVFixedTests {
  private func fixed(_ text: String) -> Rows { Rows(text, SampleLayout.fixed) }

  @Test func columnsAreCharactersWithoutTheBlanksAroundThem() {
    let rows = fixed("DT90001TESTÄ      12.50\nT000002\n")
    #expect(rows.rows == [["D", "T90001", "TESTÄ", "12.50"]])
    #expect(rows.totals == ["rows 1 1 true"])
  }

  @Test(arguments: ["DT90001TEST", "DT90001TESTAL     12.50X"]) func aRecordOfAnotherLengthIsHeld(_ row: String) {
    #expect(fixed(row + "\nT000002\n").outcomes == [.fieldCount])
  }

  @Test func aShortRecordIsPaddedWhereTheLayoutSaysSo() {
    var layout = SampleLayout.fixed
    layout.isPadded = true
    #expect(Rows("DT90001TEST\nT000002\n", layout).rows == [["D", "T90001", "TEST", ""]])
  }
}
