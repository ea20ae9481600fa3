import Core
import Decode
import Oracle
import Support
import Testing

/// A small part of what `make exam` does over the real files, for every run of the tests.
@Suite struct MutationTests {
  @Test(arguments: Seeds.all) func damagedSeedsKeepEveryPromise(seed: Seeds.Seed) {
    var broken: Set<Breach> = []
    Mutate.copies(of: seed.bytes, count: 60, seed: 5, tokens: Tokens.of(seed.format)) {
      broken.formUnion(DropOracle(DropOracle.settings(seed.format, forInputOf: $0.count)).breaches($0, .quick))
    }
    #expect(broken == [])
  }

  @Test(arguments: SeededGenerator.seeds(40)) func anyEnvelopeIsCountedAsTheRulesSay(seed: UInt64) {
    var generator = SeededGenerator(seed)
    let model = EnvelopeModel(script: generator.bytes(Int.random(in: 0...40, using: &generator)))
    #expect(model.breaches(Trace([model.bytes], DecodeSettings(format: .hl7v2))) == [])
  }

  @Test(arguments: SeededGenerator.seeds(40)) func anyTextEscapesAndReadsBack(seed: UInt64) {
    var generator = SeededGenerator(seed)
    let words = Tokens.hl7 + [[0x41], [0x0D], [0x0A]]
    let text = (0..<20).flatMap { _ in words.randomElement(using: &generator) ?? [] }
    #expect(EscapeOracle.breaches(text, SegmentTable.Delimiters()) == [])
  }

  /// The promises must be able to fail.
  @Test func aLostLineIsSeen() {
    let input = Array(Sample.message().utf8), longer = input + Array("PV1|1\rZZZ|2\r".utf8)
    let settings = DecodeSettings(format: .hl7v2), short = Trace([input], settings)
    #expect(!Conservation(longer, settings, short).breaches().isEmpty)
  }

  @Test(arguments: [FindingCode.nulByte, .charsetUndecodable, .trailerMismatch, .delimitersInvalid, .headerDoubled]) func aWrongPlaceIsSeen(code: FindingCode) {
    let place = FindingPlace(Array(Sample.message().utf8), DecodeSettings(format: .hl7v2))
    #expect(!place.isShown(Finding(code, at: SourcePosition(path: "BTS-1", byteOffset: 7)), messageStart: 0))
  }
}
