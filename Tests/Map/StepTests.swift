import Core
import Map
import Testing

@Suite("Selectors and steps")
struct StepTests {
  @Test(
    "A selector picks one repetition",
    arguments: [
      ("FT1-3.1", "A"), ("FT1-3[2].1", "B"), ("FT1-3[2=y].1", "B"), ("FT1-3[9].1", "(absent)"), ("FT1-3[first].2", "x"),
      ("FT1-3[*].1 | join \" \"", "A B"),
    ])
  func selectors(line: String, want: String) throws {
    #expect(try Fixture.cell(line, ft1: "A^x~B^y") == want)
  }

  @Test(
    "[record] takes the number that is nearest to a patient's record",
    arguments: [
      ("S^^^N^SS~B^^^N^PI~A^^^N^MR", "A"), ("P^^^N^PT~B^^^N^pi", "B"), ("E^^^N^EPI~U~P^^^N^PT", "P"), ("E^^^N^EPI~U", "U"), ("S^^^N^SS~E^^^N^EPI", "E"),
      ("S^^^N^SS~D^^^N^DL", "S"), ("^^^N^MR~B^^^N^PI", "B"), ("", "(absent)"), ("\"\"", "(cleared)"),
    ])
  func record(sent: String, want: String) throws { #expect(try Fixture.cell("FT1-3[record].1", ft1: sent) == want) }

  @Test(
    "A telephone number is one text, whole or in parts; a mail address is none, and nothing is cleared by what was left out",
    arguments: [
      ("(555)555-0100", "(555)555-0100"), ("^PRN^PH^^^555^5550100", "(555)555-0100"), ("^PRN^PH^^44^20^79460100", "+44 (20)79460100"),
      ("^PRN^PH^^+1^555^555-0100^9", "(555)555-0100X9"), ("^PRN^PH^^^^5550100", "555-0100"), ("^PRN^PH^^^^5550100^^^^^5550100", "5550100"), ("^PRN^PH^^1^555", "(absent)"),
      ("^NET^Internet^a@b", "(absent)"), ("5^NET^X.400^a@b~5550100", "5550100"), ("\"\"", "(cleared)"), ("\"\"^PRN^PH", "(cleared)"),
    ])
  func telephone(sent: String, want: String) throws { #expect(try Fixture.cell("FT1-3[first] | phone", ft1: sent) == want) }

  @Test(
    "What tells equal values apart goes behind them, or stands in for them",
    arguments: [("a^b&c", "a+b/c"), ("a", "a"), ("^b", "+b"), ("a^&c", "a/c"), ("", "none"), ("\"\"", "none")])
  func suffix(sent: String, want: String) throws {
    #expect(try Fixture.cell("FT1-3.1 | suffix \"+\" FT1-3.2 | suffix \"/\" FT1-3.2.2 | default none", ft1: sent) == want)
  }

  @Test("[first] passes over empty repetitions")
  func firstWithValue() throws { #expect(try Fixture.cell("FT1-3[first].1", ft1: "~^x~B") == "B") }

  @Test("A chain takes the first path that has a value")
  func chain() throws { #expect(try Fixture.cell("FT1-8 or FT1-9 or FT1-3", ft1: "BATCH") == "BATCH") }

  @Test("Null clears a cell, an absent field leaves it")
  func nulls() throws {
    #expect(try Fixture.cell("FT1-3", ft1: "\"\"") == "(cleared)")
    #expect(try Fixture.cell("FT1-3", ft1: "") == "(absent)")
    #expect(try Fixture.cell("FT1-3 or FT1-4", ft1: "\"\"|X") == "X")
  }

  @Test("Blanks alone are no value: a field of them was not sent, a component of them is empty, and the chain goes on", arguments: [
    ("FT1-3", "  ", "(absent)"), ("FT1-3.2", "A^ ", "(cleared)"), ("FT1-3 or FT1-4", " |X", "X"), ("FT1-3[*] | join \",\"", " ~ ", "(absent)"), ("FT1-3", "\\.sp\\", "(cleared)"), ("FT1-3", " A ", " A "),
    ("FT1-3 | upper", " ", "(absent)"),
  ])
  func blanks(line: String, sent: String, want: String) throws {
    #expect(try Fixture.cell(line, ft1: sent) == want)
  }

  @Test(
    "Text steps change bytes as they say",
    arguments: [
      ("FT1-3 | trim", " a b ", "a b"), ("FT1-3 | upper", "aé", "Aé"), ("FT1-3 | lower", "AB", "ab"), ("FT1-3 | split \"-\" 2", "a-b-c", "b"),
      ("FT1-3 | split \"-\" 4", "a-b-c", "(absent)"), ("FT1-3 | split \"-\" last", "a-b-c", "c"), ("FT1-3 | split \"-\" last", "abc", "abc"),
      ("FT1-3 | split \"-\" last", "a-", "(absent)"),
      ("FT1-3 | default none", "", "none"), ("FT1-3", "a\\T\\b", "a&b"), ("FT1-3", "a^b", "a^b"), ("FT1-3.2", "a^b", "b"),
      ("FT1-3.1.2", "a&c^b", "c"),
    ])
  func texts(line: String, sent: String, want: String) throws { #expect(try Fixture.cell(line, ft1: sent) == want) }

  @Test(
    "Numbers and amounts are exact or held",
    arguments: [
      ("FT1-3 | decimal", "quantity", "+07.50", "7.5"), ("FT1-3 | decimal", "quantity", "7,5", "NUMBER-INVALID"),
      ("FT1-3 | money USD", "amount", "7.5", "7.50"),
      ("FT1-3 | money USD", "amount", "7.505", "MONEY-INVALID"), ("FT1-3 | money USD", "amount", "7&USD", "7.00"),
      ("FT1-3 | money USD", "amount", "7&EUR", "MONEY-INVALID"),
      ("FT1-3 | money USD | or absent", "amount", "x", "(absent)"), ("FT1-3 | required", "modifiers", "", "REQUIRED-MISSING"),
    ])
  func numbers(line: String, field: String, sent: String, want: String) throws { #expect(try Fixture.cell(line, ft1: sent, field: field) == want) }

  @Test(
    "Dates and times keep their precision and say where they are in doubt",
    arguments: [
      ("FT1-3 | date", "service", "20260301", "2026-03-01"), ("FT1-3 | date", "service", "202603011200", "2026-03-01"),
      ("FT1-3 | date", "service", "1970", "1970"),
      ("FT1-3 | date", "service", "20260230", "DATE-INVALID"), ("FT1-3 | time", "posted", "202603010810", "2026-03-01T08:10-06:00"),
      ("FT1-3 | time", "posted", "202607010810", "2026-07-01T08:10-05:00"),
      ("FT1-3 | time", "posted", "202603010810+0100", "2026-03-01T08:10+01:00"), ("FT1-3 | time", "posted", "noon", "TIME-INVALID"),
      ("FT1-3 | time | or absent", "posted", "noon", "(absent)"),
    ])
  func times(line: String, field: String, sent: String, want: String) throws { #expect(try Fixture.cell(line, ft1: sent, field: field) == want) }

  @Test("A shape fits whole or not at all")
  func shapes() throws {
    #expect(try Fixture.cell("FT1-3 | shape \"A99\"", ft1: "X12") == "X12")
    #expect(try Fixture.cell("FT1-3 | shape \"A99\"", ft1: "X123") == "SHAPE-INVALID")
  }

  @Test(
    "A code outside its set is held, passed or replaced, as the line says",
    arguments: [
      ("", "CODE-UNMAPPED"), (" | unmapped hold", "CODE-UNMAPPED"), (" | unmapped pass", "ZZ"), (" | unmapped default other", "other"),
    ])
  func codes(policy: String, want: String) throws {
    #expect(try Fixture.cell("FT1-3 | code charge-kind@1" + policy, ft1: "ZZ", field: "kind") == want)
  }

  @Test(
    "Value and assigner come from one repetition",
    arguments: [
      ("A1^^^NORTH", "A1@NORTH"), ("A1^^^&1.2.3&ISO", "A1@1.2.3"), ("A1", "A1@NORTH"), ("^^^WEST", "(cleared)"), ("\"\"", "(cleared)"),
    ])
  func identifiers(sent: String, want: String) throws { #expect(try Fixture.cell("FT1-3 | id else MSH-4.1", ft1: sent, field: "account") == want) }

  @Test("An identifier without any assigner is held")
  func noAssigner() throws { #expect(try Fixture.cell("FT1-3 | id", ft1: "A1", field: "account") == "REQUIRED-MISSING") }
}
