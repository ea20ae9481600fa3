import Core
import Decode
import Testing

@Suite struct HL7Tests {
  @Test(arguments: ["\r", "\n", "\r\n"]) func everyLineEndGivesTheSameMessage(end: String) {
    let decoded = Decoded(Sample.message(end: end))
    #expect(decoded.records == Decoded(Sample.message()).records)
    #expect(decoded.tails.map(\.digest) == Decoded(Sample.message()).tails.map(\.digest))
  }

  @Test func digestIsOfTheSegmentsWithCarriageReturnsBetweenThem() {
    let message = Sample.message()
    #expect(Decoded("\n" + message + "\r\n").tails.map(\.digest) == [SHA256.digest(Array(message.utf8.dropLast()))])
  }

  @Test func fieldsAreNumberedAsTheStandardCounts() {
    #expect(Decoded("MSH|^~\\&|DEMO||||||ADT^A01|7\rPID|1||X\r").records == ["MSH¦|¦^~\\&¦DEMO¦¦¦¦¦¦ADT^A01¦7\nPID¦1¦¦X"])
  }

  @Test func headSaysWhereAMessageBegins() {
    #expect(Decoded(Sample.message("M1") + Sample.message("M2")).heads.map(\.byteOffset) == [0, Sample.message("M1").utf8.count])
  }

  @Test func typeAndIdentityAreTakenAsSent() {
    let tail = Decoded("MSH|^~\\&|A|B|||||ADT^A04^ADT_A01~ORU^R01|M1\r").tails.first
    #expect(tail?.rawType == Array("ADT^A04".utf8))
    #expect(tail?.controlIdentity == RowKey.encode([Array("A".utf8), Array("B".utf8), Array("M1".utf8)]))
  }

  @Test func missingControlIdLeavesTheIdentityEmpty() {
    #expect(Decoded("MSH|^~\\&|A|B|||||ADT^A04|\r").tails.map(\.controlIdentity) == [[]])
  }

  @Test func messageWithoutATypeIsReported() {
    #expect(Decoded("MSH|^~\\&|A\r").advice == [.messageTypeMissing])
  }

  @Test(arguments: ["MSH|^^\\&|A", "MSH|^~\\\\|A", "MSH|^~\\\\\\&|A", "MSH|^^\\\\&|A", "MSHA^~\\&AB", "MSH", "MSH||A", "MSH|^~a&|A", "MSH|^~ &|A"])
  func badDelimitersAreRejected(line: String) {
    #expect(Decoded(line + "\r").fates == ["rejected DELIMITERS-INVALID"])
  }

  @Test func delimitersAreReadFromEachMessage() {
    let decoded = Decoded("MSH|^~\\&|A||||||ADT^A01\rMSH$%*!@$B$$$$$$ADT%A04\rPID$1\r")
    #expect(decoded.records.last == "MSH¦$¦%*!@¦B¦¦¦¦¦¦ADT%A04\nPID¦1")
    #expect(decoded.tails.map(\.rawType) == [Array("ADT^A01".utf8), Array("ADT^A04".utf8)])
    #expect(decoded.advice == [.delimitersUnusual])
  }

  @Test func truncationCharacterOfVersion27IsUsual() {
    #expect(Decoded("MSH|^~\\&#|A||||||ADT^A01\r").advice == [])
  }

