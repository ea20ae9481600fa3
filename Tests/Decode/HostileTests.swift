import Core
import Decode
import Oracle
import Support
import Testing

/// What real files of other senders hold and the collected ones do not.
@Suite struct HostileTests {
  private static func message(_ segments: String, charset: String = "") -> String {
    "MSH|^~\\&|DEMO|NORTH|||20260301||ORU^R01|M1|T|2.5.1||||||\(charset)\rPID|1||T900001\r" + segments
  }

  /// Scalars up to U+00FF as one byte each.
  private static func narrow(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

  @Test func framedMessagesInAFileAreReadOneByOne() {
    let framed = (1...3).map { "\u{0B}" + Sample.message("M\($0)") + "\u{1C}\r" }.joined()
    let decoded = Decoded(framed)
    #expect(decoded.fates == ["decoded", "decoded", "decoded"])
    #expect(decoded.dropFindings == [] && !decoded.summary.truncated)
  }

  @Test func aFrameThatIsNotClosedHoldsTheLastMessage() {
    let decoded = Decoded("\u{0B}" + Sample.message("M1") + "\u{1C}\r\u{0B}" + Sample.message("M2"))
    #expect(decoded.fates == ["decoded", "held DROP-TRUNCATED"])
  }

  @Test(arguments: [false, true]) func wideCharactersAreReadOrNamed(isBig: Bool) {
    let units = ("\u{FEFF}" + Self.message("NTE|1||caf\u{E9}\r")).utf16
    let bytes = units.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let decoded = Decoded(bytes: bytes)
    #expect(decoded.fates == ["rejected CHARSET-UNSUPPORTED"] || decoded.records.first?.contains("caf\u{E9}") == true)
    #expect(decoded.tails.count == 1)
  }

  @Test(arguments: ["UNICODE UTF-8", "ASCII", ""]) func bytesThatMSH18DeniesAreNamedWithTheirPlace(charset: String) {
    let bytes = Self.narrow(Self.message("NTE|1||caf\u{E9} cr\u{E8}me\r", charset: charset))
    let decoded = Decoded(bytes: bytes)
    #expect(decoded.fates == ["rejected CHARSET-UNDECODABLE"])
    #expect(decoded.offsets == [bytes.firstIndex { $0 >= 0x80 } ?? -1])
  }

  @Test(arguments: ["8859/1", "8859/2", "8859/15", "8859/9", "GB 18030-2000", "ISO IR87", "windows-1252"]) func noCharacterIsReplaced(charset: String) {
    let decoded = Decoded(bytes: Self.narrow(Self.message("NTE|1||caf\u{E9} \u{93}x\u{94} \u{80}\r", charset: charset)))
    let fate = decoded.fates.first ?? ""
    #expect(["decoded", "rejected CHARSET-UNSUPPORTED", "rejected CHARSET-UNDECODABLE"].contains(fate))
    #expect(!decoded.records.contains { $0.contains("\u{FFFD}") })
  }

  @Test func utf8ThatMSH18CallsLatin1KeepsItsBytes() {
    let decoded = Decoded(bytes: Array(Self.message("NTE|1||caf\u{E9}\r", charset: "8859/1").utf8))
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.records.first?.contains("\u{FFFD}") == false)
  }

  @Test func aPDFInAFieldIsOneMessage() {
    let pdf = String(repeating: "JVBERi0xLjQKJcfs", count: 20_000)
    let decoded = Decoded(Self.message("OBX|1|ED|PDF^^L||^application^pdf^Base64^\(pdf)|||\rOBX|2|TX|a||after\r"))
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.records.first?.contains("after") == true)
    #expect(decoded.summary.segments == 4)
  }

  @Test func aPDFAsABodyIsOneDocument() {
    let pdf = String(repeating: "JVBERi0xLjQKJcfs\n", count: 20_000)
    let body = "<component><nonXMLBody><text mediaType=\"application/pdf\" representation=\"B64\">\(pdf)</text></nonXMLBody></component>"
    let decoded = Decoded(cda: Sample.document(body))
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.summary.byteCount == Sample.document(body).utf8.count)
  }

  @Test(arguments: ["8859/1", "UNICODE UTF-8"]) func aRecordIsAlwaysUTF8(charset: String) {
    let bytes = (0x20...0xFF).map { UInt8($0) }.filter { $0 != 0x7C }
    let input = Array(Self.message("NTE|1||", charset: charset).utf8) + bytes + [0x0D]
    #expect(DropOracle(DecodeSettings(format: .hl7v2)).breaches(input, .full) == [])
  }

  @Test func manyRepetitionsAreOneField() {
    let decoded = Decoded(Self.message("NTE|1||" + String(repeating: "a~", count: 50_000) + "\r"))
    #expect(decoded.fates == ["decoded"] && decoded.summary.segments == 3)
  }

  @Test func moreFieldsThanTheLimitHoldTheMessage() {
    #expect(Decoded(Self.message("NTE" + String(repeating: "|", count: 10_000) + "\r")).fates == ["held MESSAGE-LIMIT"])
  }

  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY b \"c\">]>", "<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\">", "<!DOCTYPE a PUBLIC \"-//X\" \"x\">", "<!DOCTYPE a [<!ENTITY % p SYSTEM \"x\">%p;]>",
    "<?xml version=\"1.0\" standalone=\"no\"?><!-- c --><!DOCTYPE a>",
  ])
  func noDeclarationOfATypeIsRead(declaration: String) {
    let decoded = Decoded(cda: declaration + Sample.problems)
    #expect(decoded.fates == ["rejected DOCTYPE-REFUSED"] && decoded.records == [])
  }
}
