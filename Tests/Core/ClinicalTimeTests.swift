import Core
import Support
import Testing

@Suite struct ClinicalTimeTests {
  private func time(_ text: String, zone: ZoneRules? = nil) -> ClinicalTime? { ClinicalTime(text.utf8, zone: zone) }

  @Test("The canonical text keeps the precision and the offset as sent", arguments: [
    ("2026", "2026"), ("202603", "2026-03"), ("20260301", "2026-03-01"), ("2026030108", "2026-03-01T08"), ("202603010810", "2026-03-01T08:10"),
    ("20260301081500", "2026-03-01T08:15:00"), ("20260301081500.1234", "2026-03-01T08:15:00.1234"), ("202603010810-0600", "2026-03-01T08:10-06:00"),
    ("20260301081500+0530", "2026-03-01T08:15:00+05:30"), ("20260301081500+0000", "2026-03-01T08:15:00Z"), ("20260301081500-0000", "2026-03-01T08:15:00Z"),
    ("20260301081500+00", "2026-03-01T08:15:00Z"), ("20260301081500-06", "2026-03-01T08:15:00-06:00"),
    ("2026-03-01", "2026-03-01"), ("2026-03", "2026-03"), ("2026-03-01T08:15:00Z", "2026-03-01T08:15:00Z"), ("2026-03-01T08:15:00.5-06:00", "2026-03-01T08:15:00.5-06:00"),
    ("2026-03-01T08:15", "2026-03-01T08:15"), ("20240229", "2024-02-29"), ("2026-0600", "2026"), ("20260301+0100", "2026-03-01"),
  ])
  func canonical(sent: String, canonical: String) { #expect(time(sent)?.canonical == canonical) }

  @Test("What is not a time of the standard's form is nothing", arguments: [
    "", "\"\"", "0000", "20260230", "20250229", "20261301", "20260001", "20260100", "2026030124", "202603010860", "20260301081560", "202", "20260", "2026030",
    "20260301081", "20260301081500.", "202603.5", "20260301081500.1234567890", "20260301081500+6", "20260301081500+060", "20260301081500+1600", "20260301081500+0060",
    "2026/03/01", "01.03.2026", "20260301 0815", "today", "20260301081500Z0", "20260301081500+0600X", "-20260301", "2026T0301", "20260301081500.5.5", "20260301081500.5T", "20260301TT08", "20260301:08", "20260301T08:1:5",
    "20260301T0815:", "2026030:", "2026030/", "/0260301", ":0260301", "2026030108150:", "2026030108150/", "2026030/081500", "20260301T:0815", "20260301081500:", "٢٠٢٦٠٣٠١",
  ])
  func invalid(sent: String) { #expect(time(sent)?.canonical == nil) }

  @Test("A date has no zone, whatever was sent") func dateHasNoZone() throws {
    let date = try #require(time("20260301-0600", zone: .utc))
    #expect(date.offsetMinutes == nil && date.zoneSource == .none && date.precision == .day)
  }

  @Test("A sent offset wins over the feed's zone, and each says where it came from") func zoneSource() throws {
    let sent = try #require(time("202603010810-0600", zone: .utc)), bare = try #require(time("202603010810", zone: .utc))
    #expect(sent.offsetMinutes == -360 && sent.zoneSource == .value)
    #expect(bare.offsetMinutes == 0 && bare.zoneSource == .feed)
    #expect(try #require(time("202603010810")).zoneSource == .none)
  }

  @Test("The instant is microseconds in UTC") func instant() {
    #expect(time("19700101000000+0000")?.instant == 0)
    #expect(time("19700101000000.25-0100")?.instant == 3_600_250_000)
    #expect(time("20260301081500-0600")?.instant == 1_772_374_500_000_000)
    #expect(time("19691231235959+0000")?.instant == -1_000_000)
  }

  @Test("An instant as text has six digits, before the epoch too") func instantText() {
    #expect(ClinicalTime.text(instant: 1_772_374_500_000_000) == "2026-03-01T14:15:00.000000Z")
    #expect(ClinicalTime.text(instant: -1) == "1969-12-31T23:59:59.999999Z")
    #expect(ClinicalTime.text(instant: 0) == "1970-01-01T00:00:00.000000Z")
  }

  @Test("Instants print and read back, over ten thousand years", arguments: SeededGenerator.seeds(5)) func instantRoundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    for _ in 0..<500 {
      let instant = Int.random(in: -62_135_596_800_000_000...253_402_300_799_000_000, using: &generator)
      #expect(time(ClinicalTime.text(instant: instant))?.instant == instant)
    }
  }

  @Test("A local time in the gap or in the overlap is doubted") func doubts() throws {
    let chicago = try Zones.rules("America/Chicago")
    let gap = try #require(time("202603080230", zone: chicago)), overlap = try #require(time("202611010130", zone: chicago))
    #expect(gap.doubt == .gap && gap.offsetMinutes == -360)
    #expect(overlap.doubt == .ambiguous && overlap.offsetMinutes == -300)
    #expect(try #require(time("202603080330", zone: chicago)).doubt == nil)
  }
}

@Suite struct BusinessDateTests {
  @Test("Only a day that exists, as YYYY-MM-DD, is a business date", arguments: [
    "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-1", "20260301", " 2026-03-01", "2026-03-01 ", "2026/03/01", "", "abcd-ef-gh", "2100-02-29", "２０２６-03-01",
  ])
  func refused(text: String) { #expect(BusinessDate(text) == nil) }

  @Test("Every day of eight hundred years prints, reads back and follows the one before") func roundTrip() throws {
    var date = try #require(BusinessDate("1600-01-01"))
    let end = try #require(BusinessDate("2400-01-01"))
    #expect(end.daysSinceEpoch - date.daysSinceEpoch == 292_194)
    var broken = 0
    while date < end {
      if BusinessDate(date.description) != date || date.advanced(by: 1).advanced(by: -1) != date { broken += 1 }
      date = date.advanced(by: 7)
    }
    #expect(broken == 0)
  }

  @Test("1970-01-01 is day 0, 2000-03-01 day 11017") func known() {
    #expect(BusinessDate("1970-01-01")?.daysSinceEpoch == 0)
    #expect(BusinessDate("2000-03-01")?.daysSinceEpoch == 11_017)
  }

  @Test("Numbers are short runs of ASCII digits") func numbers() {
    #expect(CalendarDay.number("0042".utf8) == 42)
    for text in ["", "+1", "1 ", "1234567890123456789", "٣"] { #expect(CalendarDay.number(text.utf8) == nil) }
  }
}

@Suite struct TimePrecisionTests {
  @Test("Each precision of the standard keeps itself, and only a time of day takes the feed's offset", arguments: [
    ("2026", .year, nil), ("202603", .month, nil), ("20260301", .day, nil), ("2026030108", .hour, -360), ("202603010810", .minute, -360),
    ("20260301081015", .second, -360), ("20260301081015.1", .fraction, -360), ("20260301081015.123456789", .fraction, -360),
  ] as [(String, ClinicalTime.Precision, Int?)])
  func precisions(sent: String, precision: ClinicalTime.Precision, offset: Int?) throws {
    let time = try #require(ClinicalTime(sent.utf8, zone: try Zones.rules("America/Chicago")))
    #expect(time.precision == precision && time.offsetMinutes == offset)
    #expect(time.zoneSource == (offset == nil ? .none : .feed))
  }

  @Test("An offset of hours alone is read and marked; one of four digits is not", arguments: [
    ("20260301081500+00", 0, true), ("20260301081500-06", -360, true), ("20260301081500+0000", 0, false), ("2026-03-01T08:15:00-06:00", -360, false),
    ("20260301081500Z", 0, false),
  ])
  func shortOffsets(sent: String, offset: Int, isShort: Bool) throws {
    let time = try #require(ClinicalTime(sent.utf8, zone: nil))
    #expect(time.offsetMinutes == offset && time.isOffsetShort == isShort)
  }

  @Test("A time that springs over the gap or stands twice says so only where no offset was written", arguments: [
    ("202603080200", .gap), ("202603080259", .gap), ("202603080159", nil), ("202603080300", nil), ("202611010100", .ambiguous), ("202611010159", .ambiguous),
    ("202611010059", nil), ("202611010200", nil), ("202603080230-0600", nil), ("202611010130-0500", nil),
  ] as [(String, ClinicalTime.ZoneDoubt?)])
  func doubts(sent: String, doubt: ClinicalTime.ZoneDoubt?) throws {
    #expect(try #require(ClinicalTime(sent.utf8, zone: try Zones.rules("America/Chicago"))).doubt == doubt)
  }

  @Test("The clock that remembers gives what the rules give", arguments: ZoneRulesTests.names) func clock(zone: String) throws {
    var generator = SeededGenerator(SeededGenerator.base)
    let rules = try Zones.rules(zone)
    var clock = ZoneClock(rules)
    var differing: [Int] = []
    for _ in 0..<300 {
      let near = Int.random(in: -1_000_000_000...6_000_000_000, using: &generator)
      for step in [0, 3_600, 86_400, 2_592_000, 7_776_000, 60] {
        let one = rules.offset(atLocal: near + step), other = clock.offset(atLocal: near + step)
        if one.minutes != other.minutes || one.doubt != other.doubt { differing.append(near + step) }
      }
    }
    #expect(differing == [], "COMPLINE_SEED=\(SeededGenerator.base)")
  }
}
