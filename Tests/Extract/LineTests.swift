@testable import Extract
import Core
import Testing

@Suite struct LineTests {
  private func outcome(_ cells: [String?]) throws -> LineWriter.Outcome {
    let plan = try ExtractPlan.make(Paper.billing(), agreement: Paper.baa(), dictionary: Paper.dictionary)
    return try LineWriter(plan: plan).outcome(cells.map { $0.map { Array($0.utf8) } })
  }

  private func line(_ cells: [String?]) throws -> String? {
    guard case .line(let bytes, _, _) = try outcome(cells) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `values stand as they are, with CRLF`() throws {
    #expect(try line(["A1\u{1F}NORTH", "T1\u{1F}NORTH", "2026-11-19", "-5.20"]) == "A1,NORTH,T1,NORTH,2026-11-19,-5.20\r\n")
  }

  @Test(arguments: [("=1+1", "=1+1"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\r\nb", "\"a\r\nb\""), ("\tx", "\tx")])
  func `quotes stand only where RFC 4180 needs them`(value: String, written: String) throws {
    #expect(try line([value + "\u{1F}N", "T1\u{1F}N", nil, nil]) == written + ",N,T1,N,,\r\n")
  }

  @Test func `a row without its required field is withheld with the reason and its amount`() throws {
    #expect(try outcome([nil, "T1\u{1F}N", nil, "12.30"]) == .withheld(reason: "ACCOUNT-MISSING", cents: 1_230))
  }

  @Test func `a visit stands in the line without the patient of its key`() throws {
    var dictionary = Paper.dictionary
    dictionary.entities[1].fields.append(CanonicalField(name: "encounter", kind: .reference(entity: "encounter"), dataClass: .financial))
    let fields = [
      CanonicalField(name: "visit", kind: .identifier, dataClass: .identifier, isKey: true),
      CanonicalField(name: "patient", kind: .reference(entity: "patient"), dataClass: .identifier, isKey: true),
    ]
    dictionary.entities.append(CanonicalEntity(name: "encounter", fhir: "Encounter", fields: fields))
    let consumer = try Paper.billing(fields: ["account", "transaction", "service", "amount", "encounter"].map { Paper.field($0) })
    let plan = try ExtractPlan.make(consumer, agreement: Paper.baa(), dictionary: dictionary)
    let key = RowKey.encode([Array("V1\u{1F}N".utf8), RowKey.encode([Array("T900001\u{1F}N".utf8)])])
    let outcome = try LineWriter(plan: plan).outcome([Array("A1\u{1F}N".utf8), Array("T1\u{1F}N".utf8), nil, nil, key])
    guard case .line(let bytes, _, _) = outcome else { return #expect(Bool(false), "withheld") }
    #expect(String(decoding: bytes, as: UTF8.self) == "A1,N,T1,N,,,V1,N\r\n")
  }

  @Test func `an assigner without a value is no account`() throws {
    #expect(try outcome(["\u{1F}N", "T1\u{1F}N", nil, nil]) == .withheld(reason: "ACCOUNT-MISSING", cents: 0))
  }

  @Test func `an amount that is not whole cents stops the extract without showing it`() throws {
    let error = #expect(throws: ExtractError.self) { try outcome(["A1\u{1F}N", "T1\u{1F}N", nil, "1.234"]) }
    #expect(error?.code == "EXT-401" && error?.summary.contains("1.234") == false)
  }

  @Test(arguments: [(["a"], ["ab"]), (["a", "z"], ["ab", "a"]), (["a\u{0}"], ["a\u{1}"]), (["", "b"], ["a", "a"])])
  func `the order of a sort key is the order of its parts`(low: [String], high: [String]) {
    let keys = [low, high].map { SortKey.encode($0.map { Array($0.utf8) }) }
    #expect(keys[0].lexicographicallyPrecedes(keys[1]))
  }

  @Test func `what follows a sort key comes back whole`() {
    let record = SortKey.encode([[0, 0, 1], [], [0]]) + [0, 0, 9]
    #expect(Array(SortKey.payload(of: record[...], after: 3)) == [0, 0, 9])
  }
}