  @Test(arguments: ["MSH|^~\\\\&|A||||||ADT^A01", "MSH|^~\\\\&#|A||||||ADT^A01"]) func escapeCharacterThatWasEscapedStandsForOne(line: String) {
    let decoded = Decoded(line + "\rPID|1||X^^^&Y\r")
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.delimiters.first == [UInt8(ascii: "^"), UInt8(ascii: "~"), UInt8(ascii: "\\"), UInt8(ascii: "&")])
    #expect(decoded.advice == [.delimitersUnusual])
  }

  @Test func lineEndInsideAFieldIsKeptAsALineFeed() {
    let decoded = Decoded("MSH|^~\\&|A||||||ORU^R01\rOBX|1|TX|||first\r\nsecond line|x\rOBX|2\r")
    #expect(decoded.records == ["MSH¦|¦^~\\&¦A¦¦¦¦¦¦ORU^R01\nOBX¦1¦TX¦¦¦first\nsecond line¦x\nOBX¦2"])
    #expect(decoded.advice == [.segmentInvalid])
  }

  @Test func linesBetweenMessagesAreReportedOnceARun() {
    #expect(Decoded("# a\r# b\r" + Sample.message()).dropFindings == [.segmentInvalid])
  }

  @Test func segmentOutsideOfAMessageIsAnOrphan() {
    #expect(Decoded("BHS|^~\\&\rPID|1\rBTS|0\r").dropFindings == [.orphanSegment])
  }

  @Test func byteOrderMarkAndBlocksAreNoPartOfTheMessage() {
    let framed = "\u{FEFF}\u{0B}" + Sample.message() + "\u{1C}\r\u{0B}" + Sample.message("M2") + "\u{1C}\r"
    #expect(Decoded(framed).tails.map(\.digest) == Decoded(Sample.message() + Sample.message("M2")).tails.map(\.digest))
  }

  @Test(arguments: ["\u{1C}\r\u{0B}", "\u{1C}\u{0B}", "\u{1C}\r\n\u{0B}", "\r\u{1C}\u{0B}", "\u{1C}\u{1C}\r\r\u{0B}\u{0B}"])
  func blocksDivideMessagesWithOrWithoutLineEnds(between: String) {
    let decoded = Decoded("\u{0B}" + Sample.message().dropLast() + between + Sample.message("M2").dropLast() + "\u{1C}")
    #expect(decoded.tails.map(\.digest) == Decoded(Sample.message() + Sample.message("M2")).tails.map(\.digest))
    #expect(decoded.advice == [] && decoded.dropFindings == [])
  }

  @Test func verticalTabInsideAFieldStays() {
    #expect(Decoded("MSH|^~\\&|A||||||ORU^R01\rOBX|1|a\u{0B}b\u{1C}c|\r").records == ["MSH¦|¦^~\\&¦A¦¦¦¦¦¦ORU^R01\nOBX¦1¦a\u{0B}b\u{1C}c¦"])
  }

  @Test func textBehindAnEndBlockBelongsToNoMessage() {
    let decoded = Decoded("\u{0B}" + Sample.message() + "\u{1C}\r# next\r\u{0B}" + Sample.message("M2") + "\u{1C}\r")
    #expect(decoded.records == Decoded(Sample.message() + Sample.message("M2")).records)
    #expect(decoded.dropFindings == [.segmentInvalid])
  }

  @Test func byteOrderMarksBetweenMessagesAreNoPartOfThem() {
    let marked = Decoded("\u{FEFF}" + Sample.message() + "\u{FEFF}" + Sample.message("M2"))
    #expect(marked.tails.map(\.digest) == Decoded(Sample.message() + Sample.message("M2")).tails.map(\.digest))
    #expect(marked.heads.map(\.byteOffset) == [3, 6 + Sample.message().utf8.count])
  }

  @Test func blankLinesBetweenSegmentsAndMessagesCountForNothing() {
    #expect(Decoded("\n" + Sample.message(end: "\r\n\r\n \t\r") + "\r\r" + Sample.message("M2")).tails.map(\.digest) == Decoded(Sample.message() + Sample.message("M2")).tails.map(\.digest))
  }

  @Test(arguments: ["FHS: 140 bpm", "BHS-neg", "MSH: 12 pg/ml", "FHS:"]) func textThatBeginsLikeAHeaderIsText(text: String) {
    let decoded = Decoded("MSH|^~\\&|A||||||ORU^R01\rOBX|1|TX|||first\r\n\(text)\rOBX|2\r")
    #expect(decoded.records == ["MSH¦|¦^~\\&¦A¦¦¦¦¦¦ORU^R01\nOBX¦1¦TX¦¦¦first\n\(text)\nOBX¦2"])
  }

  @Test func messagesWithoutALineEndBetweenThemAreHeld() {
    let first = String(Sample.message().dropLast())
    let decoded = Decoded(first + Sample.message("M2") + Sample.message("M3"))
    #expect(decoded.fates == ["held HEADER-IN-LINE", "decoded"])
    #expect(decoded.offsets == [first.utf8.count])
  }

  @Test func textThatEndsTheDropIsKeptWithItsField() {
    let decoded = Decoded("MSH|^~\\&|A||||||ORU^R01\rOBX|1|first\r\nlast of all")
    #expect(decoded.records == ["MSH¦|¦^~\\&¦A¦¦¦¦¦¦ORU^R01\nOBX¦1¦first\nlast of all"])
    #expect(decoded.fates == ["decoded"] && decoded.advice == [.segmentInvalid])
  }

  @Test func digestTakesALineEndInsideAFieldAsACarriageReturn() {
    let text = "MSH|^~\\&|A||||||ORU^R01\rOBX|1|first\nsecond\rOBX|2\r"
    #expect(Decoded(text).tails.first?.digest == SHA256.digest(Array(text.replacing("\n", with: "\r").utf8.dropLast())))
  }

  @Test func positionInsideAFieldThatALineEndCutIsThatOfTheFile() {
    let text = "MSH|^~\\&|A||||||ORU^R01\r\nOBX|1|first\r\n\r\nse"
    #expect(Decoded(bytes: Array(text.utf8) + [0xCB] + Array("|x\r\nOBX|2\r\n".utf8)).offsets == [text.utf8.count])
  }

  @Test func nulIsRejectedWithItsPlace() {
    let decoded = Decoded("MSH|^~\\&|A\u{0}\r")
    #expect(decoded.fates == ["rejected NUL-BYTE"])
    #expect(decoded.offsets == [10])
  }

  @Test func badMessageNeverBlocksItsNeighbours() {
    #expect(Decoded(Sample.message() + "MSH|||\r" + Sample.message("M2")).fates == ["decoded", "rejected DELIMITERS-INVALID", "decoded"])
  }

  @Test(arguments: [("", "DROP-EMPTY"), ("\r\n \n", "DROP-EMPTY"), ("hello\n", "NOT-HL7"), ("PID|1\r", "NOT-HL7"), ("<a/>", "NOT-HL7")])
  func dropWithoutAMessageCountsAsOneRejected(text: String, code: String) {
    #expect(Decoded(text).fates == ["rejected " + code])
    #expect(Decoded(text).tails.map(\.digest) == [SHA256.digest(Array(text.utf8))])
  }

  @Test func messageOverTheLimitIsHeldAndItsDigestKept() {
    let long = "MSH|^~\\&|A||||||ORU^R01\rOBX|1|" + String(repeating: "A", count: 500) + "\rOBX|2\r"
    let decoded = Decoded(long + Sample.message()) { $0.limits.messageBytes = 200 }
    #expect(decoded.fates == ["held MESSAGE-LIMIT", "decoded"])
    #expect(decoded.tails.first?.digest == SHA256.digest(Array(long.utf8.dropLast())))
  }

  @Test func segmentWithTooManyFieldsIsHeld() {
    #expect(Decoded("MSH|^~\\&|A\rPID||||||\r") { $0.limits.fieldsPerSegment = 6 }.fates == ["held MESSAGE-LIMIT"])
  }

  @Test func messageOfTooManyLinesIsHeldAndItsDigestKept() {
    let long = "MSH|^~\\&|A||||||ORU^R01\r" + String(repeating: "NTE|1\rtext\r", count: 30)
    let decoded = Decoded(long + Sample.message()) { $0.limits.fieldsPerMessage = 40 }
    #expect(decoded.fates == ["held MESSAGE-LIMIT", "decoded"])
    #expect(decoded.tails.first?.digest == SHA256.digest(Array(long.utf8.dropLast())))
    #expect(decoded.tails.first?.rawType == Array("ORU^R01".utf8))
  }

  @Test(arguments: [4_095, 4_096, 4_097, 8_192, 8_200, 20_000]) func segmentOfAnyLengthIsSplitAtEverySeparator(count: Int) {
    let decoded = Decoded("MSH|^~\\&|A\rZZZ|" + String(repeating: "ab|", count: count / 3) + "\rPID|1\r") { $0.limits.fieldsPerSegment = 10_000 }
    #expect(decoded.records == ["MSH¦|¦^~\\&¦A\nZZZ¦" + String(repeating: "ab¦", count: count / 3) + "\nPID¦1"])
  }

  @Test func fileWithoutAFinalLineEndIsWhole() {
    #expect(Decoded(String(Sample.message().dropLast())).fates == ["decoded"])
  }

  @Test(arguments: ["PI", "O"]) func bytesThatEndInASegmentNameHoldTheLastMessage(torn: String) {
    let decoded = Decoded(Sample.message("M1") + Sample.message("M2") + torn)
    #expect(decoded.fates == ["decoded", "held DROP-TRUNCATED"])
    #expect(decoded.summary.truncated)
  }

  @Test func blockThatIsNeverClosedHoldsTheMessage() {
    #expect(Decoded("\u{0B}" + Sample.message()).fates == ["held DROP-TRUNCATED"])
  }
}

