import Core
import Testing

@testable import Pipeline

@Suite("Arrival calendars") struct ArrivalCalendarTests {
  func night(_ text: String) throws -> BusinessDate { try #require(BusinessDate(text)) }
  func chicago() throws -> ZoneRules { try #require(ZoneFile.bytes("America/Chicago").flatMap { ZoneRules(tzif: $0) }) }

  @Test("Weekdays, one day of the week, one day of the month", arguments: [
    ("2027-03-05", true, false, false), ("2027-03-06", false, false, false), ("2027-03-08", true, true, false), ("2027-02-28", false, false, true),
    ("2028-02-28", true, true, false), ("2028-02-29", true, false, true), ("2027-04-30", true, false, true), ("2027-03-31", true, false, true),
  ])
  func cadences(day: String, weekday: Bool, monday: Bool, last: Bool) throws {
    let night = try night(day)
    #expect(ArrivalCalendar(cadence: .weekdays).isOpen(on: night) == weekday)
    #expect(ArrivalCalendar(cadence: .weekly(1)).isOpen(on: night) == monday)
    #expect(ArrivalCalendar(cadence: .monthly(31)).isOpen(on: night) == last)
  }

  @Test("Federal holidays of two years, with the days on which they are observed", arguments: [
    "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-07-04", "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25",
    "2027-06-18", "2027-07-05", "2027-12-24", "2021-12-31", "2022-12-26",
  ])
  func federal(day: String) throws { #expect(!ArrivalCalendar(cadence: .daily, closed: .federal).isOpen(on: try night(day))) }

  @Test func otherDaysAreOpen() throws {
    let open = try (0..<365).filter { ArrivalCalendar(cadence: .daily, closed: .federal).isOpen(on: try night("2026-01-01").advanced(by: $0)) }
    #expect(open.count == 365 - 12)
  }

  @Test("A cut-off in the hour that is left out, or that comes twice, stands at one moment")
  func clockChanges() throws {
    let due = try #require(ClockTime("02:30")), zone = try chicago()
    let winter = due.moment(on: try night("2027-03-13"), in: zone)
    #expect(due.moment(on: try night("2027-03-14"), in: zone) == winter + 86_400)
    #expect(due.moment(on: try night("2027-03-15"), in: zone) == winter + 2 * 86_400 - 3_600)
    let twice = try #require(ClockTime("01:30")), before = twice.moment(on: try night("2027-11-06"), in: zone)
    #expect(twice.moment(on: try night("2027-11-07"), in: zone) == before + 86_400)
  }

  @Test func aFileOfDaysIsReadLineByLine() throws {
    let (days, bad) = ClosedDays.read("# ours\n2027-01-01 New Year\r\n\n2027-05-31,Memorial\n")
    #expect(days.count == 2 && bad == nil)
    #expect(ClosedDays.read("2027-01-01\nsoon\n").badLine == 2)
  }
}

@Suite("Missed nights") struct MissedNightTests {
  func nights(_ closed: [String], _ next: String) throws -> MissedNights {
    MissedNights(closed: closed.compactMap { BusinessDate($0) }, next: try #require(BusinessDate(next)), by: try #require(ClockTime("02:00")), in: .utc)
  }

  @Test func theyRunOldestFirstUpToTheLastClosedOne() throws {
    let missed = try nights(["2027-02-01", "2027-02-25", "2027-03-01"], "2027-03-01")
    #expect(missed.nights.map(\.date.description) == ["2027-02-26", "2027-02-27", "2027-02-28"] && missed.left == 0)
  }

  @Test func eachTakesWhatWasWrittenByItsCutOff() throws {
    let first = try #require(try nights(["2027-02-25"], "2027-02-27").nights.first)
    #expect(first.until == first.date.daysSinceEpoch * 86_400 + 7_200)
  }

  @Test func aSiteThatNeverClosedMissedNothing() throws { #expect(try nights([], "2027-03-01").nights.isEmpty) }

  @Test func thirtyOneRunAtOnce() throws {
    let missed = try nights(["2027-01-01"], "2027-03-01")
    #expect(missed.nights.count == 31 && missed.left == 27)
  }
}
