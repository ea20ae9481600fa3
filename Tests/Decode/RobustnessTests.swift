import Core
import Decode
import Support
import Testing

@Suite struct RobustnessTests {
  static let hl7 = [
    "\u{FEFF}" + Sample.batch,
    "# note\r\n\u{0B}" + Sample.message(end: "\r\n") + "cut line\r\n\u{1C}\r\n" + Sample.message("M2") + "PI",
    Sample.batch.replacing("FTS|2\r", with: "BTS|x\rPID|1\r"),
    "\u{0B}" + Sample.message() + "text\u{1C}\u{0B}" + Sample.message("M2") + "\u{1C}\r# note\r\u{FEFF}" + Sample.message("M3").dropLast(),
    "BHS$%*!@\r" + String(repeating: "\u{0B}MSH|\r", count: 3) + "z\r\u{1C}\u{0B}\u{1C}\u{0B}BTS$3\r",
  ]
  static let cda = [
    Sample.problems, "<?xml version=\"1.0\"?>\n<!-- c -->" + Sample.document("<title>a &amp; <![CDATA[b]]> \u{CB}</title><x:y/>"), "<!DOCTYPE a []><a/>",
    Sample.document(Sample.body(Sample.section("1", "<entry><act><text> a <b/> </text></act></entry>"))) + " <",
  ]

  @Test(arguments: hl7) func chunksNeverShowInHL7(text: String) {
    #expect(Drip.differingSplits(of: Array(text.utf8)) { Decoded(pieces: $0, format: .hl7v2) } == [])
  }

  @Test(arguments: hl7) func chunksNeverShowUnderASmallLimit(text: String) {
    #expect(Drip.differingSplits(of: Array(text.utf8)) { Decoded(pieces: $0, format: .hl7v2) { $0.limits.messageBytes = 60 } } == [])
  }

  @Test(arguments: [1, 2, 3]) func blockInsideALostLineIsToldByTheByteBeforeIt(limit: Int) {
    let text = Array("MSH|A\r\u{1C} \u{0B}\rMSH|\r".utf8)
    #expect(Drip.differingSplits(of: text) { Decoded(pieces: $0, format: .hl7v2) { $0.limits.messageBytes = limit } } == [])
  }

  @Test(arguments: cda) func chunksNeverShowInCDA(text: String) {
    #expect(Drip.differingSplits(of: Array(text.utf8)) { Decoded(pieces: $0, format: .cda) } == [])
  }

  @Test func chunksNeverShowInALatin1Document() {
    let text = Sample.document("<title>T\u{CB}ST</title>", declaration: "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>")
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(Drip.differingSplits(of: bytes) { Decoded(pieces: $0, format: .cda) } == [])
  }

  @Test func damagedHL7GivesAsManyEndsAsBeginnings() {
    for text in Self.hl7 {
      Mutate.copies(of: Array(text.utf8), count: 300, seed: 7) { bytes in
        let decoded = Decoded(bytes: bytes)
        #expect(decoded.heads.count == decoded.summary.messages && decoded.tails.count == decoded.summary.messages)
      }
    }
  }

  @Test func damagedCDAGivesOneMessage() {
    for text in Self.cda {
      Mutate.copies(of: Array(text.utf8), count: 200, seed: 11) { #expect(Decoded(pieces: [$0], format: .cda).tails.count == 1) }
    }
  }

  @Test(arguments: ["\u{FEFF}", "\u{0B}", ""]) func longLineIsHeldAndNeverCutWhateverFramesIt(mark: String) {
    let line = "MSH|^~\\&|DEMO|NORTH|||20260301||ADT^A01|M1|T|2.5.1|" + String(repeating: "A", count: 40)
    let decoded = Decoded(mark + line) { $0.limits.messageBytes = line.utf8.count - 2 }
    #expect(decoded.fates == ["held MESSAGE-LIMIT"])
    #expect(decoded.tails.first?.byteCount == line.utf8.count)
  }

  @Test func longLineWithoutAnEndStaysWithinItsLimit() {
    var settings = DecodeSettings(format: .hl7v2)
    settings.limits.messageBytes = 100_000
    let decoder = DropDecoder(settings), piece = [UInt8](repeating: 0x41, count: 50_000)
    var largest = 0
    decoder.push(Array("MSH|^~\\&|".utf8)) { _, _ in }
    for _ in 0..<40 { decoder.push(piece) { _, record in largest = max(largest, record.segments.bytes.capacity) } }
    let summary = decoder.finish { _, record in largest = max(largest, record.segments.bytes.capacity) }
    #expect(summary.messages == 1)
    #expect(largest < 500_000)
  }
}