@Suite struct CharsetTests {
  private func message(_ charset: String, _ bytes: [UInt8]) -> [UInt8] {
    Array("MSH|^~\\&|A||||||ADT^A01|||2.5||||||\(charset)\rPID|1||||".utf8) + bytes + [0x0D]
  }

  private func name(_ decoded: Decoded) -> String? { decoded.records.first?.split(separator: "¦").last.map(String.init) }

  @Test func utf8IsTheDefaultAndStrict() {
    #expect(name(Decoded(bytes: message("", Array("TËST".utf8)))) == "TËST")
    let broken = Decoded(bytes: message("", [0x54, 0xCB, 0x53]))
    #expect(broken.fates == ["rejected CHARSET-UNDECODABLE"])
    #expect(broken.offsets == [message("", []).count])
  }

  @Test(arguments: [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xFF]] as [[UInt8]])
  func malformedUTF8IsRejected(bytes: [UInt8]) {
    #expect(Decoded(bytes: message("UNICODE UTF-8", bytes)).fates == ["rejected CHARSET-UNDECODABLE"])
  }

  @Test func messageMayNameLatin1() {
    #expect(name(Decoded(bytes: message("8859/1", [0x54, 0xCB]))) == "TË")
  }

  @Test func feedGoesBeforeTheMessage() {
    #expect(name(Decoded(bytes: message("UNICODE UTF-8", [0x80])) { $0.charset = "windows-1252" }) == "€")
  }

  @Test func undefinedByteOfWindows1252IsRejected() {
    #expect(Decoded(bytes: message("", [0x81])) { $0.charset = "windows-1252" }.fates == ["rejected CHARSET-UNDECODABLE"])
  }

  @Test func declaredASCIIThatIsUTF8IsReadAsThat() { #expect(name(Decoded(bytes: message("ASCII", Array("TË".utf8)))) == "TË") }

  @Test func declaredASCIIThatIsNoUTF8IsRejected() {
    #expect(Decoded(bytes: message("ASCII", [0x54, 0xCB, 0x54])).fates == ["rejected CHARSET-UNDECODABLE"])
  }

  @Test func unknownNameMattersOnlyBeyondASCII() {
    #expect(Decoded(bytes: message("wrong", [0x54])).fates == ["decoded"])
    #expect(Decoded(bytes: message("wrong", [0xCB])).fates == ["rejected CHARSET-UNSUPPORTED"])
  }

  @Test func composedAndDecomposedLettersStayTwoByteStrings() {
    let composed = Decoded(bytes: message("", Array("\u{CB}".utf8))), decomposed = Decoded(bytes: message("", Array("E\u{308}".utf8)))
    #expect(composed.tails.map(\.digest) != decomposed.tails.map(\.digest))
  }
}
