import Core
import Demo
import Testing

@Suite struct DemoNightTests {
  private static let night = BusinessDate("2026-03-01")!
  private let demo = DemoNight(Self.night)

  private func text(_ file: DemoFile) -> String { String(decoding: file.bytes, as: UTF8.self) }
  private func file(_ suffix: String, _ wave: DemoNight.Wave = .first) throws -> DemoFile { try #require(demo.files(wave).first { $0.path.hasSuffix(suffix) }) }
  private func segments(_ file: DemoFile, _ name: String) -> [[Substring]] {
    text(file).split(whereSeparator: \.isNewline).filter { $0.hasPrefix(name + "|") }.map { $0.split(separator: "|", omittingEmptySubsequences: false) }
  }

  @Test("The same date gives the same bytes") func deterministic() {
    #expect(DemoNight(Self.night).files(.first) == demo.files(.first))
    #expect(DemoNight(Self.night).truth == demo.truth)
  }

  @Test("Another date gives other drops") func otherDate() {
    let other = DemoNight(Self.night.advanced(by: 1)).files(.first)
    let before = Set(demo.files(.first).filter { !$0.path.hasSuffix(".ctl") }.map { SHA256.digest($0.bytes) })
    #expect(other.filter { !$0.path.hasSuffix(".ctl") }.allSatisfy { !before.contains(SHA256.digest($0.bytes)) })
  }

  @Test("The second wave replaces one file of the first under its name") func resubmission() throws {
    let second = demo.files(.second)
    let first = try #require(demo.files(.first).first { $0.path == second.first?.path })
    #expect(second.count == 1)
    #expect(first.bytes != second[0].bytes)
  }

  @Test("The duplicate drop has the bytes of another drop") func duplicate() throws {
    #expect(try file("copy-of-NGEN.hl7").bytes == file("NGEN-20260301.hl7").bytes)
  }

  @Test("Only the trailer of the visits batch in the south lies, by one") func lyingTrailer() throws {
    let batches = (demo.files(.first) + demo.files(.second)).filter { $0.path.hasSuffix(".hl7") }
    for batch in batches {
      let declared = try #require(Int(segments(batch, "BTS")[0][1]))
      #expect(declared - segments(batch, "MSH").count == (batch.path.contains("visits") ? 1 : 0))
    }
  }

  @Test("PID-3 is empty in exactly one message, which the truth holds") func heldMessage() throws {
    let visits = try file("visits-20260301.hl7")
    #expect(segments(visits, "PID").count { $0[3].isEmpty } == 1)
    #expect(demo.truth["feeds"]?["south-hl7"]?["dispositions"]?["held"]?.integer == 1)
  }

  @Test("MSH-10 is not used twice but for the message that comes twice") func controlIds() throws {
    for suffix in ["NGEN-20260301.hl7", "NWOM-20260301.hl7", "SGEN-visits-20260301.hl7"] {
      let ids = segments(try file(suffix), "MSH").map { String($0[9]) }
      #expect(ids.count - Set(ids).count == (suffix.hasPrefix("NGEN") ? 1 : 0))
    }
  }

  @Test("Received is the sum of the seven in every feed", arguments: DemoNight.feeds) func balances(feed: String) throws {
    let truth = try #require(demo.truth["feeds"]?[feed])
    #expect(truth["dispositions"]?.object?.values.reduce(0) { $0 + ($1.integer ?? 0) } == truth["received"]?.integer)
  }

  @Test("FT1-11 of the charges with and without PID-18 sums to the truth, to the cent") func money() throws {
    var sent = 0, withheld = 0, withheldRows = 0
    for batch in demo.files(.first) + demo.files(.second) where batch.path.hasSuffix(".hl7") && !batch.path.contains("copy-of") {
      if batch.path.contains("billing") && demo.files(.first).contains(batch) { continue }
      var account = false
      for line in text(batch).split(whereSeparator: \.isNewline) {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        if fields[0] == "PID" { account = fields.count > 18 && !fields[18].isEmpty }
        guard fields[0] == "FT1", let cents = DecimalNumber(fields[11].split(separator: "&")[0].utf8)?.hundredths else { continue }
        if account { sent += cents } else { (withheld, withheldRows) = (withheld + cents, withheldRows + 1) }
      }
    }
    let billing = try #require(demo.truth["billing"])
    #expect(sent == billing["sent_cents"]?.integer)
    #expect(withheld == billing["withheld_cents"]?.integer)
    #expect(withheldRows == 3)
  }

  @Test("Quantity times unit price is the extended amount") func extendedAmounts() throws {
    for charge in segments(try file("NGEN-20260301.hl7"), "FT1") {
      let amounts = [11, 12].map { DecimalNumber(charge[$0].split(separator: "&")[0].utf8)?.hundredths ?? 0 }
      #expect(amounts[0] == (Int(charge[10]) ?? 0) * amounts[1])
    }
  }

  @Test("Transaction, visit and record numbers are not shared between people") func distinctKeys() throws {
    let transactions = try ["NGEN-20260301.hl7", "NWOM-20260301.hl7", "SGEN-billing-20260301.hl7"].flatMap { segments(try file($0, .first), "FT1").map { $0[2] } }
    #expect(Set(transactions).count == transactions.count)
    #expect(Set(demo.identifyingValues).count == demo.identifyingValues.count)
    #expect(demo.identifyingValues.count >= 5 * 30)
  }

  @Test("The control file counts the documents") func controlFile() throws {
    #expect(text(try file(".ctl")) == "documents,8\n")
    #expect(demo.files(.first).count { $0.path.hasSuffix(".xml") } == 8)
  }

  @Test("One document denies an allergy and one does not know its problem") func negationAndNull() {
    let documents = demo.files(.first).filter { $0.path.hasSuffix(".xml") }.map(text)
    #expect(documents.count { $0.contains("negationInd=\"true\"") } == 1)
    #expect(documents.count { $0.contains("nullFlavor=\"UNK\"") } == 1)
  }

  @Test("Everybody is obviously synthetic") func synthetic() {
    for file in demo.files(.first) where file.path.hasSuffix(".hl7") {
      for person in segments(file, "PID") {
        #expect(person[5].hasPrefix("TEST^"))
        #expect(person.count <= 13 || person[13].isEmpty || person[13].contains("555-01"))
      }
    }
  }

  @Test("A file that is still arriving ends inside a message") func arriving() throws {
    let part = try file(".part")
    #expect(segments(part, "BTS").isEmpty)
    #expect(part.bytes.last != 0x0D)
  }
}
