import Core
import Decode
import Testing

/// Blocks of the minimal lower layer protocol in a file, whole and torn.
@Suite struct BlockTests {
  private let torn = "MSH|^~\\&|DEMO|NORTH|||20260301||ADT^A01|M1|T|2.5\rPID|1||T9000"

  @Test func segmentBehindAnEndBlockBelongsToNoMessage() {
    let decoded = Decoded("\u{0B}" + Sample.message() + "\u{1C}\rPID|1||T900002\r\u{0B}" + Sample.message("M2") + "\u{1C}\r")
    #expect(decoded.records == Decoded(Sample.message() + Sample.message("M2")).records)
    #expect(decoded.dropFindings == [.orphanSegment])
  }

  @Test func blockWithoutAHeaderBelongsToNoMessage() {
    let decoded = Decoded("\u{0B}" + Sample.message() + "\u{1C}\r\u{0B}PID|1||T900002\rOBX|1|ED|||^^^Base64^AAAA\r\u{1C}\r")
    #expect(decoded.records == Decoded(Sample.message()).records)
    #expect(decoded.dropFindings == [.orphanSegment])
  }

  @Test(arguments: ["", "\r", "\n"]) func messageThatTheNextBlockCutsIsHeldAlone(end: String) {
    let decoded = Decoded("\u{0B}" + torn + end + "\u{0B}" + Sample.message("M2") + "\u{1C}\r")
    #expect(decoded.fates == ["held DROP-TRUNCATED", "decoded"])
    #expect(decoded.records == Decoded(Sample.message("M2")).records)
  }

  @Test func blockThatBeginsInALineEndsIt() {
    let decoded = Decoded(Sample.message().dropLast() + "\u{0B}" + Sample.message("M2") + "\u{1C}\r")
    #expect(decoded.records == Decoded(Sample.message() + Sample.message("M2")).records)
    #expect(decoded.heads.map(\.byteOffset) == [0, Sample.message().utf8.count])
  }

  @Test func segmentOfABlockThatCutsAMessageBelongsToNobody() {
    let decoded = Decoded("\u{0B}" + torn + "\r\u{0B}PID|1||T900002\r\u{1C}\r\u{0B}" + Sample.message("M2") + "\u{1C}\r")
    #expect(decoded.fates == ["held DROP-TRUNCATED", "decoded"])
    #expect(decoded.dropFindings == [.orphanSegment])
  }

  @Test func verticalTabInTheTextOfAFieldIsNoBlock() {
    let decoded = Decoded("\u{0B}MSH|^~\\&|A||||||ORU^R01\rOBX|1|a\n\u{0B}b\u{0B}MSH c\rOBX|2\r\u{1C}\r")
    #expect(decoded.records == ["MSH¦|¦^~\\&¦A¦¦¦¦¦¦ORU^R01\nOBX¦1¦a\nb\u{0B}MSH c\nOBX¦2"])
  }
}
