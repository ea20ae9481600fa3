import Core
import Decode
import Map
import Reconcile
import Support
import Testing

/// What a partner does to a file of rows without telling anyone.
enum RowMutation: String, CaseIterable, CustomTestStringConvertible {
  case renamedColumn, newColumn, missingColumn, emptiedColumn, newCode, longerNumber, longerName, dateOfOtherForm, timeBesideDate, swappedColumns

  var testDescription: String { rawValue }

  /// Changes a table of names and rows.
  func apply(to table: [[String]]) -> [[String]] {
    table.enumerated().map { number, row in number == 0 ? names(row) : values(row) }
  }

  private func names(_ row: [String]) -> [String] {
    switch self {
    case .renamedColumn: row.map { $0 == "DOB" ? "Birth Date" : $0 }
    case .newColumn: row + ["Insurance"]
    case .missingColumn: Array(row.dropLast())
    default: row
    }
  }

  private func values(_ row: [String]) -> [String] {
    var row = row
    switch self {
    case .newColumn: row.append("PLAN7")
    case .missingColumn: row.removeLast()
    case .emptiedColumn: row[1] = ""
    case .newCode: row[3] = row[3] == "F" ? "W" : row[3]
    case .longerNumber: row[0] = "000000" + row[0]
    case .longerName: row[1] += String(repeating: "X", count: 60)
    case .dateOfOtherForm: row[2] = "1970-" + row[2].prefix(2) + "-" + row[2].dropFirst(3).prefix(2)
    case .timeBesideDate: row[2] += " 00:00"
    case .swappedColumns: row.swapAt(1, 3)
    case .renamedColumn: break
    }
    return row
  }
}

/// A partner who sends a census every night: fewer rows at weekends, more people every month. Everything in it is invented.
struct RowSender {
  private var random = SeededGenerator(7)
  private var last = 40_000

  static let mapping = """
    mapping: census
    version: 1
    reads: {csv: rows}
    zone: feed
    event_time: since
    owner: test
    why: test
    layout: {columns: {mrn: Patient ID, last: Last Name, born: DOB, sex: Sex, since: Admitted, ward: Ward}, constant: {assigner: NORTH}}
    patient:
      each: row
      key: [identifier]
      absent: keeps
      set:
        identifier: mrn | id else assigner | required
        family: last
        birth_date: born | date "MM/DD/YYYY"
        sex: sex | code sex@1 | unmapped hold
    examples:
      - name: none
        given: x
        expect: {}
    """

  private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

  /// The names and the rows of night `number`; nights are asked for in order.
  mutating func night(_ number: Int) -> [[String]] {
    let rows = (60 + number) * (number % 7 >= 5 ? 45 : 100) / 100
    return [["Patient ID", "Last Name", "DOB", "Sex", "Admitted", "Ward"]] + (0..<rows).map { _ in row(number) }
  }

  private mutating func row(_ number: Int) -> [String] {
    last += 1 + below(3)
    let name = String(repeating: "TEST", count: 1 + below(2)) + "AEIOU".dropFirst(below(5))
    let born = "\(CalendarDay.padded(1 + below(12), 2))/\(CalendarDay.padded(1 + below(28), 2))/19\(40 + below(60))"
    return ["T\(last)", name, born, ["F", "M"][below(2)], BusinessDate(daysSinceEpoch: 20_513 + number).description, "WARD\(1 + below(6))"]
  }

  static let rules: CoverageRules? = DriftNight.library.flatMap { files in
    let library = MappingLibrary(files: files.merging(["csv/census/1.yaml": Array(mapping.utf8)]) { $1 })
    guard let plan = try? MapPlan.build(library, mappings: ["census@1"], format: .csv, zone: .utc) else { return nil }
    return try? CoverageRules(plan, library)
  }

  static func tally(_ table: [[String]]) throws -> FeedTally {
    guard let rules else { throw TestFailure("the mapping does not compile") }
    return DriftNight.tally(table.map { $0.joined(separator: ",") + "\n" }.joined(), rules)
  }

  static func learn() throws -> (profile: FeedProfile, sender: RowSender) {
    var sender = RowSender(), tallies: [(night: BusinessDate, tally: FeedTally)] = []
    for number in 0..<LearnedSender.nights { tallies.append((LearnedSender.first.advanced(by: number), try tally(sender.night(number)))) }
    guard let profile = FeedProfile.learn(feed: "census", tallies) else { throw TestFailure("nothing was learned") }
    return (profile, sender)
  }
}

@Suite("Drift of rows") struct RowDriftTests {
  @Test("every change of a file of rows shows on its first night", arguments: RowMutation.allCases)
  func mutations(mutation: RowMutation) throws {
    var (profile, sender) = try RowSender.learn()
    let findings = DriftReview.findings(try RowSender.tally(mutation.apply(to: sender.night(LearnedSender.nights))), against: profile)
    #expect(!findings.isEmpty)
    profile.frozen = nil
  }

  @Test("thirty clean nights show none") func clean() throws {
    var (profile, sender) = try RowSender.learn()
    for number in LearnedSender.nights..<(LearnedSender.nights + 30) {
      #expect(DriftReview.findings(try RowSender.tally(sender.night(number)), against: profile) == [], "night \(number)")
    }
    profile.frozen = nil
  }

  @Test("a renamed column is one that is missing and one that is new") func renamed() throws {
    var (profile, sender) = try RowSender.learn()
    let night = try RowSender.tally(RowMutation.renamedColumn.apply(to: sender.night(LearnedSender.nights)))
    #expect(DriftReview.findings(night, against: profile).map(\.text) == ["new-place row birth_date", "missing-place row born"])
    profile.frozen = nil
  }

  @Test("dates of another form are a changed format") func dates() throws {
    var (profile, sender) = try RowSender.learn()
    let night = try RowSender.tally(RowMutation.dateOfOtherForm.apply(to: sender.night(LearnedSender.nights)))
    #expect(DriftReview.findings(night, against: profile).map(\.text) == ["changed-format row born"])
    profile.frozen = nil
  }
}
